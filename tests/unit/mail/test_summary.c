#include "mail/summary.h"

#include "mail_test.h"

/* A message with all that matters: nested multiparts, a message inside, a leaf with every field. */
static const char rich[] = "Return-Path: <bounce@example.org>\r\n"
			   "Received: from a\r\n\tby b; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
			   "DATE: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
			   "Subject: A long\r\n subject\r\n"
			   "From: Anna <anna@example.org>\r\n"
			   "To: Bert <bert@example.net>,\r\n\tcarl@example.net\r\n"
			   "To: Dora <dora@example.net>\r\n"
			   "Cc:\r\n"
			   "X-Unasked: yes\r\n"
			   "Message-ID: <1@example.org>\r\n"
			   "MIME-Version: 1.0\r\n"
			   "Content-Type: multipart/mixed; boundary=\"out\"\r\n"
			   "\r\n"
			   "preamble\r\n"
			   "--out\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n"
			   "Content-ID: <p1@x>\r\n"
			   "\r\n"
			   "one\r\ntwo\r\n"
			   "--out\r\n"
			   "Content-Type: message/rfc822\r\n"
			   "Content-Disposition: attachment; filename=m.eml\r\n"
			   "\r\n"
			   "Subject: inside\r\n"
			   "From: <x@y>\r\n"
			   "X-Priority: 1\r\n"
			   "Content-Type: multipart/alternative; boundary=in\r\n"
			   "\r\n"
			   "--in\r\n"
			   "\r\n"
			   "alt1\r\n"
			   "--in\r\n"
			   "Content-Type: text/html\r\n"
			   "Content-Transfer-Encoding: quoted-printable\r\n"
			   "\r\n"
			   "<p>alt2</p>\r\n"
			   "--in--\r\n"
			   "\r\n"
			   "--out\r\n"
			   "Content-Type: multipart/digest; boundary=dig\r\n"
			   "\r\n"
			   "--dig\r\n"
			   "\r\n"
			   "Subject: digested\r\n"
			   "\r\n"
			   "body of the digested\r\n"
			   "--dig--\r\n"
			   "--out--\r\n"
			   "epilogue\r\n";

static struct slice rich_message(void)
{
	return slice_of(rich, sizeof(rich) - 1);
}

static void build(struct slice message, size_t step, struct buf *blob)
{
	struct summary_builder *b = NULL;
	buf_init(blob, SUMMARY_MAX_BYTES);
	ck_assert(!summary_new(&b));
	for (struct slice rest = message; rest.len;) {
		struct slice piece = slice_upto(rest, step);
		ck_assert(!summary_push(b, piece));
		rest = slice_from(rest, piece.len);
	}
	ck_assert(!summary_finish(b, blob));
	summary_free(&b);
	ck_assert_ptr_null(b);
}

static struct summary open_or_fail(const struct buf *blob)
{
	struct summary s;
	ck_assert_int_eq(summary_open(buf_view(blob), &s), ERR_NONE);
	return s;
}

START_TEST(the_blob_does_not_depend_on_chunks)
{
	struct buf whole;
	build(rich_message(), SIZE_MAX, &whole);
	for (size_t step = 1; step < sizeof(rich); step += step < 100 ? 1 : 97) {
		struct buf split;
		build(rich_message(), step, &split);
		ck_assert_msg(slice_eq(buf_view(&whole), buf_view(&split)), "step %zu", step);
		buf_free(&split);
	}
	ck_assert_uint_lt(whole.len, 1024);
	buf_free(&whole);
}
END_TEST

/* "1.2.HEADER" and so on, as a client writes it. */
static enum err locate(const struct summary *s, const char *name, struct summary_range *range,
		       struct summary_part *part)
{
	uint32_t path[16];
	size_t n = 0;
	enum summary_section section = SECTION_WHOLE;
	struct slice rest = slice_str(name);
	while (rest.len) {
		struct slice word = slice_split(&rest, '.');
		if (slice_eq_str(word, "HEADER"))
			section = SECTION_HEADER;
		else if (slice_eq_str(word, "TEXT"))
			section = SECTION_TEXT;
		else if (slice_eq_str(word, "MIME"))
			section = SECTION_MIME;
		else
			ck_assert(!slice_u32(word, &path[n++]));
	}
	return summary_locate(s, path, n, section, range, part);
}

