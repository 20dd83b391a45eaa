#include "proto/imap/imap_structure.h"

#include <stdio.h>

#include "support/imap_kit.h"
#include "support/suite.h"

static const char *structure_of(struct imap_kit *k, bool is_extended)
{
	struct imap_structure w;
	enum step step = STEP_MORE;
	imap_structure_begin(&w, &k->summary, is_extended);
	while (step == STEP_MORE)
		step = imap_structure_step(&w, &k->out, &k->arena);
	ck_assert_int_eq(step, STEP_DONE);
	return imap_kit_text(k);
}

static const char *envelope_of(struct imap_kit *k)
{
	struct summary_cursor cursor;
	struct summary_part part;
	summary_rewind(&k->summary, &cursor);
	ck_assert_int_eq(summary_next(&cursor, &part), ERR_NONE);
	imap_write_envelope(&k->out, &part, &k->arena);
	ck_assert_uint_eq(k->arena.used_bytes, 0);
	return imap_kit_text(k);
}

/* ---- envelopes ---- */

static const struct {
	const char *header, *envelope;
} envelopes[] = {
	{"\r\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"},
	{"Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nFrom: Fred Foobar "
	 "<foobar@Blurdybloop.example>\r\n"
	 "Subject: afternoon meeting\r\nTo: mooch@owatagu.siam.edu.example\r\n"
	 "Message-Id: <B27397-0100000@Blurdybloop.example>\r\n\r\n",
	 "(\"Mon, 7 Feb 1994 21:52:25 -0800\" \"afternoon meeting\" "
	 "((\"Fred Foobar\" NIL \"foobar\" \"Blurdybloop.example\")) "
	 "((\"Fred Foobar\" NIL \"foobar\" \"Blurdybloop.example\")) "
	 "((\"Fred Foobar\" NIL \"foobar\" \"Blurdybloop.example\")) "
	 "((NIL NIL \"mooch\" \"owatagu.siam.edu.example\")) NIL NIL NIL "
	 "\"<B27397-0100000@Blurdybloop.example>\")"},
	/* Empty is not missing: "" for strings, From for Sender and Reply-To, NIL for lists. */
	{"Subject:\r\nFrom: a@b.c\r\nSender:\r\nReply-To: \r\nTo:\r\nIn-Reply-To:  \r\n\r\n",
	 "(NIL \"\" ((NIL NIL \"a\" \"b.c\")) ((NIL NIL \"a\" \"b.c\")) ((NIL NIL \"a\" \"b.c\")) "
	 "NIL NIL NIL \"\" NIL)"},
	{"Sender: s@x\r\nReply-To: r@x\r\nFrom: f@x\r\n\r\n",
	 "(NIL NIL ((NIL NIL \"f\" \"x\")) ((NIL NIL \"s\" \"x\")) ((NIL NIL \"r\" \"x\")) "
	 "NIL NIL NIL NIL NIL)"},
	/* A group has a start and an end of its own (RFC 9051 7.5.2). */
	{"To: A Group: Ed <e@x>, j@y; , z@z\r\n\r\n",
	 "(NIL NIL NIL NIL NIL ((NIL NIL \"A Group\" NIL)(\"Ed\" NIL \"e\" \"x\")(NIL NIL \"j\" "
	 "\"y\")"
	 "(NIL NIL NIL NIL)(NIL NIL \"z\" \"z\")) NIL NIL NIL NIL)"},
	/* Two fields of one name count as one list; of two subjects the first counts. */
	{"To: a@x\r\nTo: b@x\r\nSubject: one\r\nSubject: two\r\n\r\n",
	 "(NIL \"one\" NIL NIL NIL ((NIL NIL \"a\" \"x\")(NIL NIL \"b\" \"x\")) NIL NIL NIL NIL)"},
	/* Folding goes, what cannot be quoted becomes a literal, quotes are quoted. */
	{"Subject: a\r\n b\r\nMessage-ID:\r\n <x@y>\r\n\r\n",
	 "(NIL \"a b\" NIL NIL NIL NIL NIL NIL NIL \"<x@y>\")"},
	{"Subject: say \"hi\\\"\r\n\r\n",
	 "(NIL \"say \\\"hi\\\\\\\"\" NIL NIL NIL NIL NIL NIL NIL NIL)"},
	{"Subject: caf\xc3\xa9\r\n\r\n",
	 "(NIL {5}\\r\\ncaf\xc3\xa9 NIL NIL NIL NIL NIL NIL NIL NIL)"},
	{"Subject: =?utf-8?Q?caf=C3=A9?=\r\n\r\n",
	 "(NIL \"=?utf-8?Q?caf=C3=A9?=\" NIL NIL NIL NIL NIL NIL NIL NIL)"},
};

