#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/import_source.h"

/* The messages of an mbox text, joined with "|" between them; measured sizes are checked. */
static void read_mbox(const char *text, bool is_mboxrd, enum err expected, struct buf *joined)
{
	char path[] = "/tmp/surel-test-XXXXXX";
	struct import_source *source = NULL;
	struct import_message m;
	int fd = mkstemp(path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_assert_int_eq(import_source_mbox(path, SLICE_LIT("INBOX"), is_mboxrd, &source),
			 expected);
	unlink(path);
	for (int i = 0; source && import_source_next(source, &m) == ERR_NONE; i++) {
		size_t before = joined->len;
		struct slice piece;
		/* Every third is not read, as one that is there already: the next must still come. */
		for (;;) {
			ck_assert_int_eq(import_source_read(source, &piece), ERR_NONE);
			if (piece.len == 0)
				break;
			ck_assert_int_eq(buf_add_slice(joined, piece), ERR_NONE);
		}
		ck_assert_uint_eq(m.size, joined->len - before);
		ck_assert_int_eq(buf_addf(joined, "|%lld|", (long long)m.internal_date), ERR_NONE);
	}
	import_source_close(&source);
}

#define FROM "From a@b Sun Sep  9 01:46:40 2001\n"
#define DATE "|1000000000|"

START_TEST(mbox_messages_are_cut_where_they_should)
{
	static const struct {
		const char *text, *messages;
		enum err err;
		bool is_mboxrd;
	} rows[] = {
		{"", "", ERR_NONE, false},
		{"no mbox\n", "", ERR_SYNTAX, false},
		{"From here on it is prose\n", "", ERR_SYNTAX, false},
		{FROM "A: 1\n\nx\n\n" FROM "B: 2\n\ny\n",
		 "A: 1\r\n\r\nx\r\n" DATE "B: 2\r\n\r\ny\r\n" DATE, ERR_NONE, false},
		/* Without a last line end; an empty message; a message of empty lines. */
		{FROM "A: 1\n\nx", "A: 1\r\n\r\nx" DATE, ERR_NONE, false},
		{FROM "\n" FROM "A: 1\n", DATE "A: 1\r\n" DATE, ERR_NONE, false},
		{FROM "\n\n\n" FROM "A: 1\n", "\r\n\r\n" DATE "A: 1\r\n" DATE, ERR_NONE, false},
		/* From in the text: not behind an empty line, or without a date. */
		{FROM "A: 1\n\nx\n" FROM "y\n",
		 "A: 1\r\n\r\nx\r\nFrom a@b Sun Sep  9 01:46:40 2001\r\ny\r\n" DATE, ERR_NONE,
		 false},
		{FROM "A: 1\n\n\nFrom now on\n", "A: 1\r\n\r\n\r\nFrom now on\r\n" DATE, ERR_NONE,
		 false},
		/* CRLF stays CRLF; a bare CR stays. */
		{"From a@b Sun Sep  9 01:46:40 2001\r\nA: 1\r\n\r\nx\ry\r\n",
		 "A: 1\r\n\r\nx\ry\r\n" DATE, ERR_NONE, false},
		{FROM "A: 1\n\n>From x\n>>From y\n", "A: 1\r\n\r\n>From x\r\n>>From y\r\n" DATE,
		 ERR_NONE, false},
		{FROM "A: 1\n\n>From x\n>>From y\n> From\n",
		 "A: 1\r\n\r\nFrom x\r\n>From y\r\n> From\r\n" DATE, ERR_NONE, true},
		{"From MAILER-DAEMON Sun Sep  9 01:46:40 2001\nA: 1\n", "A: 1\r\n" DATE, ERR_NONE,
		 false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf joined;
		buf_init(&joined, 4096);
		read_mbox(rows[i].text, rows[i].is_mboxrd, rows[i].err, &joined);
		ck_assert_msg(slice_eq_str(buf_view(&joined), rows[i].messages),
			      "row %zu: " SLICE_FMT, i, SLICE_ARG(buf_view(&joined)));
		buf_free(&joined);
	}
}
END_TEST

START_TEST(a_line_longer_than_any_buffer_comes_through)
{
	struct buf text, joined;
	buf_init(&text, 1 << 20);
	buf_init(&joined, 1 << 20);
	ck_assert_int_eq(buf_add_str(&text, FROM "A: 1\n\n"), ERR_NONE);
	for (int i = 0; i < 300000; i++)
		ck_assert_int_eq(buf_add_byte(&text, (uint8_t)('a' + i % 26)), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&text, "\r\nend\n\n" FROM "B: 2\n"), ERR_NONE);
	ck_assert_int_eq(buf_add_byte(&text, 0), ERR_NONE);
	read_mbox((const char *)text.bytes, false, ERR_NONE, &joined);
	struct slice got = buf_view(&joined);
	ck_assert_uint_eq(got.len, 8 + 300000 + 2 + 5 + 12 + 6 + 12);
	ck_assert_uint_eq(slice_find(got, SLICE_LIT("\r\nend\r\n|")), 8 + 300000);
	buf_free(&text);
	buf_free(&joined);
}
END_TEST

START_TEST(a_message_that_is_passed_over_does_not_hide_the_next)
{
	char path[] = "/tmp/surel-test-XXXXXX";
	const char *text = FROM "A: 1\n\n" FROM "B: 22\n\n" FROM "C: 333\n";
	static const uint64_t sizes[] = {6, 7, 8};
	struct import_source *source = NULL;
	struct import_message m;
	int fd = mkstemp(path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_assert_int_eq(import_source_mbox(path, SLICE_LIT("INBOX"), false, &source), ERR_NONE);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(import_source_next(source, &m), ERR_NONE);
		ck_assert_uint_eq(m.size, sizes[i]);
	}
	ck_assert_int_eq(import_source_next(source, &m), ERR_NOT_FOUND);
	import_source_close(&source);
	unlink(path);
}
END_TEST

SUITE_MAIN("import_source", mbox_messages_are_cut_where_they_should,
	   a_line_longer_than_any_buffer_comes_through,
	   a_message_that_is_passed_over_does_not_hide_the_next)
