#!/bin/bash
# smoke.sh: does `make run` start Surel? Waits for its word that every listener is up, then stops it.
set -eu
cd "$(dirname "$0")/.."
lines=$(mktemp -u)
mkfifo "$lines"
make run >"$lines" 2>&1 &
run=$!
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
kill "$run" 2>/dev/null || :
cat <&3
wait "$run" || :
if [ -n "$ready" ]; then
	echo "smoke: make run is up, and down again"
else
	echo "smoke: make run never said 'surel: ready'" >&2
	exit 1
fi
