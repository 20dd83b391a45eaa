#include "mail/transfer.h"

#include "mail_test.h"

enum { SMALL_ROOM = 300 };

/* Decodes in pieces of `step` bytes through an output of `room` bytes that is emptied when full. */
static bool decode(enum transfer_encoding encoding, struct slice input, size_t step, size_t room,
		   struct buf *all)
{
	struct transfer_decoder d;
	struct buf out;
	buf_init(&out, room);
	transfer_decode_init(&d, encoding);
	while (input.len) {
		struct slice piece = slice_upto(input, step);
		input = slice_from(input, piece.len);
		while (transfer_decode(&d, &piece, &out) == ERR_LIMIT) {
			ck_assert_uint_gt(out.len, 0);
			ck_assert(!buf_add_slice(all, buf_view(&out)));
			buf_clear(&out);
		}
		ck_assert_uint_eq(piece.len, 0);
	}
	ck_assert(!buf_add_slice(all, buf_view(&out)));
	buf_clear(&out);
	ck_assert(!transfer_decode_end(&d, &out));
	ck_assert(!buf_add_slice(all, buf_view(&out)));
	buf_free(&out);
	return d.is_damaged;
}

static const struct {
	enum transfer_encoding encoding;
	struct slice input;
	struct slice want;
	bool is_damaged;
} decodings[] = {
	{TRANSFER_BASE64, BYTES("Zm9vYmFy"), BYTES("foobar"), false},
	{TRANSFER_BASE64, BYTES("Zm9v\r\nYmE=\r\n"), BYTES("fooba"), false},
	{TRANSFER_BASE64, BYTES("Zg==Zm8=Zm9v"), BYTES("ffofoo"), false},
	{TRANSFER_BASE64, BYTES("Zm9vYg"), BYTES("foob"), false},
	{TRANSFER_BASE64, BYTES("Zm9vYmE"), BYTES("fooba"), false},
	{TRANSFER_BASE64, BYTES("Zm9vY"), BYTES("foo"), true},
	{TRANSFER_BASE64, BYTES("Zm!9-v"), BYTES("foo"), true},
	{TRANSFER_BASE64, BYTES("===="), BYTES(""), false},
	{TRANSFER_BASE64, BYTES("AAD/"), BYTES("\0\0\xff"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a=3Db=3db"), BYTES("a=b=b"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a=\r\nb=\nc"), BYTES("abc"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a= \t\r\nb"), BYTES("ab"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a \t\r\nb \nc "), BYTES("a\r\nb\nc"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a b\tc\r\n"), BYTES("a b\tc\r\n"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a=20\r\n"), BYTES("a \r\n"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a\rb \rc"), BYTES("a\rb \rc"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a=ZZb=4"), BYTES("a=ZZb=4"), true},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a=4xb"), BYTES("a=4xb"), true},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a== =3D"), BYTES("a== ="), true},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a="), BYTES("a"), false},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("a=\rb"), BYTES("a=\rb"), true},
	{TRANSFER_QUOTED_PRINTABLE, BYTES("\xe9=00\0."), BYTES("\xe9\0\0."), false},
	{TRANSFER_IDENTITY, BYTES("a=3D \r\n\0"), BYTES("a=3D \r\n\0"), false},
	{TRANSFER_UNKNOWN, BYTES("a=3D"), BYTES("a=3D"), false},
};

START_TEST(decoding_does_not_depend_on_chunks)
{
	for (size_t i = 0; i < COUNT(decodings); i++)
		for (size_t step = 1; step <= decodings[i].input.len; step++) {
			char what[32];
			struct buf all;
			buf_init(&all, 4096);
			bool is_damaged = decode(decodings[i].encoding, decodings[i].input, step,
						 SMALL_ROOM, &all);
			snprintf(what, sizeof(what), "row %zu, step %zu", i, step);
			ck_assert_slice_eq(buf_view(&all), decodings[i].want, what);
			ck_assert_msg(is_damaged == decodings[i].is_damaged, "%s", what);
			buf_free(&all);
		}
}
END_TEST

START_TEST(long_runs_of_blanks_are_bounded)
{
	struct buf input, all;
	buf_init(&input, 4096);
	buf_init(&all, 4096);
	for (int i = 0; i < 1000; i++)
		ck_assert(!buf_add_byte(&input, i % 2 ? ' ' : '\t'));
	ck_assert(!buf_add_str(&input, "x"));
	decode(TRANSFER_QUOTED_PRINTABLE, buf_view(&input), 7, SMALL_ROOM, &all);
	ck_assert_slice_eq(buf_view(&all), buf_view(&input), "blanks");
	buf_free(&input);
	buf_free(&all);
}
END_TEST

