#include "base/slice.h"

#include "support/suite.h"

static struct slice str(const char *s)
{
	return slice_str(s);
}

START_TEST(cutting_clamps_and_never_leaves_the_slice)
{
	struct slice s = str("abcdef");
	ck_assert(slice_eq_str(slice_from(s, 2), "cdef"));
	ck_assert(slice_eq_str(slice_upto(s, 2), "ab"));
	ck_assert(slice_eq_str(slice_between(s, 1, 3), "bc"));
	ck_assert_uint_eq(slice_from(s, 6).len, 0);
	ck_assert_uint_eq(slice_from(s, SIZE_MAX).len, 0);
	ck_assert_ptr_eq(slice_from(s, 99).ptr, s.ptr + 6);
	ck_assert_uint_eq(slice_upto(s, 99).len, 6);
	ck_assert_uint_eq(slice_between(s, 4, 2).len, 0);
	ck_assert_uint_eq(slice_from(SLICE_EMPTY, 3).len, 0);
	ck_assert_uint_eq(slice_str(NULL).len, 0);
}
END_TEST

START_TEST(equality_knows_bytes_and_ascii_letters)
{
	static const struct {
		const char *a, *b;
		bool eq, eq_nocase;
	} rows[] = {
		{"", "", true, true},
		{"a", "a", true, true},
		{"INBOX", "inbox", false, true},
		{"a", "ab", false, false},
		{"ab", "a", false, false},
		{"@", "`", false, false}, /* 32 apart, no letters */
		{"[", "{", false, false},
		{"\xC4", "\xE4", false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(slice_eq(str(rows[i].a), str(rows[i].b)), rows[i].eq);
		ck_assert_int_eq(slice_eq_str(str(rows[i].a), rows[i].b), rows[i].eq);
		ck_assert_int_eq(slice_eq_nocase(str(rows[i].a), str(rows[i].b)),
				 rows[i].eq_nocase);
		ck_assert_int_eq(slice_eq_str_nocase(str(rows[i].a), rows[i].b), rows[i].eq_nocase);
	}
	ck_assert(slice_eq(SLICE_EMPTY, str("")));
}
END_TEST

START_TEST(starts_and_ends)
{
	struct slice s = str("Content-Type");
	ck_assert(slice_starts(s, str("Content")));
	ck_assert(!slice_starts(s, str("content")));
	ck_assert(slice_starts_nocase(s, "CONTENT-"));
	ck_assert(!slice_starts_nocase(str("Con"), "Content"));
	ck_assert(slice_starts(s, SLICE_EMPTY));
	ck_assert(slice_ends_nocase(s, "-TYPE"));
	ck_assert(!slice_ends_nocase(s, "-TYP"));
	ck_assert(!slice_ends_nocase(str("pe"), "Type"));
	ck_assert(slice_ends_nocase(s, ""));
}
END_TEST

START_TEST(order_is_bytewise_then_shorter_first)
{
	static const char *const rising[] = {"", "A", "AB", "B", "a", "\x7F", "\x80", "\xFF"};
	size_t n = sizeof(rising) / sizeof(rising[0]);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			int order = slice_cmp(str(rising[i]), str(rising[k]));
			ck_assert_int_eq((order > 0) - (order < 0), (i > k) - (i < k));
		}
	ck_assert_int_eq(slice_cmp_nocase(str("inBOX"), str("INbox")), 0);
	ck_assert_int_lt(slice_cmp_nocase(str("a"), str("B")), 0);
	ck_assert_int_gt(slice_cmp_nocase(str("ab"), str("A")), 0);
}
END_TEST

