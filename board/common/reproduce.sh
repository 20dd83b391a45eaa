#!/bin/sh
# reproduce.sh BOARD: does a build elsewhere give the same bytes? Builds what is committed a second time,
# in a clone in another directory and with a cache of its own, in which only the fetched sources are
# shared, and compares with build/BOARD/surel.
set -eu
board=$1
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
mkdir "$elsewhere/cache"
for sources in "$cache"/source "$cache"/gcc-*; do
	[ ! -e "$sources" ] || ln -s "$sources" "$elsewhere/cache/"
done
git clone -q . "$elsewhere/tree"
SUREL_CACHE=$elsewhere/cache make -C "$elsewhere/tree" --no-print-directory BOARD="$board" >"$elsewhere/log" 2>&1 ||
	{ tail -n 20 "$elsewhere/log"; exit 1; }
cmp "build/$board/surel" "$elsewhere/tree/build/$board/surel"
echo "build/$board/surel: the same bytes from two directories: $(sha256sum <"build/$board/surel" | cut -c 1-16)"
