#!/bin/sh
# tidy-file.sh GROUND FILE FLAGS...: clang-tidy on one file, unless it passed before; see tidy.sh.
set -eu
ground=$1 file=$2
shift 2
stamp=build/tidy/$({ echo "$ground $file"; clang-19 "$@" -E -C "$file"; } | sha256sum | cut -c 1-40)
[ -f "$stamp" ] && exit 0
# What it says on standard error is how many warnings in others' headers it did not show.
if clang-tidy-19 --quiet "$file" -- "$@" >"$stamp.found" 2>"$stamp.noise"; then
	touch "$stamp"
	rm "$stamp.found" "$stamp.noise"
else
	cat "$stamp.found" "$stamp.noise"
	rm "$stamp.found" "$stamp.noise"
	exit 1
fi
