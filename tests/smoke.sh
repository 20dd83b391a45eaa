#!/bin/bash
# smoke.sh: does `make run` start Surel, does its page answer, and does Surel stop cleanly when asked to?
#
# Waits for its word that every listener is up, looks at the page, then sends SIGTERM to make's only
# child. The page is that of the first visit, or the login once somebody has been there.
set -eu
cd "$(dirname "$0")/.."
lines=$(mktemp -u)
mkfifo "$lines"
make run >"$lines" 2>&1 &
make=$!
exec 3<"$lines"
rm "$lines"

ready=
while read -r -t 300 line <&3; do
	echo "$line"
	if [ "$line" = "surel: ready" ]; then
		ready=yes
		break
	fi
done
if [ -z "$ready" ]; then
	kill "$make" 2>/dev/null || :
	echo "smoke: make run never said 'surel: ready'" >&2
	exit 1
fi
if ! curl -fsS --max-time 30 -L http://127.0.0.1:10080/ | grep -q '<title>.*Surel</title>'; then
	echo "smoke: there is no page at http://127.0.0.1:10080/" >&2
	page=missing
fi
read -r surel <"/proc/$make/task/$make/children" || :
kill "$surel"
cat <&3
if wait "$make" && [ -z "${page:-}" ]; then
	echo "smoke: make run came up and went down cleanly"
else
	echo "smoke: Surel came up, but had no page or did not stop cleanly" >&2
	exit 1
fi
