#!/bin/sh
# exchange.sh SUREL...: is a journal that one of these binaries wrote one that all the others can read?
#
# Each in turn makes a mailbox in a data directory of its own; every other one checks it, adds mail to a
# copy, and hands all out again, which the first one then does too. A binary for another processor is
# given as a script that starts it under its emulator.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

letters() { # FROM TO: an mbox with a letter for each number, some of them long
	n=$1
	while [ "$n" -le "$2" ]; do
		printf 'From a@example.org Thu Jan  1 00:00:00 2026\nFrom: a@example.org\nSubject: letter %d\n' "$n"
		printf 'Message-ID: <%d@example.org>\nDate: Thu, 1 Jan 2026 00:00:%02d +0000\n\n' "$n" $((n % 60))
		seq 1 $((n * n * 20))
		printf '\n'
		n=$((n + 1))
	done
}

quietly() { "$@" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }; }

# What a reader gives out of DATA, without the lines whose time is that of the export.
contents() { # SUREL DATA
	rm -rf "$work/out"
	mkdir "$work/out"
	quietly "$1" export mbox "$work/out" --user ada --data "$2" || return 1
	find "$work/out" -type f | sort | xargs cat | grep -v '^From ' | sha256sum
}

try() { # WRITER READER
	rm -rf "$work/data"
	quietly sh -c 'echo secret-and-long | "$1" user add ada --data "$2"' sh "$1" "$work/data" || return 1
	quietly "$1" import mbox "$work/first.mbox" --user ada --data "$work/data" || return 1
	written=$(contents "$1" "$work/data") && read=$(contents "$2" "$work/data") || return 1
	[ "$written" = "$read" ] || { echo "reads something else"; return 1; }
	quietly "$2" check --data "$work/data" || return 1
	quietly "$2" import mbox "$work/second.mbox" --user ada --data "$work/data" || return 1
	quietly "$1" check --data "$work/data" || return 1
	written=$(contents "$2" "$work/data") && read=$(contents "$1" "$work/data") || return 1
	[ "$written" = "$read" ] || { echo "what was added is read differently"; return 1; }
	grep -rq '^Subject: letter 12' "$work/out" || { echo "what was added is not there"; return 1; }
}

letters 1 8 >"$work/first.mbox"
letters 9 12 >"$work/second.mbox"
for writer; do
	for reader; do
		[ "$writer" != "$reader" ] || continue
		if try "$writer" "$reader"; then
			passed=$((passed + 1))
		else
			echo "$writer wrote, $reader read: FAILED"
			failed=$((failed + 1))
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
