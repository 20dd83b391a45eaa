#include "mail/mime.h"

#include "mail_test.h"

/* One line a part: kind and flags, then its body in brackets and the line count, indented by
 * depth. */
static void print_part(const struct mime_part *part, struct slice message, struct buf *b)
{
	for (uint16_t i = 0; i < part->depth; i++)
		ck_assert(!buf_add_byte(b, ' '));
	ck_assert(!buf_add_byte(b, (uint8_t)"LMR"[part->kind]));
	if (part->is_text)
		ck_assert(!buf_add_byte(b, 't'));
	if (part->is_opaque)
		ck_assert(!buf_add_byte(b, '!'));
	ck_assert(!buf_addf(b, " h%u ", part->body_start - part->header_start));
	ck_assert(!buf_add_byte(b, '['));
	if (part->kind == MIME_LEAF)
		ck_assert(!buf_add_slice(b,
					 slice_between(message, part->body_start, part->body_end)));
	else
		ck_assert(!buf_addf(b, "%u", part->body_end - part->body_start));
	ck_assert(!buf_addf(b, "]%u/", part->body_lines));
}

/* What must hold for every tree, whatever the message. */
static void check_tree(const struct mime_part *parts, uint32_t count, size_t size)
{
	ck_assert_uint_eq(parts[0].parent, MIME_NO_PARENT);
	ck_assert_uint_eq(parts[0].header_start, 0);
	ck_assert_uint_eq(parts[0].body_end, size);
	for (uint32_t i = 0; i < count; i++) {
		const struct mime_part *p = &parts[i];
		uint32_t children = 0, end = p->body_start;
		ck_assert_uint_le(p->header_start, p->body_start);
		ck_assert_uint_le(p->body_start, p->body_end);
		ck_assert_uint_le(p->body_end, size);
		for (uint32_t k = i + 1; k < count && parts[k].depth > p->depth; k++) {
			if (parts[k].depth != p->depth + 1)
				continue;
			ck_assert_uint_eq(parts[k].parent, i);
			ck_assert_uint_ge(parts[k].header_start, end); /* siblings do not overlap */
			ck_assert_uint_le(parts[k].body_end, p->body_end);
			end = parts[k].body_end;
			children++;
		}
		ck_assert_uint_eq(p->children, children);
		if (p->kind == MIME_MESSAGE)
			ck_assert_uint_eq(children, 1);
	}
}

static struct mime_parser *parse(struct slice message, size_t step)
{
	struct mime_parser *p = NULL;
	ck_assert(!mime_new(NULL, NULL, &p));
	for (struct slice rest = message; rest.len;) {
		struct slice piece = slice_upto(rest, step);
		ck_assert(!mime_push(p, piece));
		rest = slice_from(rest, piece.len);
	}
	ck_assert(!mime_finish(p));
	ck_assert_uint_eq(mime_size(p), message.len);
	return p;
}

#define MULTI(subtype, boundary) \
	"Content-Type: multipart/" subtype "; boundary=" boundary "\r\n\r\n"

