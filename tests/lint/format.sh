#!/bin/sh
# format.sh: the bodies are laid out as .clang-format says; `make format` lays them out.
#
# Headers are contracts and are laid out by hand, in columns, for the reader.
set -eu
git ls-files -co --exclude-standard '*.c' | xargs clang-format-19 --dry-run --Werror
