#!/bin/sh
# scripts.sh: shellcheck on every script, and Python that at least compiles.
set -eu
{
	git ls-files -co --exclude-standard '*.sh'
	echo .ci/run
	# On the board, and in packages, scripts have the names of programs.
	git grep -l '^#!/bin/sh' -- firmware ':!*.sh' ':!*Makefile'
} | xargs shellcheck
git ls-files -co --exclude-standard '*.py' | xargs python3 -c '
import ast, sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f:
        ast.parse(f.read(), name)'
