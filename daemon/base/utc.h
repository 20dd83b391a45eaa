/* utc - seconds since 1970-01-01 UTC to a calendar's fields and back, without the C library, whose
 * functions bring all of its time zones' arithmetic along. The Gregorian calendar, before 1582 too. */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include <stdint.h>
#include <time.h>

/* All but tm_yday, tm_isdst and the zone, which are 0. Years that no int holds come out as some other. */
struct tm utc_split(int64_t seconds);
/* From year, month (0 to 11), day, hour, minute and second; each of the last four may be beyond its
 * range and is then carried on: the 31st of April is the 1st of May. */
int64_t utc_join(const struct tm *tm);

#endif