static const struct {
	const char *section;
	const char *starts, *ends; /* NULL: not found */
} sections[] = {
	{"", "Return-Path", "epilogue\r\n"},
	{"HEADER", "Return-Path", "\"out\"\r\n\r\n"},
	{"TEXT", "preamble", "epilogue\r\n"},
	{"MIME", NULL, NULL},
	{"1", "one\r\ntwo", "one\r\ntwo"},
	{"1.MIME", "Content-Type: text/plain", "<p1@x>\r\n\r\n"},
	{"1.TEXT", NULL, NULL},
	{"1.HEADER", NULL, NULL},
	{"1.1", NULL, NULL},
	{"2", "Subject: inside", "--in--\r\n"},
	{"2.MIME", "Content-Type: message/rfc822", "m.eml\r\n\r\n"},
	{"2.HEADER", "Subject: inside", "boundary=in\r\n\r\n"},
	{"2.TEXT", "--in\r\n", "--in--\r\n"},
	{"2.1", "alt1", "alt1"},
	{"2.1.MIME", "\r\n", "\r\n"},
	{"2.2", "<p>alt2</p>", "<p>alt2</p>"},
	{"2.2.MIME", "Content-Type: text/html", "printable\r\n\r\n"},
	{"2.3", NULL, NULL},
	{"2.2.1", NULL, NULL},
	{"3", "--dig\r\n", "--dig--"},
	{"3.MIME", "Content-Type: multipart/digest", "dig\r\n\r\n"},
	{"3.TEXT", NULL, NULL},
	{"3.1", "Subject: digested", "body of the digested"},
	{"3.1.MIME", "\r\n", "\r\n"},
	{"3.1.HEADER", "Subject: digested", "digested\r\n\r\n"},
	{"3.1.TEXT", "body of the digested", "body of the digested"},
	{"3.1.1", "body of the digested", "body of the digested"},
	{"3.1.1.MIME", "Subject: digested", "digested\r\n\r\n"},
	{"3.1.1.1", NULL, NULL},
	{"3.1.2", NULL, NULL},
	{"4", NULL, NULL},
	{"0", NULL, NULL},
	{"4294967295", NULL, NULL},
};

START_TEST(every_section_has_its_bytes)
{
	struct buf blob;
	build(rich_message(), 100, &blob);
	struct summary s = open_or_fail(&blob);
	ck_assert_uint_eq(s.size, sizeof(rich) - 1);
	for (size_t i = 0; i < COUNT(sections); i++) {
		struct summary_range range = {0, 0};
		struct summary_part part;
		enum err err = locate(&s, sections[i].section, &range, &part);
		if (!sections[i].starts) {
			ck_assert_msg(err == ERR_NOT_FOUND, "%s", sections[i].section);
			continue;
		}
		ck_assert_msg(err == ERR_NONE, "%s: %s", sections[i].section, err_name(err));
		struct slice bytes =
			slice_between(rich_message(), range.start, range.start + range.len);
		struct slice starts = slice_str(sections[i].starts);
		struct slice ends = slice_str(sections[i].ends);
		ck_assert_slice_eq(slice_upto(bytes, starts.len), starts, sections[i].section);
		ck_assert_uint_ge(bytes.len, ends.len);
		ck_assert_slice_eq(slice_from(bytes, bytes.len - ends.len), ends,
				   sections[i].section);
		if (slice_eq(starts, ends)) /* nothing but that */
			ck_assert_slice_eq(bytes, starts, sections[i].section);
	}
	buf_free(&blob);
}
END_TEST