/* Some bytes that are all over the place, the same in every run. */
static void fill(struct buf *b, size_t n, uint32_t seed)
{
	static const char spice[] = " \t\r\n=. \r\n";
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		uint8_t c = (uint8_t)(seed >> 24);
		ck_assert(!buf_add_byte(b, c < 40 ? (uint8_t)spice[c % 9] : c));
	}
}

START_TEST(what_is_encoded_comes_back)
{
	static const enum transfer_encoding encodings[] = {TRANSFER_BASE64, TRANSFER_IDENTITY,
							   TRANSFER_QUOTED_PRINTABLE};
	for (uint32_t round = 0; round < 300; round++) {
		struct buf plain, code, back;
		struct transfer_encoder e;
		enum transfer_encoding encoding = encodings[round % COUNT(encodings)];
		buf_init(&plain, 8192);
		buf_init(&code, 65536);
		buf_init(&back, 65536);
		fill(&plain, round * 3, round);
		transfer_encode_init(&e, encoding);
		struct slice rest = buf_view(&plain);
		while (rest.len) {
			struct slice piece = slice_upto(rest, 1 + round % 13);
			ck_assert(!transfer_encode(&e, piece, &code));
			rest = slice_from(rest, piece.len);
		}
		ck_assert(!transfer_encode_end(&e, &code));
		ck_assert(!decode(encoding, buf_view(&code), 11, SMALL_ROOM, &back));
		/* Quoted-printable makes every line end a CRLF. */
		struct buf want;
		buf_init(&want, 65536);
		for (size_t i = 0; i < plain.len; i++) {
			uint8_t c = plain.bytes[i];
			bool is_bare = c == '\n' && (i == 0 || plain.bytes[i - 1] != '\r');
			if (is_bare && encoding == TRANSFER_QUOTED_PRINTABLE)
				ck_assert(!buf_add_byte(&want, '\r'));
			ck_assert(!buf_add_byte(&want, c));
		}
		ck_assert_msg(slice_eq(buf_view(&back), buf_view(&want)), "round %u", round);
		for (struct slice lines = buf_view(&code);
		     lines.len && encoding != TRANSFER_IDENTITY;) {
			struct slice line = slice_split(&lines, '\n');
			ck_assert_uint_le(line.len, 77);
			ck_assert(slice_is_ascii(line));
		}
		buf_free(&want);
		buf_free(&plain);
		buf_free(&code);
		buf_free(&back);
	}
}
END_TEST

START_TEST(encoders_do_all_or_nothing)
{
	struct transfer_encoder e;
	struct buf out;
	buf_init(&out, 40);
	transfer_encode_init(&e, TRANSFER_QUOTED_PRINTABLE);
	ck_assert_int_eq(transfer_encode(&e, SLICE_LIT("abc"), &out), ERR_LIMIT);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_int_eq(transfer_encode(&e, SLICE_LIT("a "), &out), ERR_NONE);
	ck_assert(!transfer_encode_end(&e, &out));
	ck_assert_slice_eq(buf_view(&out), SLICE_LIT("a=20"), "blank at the end");
	buf_free(&out);
}
END_TEST

START_TEST(names_are_recognised)
{
	static const struct {
		const char *value;
		enum transfer_encoding want;
	} rows[] = {
		{"", TRANSFER_IDENTITY},          {" 7BIT\r\n", TRANSFER_IDENTITY},
		{"8bit", TRANSFER_IDENTITY},      {"binary", TRANSFER_IDENTITY},
		{"Base64", TRANSFER_BASE64},      {"(x) BASE64 (y)", TRANSFER_BASE64},
		{"base64;", TRANSFER_BASE64},     {"quoted-printable", TRANSFER_QUOTED_PRINTABLE},
		{"x-uuencode", TRANSFER_UNKNOWN}, {"(unclosed", TRANSFER_IDENTITY},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(transfer_by_name(slice_str(rows[i].value)) == rows[i].want, "%s",
			      rows[i].value);
}
END_TEST

SUITE_MAIN("transfer", decoding_does_not_depend_on_chunks, long_runs_of_blanks_are_bounded,
	   what_is_encoded_comes_back, encoders_do_all_or_nothing, names_are_recognised)
