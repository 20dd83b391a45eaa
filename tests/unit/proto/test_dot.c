#include "support/suite.h"

#include "base/buf.h"
#include "proto/dot.h"

START_TEST(dots_are_stuffed_and_ends_are_made)
{
	static const struct {
		const char *text, *wire;
	} rows[] = {
		{"", ".\r\n"},
		{"a\r\n", "a\r\n.\r\n"},
		{"a", "a\r\n.\r\n"},
		{".", "..\r\n.\r\n"},
		{".\r\n", "..\r\n.\r\n"},
		{"a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
		{"a\r\n..b\r\n", "a\r\n...b\r\n.\r\n"},
		{"a.b\r\n", "a.b\r\n.\r\n"},
		{"a\n.\r\n", "a\n..\r\n.\r\n"},
		{"a\n", "a\n\r\n.\r\n"},
		{"a\r", "a\r\r\n.\r\n"},
		{"a\r.\r\n", "a\r.\r\n.\r\n"},
		{"\r\n", "\r\n.\r\n"},
		{"\n", "\n\r\n.\r\n"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* In one piece, and octet by octet. */
		for (size_t step = 1; step <= 100; step += 99) {
			struct dot_writer w = {0};
			char wire[64];
			size_t len = 0;
			struct slice text = slice_str(rows[i].text);
			for (size_t at = 0; at < text.len; at += step)
				len += dot_write(&w, slice_between(text, at, at + step),
						 (uint8_t *)wire + len);
			struct slice end = dot_write_end(&w);
			memcpy(wire + len, end.ptr, end.len);
			wire[len + end.len] = '\0';
			ck_assert_str_eq(wire, rows[i].wire);
		}
	}
}
END_TEST

START_TEST(only_crlf_dot_crlf_ends_the_text)
{
	static const struct {
		const char *wire, *text;
		size_t rest; /* octets behind the end */
		bool is_over, bare_cr, bare_lf;
	} rows[] = {
		{".\r\nQUIT", "", 4, true, false, false},
		{"a\r\n.\r\nQUIT", "a\r\n", 4, true, false, false},
		{"a\r\n..\r\n.\r\n", "a\r\n.\r\n", 0, true, false, false},
		{"a\r\n.b\r\n.\r\n", "a\r\nb\r\n", 0, true, false, false},
		{"a\n.\n", "a\n.\n", 0, false, false, true},
		{"a\n.\r\n.\r\n", "a\n.\r\n", 0, true, false, true},
		{"a\r\n.\n.\r\n", "a\r\n\n.\r\n", 0, false, false, true},
		{"a\r.\r\n.\r\n", "a\r.\r\n", 0, true, true, false},
		{"a\r\n.\r.\r\n", "a\r\n\r.\r\n", 0, false, true, false},
		{"a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", 0, true, true, false},
		{"a\r\r\n.\r\n", "a\r\r\n", 0, true, true, false},
		{"a\r\n.", "a\r\n", 0, false, false, false},
		{"\r\n.\r\n", "\r\n", 0, true, false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step <= 100; step += 99) {
			struct dot_reader r = {0};
			struct slice wire = slice_str(rows[i].wire);
			char text[64];
			size_t len = 0, at = 0;
			enum step result = STEP_MORE;
			while (at < wire.len && result == STEP_MORE) {
				struct slice piece = slice_between(wire, at, at + step);
				size_t before = piece.len, got = 0;
				result = dot_read(&r, &piece, (uint8_t *)text + len, &got);
				len += got;
				at += before - piece.len;
			}
			text[len] = '\0';
			ck_assert_str_eq(text, rows[i].text);
			ck_assert_int_eq(result == STEP_DONE, rows[i].is_over);
			ck_assert_uint_eq(wire.len - at, rows[i].rest);
			ck_assert_int_eq(r.has_bare_cr, rows[i].bare_cr);
			ck_assert_int_eq(r.has_bare_lf, rows[i].bare_lf);
		}
	}
}
END_TEST

START_TEST(what_is_stuffed_can_be_read_back)
{
	static const char alphabet[] = "a.\r\n";
	for (unsigned code = 0; code < 4 * 4 * 4 * 4 * 4 * 4; code++) {
		struct dot_writer w = {0};
		struct dot_reader r = {0};
		uint8_t text[8], wire[32], got[40];
		size_t len = 0;
		/* Ends in CRLF and has no bare LF: then nothing may change. */
		for (unsigned i = 0, c = code; i < 6; i++, c /= 4)
			text[i] = (uint8_t)alphabet[c % 4];
		text[6] = '\r';
		text[7] = '\n';
		struct dot_reader check = {0};
		dot_inspect(&check, slice_of(text, 8), true);
		if (check.has_bare_lf)
			continue;
		size_t n = dot_write(&w, slice_of(text, 8), wire);
		struct slice end = dot_write_end(&w);
		memcpy(wire + n, end.ptr, end.len);
		struct slice in = slice_of(wire, n + end.len);
		ck_assert_int_eq(dot_read(&r, &in, got, &len), STEP_DONE);
		ck_assert_uint_eq(in.len, 0);
		ck_assert(slice_eq(slice_of(got, len), slice_of(text, 8)));
	}
}
END_TEST

START_TEST(text_of_known_length_is_only_looked_at)
{
	struct dot_reader r = {0};
	dot_inspect(&r, SLICE_LIT("a\r"), false);
	dot_inspect(&r, SLICE_LIT("\n.\r\n"), true);
	ck_assert(!r.has_bare_cr && !r.has_bare_lf && !r.has_nul);
	dot_inspect(&r, SLICE_LIT("b\r"), true);
	ck_assert(r.has_bare_cr);
	dot_inspect(&r, slice_of("\0\n", 2), true);
	ck_assert(r.has_nul && r.has_bare_lf);
}
END_TEST

SUITE_MAIN("dot", dots_are_stuffed_and_ends_are_made, only_crlf_dot_crlf_ends_the_text,
	   what_is_stuffed_can_be_read_back, text_of_known_length_is_only_looked_at)
