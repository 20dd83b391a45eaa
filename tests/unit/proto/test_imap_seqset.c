#include "support/suite.h"

#include <stdio.h>

#include "base/buf.h"
#include "proto/imap/imap_seqset.h"

static struct arena arena;

static const char *resolved(const char *text, uint32_t last)
{
	static char printed[256];
	struct imap_seqset set;
	struct buf out;

	arena_reset(&arena);
	arena_init(&arena, 1 << 20);
	if (imap_seqset_parse(slice_str(text), &arena, &set))
		return "error";
	imap_seqset_resolve(&set, last);
	buf_init(&out, sizeof(printed) - 1);
	ck_assert_int_eq(imap_seqset_print(&set, &out), ERR_NONE);
	snprintf(printed, sizeof(printed), SLICE_FMT, SLICE_ARG(buf_view(&out)));
	buf_free(&out);
	return printed;
}

START_TEST(sets_are_sorted_joined_and_clamped)
{
	static const struct {
		const char *text;
		uint32_t last;
		const char *wanted;
	} rows[] = {
		{"1", 5, "1"},
		{"1:3,7,9", 9, "1:3,7,9"},
		{"9,7,1:3", 9, "1:3,7,9"},
		{"3:1", 9, "1:3"},
		{"1:3,2:5,6", 9, "1:6"},
		{"*", 9, "9"},
		{"*:4", 9, "4:9"},
		{"12:*", 9, "9"},
		{"1:*", 9, "1:9"},
		{"5:4294967295", 9, "5:9"},
		{"4294967295", 9, ""},
		{"4294967294:4294967295", 9, ""},
		{"1:*", 0, ""},
		{"*", 0, ""},
		{"1,1,1", 3, "1"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(resolved(rows[i].text, rows[i].last), rows[i].wanted);
	arena_reset(&arena);
}
END_TEST

START_TEST(broken_sets_are_refused)
{
	static const char *const rows[] = {"",    "0",  "1,",  ",1",   "1::2",       "1:2:3",
					   "1:",  ":1", "-1",  "1,$",  "4294967296", "a",
					   "1 2", "$1", "1:0", "1,,2", "**"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(!strcmp(resolved(rows[i], 9), "error"), "accepted '%s'", rows[i]);
	arena_reset(&arena);
}
END_TEST

START_TEST(dollar_is_the_saved_result)
{
	struct imap_seqset set;
	arena_init(&arena, 1024);
	ck_assert_int_eq(imap_seqset_parse(SLICE_LIT("$"), &arena, &set), ERR_NONE);
	ck_assert(set.is_saved_result);
}
END_TEST

START_TEST(too_many_ranges_are_a_limit)
{
	static char text[2 * (IMAP_SEQSET_MAX + 1)];
	struct imap_seqset set;

	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i <= IMAP_SEQSET_MAX; i++)
		memcpy(text + 2 * i, "1,", 2);
	ck_assert_int_eq(imap_seqset_parse(slice_of(text, 2 * IMAP_SEQSET_MAX - 1), &arena, &set),
			 ERR_NONE);
	ck_assert_int_eq(imap_seqset_parse(slice_of(text, 2 * IMAP_SEQSET_MAX + 1), &arena, &set),
			 ERR_LIMIT);
	arena_reset(&arena);
}
END_TEST

START_TEST(membership_and_walking_agree)
{
	struct imap_seqset set;
	uint32_t walked = 0;

	arena_init(&arena, 1 << 16);
	ck_assert_int_eq(imap_seqset_parse(SLICE_LIT("2:4,8,10:12"), &arena, &set), ERR_NONE);
	imap_seqset_resolve(&set, 11);
	for (uint32_t n = imap_seqset_next(&set, 1); n; n = imap_seqset_next(&set, n + 1)) {
		ck_assert(imap_seqset_contains(&set, n));
		walked = walked * 10 + n % 10;
	}
	ck_assert_uint_eq(walked, 234801);
	ck_assert(!imap_seqset_contains(&set, 1));
	ck_assert(!imap_seqset_contains(&set, 9));
	ck_assert(!imap_seqset_contains(&set, 12));
	arena_reset(&arena);
}
END_TEST

START_TEST(added_numbers_join_their_neighbours)
{
	struct imap_seqset set = {0};
	struct buf out;

	arena_init(&arena, 1 << 16);
	buf_init(&out, 1024);
	for (uint32_t n = 1; n <= 100; n++)
		if (n % 50 != 0)
			ck_assert_int_eq(imap_seqset_add(&set, &arena, n), ERR_NONE);
	ck_assert_int_eq(imap_seqset_add(&set, &arena, 200), ERR_NONE);
	ck_assert_int_eq(imap_seqset_print(&set, &out), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&out), "1:49,51:99,200"));
	buf_free(&out);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_set_grows_beyond_its_first_room)
{
	struct imap_seqset set = {0};
	arena_init(&arena, 1 << 20);
	for (uint32_t n = 1; n <= 2000; n += 2)
		ck_assert_int_eq(imap_seqset_add(&set, &arena, n), ERR_NONE);
	ck_assert_uint_eq(set.count, 1000);
	ck_assert(imap_seqset_contains(&set, 1999) && !imap_seqset_contains(&set, 1000));
	arena_reset(&arena);
}
END_TEST

SUITE_MAIN("imap_seqset", sets_are_sorted_joined_and_clamped, broken_sets_are_refused,
	   dollar_is_the_saved_result, too_many_ranges_are_a_limit, membership_and_walking_agree,
	   added_numbers_join_their_neighbours, a_set_grows_beyond_its_first_room)