START_TEST(a_message_of_one_part_has_part_one)
{
	static const struct {
		struct slice message;
		const char *section, *want;
	} rows[] = {
		{BYTES("A: 1\r\n\r\nx"), "1", "x"},
		{BYTES("A: 1\r\n\r\nx"), "1.MIME", "A: 1\r\n\r\n"},
		{BYTES("A: 1\r\n\r\nx"), "TEXT", "x"},
		{BYTES("A: 1\r\n\r\nx"), "1.1", NULL},
		{BYTES("A: 1\r\n\r\nx"), "2", NULL},
		{BYTES("A: 1"), "HEADER", "A: 1"},
		{BYTES("A: 1"), "TEXT", ""},
		{BYTES("Content-Type: message/rfc822\r\n\r\nB: 2\r\n\r\ny"), "1", "B: 2\r\n\r\ny"},
		{BYTES("Content-Type: message/rfc822\r\n\r\nB: 2\r\n\r\ny"), "1.HEADER",
		 "B: 2\r\n\r\n"},
		{BYTES("Content-Type: message/rfc822\r\n\r\nB: 2\r\n\r\ny"), "1.1", "y"},
		{BYTES("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), "1", NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf blob;
		struct summary_range r = {0, 0};
		build(rows[i].message, SIZE_MAX, &blob);
		struct summary s = open_or_fail(&blob);
		enum err err = locate(&s, rows[i].section, &r, NULL);
		if (rows[i].want)
			ck_assert_slice_eq(slice_between(rows[i].message, r.start, r.start + r.len),
					   slice_str(rows[i].want), rows[i].section);
		else
			ck_assert_int_eq(err, ERR_NOT_FOUND);
		buf_free(&blob);
	}
}
END_TEST

static const struct {
	const char *path, *name, *want;
} texts[] = {
	{"", "date", "Mon, 1 Jan 2024 00:00:00 +0000"},
	{"", "Subject", "A long subject"},
	{"", "Cc", ""},
	{"", "Bcc", NULL},
	{"", "X-Unasked", NULL},
	{"", "Received", NULL},
	{"", "Return-Path", "<bounce@example.org>"},
	{"1", "content-id", "<p1@x>"},
	{"2.HEADER", "subject", "inside"},
	{"2.HEADER", "x-priority", NULL}, /* only of the outermost message */
	{"2.2", "content-transfer-encoding", "quoted-printable"},
	{"3.1.HEADER", "Subject", "digested"},
};

START_TEST(fields_are_kept_where_clients_ask_for_them)
{
	struct arena arena;
	struct buf blob;
	build(rich_message(), 100, &blob);
	struct summary s = open_or_fail(&blob);
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct summary_range range;
		struct summary_part part;
		struct slice text = SLICE_EMPTY;
		ck_assert(!locate(&s, texts[i].path, &range, &part));
		ck_assert(!summary_text(&part, texts[i].name, &arena, &text));
		ck_assert_nstring(text, texts[i].want, texts[i].name);
	}
	arena_reset(&arena);
	buf_free(&blob);
}
END_TEST

/* What HEADER.FIELDS answers from the summary must be what the message says, byte for byte. */
START_TEST(kept_fields_are_the_bytes_of_the_message)
{
	struct buf blob, kept, asked;
	struct summary_part root;
	struct header_field f;
	build(rich_message(), 100, &blob);
	struct summary s = open_or_fail(&blob);
	buf_init(&kept, 4096);
	buf_init(&asked, 4096);
	ck_assert(!summary_find(&s, NULL, 0, &root));
	for (struct slice block = root.fields; header_next(&block, &f);)
		ck_assert(!buf_add_slice(&kept, f.raw));
	for (struct slice block = rich_message(); header_next(&block, &f);)
		if (summary_has_field(&root, f.name))
			ck_assert(!buf_add_slice(&asked, f.raw));
	ck_assert_slice_eq(buf_view(&kept), buf_view(&asked), "fields");
	ck_assert(summary_has_field(&root, SLICE_LIT("SUBJECT")));
	ck_assert(summary_has_field(&root, SLICE_LIT("References"))); /* known to be absent */
	static const char *const kept_names[] = {"Auto-Submitted",
						 "BCC",
						 "Cc",
						 "Chat-Version",
						 "content-description",
						 "Content-Type",
						 "Date",
						 "Delivered-To",
						 "From",
						 "Importance",
						 "In-Reply-To",
						 "Lines",
						 "List-Id",
						 "List-Post",
						 "List-Unsubscribe",
						 "List-Unsubscribe-Post",
						 "Mail-Followup-To",
						 "Message-ID",
						 "MIME-Version",
						 "Newsgroups",
						 "Priority",
						 "References",
						 "Reply-To",
						 "Return-Path",
						 "Sender",
						 "Subject",
						 "To",
						 "X-K9mail-Identity",
						 "X-Label",
						 "X-Mailing-List",
						 "X-Mozilla-Status2",
						 "X-Priority",
						 "X-Spam-Status",
						 "X-TUID",
						 "X-UID",
						 "X-Uniform-Type-Identifier",
						 "X-Universally-Unique-Identifier"};
	for (size_t i = 0; i < COUNT(kept_names); i++)
		ck_assert_msg(summary_has_field(&root, slice_str(kept_names[i])), "%s",
			      kept_names[i]);
	static const char *const other_names[] = {"X-Unasked", "Received", "DKIM-Signature",
						  "",          "a",        "z"};
	for (size_t i = 0; i < COUNT(other_names); i++)
		ck_assert_msg(!summary_has_field(&root, slice_str(other_names[i])), "%s",
			      other_names[i]);
	uint32_t two[] = {2};
	ck_assert(!summary_find(&s, two, 1, &root));
	ck_assert(!summary_has_field(&root, SLICE_LIT("Subject")));
	buf_free(&kept);
	buf_free(&asked);
	buf_free(&blob);
}
END_TEST

START_TEST(addresses_of_several_fields_are_joined)
{
	struct arena arena;
	struct buf blob;
	struct summary_part root;
	struct slice value;
	build(rich_message(), 100, &blob);
	struct summary s = open_or_fail(&blob);
	arena_init(&arena, 1 << 16);
	ck_assert(!summary_find(&s, NULL, 0, &root));
	ck_assert(!summary_addresses(&root, "to", &arena, &value));
	ck_assert_slice_eq(value,
			   SLICE_LIT("Bert <bert@example.net>,\tcarl@example.net, "
				     "Dora <dora@example.net>"),
			   "to");
	ck_assert(!summary_addresses(&root, "cc", &arena, &value));
	ck_assert_nstring(value, "", "cc");
	ck_assert(!summary_addresses(&root, "bcc", &arena, &value));
	ck_assert_nstring(value, NULL, "bcc");
	arena_reset(&arena);
	buf_free(&blob);
}
END_TEST

START_TEST(types_have_their_defaults)
{
	static const struct {
		const char *path, *type, *subtype;
		bool is_root, default_is_message;
	} rows[] = {
		{"", "multipart", "mixed", true, false},
		{"1", "text", "plain", false, false},
		{"2", "message", "rfc822", false, false},
		{"2.HEADER", "multipart", "alternative", true, false},
		{"2.1", "text", "plain", false, false},
		{"2.2", "text", "html", false, false},
		{"3.1", "message", "rfc822", false, true},
		{"3.1.TEXT", "text", "plain", true, false},
	};
	struct arena arena;
	struct buf blob;
	build(rich_message(), 100, &blob);
	struct summary s = open_or_fail(&blob);
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct summary_range range;
		struct summary_part part;
		struct param_list type;
		ck_assert(!locate(&s, rows[i].path, &range, &part));
		ck_assert(!summary_type(&part, &arena, &type));
		ck_assert_slice_eq(type.type, slice_str(rows[i].type), rows[i].path);
		ck_assert_slice_eq(type.subtype, slice_str(rows[i].subtype), rows[i].path);
		ck_assert_msg(part.is_root == rows[i].is_root, "%s", rows[i].path);
		ck_assert_msg(part.default_is_message == rows[i].default_is_message, "%s",
			      rows[i].path);
	}
	struct summary_range range;
	struct summary_part part;
	struct param_list disposition;
	ck_assert(!locate(&s, "2", &range, &part));
	ck_assert(!summary_params(&part, "content-disposition", &arena, &disposition));
	ck_assert_slice_eq(disposition.value, SLICE_LIT("attachment"), "disposition");
	ck_assert_slice_eq(param_find(&disposition, "filename")->value, SLICE_LIT("m.eml"), "name");
	ck_assert(!locate(&s, "1", &range, &part));
	ck_assert(!summary_params(&part, "content-disposition", &arena, &disposition));
	ck_assert_nstring(disposition.value, NULL, "no disposition");
	arena_reset(&arena);
	buf_free(&blob);
}
END_TEST

