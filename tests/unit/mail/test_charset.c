#include "mail/charset.h"

#include "mail_test.h"

enum { SMALL_ROOM = 20 };

static bool convert(const char *charset, struct slice input, size_t step, struct buf *all)
{
	struct charset_decoder d;
	struct buf out;
	buf_init(&out, SMALL_ROOM);
	charset_open(&d, slice_str(charset));
	while (input.len) {
		struct slice piece = slice_upto(input, step);
		input = slice_from(input, piece.len);
		while (charset_decode(&d, &piece, &out) == ERR_LIMIT) {
			ck_assert_uint_gt(out.len, 0);
			ck_assert(!buf_add_slice(all, buf_view(&out)));
			buf_clear(&out);
		}
		ck_assert_uint_eq(piece.len, 0);
	}
	ck_assert(!buf_add_slice(all, buf_view(&out)));
	buf_clear(&out);
	ck_assert(!charset_decode_end(&d, &out));
	ck_assert(!buf_add_slice(all, buf_view(&out)));
	buf_free(&out);
	bool is_damaged = d.is_damaged;
	charset_close(&d);
	return is_damaged;
}

#define BAD "\xef\xbf\xbd"

static const struct {
	const char *charset;
	struct slice input, want;
	bool is_damaged;
} texts[] = {
	{"utf-8", BYTES("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"),
	 BYTES("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"), false},
	{"UTF8", BYTES("\xc3"), BYTES(BAD), true},
	{"utf-8",
	 BYTES("a\xff"
	       "b"),
	 BYTES("a" BAD "b"), true},
	{"utf-8",
	 BYTES("\xe2\x82"
	       "b"),
	 BYTES(BAD "b"), true},
	{"utf-8", BYTES("\xc0\xaf"), BYTES(BAD BAD), true},
	{"utf-8", BYTES("\xed\xa0\x80"), BYTES(BAD BAD BAD), true},
	{"utf-8", BYTES("\xf4\x90\x80\x80"), BYTES(BAD BAD BAD BAD), true},
	{"utf-8", BYTES("\xf0\x9f\x98"), BYTES(BAD), true},
	{"utf-8", BYTES("a\0b"), BYTES("a\0b"), false},
	{"us-ascii", BYTES("caf\xe9"), BYTES("caf\xc3\xa9"), false},
	{"us-ascii", BYTES("caf\xc3\xa9"), BYTES("caf\xc3\xa9"), false},
	{"", BYTES("\x93x\x94 \xe2\x82"), BYTES("\xe2\x80\x9cx\xe2\x80\x9d \xc3\xa2\xe2\x80\x9a"),
	 false},
	{"no-such-charset", BYTES("\xe9"), BYTES("\xc3\xa9"), false},
	{"utf-8//TRANSLIT", BYTES("\xe9"), BYTES("\xc3\xa9"), false},
	{"iso-8859-1", BYTES("\xe9\x80"), BYTES("\xc3\xa9\xe2\x82\xac"), false},
	{"\"ISO-8859-15\"", BYTES("\xa4"), BYTES("\xe2\x82\xac"), false},
	{"koi8-r", BYTES("\xf0\xd2\xc9"), BYTES("\xd0\x9f\xd1\x80\xd0\xb8"), false},
	{"gb2312", BYTES("\xc4\xe3\xba\xc3"), BYTES("\xe4\xbd\xa0\xe5\xa5\xbd"), false},
	{"iso-2022-jp", BYTES("a\x1b$B$3\x1b(Bb"),
	 BYTES("a\xe3\x81\x93"
	       "b"),
	 false},
	{"shift_jis",
	 BYTES("\x82\xb1"
	       "a"),
	 BYTES("\xe3\x81\x93"
	       "a"),
	 false},
	{"ks_c_5601-1987", BYTES("\xb0\xa1"), BYTES("\xea\xb0\x80"), false},
	{"gb2312", BYTES("\xc4"), BYTES(BAD), true},
	{"shift_jis", BYTES("a\x82"), BYTES("a" BAD), true},
	{"euc-jp",
	 BYTES("a\xff"
	       "b"),
	 BYTES("a" BAD "b"), true},
	{"utf-7", BYTES("+AOk-"), BYTES("\xc3\xa9"), false},
};

START_TEST(text_becomes_utf8_in_any_chunks)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		/* The one that not every C library has: musl's iconv does without. */
		if (strcmp(texts[i].charset, "utf-7") == 0 && !charset_is_known(SLICE_LIT("utf-7")))
			continue;
		for (size_t step = 1; step <= texts[i].input.len; step++) {
			char what[96];
			struct buf all;
			buf_init(&all, 4096);
			bool is_damaged = convert(texts[i].charset, texts[i].input, step, &all);
			snprintf(what, sizeof(what), "row %zu %s, step %zu", i, texts[i].charset,
				 step);
			ck_assert_slice_eq(buf_view(&all), texts[i].want, what);
			ck_assert_msg(is_damaged == texts[i].is_damaged, "%s", what);
			buf_free(&all);
		}
	}
}
END_TEST

START_TEST(any_bytes_give_wellformed_utf8)
{
	static const char *const charsets[] = {
		"utf-8",   "",      "us-ascii", "windows-1252", "gb18030", "iso-2022-jp",
		"euc-kr",  "big5",  "utf-16",   "utf-7",        "koi8-r",  "hz-gb-2312",
		"ucs-4be", "ucs-2", "cp1255",   "utf-32"};
	uint32_t seed = 1;
	for (size_t i = 0; i < COUNT(charsets); i++)
		for (size_t round = 0; round < 40; round++) {
			uint8_t bytes[300];
			struct buf whole, split;
			for (size_t k = 0; k < sizeof(bytes); k++) {
				seed = seed * 1664525 + 1013904223;
				bytes[k] = (uint8_t)(seed >> 24);
			}
			buf_init(&whole, 1 << 16);
			buf_init(&split, 1 << 16);
			struct slice input = slice_of(bytes, sizeof(bytes));
			ck_assert(!charset_to_utf8(slice_str(charsets[i]), input, &whole));
			convert(charsets[i], input, 1 + round % 7, &split);
			ck_assert_msg(slice_is_utf8(buf_view(&whole)), "%s", charsets[i]);
			ck_assert_msg(slice_eq(buf_view(&whole), buf_view(&split)), "%s round %zu",
				      charsets[i], round);
			buf_free(&whole);
			buf_free(&split);
		}
}
END_TEST

START_TEST(known_names)
{
	static const char *const known[] = {"US-ASCII", "utf-8",        "UTF8",        "iso-8859-1",
					    "KOI8-R",   "windows-1251", "GB2312",      "Shift_JIS",
					    "big5",     " \"euc-kr\" ", "iso-8859-8-i"};
	char endless[98] = "";
	memset(endless, 'a', sizeof(endless) - 1);
	const char *const unknown[] = {"", "x-none", "utf-8//IGNORE", "a b", "../etc", endless};
	for (size_t i = 0; i < COUNT(known); i++)
		ck_assert_msg(charset_is_known(slice_str(known[i])), "%s", known[i]);
	for (size_t i = 0; i < COUNT(unknown); i++)
		ck_assert_msg(!charset_is_known(slice_str(unknown[i])), "%s", unknown[i]);
}
END_TEST

SUITE_MAIN("charset", text_becomes_utf8_in_any_chunks, any_bytes_give_wellformed_utf8, known_names)
