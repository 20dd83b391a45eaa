#!/bin/sh
# cppcheck.sh: what cppcheck finds in the daemon, for every configuration alike.
set -eu
mkdir -p build/cppcheck
cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability --inline-suppr \
	--cppcheck-build-dir=build/cppcheck --error-exitcode=1 --suppress=normalCheckLevelMaxBranches \
	--template='{file}:{line}: {id}: {message}' \
	-D_GNU_SOURCE -Idaemon -Ibuild/clang daemon
