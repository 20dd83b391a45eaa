#include "base/clock.h"

#include "support/suite.h"

START_TEST(a_frozen_clock_moves_only_when_told)
{
	clock_freeze(1500, 1800000000);
	ck_assert_uint_eq(clock_mono_ms(), 1500);
	ck_assert_int_eq(clock_wall_s(), 1800000000);
	clock_advance(499);
	ck_assert_uint_eq(clock_mono_ms(), 1999);
	ck_assert_int_eq(clock_wall_s(), 1800000000);
	clock_advance(1);
	ck_assert_int_eq(clock_wall_s(), 1800000001);
	clock_advance(5000);
	ck_assert_uint_eq(clock_mono_ms(), 7000);
	ck_assert_int_eq(clock_wall_s(), 1800000006);
	clock_thaw();
	ck_assert_int_ne(clock_wall_s(), 1800000006);
}
END_TEST

START_TEST(monotonic_time_never_goes_back)
{
	uint64_t last = clock_mono_ms();
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_mono_ms();
		ck_assert_uint_ge(now, last);
		last = now;
	}
}
END_TEST

START_TEST(a_clock_before_the_floor_is_not_sane)
{
	clock_freeze(0, 100); /* a board without a battery */
	ck_assert(!clock_is_sane());
	int64_t floor_s = clock_wall_or_floor_s();
	ck_assert_int_gt(floor_s, 1700000000);
	clock_freeze(0, floor_s);
	ck_assert(clock_is_sane());
	clock_raise_floor(floor_s + 10);
	ck_assert(!clock_is_sane());
	ck_assert_int_eq(clock_wall_or_floor_s(), floor_s + 10);
	clock_raise_floor(floor_s); /* never falls */
	ck_assert(!clock_is_sane());
	clock_freeze(0, floor_s + 11);
	ck_assert(clock_is_sane());
	ck_assert_int_eq(clock_wall_or_floor_s(), floor_s + 11);
	clock_thaw();
}
END_TEST

START_TEST(a_clock_that_is_doubted_is_not_sane)
{
	clock_freeze(0, clock_wall_or_floor_s());
	clock_doubt(true);
	ck_assert(!clock_is_sane());
	clock_doubt(false);
	ck_assert(clock_is_sane());
	clock_thaw();
}
END_TEST

SUITE_MAIN("clock", a_frozen_clock_moves_only_when_told, monotonic_time_never_goes_back,
	   a_clock_before_the_floor_is_not_sane, a_clock_that_is_doubted_is_not_sane)
