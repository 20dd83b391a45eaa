#include "support/suite.h"

#include "proto/imap/imap_write.h"
#include "store/flags.h"

static struct buf bytes;
static struct imap_out out;

static void begin(bool utf8)
{
	buf_free(&bytes);
	buf_init(&bytes, 1 << 16);
	out = (struct imap_out){.buf = &bytes, .utf8 = utf8};
}

static void check_wrote(struct slice wanted)
{
	ck_assert_int_eq(out.err, ERR_NONE);
	ck_assert_msg(slice_eq(buf_view(&bytes), wanted), "wrote: " SLICE_FMT,
		      SLICE_ARG(buf_view(&bytes)));
	buf_free(&bytes);
}

START_TEST(strings_choose_their_form)
{
	static const struct {
		struct slice text, plain, utf8;
	} rows[] = {
		{SLICE_LIT(""), SLICE_LIT("\"\""), SLICE_LIT("\"\"")},
		{SLICE_LIT("a b"), SLICE_LIT("\"a b\""), SLICE_LIT("\"a b\"")},
		{SLICE_LIT("a\"b\\"), SLICE_LIT("\"a\\\"b\\\\\""), SLICE_LIT("\"a\\\"b\\\\\"")},
		{SLICE_LIT("a\r\nb"), SLICE_LIT("{4}\r\na\r\nb"), SLICE_LIT("{4}\r\na\r\nb")},
		{SLICE_LIT("\r"), SLICE_LIT("{1}\r\n\r"), SLICE_LIT("{1}\r\n\r")},
		{SLICE_LIT("\n"), SLICE_LIT("{1}\r\n\n"), SLICE_LIT("{1}\r\n\n")},
		{SLICE_LIT("a\0b"),
		 SLICE_LIT("{3}\r\na\x80"
			   "b"),
		 SLICE_LIT("{3}\r\na\x80"
			   "b")},
		{SLICE_LIT("\xc3\xa9"), SLICE_LIT("{2}\r\n\xc3\xa9"), SLICE_LIT("\"\xc3\xa9\"")},
		{SLICE_LIT("\xff"), SLICE_LIT("{1}\r\n\xff"), SLICE_LIT("{1}\r\n\xff")},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(false);
		out_string(&out, rows[i].text);
		check_wrote(rows[i].plain);
		begin(true);
		out_string(&out, rows[i].text);
		check_wrote(rows[i].utf8);
	}
}
END_TEST

START_TEST(long_strings_are_literals)
{
	char text[1002];
	memset(text, 'x', sizeof(text));
	begin(false);
	out_string(&out, slice_of(text, 1001));
	ck_assert(slice_starts(buf_view(&bytes), SLICE_LIT("{1001}\r\nxxx")));
	begin(false);
	out_string(&out, slice_of(text, 1000));
	ck_assert(slice_starts(buf_view(&bytes), SLICE_LIT("\"xxx")));
	buf_free(&bytes);
}
END_TEST

START_TEST(nil_and_atoms)
{
	struct slice nil = SLICE_LIT("nil");
	begin(false);
	out_nstring(&out, NULL);
	out_str(&out, " ");
	out_nstring(&out, &nil);
	out_str(&out, " ");
	out_astring(&out, nil);
	out_str(&out, " ");
	out_astring(&out, SLICE_LIT("a]b"));
	out_str(&out, " ");
	out_astring(&out, SLICE_LIT("a%"));
	out_str(&out, " ");
	out_astring(&out, SLICE_EMPTY);
	out_str(&out, " ");
	out_astring(&out, SLICE_LIT("a\r\nb"));
	check_wrote(SLICE_LIT("NIL \"nil\" \"nil\" a]b \"a%\" \"\" {4}\r\na\r\nb"));
}
END_TEST

START_TEST(mailbox_names)
{
	begin(false);
	out_mailbox(&out, SLICE_LIT("Entw\xc3\xbcrfe/R&D x"));
	check_wrote(SLICE_LIT("\"Entw&APw-rfe/R&-D x\""));
	begin(true);
	out_mailbox(&out, SLICE_LIT("Entw\xc3\xbcrfe"));
	check_wrote(SLICE_LIT("\"Entw\xc3\xbcrfe\""));
	begin(false);
	out_mailbox(&out, SLICE_LIT("a\r\nb"));
	ck_assert_uint_eq(slice_find_byte(buf_view(&bytes), '\n'), SIZE_MAX);
	buf_free(&bytes);
}
END_TEST

START_TEST(free_text_has_no_controls)
{
	begin(true);
	out_text(&out, SLICE_LIT("a\r\n* BYE\0\x7f\xc3\xa9"));
	check_wrote(SLICE_LIT("a??* BYE????"));
}
END_TEST

START_TEST(dates_and_flags)
{
	struct keywords k = {.count = 0};
	flags_t junk = 0;

	ck_assert_int_eq(keywords_add(&k, SLICE_LIT("$Junk"), &junk), ERR_NONE);
	begin(false);
	out_date_time(&out, 837596665);
	out_flags(&out, &k, FLAG_SEEN | FLAG_DRAFT | junk, true);
	out_flags(&out, &k, 0, true);
	out_flags(&out, &k, 1u << 31, false);
	check_wrote(SLICE_LIT("\"17-Jul-1996 09:44:25 +0000\"(\\Seen \\Draft $Junk \\Recent)"
			      "(\\Recent)()"));
	keywords_free(&k);
}
END_TEST

START_TEST(the_first_failure_stays)
{
	buf_init(&bytes, 4);
	out = (struct imap_out){.buf = &bytes};
	out_str(&out, "abc");
	out_str(&out, "de");
	ck_assert_int_eq(out.err, ERR_LIMIT);
	out_str(&out, "f");
	ck_assert(slice_eq_str(buf_view(&bytes), "abc"));
	buf_free(&bytes);
}
END_TEST

SUITE_MAIN("imap_write", strings_choose_their_form, long_strings_are_literals, nil_and_atoms,
	   mailbox_names, free_text_has_no_controls, dates_and_flags, the_first_failure_stays)
