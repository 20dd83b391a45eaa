#!/bin/bash
# smoke.sh: does `make run` start Surel, and does Surel stop cleanly when asked to?
#
# Waits for its word that every listener is up, then sends SIGTERM to make's only child.
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
read -r surel <"/proc/$make/task/$make/children" || :
kill "$surel"
cat <&3
if wait "$make"; then
	echo "smoke: make run came up and went down cleanly"
else
	echo "smoke: Surel came up but did not stop cleanly" >&2
	exit 1
fi
