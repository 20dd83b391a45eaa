#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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
		{"\n\n", "", ERR_NONE, false},
		{"\n\r\n" FROM "A: 1\n", "A: 1\r\n" DATE, ERR_NONE, false},
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

START_TEST(a_from_line_may_be_long)
{
	struct buf text, joined;
	buf_init(&text, 1 << 16);
	buf_init(&joined, 1 << 16);
	ck_assert_int_eq(buf_add_str(&text, "From "), ERR_NONE);
	for (int i = 0; i < 3000; i++)
		ck_assert_int_eq(buf_add_byte(&text, 'a'), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&text, " Sun Sep  9 01:46:40 2001\nA: 1\n"), ERR_NONE);
	ck_assert_int_eq(buf_add_byte(&text, 0), ERR_NONE);
	read_mbox((const char *)text.bytes, false, ERR_NONE, &joined);
	ck_assert(slice_eq_str(buf_view(&joined), "A: 1\r\n" DATE));
	buf_free(&text);
	buf_free(&joined);
}
END_TEST

static void write_file(const char *path, const char *text, const char *mode)
{
	FILE *f = fopen(path, mode);
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(flags_in_an_mbox_are_found)
{
	static const struct {
		const char *header;
		flags_t flags;
		bool is_forwarded;
	} rows[] = {
		{"Status: RO\n", FLAG_SEEN, false},
		{"Status: O\n", 0, false},
		{"STATUS: R\nX-Status: AF\n", FLAG_SEEN | FLAG_ANSWERED | FLAG_FLAGGED, false},
		{"X-Status: DT\n", FLAG_DELETED | FLAG_DRAFT, false},
		{"X-Mozilla-Status: 0001\n", FLAG_SEEN, false},
		{"X-Mozilla-Status: 1007\n", FLAG_SEEN | FLAG_ANSWERED | FLAG_FLAGGED, true},
		{"X-Mozilla-Status: 0008\n", FLAG_DELETED, false},
		{"X-Mozilla-Status: 00\n", 0, false},
		{"X-Mozilla-Status: xyzw\n", 0, false},
		{"A: 1\n Status: R\n", 0, false},
		{"A: 1\n\nStatus: R\n", 0, false},
		{"Status: R\r\n", FLAG_SEEN, false},
	};
	char path[] = "/tmp/surel-test-XXXXXX";
	close(mkstemp(path));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct import_source *source = NULL;
		struct import_message m;
		write_file(path, FROM, "w");
		write_file(path, rows[i].header, "a");
		ck_assert_int_eq(import_source_mbox(path, SLICE_LIT("INBOX"), false, &source),
				 ERR_NONE);
		ck_assert_int_eq(import_source_next(source, &m), ERR_NONE);
		ck_assert_msg(m.flags == rows[i].flags && m.is_forwarded == rows[i].is_forwarded,
			      "row %zu: %x", i, m.flags);
		import_source_close(&source);
	}
	unlink(path);
}
END_TEST

START_TEST(a_file_that_changes_while_it_is_read_is_noticed)
{
	char path[] = "/tmp/surel-test-XXXXXX";
	static const char *const changes[] = {FROM "A: 1\n\nxx\n", FROM "A: 1\n\nx\nmore\n", FROM};
	close(mkstemp(path));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct import_source *source = NULL;
		struct import_message m;
		struct slice piece = SLICE_LIT(".");
		enum err err = ERR_NONE;
		write_file(path, FROM "A: 1\n\nx\n", "w");
		ck_assert_int_eq(import_source_mbox(path, SLICE_LIT("INBOX"), false, &source),
				 ERR_NONE);
		ck_assert_int_eq(import_source_next(source, &m), ERR_NONE);
		write_file(path, changes[i], "w");
		uint64_t got = 0;
		while (!err && piece.len) {
			err = import_source_read(source, &piece);
			got += err ? 0 : piece.len;
		}
		ck_assert_int_eq(err, ERR_IN_USE);
		ck_assert_uint_le(got, m.size);
		import_source_close(&source);
	}
	unlink(path);
}
END_TEST

START_TEST(what_is_not_an_mbox_is_told_apart)
{
	struct import_source *source = NULL;
	struct slice inbox = SLICE_LIT("INBOX");
	ck_assert_int_eq(import_source_mbox("/tmp", inbox, false, &source), ERR_UNSUPPORTED);
	ck_assert_int_eq(import_source_mbox("/nonexistent", inbox, false, &source), ERR_NOT_FOUND);
	ck_assert_int_eq(import_source_mbox("/dev/null", inbox, false, &source), ERR_UNSUPPORTED);
	ck_assert_int_eq(import_source_maildir("/nonexistent", inbox, &source), ERR_NOT_FOUND);
	ck_assert_int_eq(import_source_maildir("/dev", inbox, &source), ERR_SYNTAX);
	ck_assert_int_eq(import_source_maildir("/dev/null", inbox, &source), ERR_SYNTAX);
	ck_assert_ptr_null(source);
}
END_TEST

/* A Maildir as others leave it: files of theirs among the folders, names in modified UTF-7, a folder
 * whose name is none, a message that goes while we look. */
START_TEST(a_maildir_is_taken_as_far_as_it_goes)
{
	static const char *const dirs[] = {
		"",      "/cur",      "/.Gel&APY-scht", "/.Gel&APY-scht/new",
		"/.A.B", "/.A.B/cur", "/.a..b",         "/.a..b/cur",
		"/.git"};
	static const char *const files[] = {
		"/cur/1.x:2,RS",     "/cur/2.x:2,",   "/.Gel&APY-scht/new/3.x", "/.A.B/cur/4.x:2,",
		"/.a..b/cur/5.x:2,", "/.uidvalidity", "/dovecot-uidlist"};
	char root[] = "/tmp/surel-test-XXXXXX", path[128];
	struct import_source *source = NULL;
	struct import_message m;
	struct buf found;
	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 1; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, files[i]);
		write_file(path, "A: 1\n", "w");
	}
	ck_assert_int_eq(import_source_maildir(root, SLICE_LIT("INBOX"), &source), ERR_NONE);
	snprintf(path, sizeof(path), "%s%s", root, files[1]);
	unlink(path);
	buf_init(&found, 1024);
	while (import_source_next(source, &m) == ERR_NONE)
		ck_assert_int_eq(buf_addf(&found, SLICE_FMT " %x;", SLICE_ARG(m.mailbox), m.flags),
				 ERR_NONE);
	ck_assert_msg(slice_eq_str(buf_view(&found), "A/B 0;Gel\xc3\xb6scht 0;INBOX 3;"), SLICE_FMT,
		      SLICE_ARG(buf_view(&found)));
	ck_assert_uint_eq(import_source_skipped(source), 2);
	import_source_close(&source);
	buf_free(&found);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, files[i]);
		unlink(path);
	}
	for (size_t i = sizeof(dirs) / sizeof(dirs[0]); i-- > 0;) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		rmdir(path);
	}
}
END_TEST

SUITE_MAIN("import_source", a_from_line_may_be_long, flags_in_an_mbox_are_found,
	   a_file_that_changes_while_it_is_read_is_noticed, what_is_not_an_mbox_is_told_apart,
	   a_maildir_is_taken_as_far_as_it_goes, mbox_messages_are_cut_where_they_should,
	   a_line_longer_than_any_buffer_comes_through,
	   a_message_that_is_passed_over_does_not_hide_the_next)
