#include "base/utc.h"

/* Years are counted from March on, so that the day that comes and goes is the last of a year. */
enum {
	DAY_S = 86400,
	ERA_YEARS = 400, /* after which the calendar repeats */
	ERA_DAYS = 146097,
	EPOCH_DAYS = 719468, /* from 1 March of year 0 to 1 January of 1970 */
	EPOCH_WEEKDAY = 4,
};

/* Division that goes down, also below 0. */
static int64_t whole(int64_t n, int64_t part)
{
	return n / part - (n % part < 0);
}

static int64_t days_before_year(int64_t year)
{
	return year * 365 + whole(year, 4) - whole(year, 100) + whole(year, ERA_YEARS);
}

/* March is 0: months of 31 30 31 30 31 days, and again. */
static int days_before_month(int month)
{
	return (153 * month + 2) / 5;
}

struct tm utc_split(int64_t seconds)
{
	int64_t day = whole(seconds, DAY_S);
	int second = (int)((seconds % DAY_S + DAY_S) % DAY_S);
	int weekday = (int)((day % 7 + 7 + EPOCH_WEEKDAY) % 7);
	day += EPOCH_DAYS;
	int64_t year = whole(day * ERA_YEARS, ERA_DAYS) + 1; /* or one of the two before */
	while (days_before_year(year) > day)
		year--;
	int rest = (int)(day - days_before_year(year)), month = (5 * rest + 2) / 153;
	int is_next_year = month >= 10;
	return (struct tm){
		.tm_year = (int)(year - 1900 + is_next_year),
		.tm_mon = month + 2 - 12 * is_next_year,
		.tm_mday = rest - days_before_month(month) + 1,
		.tm_hour = second / 3600,
		.tm_min = second / 60 % 60,
		.tm_sec = second % 60,
		.tm_wday = weekday,
	};
}

int64_t utc_join(const struct tm *tm)
{
	int is_before_march = tm->tm_mon < 2;
	int64_t day = days_before_year(tm->tm_year + 1900LL - is_before_march) +
		      days_before_month(tm->tm_mon - 2 + 12 * is_before_march) + tm->tm_mday - 1;
	return (day - EPOCH_DAYS) * DAY_S + tm->tm_hour * 3600LL + tm->tm_min * 60LL + tm->tm_sec;
}
