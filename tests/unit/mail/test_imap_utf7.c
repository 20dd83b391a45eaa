#include "support/suite.h"

#include "base/buf.h"
#include "mail/imap_utf7.h"

static const struct {
	const char *utf8, *utf7;
} pairs[] = {
	{"", ""},
	{"INBOX", "INBOX"},
	{"R&D", "R&-D"},
	{"&", "&-"},
	{"Entw\xc3\xbcrfe", "Entw&APw-rfe"},
	/* RFC 3501 5.1.3: the example with three languages. */
	{"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	 "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
	{"\xf0\x9f\x93\xa7", "&2D3c5w-"},
	{"\xc3\xa9&\xc3\xa9", "&AOk-&-&AOk-"},
	{"a\xc3\xa9", "a&AOk-"},
};

START_TEST(both_ways)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena, 1 << 16);
	buf_init(&out, 1024);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct slice decoded;
		ck_assert_int_eq(imap_utf7_decode(slice_str(pairs[i].utf7), &arena, &decoded),
				 ERR_NONE);
		ck_assert_msg(slice_eq_str(decoded, pairs[i].utf8), "row %zu: " SLICE_FMT, i,
			      SLICE_ARG(decoded));
		buf_clear(&out);
		ck_assert_int_eq(imap_utf7_encode(slice_str(pairs[i].utf8), &out), ERR_NONE);
		ck_assert_msg(slice_eq_str(buf_view(&out), pairs[i].utf7), "row %zu: " SLICE_FMT, i,
			      SLICE_ARG(buf_view(&out)));
	}
	buf_free(&out);
	arena_reset(&arena);
}
END_TEST

START_TEST(other_spellings_are_refused)
{
	static const char *const rows[] = {
		"R&D", /* shift without end */
		"&",
		"&AOk",
		"&AGE-",          /* "a" needs no base64 */
		"&AAA-",          /* NUL */
		"&AOk-&AOk-",     /* null shift */
		"&AOl-x\xc3\xa9", /* 8-bit outside */
		"&AOk=-",         /* padding character */
		"&AOn-",          /* padding bits that are not zero */
		"&A-",
		"&AOkA-",
		"&2D0-", /* half a surrogate pair */
		"&3ec-", /* the other half */
		"&2D0AOQ-",
		"a\tb",
		"&U/BTFw-", /* '/' instead of ',' */
		"\x7f",
	};
	struct arena arena;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice decoded;
		ck_assert_msg(imap_utf7_decode(slice_str(rows[i]), &arena, &decoded) == ERR_SYNTAX,
			      "accepted '%s'", rows[i]);
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(bad_utf8_is_written_as_replacement)
{
	struct buf out;
	buf_init(&out, 1024);
	ck_assert_int_eq(imap_utf7_encode(SLICE_LIT("a\xff\r\x01z"), &out), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&out), "a&,,3,,f,9-z"));
	buf_free(&out);
}
END_TEST

START_TEST(a_full_buffer_or_arena_is_an_error)
{
	struct arena arena;
	struct buf out;
	struct slice decoded;
	arena_init(&arena, 8);
	buf_init(&out, 5);
	ck_assert_int_eq(imap_utf7_decode(SLICE_LIT("Entw&APw-rfe"), &arena, &decoded), ERR_NOMEM);
	ck_assert_int_eq(imap_utf7_encode(SLICE_LIT("\xc3\xa9\xc3\xa9"), &out), ERR_LIMIT);
	buf_free(&out);
	arena_reset(&arena);
}
END_TEST

SUITE_MAIN("imap_utf7", both_ways, other_spellings_are_refused, bad_utf8_is_written_as_replacement,
	   a_full_buffer_or_arena_is_an_error)