static const struct {
	const char *what;
	struct slice message;
	const char *want;
} trees[] = {
	{"nothing", BYTES(""), "Lt h0 []0/"},
	{"only a body", BYTES("\r\nbody\r\n"), "Lt h2 [body\r\n]1/"},
	{"no empty line", BYTES("A: 1\r\nB: 2\r\n"), "Lt h12 []0/"},
	{"plain", BYTES("A: 1\r\n\r\nx\r\ny"), "Lt h8 [x\r\ny]1/"},
	{"bare LF", BYTES("A: 1\n\nx\ny\n"), "Lt h6 [x\ny\n]2/"},
	{"not text", BYTES("Content-Type: image/png\r\n\r\nx"), "L h27 [x]0/"},
	{"unreadable type", BYTES("Content-Type: image\r\n\r\nx"), "Lt h23 [x]0/"},
	{"first type counts", BYTES("Content-Type: image/png\r\nContent-Type: text/plain\r\n\r\nx"),
	 "L h53 [x]0/"},
	{"two parts",
	 BYTES(MULTI("mixed", "b") "--b\r\nA: 1\r\n\r\nx\r\ny\r\n--b\r\n\r\nz\r\n--b--\r\n"),
	 "M h45 [36]9/ Lt h8 [x\r\ny]1/ Lt h2 [z]0/"},
	{"two parts, LF",
	 BYTES("Content-Type: multipart/mixed; boundary=b\n\n"
	       "--b\nA: 1\n\nx\ny\n--b\n\nz\n--b--\n"),
	 "M h43 [27]9/ Lt h6 [x\ny]1/ Lt h1 [z]0/"},
	{"preamble and epilogue",
	 BYTES(MULTI("mixed", "b") "pre\r\n--b\r\n\r\nx\r\n--b--\r\npost\r\n--b\r\n"),
	 "M h45 [33]7/ Lt h2 [x]0/"},
	{"no terminator", BYTES(MULTI("mixed", "b") "--b\r\n\r\nx\r\n"),
	 "M h45 [10]3/ Lt h2 [x\r\n]1/"},
	{"no boundary parameter", BYTES("Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx"),
	 "M h33 [8]2/"},
	{"no part at all", BYTES(MULTI("mixed", "b") "text\r\n"), "M h45 [6]1/"},
	{"empty part", BYTES(MULTI("mixed", "b") "--b\r\n\r\n--b--"), "M h45 [12]2/ Lt h2 []0/"},
	{"part without header end", BYTES(MULTI("mixed", "b") "--b\r\nA: 1\r\n--b--"),
	 "M h45 [16]2/ Lt h6 []0/"},
	{"part of nothing", BYTES(MULTI("mixed", "b") "--b\r\n--b\r\n--b--"),
	 "M h45 [15]2/ Lt h0 []0/ Lt h0 []0/"},
	{"boundary line at the end", BYTES(MULTI("mixed", "b") "--b"), "M h45 [3]0/ Lt h0 []0/"},
	{"blanks and more behind the boundary",
	 BYTES(MULTI("mixed", "b") "--b \t\r\n\r\nx\r\n--bX\r\n\r\ny\r\n--b-- z"),
	 "M h45 [30]6/ Lt h2 [x]0/ Lt h2 [y]0/"},
	{"text that only looks like it",
	 BYTES(MULTI("mixed",
		     "bb") "--bb\r\n\r\n-\r\n--\r\n--b\r\n--b--\r\n-bb\r\n x--bb\r\n--bb--"),
	 "M h46 [46]8/ Lt h2 [-\r\n--\r\n--b\r\n--b--\r\n-bb\r\n x--bb]5/"},
	{"quoted boundary, blank at its end",
	 BYTES(MULTI("mixed", "\"a b \"") "--a b\r\n\r\nx\r\n--a b--"), "M h50 [19]3/ Lt h2 [x]0/"},
	{"encoded boundary",
	 BYTES("Content-Type: multipart/mixed; boundary*=us-ascii''a%2Cb\r\n\r\n--a,b\r\n\r\nx"),
	 "M h60 [10]2/ Lt h2 [x]0/"},
	{"nested",
	 BYTES(MULTI("mixed", "a") "--a\r\n" MULTI(
		 "mixed", "b") "--b\r\n\r\nx\r\n--b--\r\n\r\n--a\r\n\r\ny\r\n--a--"),
	 "M h45 [84]11/ M h45 [17]4/  Lt h2 [x]0/ Lt h2 [y]0/"},
	{"outer boundary ends the inner parts",
	 BYTES(MULTI("mixed", "a") "--a\r\n" MULTI(
		 "mixed", "b") "--b\r\n\r\nx\r\n--a\r\n\r\ny\r\n--b--\r\n--a--"),
	 "M h45 [82]10/ M h45 [8]2/  Lt h2 [x]0/ Lt h2 [y\r\n--b--]1/"},
	{"inner boundary is longer",
	 BYTES(MULTI("mixed", "a") "--a\r\n" MULTI("mixed",
						   "ab") "--ab\r\n\r\nx\r\n--ab--\r\n\r\n--a--"),
	 "M h45 [77]8/ M h46 [19]4/  Lt h2 [x]0/"},
	{"inner boundary is shorter",
	 BYTES(MULTI("mixed", "ab") "--ab\r\n" MULTI("mixed",
						     "a") "--a\r\n\r\nx\r\n--a--\r\n\r\n--ab--"),
	 "M h46 [76]8/ M h45 [17]4/  Lt h2 [x]0/"},
	{"the same boundary inside",
	 BYTES(MULTI("mixed", "a") "--a\r\n" MULTI(
		 "mixed", "a") "--a\r\n\r\nx\r\n--a--\r\n\r\n--a\r\n\r\ny\r\n--a--"),
	 "M h45 [84]11/ M h45 [17]4/  Lt h2 [x]0/ Lt h2 [y]0/"},
	{"the longest boundary wins",
	 BYTES(MULTI("mixed", "a") "--a\r\n" MULTI("mixed", "ab") "--ab X\r\n\r\nx\r\n--a--"),
	 "M h45 [69]6/ M h46 [11]2/  Lt h2 [x]0/"},
	{"all of the line wins over the longest",
	 BYTES(MULTI("mixed", "b--") "--b--\r\n" MULTI("mixed", "b") "--b\r\n\r\nx\r\n--b--\r\ny"),
	 "M h47 [70]7/ M h45 [18]4/  Lt h2 [x]0/"},
	{"message inside", BYTES("Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx\r\n"),
	 "R h32 [17]3/ Lt h14 [x\r\n]1/"},
	{"message/global inside", BYTES("Content-Type: message/global\r\n\r\nS: s\r\n\r\nx"),
	 "R h32 [9]2/ Lt h8 [x]0/"},
	{"other message types", BYTES("Content-Type: message/partial\r\n\r\nS: s\r\n\r\nx"),
	 "L h33 [S: s\r\n\r\nx]2/"},
	{"message in a multipart",
	 BYTES(MULTI("mixed",
		     "b") "--b\r\nContent-Type: message/rfc822\r\n\r\nS: s\r\n\r\nx\r\n--b--"),
	 "M h45 [53]6/ R h32 [9]2/  Lt h8 [x]0/"},
	{"message cut in its header",
	 BYTES(MULTI("mixed", "b") "--b\r\nContent-Type: message/rfc822\r\n\r\nS: s\r\n--b--"),
	 "M h45 [48]4/ R h32 [6]1/  Lt h6 []0/"},
	{"digest",
	 BYTES(MULTI("digest", "b") "--b\r\n\r\nS: s\r\n\r\nx\r\n--b\r\nContent-Type: "
				    "text/plain\r\n\r\ny\r\n--b--"),
	 "M h46 [59]9/ R h2 [9]2/  Lt h8 [x]0/ Lt h28 [y]0/"},
	{"multipart in a message in a multipart",
	 BYTES(MULTI("mixed", "a") "--a\r\nContent-Type: message/rfc822\r\n\r\nS: s\r\n" MULTI(
		 "mixed", "b") "--b\r\n\r\nx\r\n--b--\r\n--a--"),
	 "M h45 [110]10/ R h32 [66]6/  M h51 [15]3/   Lt h2 [x]0/"},
	{"CR and NUL", BYTES("A: 1\r\n\r\na\rb\0c\r\n"), "Lt h8 [a\rb\0c\r\n]1/"},
	{"boundary inside a folded field",
	 BYTES(MULTI("mixed", "b") "--b\r\nA: 1\r\n --b\r\n\r\nx"), "M h45 [20]4/ Lt h14 [x]0/"},
};