/* ---- limits and damage ---- */

static void add(struct buf *b, const char *text)
{
	ck_assert(!buf_add_str(b, text));
}

START_TEST(ten_thousand_small_parts_fit)
{
	struct buf message, blob;
	struct summary_part part;
	uint32_t path[1] = {MIME_MAX_PARTS - 1};
	buf_init(&message, 4 << 20);
	add(&message, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 1; i < MIME_MAX_PARTS; i++)
		add(&message, "--b\r\nContent-Type: text/html\r\n\r\nxyz\r\n");
	build(buf_view(&message), 65536, &blob);
	struct summary s = open_or_fail(&blob);
	ck_assert(!s.is_reduced);
	ck_assert_uint_eq(s.part_count, MIME_MAX_PARTS);
	ck_assert(!summary_find(&s, path, 1, &part));
	ck_assert_uint_eq(part.body_start, message.len - 5);
	ck_assert_slice_eq(part.fields, SLICE_LIT("Content-Type: text/html\r\n"), "same fields");
	buf_free(&message);
	buf_free(&blob);
}
END_TEST

START_TEST(what_does_not_fit_is_reduced)
{
	struct buf message, blob;
	struct summary_part part;
	struct summary_range range;
	struct arena arena;
	struct param_list type;
	buf_init(&message, 8 << 20);
	add(&message, "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 1; i < MIME_MAX_PARTS; i++) {
		char field[64];
		snprintf(field, sizeof(field), "Content-ID: <%08d@example.org>\r\n", i);
		add(&message, "--b\r\n");
		add(&message, field);
		for (int k = 0; k < 90; k++)
			add(&message, "\r\n\r\n");
	}
	build(buf_view(&message), 65536, &blob);
	ck_assert_uint_le(blob.len, SUMMARY_MAX_BYTES);
	struct summary s = open_or_fail(&blob);
	if (!s.is_reduced) { /* the records fitted, but not all the fields */
		uint32_t last[1] = {MIME_MAX_PARTS - 1};
		ck_assert(!summary_find(&s, last, 1, &part));
		ck_assert(part.is_trimmed);
	}
	ck_assert(!summary_locate(&s, NULL, 0, SECTION_WHOLE, &range, &part));
	ck_assert_uint_eq(range.len, message.len);
	arena_init(&arena, 1 << 16);
	ck_assert(!summary_type(&part, &arena, &type));
	arena_reset(&arena);
	buf_free(&message);
	buf_free(&blob);
}
END_TEST

