#include "mail/header.h"

#include "mail_test.h"

/* Fields as text: "name|value|start+len;" each, "^" where the header is over, then what was
 * left. */
struct record {
	struct buf text;
};

static void note_field(void *owner, const struct header_field *f)
{
	struct record *r = owner;
	ck_assert(!buf_addf(&r->text, "%u+%u ", f->start, f->len));
	ck_assert(!buf_add_slice(&r->text, f->name));
	ck_assert(!buf_add_byte(&r->text, '|'));
	ck_assert(!buf_add_slice(&r->text, f->value));
	ck_assert(!buf_add_byte(&r->text, ';'));
}

/* Feeds `input` in pieces of `step` bytes. */
static void parse(struct record *r, struct slice input, size_t step, size_t field_max)
{
	struct header_parser p;
	enum step said = STEP_MORE;
	buf_init(&r->text, 1 << 20);
	header_init(&p, field_max, note_field, r);
	while (input.len && said == STEP_MORE) {
		struct slice piece = slice_upto(input, step), left = piece;
		said = header_push(&p, &left);
		input = slice_from(input, piece.len - left.len);
		ck_assert(said == STEP_DONE || left.len == 0);
	}
	if (said == STEP_MORE)
		ck_assert(!header_finish(&p));
	ck_assert(!buf_add_str(&r->text, said == STEP_DONE ? "^" : "$"));
	ck_assert(!buf_add_slice(&r->text, input));
	header_free(&p);
}

static const struct {
	const char *what;
	struct slice input;
	const char *want;
} streams[] = {
	{"plain", BYTES("A: 1\r\nBc: 2\r\n\r\nbody"), "0+6 A| 1;6+7 Bc| 2;^body"},
	{"bare LF", BYTES("A: 1\nB: 2\n\nbody"), "0+5 A| 1;5+5 B| 2;^body"},
	{"folded", BYTES("A: 1\r\n 2\r\n\t3\r\nB:\r\n\r\n"), "0+14 A| 1\r\n 2\r\n\t3;14+4 B|;^"},
	{"blank before colon", BYTES("Subject \t: x\r\n\r\n"), "0+14 Subject| x;^"},
	{"no blank behind colon", BYTES("A:1\r\n\r\n"), "0+5 A|1;^"},
	{"garbage line stays in", BYTES("A: 1\r\ngarbage\r\nB: 2\r\n\r\nx"),
	 "0+6 A| 1;6+9 |garbage;15+6 B| 2;^x"},
	{"starts with a blank", BYTES(" x: 1\r\nB: 2\r\n\r\n"), "0+7  x| 1;7+6 B| 2;^"},
	{"colon first", BYTES(": x\r\n\r\n"), "0+5 |: x;^"},
	{"colon only on the second line", BYTES("A\r\n b: c\r\n\r\n"), "0+10 |A\r\n b: c;^"},
	{"empty header", BYTES("\r\nbody"), "^body"},
	{"empty header, LF", BYTES("\nbody"), "^body"},
	{"no empty line", BYTES("A: 1\r\nB: 2"), "0+6 A| 1;6+4 B| 2;$"},
	{"ends in a fold", BYTES("A: 1\r\n "), "0+7 A| 1\r\n ;$"},
	{"nothing", BYTES(""), "$"},
	{"bare CR is a byte", BYTES("A: 1\rB: 2\r\n\r\n"), "0+11 A| 1\rB: 2;^"},
	{"CR at a line start", BYTES("A: 1\r\n\rB: 2\r\n\r\n"), "0+6 A| 1;6+7 \rB| 2;^"},
	{"CR CR LF is no empty line", BYTES("A: 1\r\n\r\r\n\r\n"), "0+6 A| 1;6+3 |\r;^"},
	{"CR at the very end", BYTES("A: 1\r\n\r"), "0+6 A| 1;6+1 |;$"},
	{"NUL and 8-bit", BYTES("A\xff: \xc3\xa9\r\n\r\n"), "0+8 A\xff| \xc3\xa9;^"},
	{"blank line with a space folds", BYTES("A: 1\r\n \r\nB: 2\r\n\r\n"),
	 "0+9 A| 1\r\n ;9+6 B| 2;^"},
};