START_TEST(envelopes_are_as_expected)
{
	struct imap_kit k;
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(*envelopes); i++) {
		imap_kit_open(&k, slice_str(envelopes[i].header));
		ck_assert_str_eq(envelope_of(&k), envelopes[i].envelope);
		imap_kit_close(&k);
	}
}
END_TEST

START_TEST(long_address_list_ends_at_a_whole_address)
{
	struct imap_kit k;
	struct buf message;
	buf_init(&message, 1024 * 1024);
	ck_assert_int_eq(buf_add_str(&message, "To: "), ERR_NONE);
	for (int i = 0; i < 5000; i++)
		ck_assert_int_eq(buf_addf(&message, "u%d@example.org,\r\n ", i), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&message, "last@example.org\r\n\r\n"), ERR_NONE);
	imap_kit_open(&k, buf_view(&message));
	buf_free(&k.written);
	buf_init(&k.written, 64 * 1024);
	struct summary_cursor cursor;
	struct summary_part part;
	summary_rewind(&k.summary, &cursor);
	ck_assert_int_eq(summary_next(&cursor, &part), ERR_NONE);
	imap_write_envelope(&k.out, &part, &k.arena);
	ck_assert_int_eq(k.out.err, ERR_NONE);
	struct slice end = SLICE_LIT("\"example.org\")) NIL NIL NIL NIL)");
	struct slice written = buf_view(&k.written);
	ck_assert_uint_gt(written.len, 40000);
	ck_assert(slice_eq(slice_from(written, written.len - end.len), end));
	buf_free(&message);
	imap_kit_close(&k);
}
END_TEST

/* ---- structures ---- */

#define TEXT_PART "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" "

static const struct {
	const char *message, *body,
		*extension; /* BODYSTRUCTURE is body, extension before the ")" */
} singles[] = {
	{"\r\n", TEXT_PART "0 0)", " NIL NIL NIL NIL"},
	{"", TEXT_PART "0 0)", " NIL NIL NIL NIL"},
	{"Subject: x\r\n\r\nOne\r\nTwo\r\n", TEXT_PART "10 2)", " NIL NIL NIL NIL"},
	{"Content-Type: TEXT/Html; Charset=\"utf-8\"; x=y\r\nContent-Transfer-Encoding: BASE64\r\n"
	 "Content-ID: <id@x>\r\nContent-Description: words\r\nContent-MD5: Q2hlY2s=\r\n"
	 "Content-Disposition: attachment; filename=\"a b.txt\"\r\nContent-Language: de, en\r\n"
	 "Content-Location: http://x/\r\n\r\nQQ==\r\n",
	 "(\"TEXT\" \"Html\" (\"Charset\" \"utf-8\" \"x\" \"y\") \"<id@x>\" \"words\" \"BASE64\" 6 "
	 "1)",
	 " \"Q2hlY2s=\" (\"attachment\" (\"filename\" \"a b.txt\")) (\"de\" \"en\") \"http://x/\""},
	{"Content-Type: image/png\r\nContent-Disposition: inline\r\n\r\nxyz",
	 "(\"image\" \"png\" NIL NIL NIL \"7bit\" 3)", " NIL (\"inline\" NIL) NIL NIL"},
};

START_TEST(single_parts_are_as_expected)
{
	struct imap_kit k;
	char expected[2048];
	for (size_t i = 0; i < sizeof(singles) / sizeof(*singles); i++) {
		const char *body = singles[i].body;
		imap_kit_open(&k, slice_str(singles[i].message));
		ck_assert_str_eq(structure_of(&k, false), body);
		snprintf(expected, sizeof(expected), "%.*s%s)", (int)strlen(body) - 1, body,
			 singles[i].extension);
		ck_assert_str_eq(structure_of(&k, true), expected);
		imap_kit_close(&k);
	}
}
END_TEST

