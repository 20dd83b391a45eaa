#!/bin/sh
# tidy.sh: clang-tidy on the daemon.
#
# A file that passed is not looked at again until it, a header of its, .clang-tidy, the flags or
# clang-tidy change: build/tidy keeps a stamp named by the hash of them all. What is hashed is the
# file with its headers and its comments, for NOLINT is a comment.
set -eu
# shellcheck disable=SC2046 # the flags that build/clang is compiled with are words
set -- $(cut -d ' ' -f 2- build/clang/flags)
# The analyzer follows this many steps of a function; four times as many take three times as long.
set -- "$@" -Xclang -analyzer-config -Xclang max-nodes=50000
mkdir -p build/tidy
find build/tidy -type f -mtime +30 -delete
ground=$({ cat .clang-tidy; clang-tidy-19 --version; echo "$@"; } | sha256sum | cut -c 1-40)
git ls-files -co --exclude-standard 'daemon/*.c' |
	xargs -P "$(nproc)" -I @@ tests/lint/tidy-file.sh "$ground" @@ "$@"
