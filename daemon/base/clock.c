#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "options.h"

/* The years in which what says the time can be believed: one wrong record from an empty clock chip
 * must not keep every right clock from being sane for ever. */
enum { CLOCK_CEILING_S = 20 * 365 * 86400 };
/* While frozen: 2026-01-01, so that a test means the same whenever it was built. */
enum { CLOCK_FROZEN_FLOOR_S = 1767225600 };

static struct {
	atomic_bool frozen, is_doubted;
	uint64_t mono_ms;
	int64_t wall_s;
	int64_t floor_s;
} the_clock = {.floor_s = SUREL_BUILT_S};

uint64_t clock_mono_ms(void)
{
	struct timespec now;
	if (the_clock.frozen)
		return the_clock.mono_ms;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int64_t clock_wall_s(void)
{
	return the_clock.frozen ? the_clock.wall_s : (int64_t)time(NULL);
}

void clock_raise_floor(int64_t wall_s)
{
	if (wall_s > the_clock.floor_s && wall_s - SUREL_BUILT_S < CLOCK_CEILING_S)
		the_clock.floor_s = wall_s;
}

void clock_doubt(bool is_doubted)
{
	the_clock.is_doubted = is_doubted;
}

bool clock_is_sane(void)
{
	int64_t now_s = clock_wall_s();
	return !the_clock.is_doubted && now_s >= the_clock.floor_s &&
	       now_s - SUREL_BUILT_S < CLOCK_CEILING_S;
}

int64_t clock_wall_or_floor_s(void)
{
	int64_t now_s = clock_wall_s();
	return now_s > the_clock.floor_s ? now_s : the_clock.floor_s;
}

void clock_stamp(const struct tm *tm, char dst[CLOCK_STAMP_BYTES])
{
	snprintf(dst, CLOCK_STAMP_BYTES, "%d-%02d-%02dT%02d:%02d:%02d", tm->tm_year + 1900,
		 tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec);
}

void clock_freeze(uint64_t mono_ms, int64_t wall_s)
{
	if (!the_clock.frozen)
		the_clock.floor_s = CLOCK_FROZEN_FLOOR_S;
	the_clock.mono_ms = mono_ms;
	the_clock.wall_s = wall_s;
	the_clock.frozen = true;
}

void clock_advance(uint64_t ms)
{
	the_clock.wall_s += (int64_t)((the_clock.mono_ms % 1000 + ms) / 1000);
	the_clock.mono_ms += ms;
}

void clock_thaw(void)
{
	the_clock.frozen = false;
	the_clock.floor_s = SUREL_BUILT_S;
}