START_TEST(finding)
{
	struct slice s = str("a.b.c");
	ck_assert_uint_eq(slice_find_byte(s, '.'), 1);
	ck_assert_uint_eq(slice_rfind_byte(s, '.'), 3);
	ck_assert_uint_eq(slice_find_byte(s, 'x'), SIZE_MAX);
	ck_assert_uint_eq(slice_rfind_byte(SLICE_EMPTY, 'x'), SIZE_MAX);
	ck_assert_uint_eq(slice_find(s, str("b.c")), 2);
	ck_assert_uint_eq(slice_find(s, str("b.cd")), SIZE_MAX);
	ck_assert_uint_eq(slice_find(s, SLICE_EMPTY), 0);
	ck_assert_uint_eq(slice_find(SLICE_EMPTY, str("a")), SIZE_MAX);
	ck_assert_uint_eq(slice_find_nocase(str("xxHeLLo"), str("hello")), 2);
	ck_assert_uint_eq(slice_find_nocase(str("hell"), str("hello")), SIZE_MAX);
	ck_assert_uint_eq(slice_find_nocase(SLICE_EMPTY, SLICE_EMPTY), 0);
}
END_TEST

START_TEST(trimming_takes_white_space_at_both_ends_only)
{
	ck_assert(slice_eq_str(slice_trim(str(" \t\r\na b\r\n")), "a b"));
	ck_assert_uint_eq(slice_trim(str(" \t ")).len, 0);
	ck_assert_uint_eq(slice_trim(SLICE_EMPTY).len, 0);
	ck_assert(slice_eq_str(slice_trim(str("\va\v")), "\va\v"));
}
END_TEST

START_TEST(splitting_gives_every_piece_once)
{
	struct slice rest = str("a,,b");
	ck_assert(slice_eq_str(slice_split(&rest, ','), "a"));
	ck_assert(slice_eq_str(slice_split(&rest, ','), ""));
	ck_assert(slice_eq_str(rest, "b"));
	ck_assert(slice_eq_str(slice_split(&rest, ','), "b"));
	ck_assert_uint_eq(rest.len, 0);
	ck_assert_uint_eq(slice_split(&rest, ',').len, 0);
}
END_TEST

START_TEST(words_are_what_blanks_leave)
{
	struct slice rest = str("  FETCH \t1:*  ");
	ck_assert(slice_eq_str(slice_word(&rest), "FETCH"));
	ck_assert(slice_eq_str(slice_word(&rest), "1:*"));
	ck_assert_uint_eq(slice_word(&rest).len, 0);
	ck_assert_uint_eq(rest.len, 0);
	struct slice none = SLICE_EMPTY;
	ck_assert_uint_eq(slice_word(&none).len, 0);
}
END_TEST

