#include "proto/imap/imap_section.h"

#include <stdio.h>

#include "support/imap_kit.h"
#include "support/suite.h"

/* Parses the text behind "[" and gives it back as it is printed; NULL when it is refused. */
static const char *printed(struct imap_kit *k, const char *text)
{
	struct imap_lex lex;
	struct imap_section section;
	lex_init(&lex, slice_str(text), &k->arena, false);
	if (!imap_section_parse(&lex, &section) || !lex_end(&lex))
		return NULL;
	imap_section_print(&section, &k->out);
	return imap_kit_text(k);
}

START_TEST(sections_are_repeated_as_a_response_needs_them)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{"]", "[]"},
		{"1]", "[1]"},
		{"1.22.3]", "[1.22.3]"},
		{"header]", "[HEADER]"},
		{"TEXT]", "[TEXT]"},
		{"4.mime]", "[4.MIME]"},
		{"4.1.HEADER]<0.10>", "[4.1.HEADER]<0>"},
		{"]<4294967296.1>", "[]<4294967296>"},
		{"HEADER.FIELDS ( From  \"to\" )]", "[HEADER.FIELDS (From to)]"},
		{"2.Header.Fields.Not (a \"b c\" {2}\r\nd\")]",
		 "[2.HEADER.FIELDS.NOT (a \"b c\" \"d\\\"\")]"},
	};
	struct imap_kit k;
	imap_kit_open(&k, SLICE_LIT("\r\n"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *is = printed(&k, cases[i].text);
		ck_assert_msg(is != NULL, "refused: %s", cases[i].text);
		ck_assert_str_eq(is, cases[i].printed);
	}
	imap_kit_close(&k);
}
END_TEST

START_TEST(wrong_sections_are_refused)
{
	static const char *const cases[] = {
		"",
		"1",
		"0]",
		"1.]",
		"1..2]",
		".1]",
		"MIME]",
		"HEADERS]",
		"1.FOO]",
		"HEADER.FIELDS]",
		"HEADER.FIELDS ()]",
		"HEADER.FIELDS (a]",
		"HEADER.FIELDS a]",
		"]<1>",
		"]<1.0>",
		"]<.1>",
		"]<1.2",
		"TEXT.1]",
		"99999999999]",
		"1.2.",
		"HEADER.FIELDS (a)",
		"-1]",
	};
	struct imap_kit k;
	imap_kit_open(&k, SLICE_LIT("\r\n"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(printed(&k, cases[i]) == NULL, "taken: %s", cases[i]);
	imap_kit_close(&k);
}
END_TEST

START_TEST(path_has_a_longest_length)
{
	char text[8 * SECTION_PATH_MAX] = "1";
	struct imap_kit k;
	imap_kit_open(&k, SLICE_LIT("\r\n"));
	for (int i = 1; i < SECTION_PATH_MAX; i++)
		memcpy(text + strlen(text), ".1", 3);
	memcpy(text + strlen(text), "]", 2);
	ck_assert(printed(&k, text) != NULL);
	memcpy(text + strlen(text) - 1, ".1]", 4);
	ck_assert(printed(&k, text) == NULL);
	imap_kit_close(&k);
}
END_TEST

/* What BODY[HEADER.FIELDS ...] gives when the summary alone answers: no session is needed. */
static const char *fields_of(struct imap_kit *k, const char *text)
{
	struct imap_lex lex;
	struct imap_section section;
	struct imap_extract x = {0};
	lex_init(&lex, slice_str(text), &k->arena, false);
	ck_assert(imap_section_parse(&lex, &section));
	ck_assert_int_eq(imap_extract_begin(&x, &section, &k->summary), ERR_NONE);
	ck_assert(x.uses_kept);
	ck_assert_int_eq(imap_extract_count(NULL, &x, NULL), ERR_NONE);
	uint64_t promised = x.left;
	while (x.left)
		ck_assert_int_eq(imap_extract_send(NULL, &x, NULL, &k->written), ERR_NONE);
	ck_assert_uint_eq(promised, k->written.len);
	imap_extract_end(&x);
	return imap_kit_text(k);
}

START_TEST(fields_come_out_of_the_summary)
{
	struct imap_kit k;
	imap_kit_open(&k, SLICE_LIT("To: a@b\r\nReceived: x\r\nSubject: one\r\n two\r\nto:c@d\r\n"
				    "From: e@f\r\n\r\nbody"));
	ck_assert_str_eq(fields_of(&k, "HEADER.FIELDS (SUBJECT)]"),
			 "Subject: one\\r\\n two\\r\\n\\r\\n");
	ck_assert_str_eq(fields_of(&k, "HEADER.FIELDS (From To)]"),
			 "To: a@b\\r\\nto:c@d\\r\\nFrom: e@f\\r\\n\\r\\n");
	ck_assert_str_eq(fields_of(&k, "HEADER.FIELDS (Cc)]"), "\\r\\n");
	ck_assert_str_eq(fields_of(&k, "HEADER.FIELDS (From To)]<3.8>"), " a@b\\r\\nto");
	ck_assert_str_eq(fields_of(&k, "HEADER.FIELDS (From To)]<28.100>"), "\\r\\n");
	ck_assert_str_eq(fields_of(&k, "HEADER.FIELDS (From To)]<29.100>"), "\\n");
	ck_assert_str_eq(fields_of(&k, "HEADER.FIELDS (From To)]<30.100>"), "");
	imap_kit_close(&k);
}
END_TEST

/* More scattered fields than one window remembers, and every partial of them. */
START_TEST(many_windows_give_every_octet_once)
{
	struct imap_kit k;
	struct buf message, expected;
	char section[64], shown[4096];
	buf_init(&message, 64 * 1024);
	buf_init(&expected, 64 * 1024);
	for (int i = 0; i < 3 * EXTRACT_WINDOW + 1; i++) {
		ck_assert_int_eq(buf_addf(&message, "To: u%d\r\nCc: x\r\n", i), ERR_NONE);
		ck_assert_int_eq(buf_addf(&expected, "To: u%d\r\n", i), ERR_NONE);
	}
	ck_assert_int_eq(buf_add_str(&message, "\r\n"), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&expected, "\r\n"), ERR_NONE);
	imap_kit_open(&k, buf_view(&message));
	for (size_t start = 0; start <= expected.len; start += 13) {
		snprintf(section, sizeof(section), "HEADER.FIELDS (To)]<%zu.50>", start);
		const char *is = fields_of(&k, section);
		snprintf(shown, sizeof(shown), "%s", is);
		ck_assert_int_eq(buf_add_slice(&k.written, slice_between(buf_view(&expected), start,
									 start + 50)),
				 ERR_NONE);
		ck_assert_str_eq(shown, imap_kit_text(&k));
	}
	buf_free(&message);
	buf_free(&expected);
	imap_kit_close(&k);
}
END_TEST

SUITE_MAIN("imap_section", sections_are_repeated_as_a_response_needs_them,
	   wrong_sections_are_refused, path_has_a_longest_length, fields_come_out_of_the_summary,
	   many_windows_give_every_octet_once)