START_TEST(streams_are_read_alike_in_any_chunks)
{
	for (size_t i = 0; i < COUNT(streams); i++)
		for (size_t step = 1; step <= streams[i].input.len + 1; step++) {
			struct record r;
			parse(&r, streams[i].input, step, 4096);
			ck_assert_slice_eq(buf_view(&r.text), slice_str(streams[i].want),
					   streams[i].what);
			buf_free(&r.text);
		}
}
END_TEST

START_TEST(long_fields_are_cut_but_counted)
{
	struct record r;
	parse(&r, BYTES("A: 123456789\r\n 987654321\r\nB: 2\r\n\r\nx"), 3, 8);
	ck_assert_slice_eq(buf_view(&r.text), BYTES("0+26 A| 12345;26+6 B| 2;^x"), "cut");
	buf_free(&r.text);
}
END_TEST

START_TEST(blocks_in_memory_agree_with_the_stream)
{
	for (size_t i = 0; i < COUNT(streams); i++) {
		struct record stream, block;
		struct slice rest = streams[i].input;
		struct header_field f;
		if (slice_find_byte(rest, '\r') != SIZE_MAX && rest.ptr[rest.len - 1] == '\r')
			continue; /* a lone CR at the end: only a stream can wait for its LF */
		parse(&stream, streams[i].input, SIZE_MAX, 4096);
		buf_init(&block.text, 1 << 20);
		uint32_t pos = 0;
		while (header_next(&rest, &f)) {
			f.start = pos;
			pos += f.len;
			note_field(&block, &f);
		}
		struct slice fields = buf_view(&stream.text);
		fields.len = slice_rfind_byte(fields, ';') == SIZE_MAX
				     ? 0
				     : slice_rfind_byte(fields, ';') + 1;
		ck_assert_slice_eq(buf_view(&block.text), fields, streams[i].what);
		buf_free(&stream.text);
		buf_free(&block.text);
	}
}
END_TEST

START_TEST(find_walks_over_fields_of_one_name)
{
	struct slice block = BYTES("To: a\r\nX: 1\r\ntO : b\r\n c\r\n\r\nTo: body\r\n");
	struct header_field f;
	ck_assert(header_find(&block, "to", &f));
	ck_assert_slice_eq(f.value, BYTES(" a"), "first");
	ck_assert(header_find(&block, "to", &f));
	ck_assert_slice_eq(f.value, BYTES(" b\r\n c"), "second");
	ck_assert(!header_find(&block, "to", &f));
}
END_TEST

START_TEST(unfolding_removes_line_ends_only)
{
	static const struct {
		struct slice value;
		const char *want;
	} rows[] = {
		{BYTES(" a\r\n b\r\n\tc "), "a b\tc"},
		{BYTES("a\n b"), "a b"},
		{BYTES("a\rb\0c"), "a b c"},
		{BYTES(" \r\n "), ""},
		{BYTES(""), ""},
		{BYTES("caf\xc3\xa9"), "caf\xc3\xa9"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b;
		buf_init(&b, 64);
		ck_assert(!header_unfold(rows[i].value, &b));
		ck_assert_slice_eq(buf_view(&b), slice_str(rows[i].want), "unfolded");
		buf_free(&b);
	}
	struct buf small;
	buf_init(&small, 3);
	ck_assert_int_eq(header_unfold(BYTES("abcd"), &small), ERR_LIMIT);
	ck_assert_uint_eq(small.len, 0);
	buf_free(&small);
}
END_TEST

START_TEST(one_line_keeps_words_and_single_spaces)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{"", ""},
		{" \t\r\n ", ""},
		{"a", "a"},
		{" a\tb ", "a b"},
		{"a\r\n\tb  c\n \n d\t", "a b c d"},
		{"a b", "a b"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[32];
		size_t len = strlen(cases[i].text);
		memcpy(text, cases[i].text, len); /* read and written in one place */
		size_t n = header_one_line(slice_of(text, len), (uint8_t *)text);
		ck_assert_msg(slice_eq_str(slice_of(text, n), cases[i].line), "case %zu", i);
	}
}
END_TEST

SUITE_MAIN("header", streams_are_read_alike_in_any_chunks, long_fields_are_cut_but_counted,
	   blocks_in_memory_agree_with_the_stream, find_walks_over_fields_of_one_name,
	   unfolding_removes_line_ends_only, one_line_keeps_words_and_single_spaces)
