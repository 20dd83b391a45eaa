/* clock - monotonic and wall time, replaceable in tests.
 *
 * Deadlines use clock_mono_ms only. Wall time is for dates that people see; a board without a
 * battery starts in 1970, so whoever deletes by date asks clock_is_sane first. Threads may read. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

uint64_t clock_mono_ms(void); /* since an arbitrary start; never goes back */
int64_t  clock_wall_s(void);  /* seconds since 1970-01-01 UTC, as the system believes */

/* Wall time is sane when it is not before the floor (build date, newest record, last saved time) and
 * not 20 years after the build, as a clock chip with an empty cell may say; such a time raises no
 * floor either. While it is doubted it is not sane whatever it says: whoever set it made it up. */
void clock_raise_floor(int64_t wall_s);
void clock_doubt(bool is_doubted);
bool clock_is_sane(void);
int64_t clock_wall_or_floor_s(void); /* the later of both: for dates in certificates */

struct tm;
enum { CLOCK_STAMP_BYTES = 72 };
/* "2026-11-27T16:21:20" (RFC 3339 5.6, without a zone): 10 octets are the day, 7 the month. */
void clock_stamp(const struct tm *tm, char dst[CLOCK_STAMP_BYTES]);

/* Tests: freeze both clocks at these values until clock_thaw. Meanwhile the floor is 2026-01-01, or
 * what it was raised to since. */
void clock_freeze(uint64_t mono_ms, int64_t wall_s);
void clock_advance(uint64_t ms); /* of a frozen clock */
void clock_thaw(void);

#endif
