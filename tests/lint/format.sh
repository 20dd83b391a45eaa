#!/bin/sh
# format.sh: the bodies are laid out as .clang-format says; `make format` lays them out.
#
# Headers are contracts and are laid out by hand, in columns, for the reader.
set -eu
command -v clang-format-19 >/dev/null
others=$(git ls-files -co --exclude-standard '*.c' |
	xargs clang-format-19 --dry-run --Werror 2>&1 | sed -n 's/^\([^ ]*\.c\):.*/\1/p' | sort | uniq -c)
[ -n "$others" ] || exit 0
echo "Places that are not laid out as .clang-format says; run 'make format':"
echo "$others"
exit 1
