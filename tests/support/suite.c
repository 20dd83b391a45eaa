#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sanitizers make everything several times slower, so check's own 4 seconds are too few. */
#define SUITE_TIMEOUT_SECONDS 60

static double suite_timeout_seconds(void)
{
	const char *wanted = getenv("CK_DEFAULT_TIMEOUT");

	return wanted ? strtod(wanted, NULL) : SUITE_TIMEOUT_SECONDS;
}

unsigned suite_stride(void)
{
	const char *wanted = getenv("TEST_SHARE");
	unsigned stride = wanted ? (unsigned)strtoul(wanted, NULL, 10) : 1;

	return stride ? stride : 1;
}

int suite_run(const char *name, const TTest *const *tests, size_t n, const char *filter)
{
	Suite *suite = suite_create(name);

	for (size_t i = 0; i < n; i++) {
		if (filter && !strstr(tests[i]->name, filter))
			continue;
		/* One case for each test, so that failures and CK_RUN_CASE go by the test's name. */
		TCase *tcase = tcase_create(tests[i]->name);
		tcase_set_timeout(tcase, suite_timeout_seconds());
		tcase_add_test(tcase, tests[i]);
		suite_add_tcase(suite, tcase);
	}

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int ran = srunner_ntests_run(runner);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (ran == 0)
		fprintf(stderr, "%s: no test ran\n", name);
	return ran > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
