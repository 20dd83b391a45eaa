#!/bin/sh
# options.sh: the builds with everything and with nothing switched on start, and are what they say.
set -eu
version="surel $(cat daemon/VERSION)"
for flavour in clang allno; do
	said=$("build/$flavour/surel" version)
	[ "$said" = "$version" ] || { echo "build/$flavour/surel version: $said"; exit 1; }
done
# All that the options select is missing where all of them are off.
for object in $(cd build/clang/obj && find net proto/pop3 proto/imap proto/smtp proto/http app store -name '*_*.o' 2>/dev/null); do
	case $object in
	# What POP3 notes with a mailbox is understood in any case.
	proto/pop3/pop3_bytes.o | proto/pop3/pop3_note.o | proto/pop3/pop3_runs.o | proto/pop3/pop3_state.o) ;;
	proto/*/* | app/web_* | net/tls_house.o | net/stream_tls.o | store/journal_* | store/ram_* | store/checked_*)
		[ ! -e "build/allno/obj/$object" ] || { echo "allno has $object"; exit 1; } ;;
	esac
done

# Every option does something: a yes or no selects files, a number is read by C.
options() { # PATTERN: the options of that kind
	find daemon -name Kconfig -exec awk -v kind="^\t$1 " '/^config / { name = $2 } $0 ~ kind { print name }' {} +
}
findings=0
for option in $(options bool); do
	grep -rqs "CONFIG_$option\b" --include='*.mk' daemon || { echo "CONFIG_$option selects no file"; findings=1; }
done
for option in $(options '(int|string)'); do
	grep -rqs "\bCONFIG_$option\b" --include='*.[ch]' daemon || { echo "nothing reads CONFIG_$option"; findings=1; }
done
exit $findings
