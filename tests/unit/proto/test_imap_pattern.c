#include "support/suite.h"

#include "proto/imap/imap_pattern.h"

static struct arena arena;

static uint64_t levels(const char *reference, const char *pattern, const char *name)
{
	struct imap_pattern p;
	arena_reset(&arena);
	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(imap_pattern_init(&p, slice_str(reference), slice_str(pattern), &arena),
			 ERR_NONE);
	return imap_pattern_levels(&p, slice_str(name));
}

START_TEST(patterns_match_the_levels_they_should)
{
	static const struct {
		const char *reference, *pattern, *name;
		uint64_t levels; /* bit n: the first n + 1 levels match */
	} rows[] = {
		{"", "*", "a/b/c", 7},
		{"", "%", "a/b/c", 1},
		{"", "%/%", "a/b/c", 2},
		{"", "a/%", "a/b/c", 2},
		{"a/", "%", "a/b/c", 2},
		{"a", "/%", "a/b/c", 2},
		{"", "*c", "a/b/c", 4},
		{"", "%c", "a/b/c", 0},
		{"", "a*", "a/b/c", 7},
		{"", "a%", "ab/c", 1},
		{"", "*%", "a/b", 3},
		{"", "%*", "a/b", 3},
		{"", "%%", "ab/c", 1},
		{"", "a", "a", 1},
		{"", "a", "A", 0},
		{"", "", "a", 0},
		{"", "inbox", "INBOX", 1},
		{"", "InB%", "INBOX", 1},
		{"", "inbox/%", "INBOX/x", 2},
		{"", "inbox/X", "INBOX/x", 0},
		{"", "inboxes", "INBOXES", 0},
		{"", "%a%b", "xaybzab", 1},
		{"", "*a%b*", "x/ayb/z", 6},
		{"", "%a/%", "xaya/b", 2},
		{"", "a**b", "a/x/b", 4},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(levels(rows[i].reference, rows[i].pattern, rows[i].name) ==
				      rows[i].levels,
			      "row %zu: '%s%s' on '%s'", i, rows[i].reference, rows[i].pattern,
			      rows[i].name);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_pattern_longer_than_any_name_matches_none)
{
	char text[1200];
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_uint_eq(levels("", text, "a"), 0);
	arena_reset(&arena);
}
END_TEST

/* Where a matcher that tries all ways would not come to an end. */
START_TEST(many_wildcards_take_no_longer)
{
	char name[901];
	memset(name, 'a', 900);
	name[900] = '\0';
	ck_assert_uint_eq(levels("", "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", name), 0);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_full_arena_is_an_error)
{
	struct imap_pattern p;
	struct arena small;
	arena_init(&small, 32);
	ck_assert_int_eq(
		imap_pattern_init(&p, SLICE_EMPTY, SLICE_LIT("abcdefghijklmnopqrstuvwxyz"), &small),
		ERR_NOMEM);
	arena_reset(&small);
}
END_TEST

SUITE_MAIN("imap_pattern", patterns_match_the_levels_they_should,
	   a_pattern_longer_than_any_name_matches_none, many_wildcards_take_no_longer,
	   a_full_arena_is_an_error)
