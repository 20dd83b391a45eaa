#include "base/utc.h"

#include <stdlib.h>

#include "support/suite.h"

/* Beside what the C library says. */
static void check_split(int64_t seconds)
{
	struct tm want, got = utc_split(seconds);
	time_t t = (time_t)seconds;
	if (!gmtime_r(&t, &want))
		ck_abort_msg("%lld is no time", (long long)seconds);
	/* Half a million times: no more is asserted than must be. */
	if (got.tm_year != want.tm_year || got.tm_mon != want.tm_mon ||
	    got.tm_mday != want.tm_mday || got.tm_hour != want.tm_hour ||
	    got.tm_min != want.tm_min || got.tm_sec != want.tm_sec || got.tm_wday != want.tm_wday ||
	    utc_join(&got) != seconds)
		ck_abort_msg("%lld: %d-%d-%d %d:%d:%d, %d", (long long)seconds, got.tm_year + 1900,
			     got.tm_mon + 1, got.tm_mday, got.tm_hour, got.tm_min, got.tm_sec,
			     got.tm_wday);
}

START_TEST(every_day_of_a_thousand_years_is_the_librarys)
{
	for (int64_t day = -250000; day < 250000; day++)
		check_split(day * 86400 + (day * 7919) % 86400);
}
END_TEST

START_TEST(the_ends_of_days_and_of_what_mail_knows)
{
	static const int64_t moments[] = {0,
					  -1,
					  86399,
					  86400,
					  951782399,
					  951782400,
					  951868800,
					  4107542399,
					  4107542400,
					  253402300799,
					  253402300800,
					  -62167219200,
					  -62167219201,
					  -62135596800,
					  67767976233532799};
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
		check_split(moments[i]);
	utc_split(INT64_MIN);
	utc_split(INT64_MAX);
}
END_TEST

START_TEST(what_is_too_much_is_carried_on)
{
	struct tm tm = {.tm_year = 126,
			.tm_mon = 3,
			.tm_mday = 31,
			.tm_hour = 24,
			.tm_min = 60,
			.tm_sec = 61};
	struct tm got = utc_split(utc_join(&tm));
	ck_assert_int_eq(got.tm_mon, 4);
	ck_assert_int_eq(got.tm_mday, 2);
	ck_assert_int_eq(got.tm_hour, 1);
	ck_assert_int_eq(got.tm_min, 1);
	ck_assert_int_eq(got.tm_sec, 1);
	tm = (struct tm){.tm_year = 100, .tm_mon = 1, .tm_mday = 0};
	got = utc_split(utc_join(&tm));
	ck_assert_int_eq(got.tm_mon, 0);
	ck_assert_int_eq(got.tm_mday, 31);
}
END_TEST

SUITE_MAIN("utc", every_day_of_a_thousand_years_is_the_librarys,
	   the_ends_of_days_and_of_what_mail_knows, what_is_too_much_is_carried_on)
