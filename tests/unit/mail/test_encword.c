#include "mail/encword.h"

#include "mail_test.h"

static const struct {
	const char *value, *want;
} values[] = {
	{"", ""},
	{"plain text", "plain text"},
	{"=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"},
	{"=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=", "Patrik F\xc3\xa4ltstr\xc3\xb6m"},
	{"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5k?=",
	 "If you can read this you understand"},
	/* RFC 2047 8 */
	{"(=?ISO-8859-1?Q?a?=)", "(a)"},
	{"(=?ISO-8859-1?Q?a?= b)", "(a b)"},
	{"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"},
	{"(=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=)", "(ab)"},
	{"(=?ISO-8859-1?Q?a_b?=)", "(a b)"},
	{"(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"},
	{"a =?utf-8?q?b?= c =?utf-8?q?d?=", "a b c d"},
	/* a character split over two words */
	{"=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "\xc3\xa9"},
	{"=?UTF-8?B?w4M=?= =?utf-8?B?w6k=?=", "\xc3\x83\xc3\xa9"},
	{"=?utf-8?q?=C3?= x", "\xef\xbf\xbd x"},
	{"=?utf-8*en?q?x?=", "x"},
	{"=?utf-8?Q?=3D=3F?=", "=?"},
	{"=?utf-8?q?what's up?_yes?=", "what's up? yes"},
	{"=?utf-8?q?\?=", ""},
	{"=?utf-8?B?YQ?=", "a"},
	{"=?utf-8?B?Y!Q==?=", "a"},
	{"=?iso-2022-jp?B?GyRCJDMbKEI=?=", "\xe3\x81\x93"},
	{"=?x-unknown?q?=E9?=", "\xc3\xa9"},
	{"=?utf-8?q?=E9?=", "\xef\xbf\xbd"},
	/* not encoded words */
	{"=?utf-8?x?a?=", "=?utf-8?x?a?="},
	{"=?utf-8?q?a", "=?utf-8?q?a"},
	{"=?utf-8?q?a?", "=?utf-8?q?a?"},
	{"=?", "=?"},
	{"=?=?=?", "=?=?=?"},
	{"=? ?q?a?=", "=? ?q?a?="},
	{"=??q?a?=", "=??q?a?="},
	/* raw bytes */
	{"caf\xe9", "caf\xc3\xa9"},
	{"caf\xc3\xa9", "caf\xc3\xa9"},
	{"a\r\n b", "a b"},
};

START_TEST(words_are_decoded)
{
	for (size_t i = 0; i < COUNT(values); i++) {
		size_t len = strlen(values[i].value);
		uint8_t *copy = malloc(len ? len : 1);
		struct buf b;
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, values[i].value, len);
		buf_init(&b, 1024);
		ck_assert(!encword_decode(slice_of(copy, len), &b));
		ck_assert_slice_eq(buf_view(&b), slice_str(values[i].want), values[i].value);
		buf_free(&b);
		free(copy);
	}
}
END_TEST

START_TEST(output_is_cut_at_whole_characters)
{
	struct slice value = SLICE_LIT("=?utf-8?b?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=");
	for (size_t max = 0; max < 40; max++) {
		struct buf b;
		buf_init(&b, max);
		enum err err = encword_decode(value, &b);
		ck_assert(err == ERR_LIMIT || (err == ERR_NONE && b.len == 30));
		ck_assert(slice_is_utf8(buf_view(&b)));
		buf_free(&b);
	}
}
END_TEST

START_TEST(hostile_values_take_linear_time)
{
	static const char *const units[] = {
		"=?",        "=?a?q?", "=?a?q?x",           "=?a?q?x=?", "?",
		"=?a?q?a?=", "=?a?b?", "=?utf-8?b?w6k=?= ", "?=",        "=?a?q?a?b"};
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buf value, out;
		buf_init(&value, 1 << 20);
		buf_init(&out, 1 << 21);
		while (value.len < 65536)
			ck_assert(!buf_add_str(&value, units[i]));
		ck_assert(!encword_decode(buf_view(&value), &out));
		buf_free(&value);
		buf_free(&out);
	}
}
END_TEST

SUITE_MAIN("encword", words_are_decoded, output_is_cut_at_whole_characters,
	   hostile_values_take_linear_time)
