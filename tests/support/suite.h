/* suite.h - how a test program is written: the tests, then one line that lists them.
 *
 *	#include "support/suite.h"
 *	#include "base/slice.h"
 *
 *	START_TEST(empty_slice_has_no_first_word)
 *	{
 *		...
 *	}
 *	END_TEST
 *
 *	SUITE_MAIN("slice", empty_slice_has_no_first_word, ...)
 *
 * The program runs every test in a process of its own, so that a crash, an abort by a sanitizer or
 * a leak fails that test and no other; each has 60 seconds unless CK_DEFAULT_TIMEOUT (seconds) says
 * otherwise. CK_FORK=no keeps all in one process, for a debugger; an argument runs only the tests
 * whose name contains it:
 *
 *	CK_FORK=no gdb --args build/test/unit/base/test_slice first_word
 */
#pragma once

#include <check.h>
#include <stddef.h>

#define SUITE_MAIN(name, ...)                                                                      \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		const TTest *const suite_tests[] = {__VA_ARGS__};                                  \
		return suite_run(name, suite_tests, sizeof(suite_tests) / sizeof(suite_tests[0]),  \
				 argc > 1 ? argv[1] : NULL);                                       \
	}

/* Runs the n tests whose name contains filter (all when NULL), prints each failure with its file
 * and line and a closing count. Returns the program's exit status: 0 when at least one test ran
 * and none failed. */
int suite_run(const char *name, const TTest *const *tests, size_t n, const char *filter);

/* How far a loop over very many cases goes on each time: 1, or what TEST_SHARE says where an emulator
 * makes all of them take too long. tests/run.py --share sets it, and says so when all is done. */
unsigned suite_stride(void);
