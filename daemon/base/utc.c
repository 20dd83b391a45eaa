#include "base/utc.h"

/* Years are counted from March on, so that the day that comes and goes is the last of a year; eras are
 * 400 years, after which the calendar repeats. */
enum {
	DAY_S = 86400,
	WEEK_DAYS = 7,
	YEAR_MONTHS = 12,
	FOUR_YEARS_DAYS = 4 * 365 + 1,
	CENTURY_DAYS = 25 * FOUR_YEARS_DAYS - 1,
	ERA_DAYS = 4 * CENTURY_DAYS + 1,
	EPOCH_DAYS = 719468, /* from 1 March of year 0 to 1 January of 1970 */
	EPOCH_WEEKDAY = 4,
};

/* Days of the year before the first of this month, March being 0: 31 30 31 30 31, and again. */
static int64_t days_before(int64_t month)
{
	return (153 * month + 2) / 5;
}

/* Division that goes down, also below 0. */
static int64_t whole(int64_t n, int64_t part)
{
	return n / part - (n % part < 0);
}

struct tm utc_split(int64_t seconds)
{
	int64_t day = whole(seconds, DAY_S), second = (seconds % DAY_S + DAY_S) % DAY_S;
	int64_t weekday = (day % WEEK_DAYS + WEEK_DAYS + EPOCH_WEEKDAY) % WEEK_DAYS;
	day += EPOCH_DAYS;
	int64_t era = whole(day, ERA_DAYS);
	day -= era * ERA_DAYS;
	/* The last day of a century and of an era belong to the year before. */
	int64_t century = day / CENTURY_DAYS - (day == ERA_DAYS - 1);
	day -= century * CENTURY_DAYS;
	int64_t four = day / FOUR_YEARS_DAYS;
	day -= four * FOUR_YEARS_DAYS;
	int64_t year = day / 365 - (day == FOUR_YEARS_DAYS - 1);
	day -= year * 365;
	int64_t month = (5 * day + 2) / 153;
	int64_t is_next_year = month >= 10;
	year += era * 400 + century * 100 + four * 4 + is_next_year;
	return (struct tm){
		.tm_year = (int)(year - 1900),
		.tm_mon = (int)(month + 2 - YEAR_MONTHS * is_next_year),
		.tm_mday = (int)(day - days_before(month) + 1),
		.tm_hour = (int)(second / 3600),
		.tm_min = (int)(second / 60 % 60),
		.tm_sec = (int)(second % 60),
		.tm_wday = (int)weekday,
	};
}

int64_t utc_join(const struct tm *tm)
{
	int is_before_march = tm->tm_mon < 2;
	int64_t year = (int64_t)tm->tm_year + 1900 - is_before_march;
	int64_t day = year * 365 + whole(year, 4) - whole(year, 100) + whole(year, 400) +
		      days_before(tm->tm_mon - 2 + YEAR_MONTHS * is_before_march) + tm->tm_mday - 1;
	return (day - EPOCH_DAYS) * DAY_S + tm->tm_hour * 3600LL + tm->tm_min * 60LL + tm->tm_sec;
}