static const char multipart[] =
	"Content-Type: multipart/mixed; boundary=\"x\"\r\nContent-Disposition: inline\r\n\r\n"
	"preamble\r\n"
	"--x\r\n\r\nplain\r\n"
	"--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
	"--y\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
	"--y--\r\n"
	"--x--\r\nepilogue\r\n";

START_TEST(multiparts_nest)
{
	struct imap_kit k;
	imap_kit_open(&k, slice_str(multipart));
	ck_assert_str_eq(structure_of(&k, false),
			 "(" TEXT_PART "5 0)((\"text\" \"html\" (\"charset\" \"us-ascii\") NIL NIL "
			 "\"7bit\" 3 0) \"alternative\") \"mixed\")");
	ck_assert_str_eq(
		structure_of(&k, true),
		"(" TEXT_PART "5 0 NIL NIL NIL NIL)((\"text\" \"html\" (\"charset\" "
		"\"us-ascii\") NIL NIL \"7bit\" 3 0 NIL NIL NIL NIL) \"alternative\" "
		"(\"boundary\" \"y\") NIL NIL NIL) \"mixed\" (\"boundary\" \"x\") (\"inline\" NIL) "
		"NIL NIL)");
	imap_kit_close(&k);
}
END_TEST

START_TEST(message_inside_has_envelope_structure_and_lines)
{
	struct imap_kit k;
	imap_kit_open(&k,
		      SLICE_LIT("Content-Type: message/rfc822\r\nContent-Description: fwd\r\n\r\n"
				"Subject: in\r\nFrom: a@b\r\n\r\nhello\r\n"));
	const char *body =
		"(\"message\" \"rfc822\" NIL NIL \"fwd\" \"7bit\" 33 (NIL \"in\" "
		"((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) "
		"NIL NIL NIL NIL NIL) " TEXT_PART "7 1) 4)";
	ck_assert_str_eq(structure_of(&k, false), body);
	ck_assert_str_eq(structure_of(&k, true),
			 "(\"message\" \"rfc822\" NIL NIL \"fwd\" \"7bit\" 33 (NIL \"in\" "
			 "((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) "
			 "NIL NIL NIL NIL NIL) " TEXT_PART
			 "7 1 NIL NIL NIL NIL) 4 NIL NIL NIL NIL)");
	imap_kit_close(&k);
}
END_TEST

START_TEST(multipart_without_parts_gets_an_empty_one)
{
	struct imap_kit k;
	imap_kit_open(&k,
		      SLICE_LIT("Content-Type: multipart/mixed; boundary=x\r\n\r\nnothing\r\n"));
	ck_assert_str_eq(structure_of(&k, false), "(" TEXT_PART "0 0) \"mixed\")");
	ck_assert_str_eq(structure_of(&k, true), "(" TEXT_PART "0 0 NIL NIL NIL NIL) \"mixed\" "
						 "(\"boundary\" \"x\") NIL NIL NIL)");
	imap_kit_close(&k);
	imap_kit_open(&k, SLICE_LIT("Content-Type: multipart/mixed\r\n\r\nno boundary\r\n"));
	ck_assert_str_eq(structure_of(&k, false), "(" TEXT_PART "0 0) \"mixed\")");
	imap_kit_close(&k);
}
END_TEST

START_TEST(output_that_is_full_ends_in_an_error)
{
	struct imap_kit k;
	struct imap_structure w;
	enum step step = STEP_MORE;
	imap_kit_open(&k, slice_str(multipart));
	buf_free(&k.written);
	buf_init(&k.written, 40);
	imap_structure_begin(&w, &k.summary, true);
	for (int i = 0; i < 20 && step == STEP_MORE; i++)
		step = imap_structure_step(&w, &k.out, &k.arena);
	ck_assert_int_eq(step, STEP_BAD);
	ck_assert_int_eq(k.out.err, ERR_LIMIT);
	imap_kit_close(&k);
}
END_TEST

SUITE_MAIN("imap_structure", envelopes_are_as_expected, single_parts_are_as_expected,
	   long_address_list_ends_at_a_whole_address, multiparts_nest,
	   message_inside_has_envelope_structure_and_lines,
	   multipart_without_parts_gets_an_empty_one, output_that_is_full_ends_in_an_error)