/* Two levels of large offsets make the records themselves too large. */
START_TEST(a_reduced_summary_is_one_opaque_part)
{
	struct buf message, blob, filler;
	struct summary_builder *b = NULL;
	struct summary_part root;
	struct arena arena;
	struct param_list type;
	struct slice subject;
	buf_init(&message, 1 << 20);
	buf_init(&filler, 1 << 20);
	buf_init(&blob, SUMMARY_MAX_BYTES);
	for (int i = 0; i < 20000; i++)
		add(&filler, "x\r\n");
	ck_assert(!summary_new(&b));
	add(&message, "Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
	ck_assert(!summary_push(b, buf_view(&message)));
	for (int i = 1; i < MIME_MAX_PARTS; i++) {
		char part[512];
		snprintf(part, sizeof(part), "--b\r\nContent-ID: <%d>\r\nX: %0300d\r\n\r\n", i, i);
		ck_assert(!summary_push(b, slice_str(part)));
		ck_assert(!summary_push(b, slice_upto(buf_view(&filler), 20001)));
	}
	ck_assert(!summary_finish(b, &blob));
	summary_free(&b);
	struct summary s = open_or_fail(&blob);
	ck_assert(s.is_reduced);
	ck_assert_uint_eq(s.part_count, 1);
	arena_init(&arena, 1 << 16);
	ck_assert(!summary_find(&s, NULL, 0, &root));
	ck_assert(!summary_type(&root, &arena, &type));
	ck_assert_slice_eq(type.type, SLICE_LIT("application"), "type");
	ck_assert(!summary_text(&root, "subject", &arena, &subject));
	ck_assert_nstring(subject, "s", "the envelope is there");
	arena_reset(&arena);
	buf_free(&message);
	buf_free(&filler);
	buf_free(&blob);
}
END_TEST

START_TEST(a_cut_field_is_admitted)
{
	struct buf message, blob;
	struct summary_part root;
	struct arena arena;
	struct slice subject;
	buf_init(&message, 1 << 20);
	add(&message, "To: a@b");
	while (message.len < HEADER_FIELD_MAX_BYTES + 100)
		add(&message, ",\r\n someone@example.org");
	add(&message, "\r\nSubject: s\r\n\r\nbody");
	build(buf_view(&message), 4096, &blob);
	struct summary s = open_or_fail(&blob);
	ck_assert(!summary_find(&s, NULL, 0, &root));
	ck_assert(root.is_trimmed);
	ck_assert(!summary_has_field(&root, SLICE_LIT("Subject")));
	arena_init(&arena, 1 << 20);
	ck_assert(!summary_text(&root, "subject", &arena, &subject));
	ck_assert_nstring(subject, "s", "the field behind it");
	arena_reset(&arena);
	buf_free(&message);
	buf_free(&blob);
}
END_TEST

static void use_everything(struct slice blob)
{
	struct summary s;
	struct summary_cursor cursor;
	struct summary_part part;
	struct arena arena;
	enum err err = summary_open(blob, &s);
	ck_assert(err == ERR_NONE || err == ERR_CORRUPT || err == ERR_UNSUPPORTED);
	if (err)
		return;
	arena_init(&arena, 1 << 20);
	summary_rewind(&s, &cursor);
	while (!(err = summary_next(&cursor, &part))) {
		struct param_list type;
		struct slice text;
		ck_assert_uint_le((uint64_t)part.body_start + part.body_len, s.size);
		ck_assert(!summary_type(&part, &arena, &type));
		ck_assert(!summary_addresses(&part, "to", &arena, &text));
	}
	ck_assert_int_eq(err, ERR_NOT_FOUND);
	arena_reset(&arena);
}

START_TEST(damaged_blobs_are_refused_or_harmless)
{
	struct buf blob;
	build(rich_message(), SIZE_MAX, &blob);
	struct slice good = buf_view(&blob);
	for (size_t len = 0; len < good.len; len++) {
		struct summary s;
		uint8_t *copy = malloc(len ? len : 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, good.ptr, len);
		ck_assert_int_eq(summary_open(slice_of(copy, len), &s), ERR_CORRUPT);
		free(copy);
	}
	for (size_t at = 0; at < good.len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			blob.bytes[at] ^= (uint8_t)(1u << bit);
			use_everything(good);
			blob.bytes[at] ^= (uint8_t)(1u << bit);
		}
	blob.bytes[0] = SUMMARY_VERSION + 1;
	struct summary s;
	ck_assert_int_eq(summary_open(buf_view(&blob), &s), ERR_UNSUPPORTED);
	blob.bytes[0] = SUMMARY_VERSION;
	ck_assert(!buf_add_byte(&blob, 0));
	ck_assert_int_eq(summary_open(buf_view(&blob), &s), ERR_CORRUPT); /* bytes too many */
	buf_free(&blob);
}
END_TEST

SUITE_MAIN("summary", the_blob_does_not_depend_on_chunks, every_section_has_its_bytes,
	   a_message_of_one_part_has_part_one, fields_are_kept_where_clients_ask_for_them,
	   kept_fields_are_the_bytes_of_the_message, addresses_of_several_fields_are_joined,
	   types_have_their_defaults, ten_thousand_small_parts_fit, what_does_not_fit_is_reduced,
	   a_reduced_summary_is_one_opaque_part, a_cut_field_is_admitted,
	   damaged_blobs_are_refused_or_harmless)
