#include "mail/match.h"

#include "mail/fold.h"
#include "mail_test.h"

START_TEST(folding_knows_the_scripts)
{
	static const struct {
		const char *a, *b;
	} pairs[] = {
		{"ABCxyz", "abcXYZ"},
		{"\xc3\x84\xc3\x96\xc3\x9c", "\xc3\xa4\xc3\xb6\xc3\xbc"}, /* Latin-1 */
		{"\xc5\xa0\xc4\x8c", "\xc5\xa1\xc4\x8d"},                 /* Latin Extended-A */
		{"\xce\xa3\xce\x91\xcf\x82", "\xcf\x83\xce\xb1\xcf\x83"}, /* Greek, final sigma */
		{"\xd0\x9f\xd0\xa0\xd0\x81", "\xd0\xbf\xd1\x80\xd1\x91"}, /* Cyrillic */
		{"\xd4\xb1", "\xd5\xa1"},                                 /* Armenian */
		{"\xe1\xba\xa0", "\xe1\xba\xa1"},                         /* Vietnamese */
		{"\xef\xbc\xa1", "\xef\xbd\x81"},                         /* full width */
		{"\xe2\x84\xaa", "k"},                                    /* Kelvin */
		{"\xc5\xbf", "S"},                                        /* long s */
	};
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct buf a, b;
		buf_init(&a, 64);
		buf_init(&b, 64);
		ck_assert(!fold_add(&a, slice_str(pairs[i].a)));
		ck_assert(!fold_add(&b, slice_str(pairs[i].b)));
		ck_assert_slice_eq(buf_view(&a), buf_view(&b), pairs[i].a);
		buf_free(&a);
		buf_free(&b);
	}
	static const uint32_t same[] = {'[', '@', 0xDF, 0xD7, 0xF7, 0x4E00, 0x1F600, 0x131, 0xFFFD};
	for (size_t i = 0; i < COUNT(same); i++)
		ck_assert_uint_eq(fold_code_point(same[i]), same[i]);
	for (uint32_t c = 0; c <= 0x1FFFF; c++)
		ck_assert_uint_eq(fold_code_point(fold_code_point(c)), fold_code_point(c));
}
END_TEST

static const struct {
	const char *needle, *text;
	bool want;
} searches[] = {
	{"foo", "a FOO b", true},
	{"foo", "fo", false},
	{"foo", "fofoo", true},
	{"aab", "aaaab", true},
	{"abcabd", "abcabcabd", true},
	{"", "", true},
	{"", "x", true},
	{"x", "", false},
	{"\xc3\xa9t\xc3\xa9", "L'\xc3\x89T\xc3\x89", true},
	{"\xcf\x83", "\xce\xa3", true},
	{"stra\xc3\x9f"
	 "e",
	 "STRA\xc3\x9f"
	 "E",
	 true},
	{"e", "\xc3\xa9", false},
	{"k", "\xe2\x84\xaa", true},
	{"line two", "line\r\ntwo", false},
};

START_TEST(needles_are_found_in_any_chunks)
{
	for (size_t i = 0; i < COUNT(searches); i++) {
		struct slice text = slice_str(searches[i].text);
		for (size_t step = 1; step <= text.len + 1; step++) {
			struct arena arena;
			struct matcher *m = calloc(1, sizeof(*m));
			uint32_t id = 9;
			ck_assert_ptr_nonnull(m);
			arena_init(&arena, 1 << 16);
			match_init(m, &arena);
			ck_assert(!match_add(m, slice_str(searches[i].needle), &id));
			ck_assert_uint_eq(id, 0);
			for (struct slice rest = text; rest.len;) {
				struct slice piece = slice_upto(rest, step);
				match_push(m, piece);
				rest = slice_from(rest, piece.len);
			}
			match_break(m);
			ck_assert_msg(match_found(m, id) == searches[i].want,
				      "\"%s\" in \"%s\" by %zu", searches[i].needle,
				      searches[i].text, step);
			arena_reset(&arena);
			free(m);
		}
	}
}
END_TEST

START_TEST(several_needles_borders_and_resets)
{
	struct arena arena;
	static struct matcher m;
	uint32_t one, two, three;
	arena_init(&arena, 1 << 16);
	match_init(&m, &arena);
	ck_assert(!match_add(&m, SLICE_LIT("one"), &one));
	ck_assert(!match_add(&m, SLICE_LIT("two"), &two));
	ck_assert(!match_add(&m, SLICE_LIT("neo"), &three));
	ck_assert(!match_push(&m, SLICE_LIT("tw")));
	match_break(&m); /* no match may cross it */
	ck_assert(!match_push(&m, SLICE_LIT("o oneo")));
	ck_assert(match_found(&m, one));
	ck_assert(!match_found(&m, two));
	ck_assert(match_found(&m, three));
	ck_assert(match_push(&m, SLICE_LIT("TWO")));
	match_reset(&m);
	ck_assert(!match_found(&m, one));
	ck_assert(!match_push(&m, SLICE_LIT("one two")));
	ck_assert(match_push(&m, SLICE_LIT(" neo")));
	arena_reset(&arena);
}
END_TEST

START_TEST(limits)
{
	struct arena arena;
	static struct matcher m;
	static uint8_t long_needle[MATCH_NEEDLE_MAX_BYTES + 1];
	uint32_t id;
	memset(long_needle, 'a', sizeof(long_needle));
	arena_init(&arena, 1 << 20);
	match_init(&m, &arena);
	ck_assert_int_eq(match_add(&m, slice_of(long_needle, sizeof(long_needle)), &id), ERR_LIMIT);
	ck_assert(!match_add(&m, slice_of(long_needle, sizeof(long_needle) - 1), &id));
	for (int i = 1; i < MATCH_MAX_NEEDLES; i++)
		ck_assert(!match_add(&m, SLICE_LIT("x"), &id));
	ck_assert_int_eq(match_add(&m, SLICE_LIT("x"), &id), ERR_LIMIT);
	match_push(&m, slice_of(long_needle, sizeof(long_needle) - 2));
	ck_assert(!match_found(&m, 0));
	match_push(&m, SLICE_LIT("Ab"));
	ck_assert(match_found(&m, 0));
	arena_reset(&arena);
}
END_TEST

SUITE_MAIN("match", folding_knows_the_scripts, needles_are_found_in_any_chunks,
	   several_needles_borders_and_resets, limits)