START_TEST(numbers_are_digits_within_the_limit)
{
	static const struct {
		const char *text;
		uint64_t max;
		enum err err;
		uint64_t value;
	} rows[] = {
		{"0", UINT64_MAX, ERR_NONE, 0},
		{"007", 7, ERR_NONE, 7},
		{"18446744073709551615", UINT64_MAX, ERR_NONE, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, ERR_LIMIT, 0},
		{"99999999999999999999999", UINT64_MAX, ERR_LIMIT, 0},
		{"184467440737095516160", 10, ERR_LIMIT, 0}, /* wraps round to small values */
		{"256", 255, ERR_LIMIT, 0},
		{"255", 255, ERR_NONE, 255},
		{"", 9, ERR_SYNTAX, 0},
		{"+1", 9, ERR_SYNTAX, 0},
		{"-1", 9, ERR_SYNTAX, 0},
		{" 1", 9, ERR_SYNTAX, 0},
		{"1 ", 9, ERR_SYNTAX, 0},
		{"0x1", 9, ERR_SYNTAX, 0},
		{"99999999999999999999999x", 9, ERR_SYNTAX, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = 12345;
		ck_assert_msg(slice_u64(str(rows[i].text), rows[i].max, &value) == rows[i].err,
			      "%s", rows[i].text);
		ck_assert_uint_eq(value, rows[i].err ? 12345 : rows[i].value);
	}
	uint32_t narrow = 1;
	ck_assert_int_eq(slice_u32(str("4294967295"), &narrow), ERR_NONE);
	ck_assert_uint_eq(narrow, UINT32_MAX);
	ck_assert_int_eq(slice_u32(str("4294967296"), &narrow), ERR_LIMIT);
	ck_assert_uint_eq(narrow, UINT32_MAX);
}
END_TEST

START_TEST(c_strings_are_made_only_of_what_fits_and_has_no_nul)
{
	char dst[4] = "???";
	ck_assert_int_eq(slice_to_str(str("abc"), dst, sizeof(dst)), ERR_NONE);
	ck_assert_str_eq(dst, "abc");
	ck_assert_int_eq(slice_to_str(str("abcd"), dst, sizeof(dst)), ERR_LIMIT);
	ck_assert_int_eq(slice_to_str(slice_of("a\0b", 3), dst, sizeof(dst)), ERR_LIMIT);
	ck_assert_int_eq(slice_to_str(SLICE_EMPTY, dst, sizeof(dst)), ERR_NONE);
	ck_assert_str_eq(dst, "");
	ck_assert_int_eq(slice_to_str(SLICE_EMPTY, dst, 0), ERR_LIMIT);
}
END_TEST

START_TEST(utf8_is_well_formed_or_not)
{
	static const struct {
		const char *text;
		bool is_utf8, is_ascii;
	} rows[] = {
		{"", true, true},
		{"plain\x7F", true, true},
		{"\xC3\xA4", true, false},
		{"\xE2\x82\xAC", true, false},
		{"\xF0\x9F\x93\xA7", true, false},
		{"\xF4\x8F\xBF\xBF", true, false},  /* U+10FFFF */
		{"\xED\x9F\xBF", true, false},      /* U+D7FF, below the surrogates */
		{"\xEE\x80\x80", true, false},      /* U+E000, above them */
		{"\xF4\x90\x80\x80", false, false}, /* U+110000 */
		{"\xED\xA0\x80", false, false},     /* a surrogate */
		{"\xC0\x80", false, false},         /* overlong NUL */
		{"\xC1\xBF", false, false},
		{"\xE0\x9F\xBF", false, false},
		{"\xF0\x8F\xBF\xBF", false, false},
		{"\x80", false, false},
		{"\xC3", false, false},
		{"\xE2\x82", false, false},
		{"\xC3\x41", false, false},
		{"\xF5\x80\x80\x80", false, false},
		{"\xFF", false, false},
		{"ok\xE2\x28\xA1", false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(slice_is_utf8(str(rows[i].text)) == rows[i].is_utf8, "row %zu", i);
		ck_assert_msg(slice_is_ascii(str(rows[i].text)) == rows[i].is_ascii, "row %zu", i);
	}
}
END_TEST

START_TEST(letters_fold_in_ascii_only)
{
	for (int c = 0; c < 256; c++) {
		bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
		ck_assert_uint_eq(ascii_lower((uint8_t)c), upper ? c + 32 : c);
		ck_assert_uint_eq(ascii_upper((uint8_t)c), lower ? c - 32 : c);
		ck_assert_int_eq(ascii_is_alpha((uint8_t)c), upper || lower);
		ck_assert_int_eq(ascii_is_digit((uint8_t)c), c >= '0' && c <= '9');
	}
}
END_TEST

SUITE_MAIN("slice", cutting_clamps_and_never_leaves_the_slice,
	   equality_knows_bytes_and_ascii_letters, starts_and_ends,
	   order_is_bytewise_then_shorter_first, finding,
	   trimming_takes_white_space_at_both_ends_only, splitting_gives_every_piece_once,
	   words_are_what_blanks_leave, numbers_are_digits_within_the_limit,
	   c_strings_are_made_only_of_what_fits_and_has_no_nul, utf8_is_well_formed_or_not,
	   letters_fold_in_ascii_only)
