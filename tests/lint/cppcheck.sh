#!/bin/sh
# cppcheck.sh: what cppcheck finds in the daemon, for every configuration alike.
#
# It does not follow `if (!err) err = get(&x); if (!err) use(x);`, so what is uninitialized is left to
# clang-tidy, which does; AssignmentIntegerToAddress confuses members of one name in two structs. A
# struct that is reached through a member it handed out is a leak to newer versions: LeakSanitizer
# knows better.
set -eu
mkdir -p build/cppcheck
cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability --inline-suppr \
	--suppress=uninitvar --suppress=uninitStructMember --suppress=uninitdata --suppress=memleak \
	--suppress=AssignmentIntegerToAddress --suppress=normalCheckLevelMaxBranches \
	--cppcheck-build-dir=build/cppcheck --error-exitcode=1 \
	--template='{file}:{line}: {id}: {message}' \
	-D_GNU_SOURCE -Idaemon -Ibuild/clang daemon
