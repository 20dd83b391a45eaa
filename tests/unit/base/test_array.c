#include "base/array.h"

#include <stdlib.h>

#include "support/suite.h"

START_TEST(it_grows_and_keeps_what_is_there)
{
	uint32_t *at = NULL, cap = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		at = array_reserve(at, &cap, i + 1, sizeof(*at));
		ck_assert_ptr_nonnull(at);
		ck_assert_uint_gt(cap, i);
		ck_assert_uint_le(cap, 2 * i + 4);
		at[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(at[i], i);
	at = array_reserve(at, &cap, 100000, sizeof(*at));
	ck_assert_uint_eq(cap, 100000);
	free(at);
}
END_TEST

START_TEST(what_cannot_be_changes_nothing)
{
	uint32_t cap = 0;
	uint64_t *at = array_reserve(NULL, &cap, 1, sizeof(*at));
	uint32_t before = cap;
	ck_assert_ptr_nonnull(at);
	if (SIZE_MAX > UINT32_MAX)
		ck_assert_ptr_null(array_reserve(at, &cap, SIZE_MAX / 16, sizeof(*at)));
	ck_assert_ptr_null(array_reserve(at, &cap, UINT32_MAX, SIZE_MAX / 1000));
	ck_assert_uint_eq(cap, before);
	free(at);
}
END_TEST

START_TEST(positions_are_those_of_the_first_that_is_not_below)
{
	const struct pair {
		uint32_t key, other;
	} at[] = {{3, 9}, {5, 8}, {5, 7}, {UINT32_MAX, 0}};
	static const struct {
		uint32_t key;
		size_t position;
	} cases[] = {{0, 0}, {3, 0}, {4, 1}, {5, 1}, {6, 3}, {UINT32_MAX, 3}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(array_position(at, 4, sizeof(at[0]), cases[i].key),
				  cases[i].position);
	ck_assert_uint_eq(array_position(at, 3, sizeof(at[0]), UINT32_MAX), 3);
	ck_assert_uint_eq(array_position(NULL, 0, 4, 1), 0);
}
END_TEST

SUITE_MAIN("array", it_grows_and_keeps_what_is_there, what_cannot_be_changes_nothing,
	   positions_are_those_of_the_first_that_is_not_below)