START_TEST(trees_do_not_depend_on_chunks)
{
	for (size_t i = 0; i < COUNT(trees); i++)
		for (size_t step = 1; step <= trees[i].message.len + 1; step++) {
			uint32_t count = 0;
			struct buf b;
			struct mime_parser *p = parse(trees[i].message, step);
			const struct mime_part *parts = mime_parts(p, &count);
			size_t want_len = strlen(trees[i].want);
			buf_init(&b, 1 << 16);
			check_tree(parts, count, trees[i].message.len);
			for (uint32_t k = 0; k < count; k++)
				print_part(&parts[k], trees[i].message, &b);
			for (size_t k = 0; k < b.len; k++) /* so that a row can be a C string */
				if (b.bytes[k] == 0)
					b.bytes[k] = '0';
			struct slice want = slice_of(trees[i].want, want_len);
			if (strstr(trees[i].what, "NUL"))
				want = SLICE_LIT("Lt h8 [a\rb"
						 "0c\r\n]1/");
			ck_assert_slice_eq(buf_view(&b), want, trees[i].what);
			buf_free(&b);
			mime_free(&p);
		}
}
END_TEST

static void note_field(void *owner, uint32_t part, const struct header_field *f)
{
	ck_assert(!buf_addf(owner, "%u:", part));
	ck_assert(!buf_add_slice(owner, f->name));
	ck_assert(!buf_addf(owner, "@%u ", f->start));
}

