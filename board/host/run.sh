#!/bin/sh
# run.sh: starts Surel on this machine, on unprivileged ports, with its data in ./var.
set -eu
cat <<-END
	1. Open the page http://127.0.0.1:10080/ and answer its questions, with the set-up code that stands below;
	   or add a user without it:  echo 'a password' | build/host/surel user add anna --data var
	2. Connect as anna to 127.0.0.1:  IMAP 10143 (TLS 10993), POP3 10110 (TLS 10995), mail in by SMTP 10025, LMTP 10024
	3. Stop with Ctrl-C; the mail stays in ./var. The README's tour goes on from here.
END
exec build/host/surel daemon --data ./var --port-base 10000 --foreground
