/* Floating point in software is linked in from several places on boards without a unit for it, and
 * what is missing or of the wrong kind computes garbage: everything that the daemon does with it. */
#include "support/suite.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Not known to the compiler, so that it cannot compute these itself. */
static volatile double a_third = 1.0 / 3, big = 1e300, minus = -2.5;
static volatile int64_t many = -9007199254740991;
static volatile uint64_t most = UINT64_MAX;
static volatile float half = 0.5F;

START_TEST(numbers_are_printed)
{
	char text[128];
	snprintf(text, sizeof(text), "%.3f %.0f %g %g %.1f %.17g", a_third, a_third * 3, big,
		 minus * minus, (double)half, 0.1);
	ck_assert_str_eq(text, "0.333 1 1e+300 6.25 0.5 0.10000000000000001");
}
END_TEST

START_TEST(numbers_are_computed)
{
	ck_assert((double)many == -9007199254740991.0 && (int64_t)((double)many + 1) == many + 1);
	ck_assert((double)most == 18446744073709551616.0 && (uint64_t)(big / 1e290) == 10000000000);
	ck_assert(minus < 0 && a_third > 0 && !(minus >= a_third) && -minus / 5 == (double)half);
	ck_assert(half * 3 == 1.5F && (int)minus == -2 && (float)a_third < half);
	ck_assert(strtod("12345.6789e-2", NULL) == 123.456789);
}
END_TEST

SUITE_MAIN("floating", numbers_are_printed, numbers_are_computed)