START_TEST(fields_are_reported_with_part_and_place)
{
	struct mime_parser *p = NULL;
	struct buf b;
	buf_init(&b, 1024);
	ck_assert(!mime_new(note_field, &b, &p));
	ck_assert(!mime_push(
		p, SLICE_LIT("A: 1\r\n" MULTI("mixed", "b") "--b\r\nB: 1\r\n\r\n--b\r\nC: 2")));
	ck_assert(!mime_finish(p));
	ck_assert_slice_eq(buf_view(&b), SLICE_LIT("0:A@0 0:Content-Type@6 1:B@56 2:C@69 "),
			   "fields");
	mime_free(&p);
	buf_free(&b);
}
END_TEST

START_TEST(bytes_above_127_and_nul_are_noticed)
{
	static const struct {
		struct slice message;
		bool has_8bit, has_nul;
	} rows[] = {
		{BYTES("A: 1\r\n\r\nplain text only\x7f\x01"), false, false},
		{BYTES("A: \xe9\r\n\r\n"), true, false},
		{BYTES("A: 1\r\n\r\n1234567890\0001234567890"), false, true},
		{BYTES("A: 1\r\n\r\n1234567\xff\0"), true, true},
		{BYTES("A: 1\r\n\r\n\x80\x80\x80\x80\x80\x80\x80\x80\x80"), true, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t step = 1; step < 20; step++) {
			struct mime_parser *p = parse(rows[i].message, step);
			ck_assert(mime_has_8bit(p) == rows[i].has_8bit);
			ck_assert(mime_has_nul(p) == rows[i].has_nul);
			mime_free(&p);
		}
}
END_TEST

static void add(struct buf *b, const char *text)
{
	ck_assert(!buf_add_str(b, text));
}

START_TEST(ten_thousand_parts)
{
	struct buf b;
	uint32_t count = 0;
	buf_init(&b, 4 << 20);
	add(&b, MULTI("mixed", "b"));
	for (int i = 0; i < 20000; i++)
		add(&b, "--b\r\n\r\nx\r\n");
	add(&b, "--b--\r\n");
	struct mime_parser *p = parse(buf_view(&b), 1000);
	const struct mime_part *parts = mime_parts(p, &count);
	ck_assert_uint_eq(count, MIME_MAX_PARTS);
	ck_assert(parts[0].is_opaque);
	ck_assert_uint_eq(parts[0].body_end, b.len);
	ck_assert_uint_eq(parts[count - 1].body_end - parts[count - 1].body_start, 1);
	mime_free(&p);
	buf_free(&b);
}
END_TEST

START_TEST(deep_nesting_of_multiparts_and_messages)
{
	struct buf b;
	uint32_t count = 0;
	buf_init(&b, 4 << 20);
	for (int i = 0; i < 1000; i++) {
		char line[80];
		snprintf(line, sizeof(line),
			 i % 2 ? "Content-Type: message/rfc822\r\n\r\n"
			       : MULTI("mixed", "b%03d") "--b%03d\r\n",
			 i, i);
		add(&b, line);
	}
	add(&b, "\r\nx\r\n");
	struct mime_parser *p = parse(buf_view(&b), 777);
	const struct mime_part *parts = mime_parts(p, &count);
	check_tree(parts, count, b.len);
	ck_assert_uint_eq(count, MIME_MAX_DEPTH + 1);
	ck_assert(parts[count - 1].is_opaque);
	ck_assert(parts[count - 1].kind == MIME_LEAF);
	mime_free(&p);
	buf_free(&b);
}
END_TEST

START_TEST(lower_limits_can_be_set)
{
	struct mime_parser *p = NULL;
	uint32_t count = 0;
	ck_assert(!mime_new(NULL, NULL, &p));
	mime_set_limits(p, 1, 3);
	ck_assert(!mime_push(
		p, SLICE_LIT(MULTI("mixed", "a") "--a\r\n" MULTI(
			   "mixed", "b") "--b\r\n\r\nx\r\n--a\r\n\r\ny\r\n--a\r\n\r\nz\r\n--a--")));
	ck_assert(!mime_finish(p));
	const struct mime_part *parts = mime_parts(p, &count);
	ck_assert_uint_eq(count, 3);
	ck_assert(parts[0].is_opaque);
	ck_assert(parts[1].is_opaque && parts[1].kind == MIME_LEAF);
	ck_assert_uint_eq(parts[1].body_end - parts[1].body_start, 8);
	ck_assert_uint_eq(parts[2].body_end - parts[2].body_start, 1);
	mime_free(&p);
}
END_TEST

START_TEST(hostile_messages_take_linear_time)
{
	static const char *const units[] = {
		"-",  "--", "--\r\n",    "\r\n-", "--b",           "--b\r\n",       "--bb\r\n",
		"\r", "\n", "--b--\r\n", "x",     "\r\n--bbbbbbb", "--b\r\n--c\r\n"};
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buf b;
		uint32_t count = 0;
		buf_init(&b, 4 << 20);
		for (int level = 0; level < 90; level++)
			add(&b,
			    MULTI("mixed", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb") "--"
									     "bbbbbbbbbbbbbbbbbbbbb"
									     "bbbbbbbbb\r\n");
		add(&b, MULTI("mixed", "b"));
		repeat(&b, units[i], 300000);
		struct mime_parser *p = parse(buf_view(&b), 4096);
		ck_assert_ptr_nonnull(mime_parts(p, &count));
		ck_assert_uint_ge(count, 91);
		mime_free(&p);
		buf_free(&b);
	}
}
END_TEST

START_TEST(one_line_of_a_mebibyte)
{
	static uint8_t line[1 << 20];
	uint32_t count = 0;
	struct mime_parser *p = NULL;
	memset(line, '-', sizeof(line));
	ck_assert(!mime_new(NULL, NULL, &p));
	ck_assert(!mime_push(p, SLICE_LIT(MULTI("mixed", "b") "--b\r\nX: ")));
	for (size_t i = 0; i < sizeof(line); i += 1000)
		ck_assert(!mime_push(p, slice_between(slice_of(line, sizeof(line)), i, i + 1000)));
	ck_assert(!mime_push(p, SLICE_LIT("\r\n\r\n")));
	ck_assert(!mime_push(p, slice_of(line, sizeof(line))));
	ck_assert(!mime_push(p, SLICE_LIT("\r\n--b--\r\n")));
	ck_assert(!mime_finish(p));
	const struct mime_part *parts = mime_parts(p, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(parts[1].body_end - parts[1].body_start, sizeof(line));
	mime_free(&p);
}
END_TEST

SUITE_MAIN("mime", trees_do_not_depend_on_chunks, fields_are_reported_with_part_and_place,
	   bytes_above_127_and_nul_are_noticed, ten_thousand_parts,
	   deep_nesting_of_multiparts_and_messages, lower_limits_can_be_set,
	   hostile_messages_take_linear_time, one_line_of_a_mebibyte)
