#include "support/suite.h"

#include "proto/imap/imap_lex.h"
#include "proto/imap/imap_seqset.h"

static struct arena arena;
static struct imap_lex lex;

static void begin(struct slice command, bool utf8)
{
	arena_reset(&arena);
	arena_init(&arena, 1 << 16);
	lex_init(&lex, command, &arena, utf8);
}

typedef bool (*reader)(struct imap_lex *lex, struct slice *out);

struct row {
	reader read;
	struct slice text;
	const char *wanted; /* NULL: refused */
	const char *rest;
};

static void check_rows(const struct row *rows, size_t n, bool utf8)
{
	for (size_t i = 0; i < n; i++) {
		struct slice got = SLICE_EMPTY;
		begin(rows[i].text, utf8);
		bool ok = rows[i].read(&lex, &got);
		ck_assert_msg(ok == (rows[i].wanted != NULL), "row %zu: %s", i,
			      lex.why ? lex.why : "accepted");
		ck_assert_msg(!ok || slice_eq_str(got, rows[i].wanted), "row %zu: " SLICE_FMT, i,
			      SLICE_ARG(got));
		ck_assert_msg(!ok || slice_eq_str(lex.rest, rows[i].rest), "row %zu: rest", i);
		ck_assert(ok || (lex.err && lex.why));
	}
	arena_reset(&arena);
}

START_TEST(strings)
{
	static const struct row rows[] = {
		{lex_atom, SLICE_LIT("abc def"), "abc", " def"},
		{lex_atom, SLICE_LIT("a]b"), "a", "]b"},
		{lex_atom, SLICE_LIT("a(b"), "a", "(b"},
		{lex_atom, SLICE_LIT(""), NULL, NULL},
		{lex_atom, SLICE_LIT(" a"), NULL, NULL},
		{lex_atom, SLICE_LIT("\"a\""), NULL, NULL},
		{lex_atom, SLICE_LIT("\xc3\xa9"), NULL, NULL},
		{lex_astring, SLICE_LIT("a]b c"), "a]b", " c"},
		{lex_astring, SLICE_LIT("a{b"), "a", "{b"},
		{lex_astring, SLICE_LIT("\"a b\" c"), "a b", " c"},
		{lex_astring, SLICE_LIT("\"\""), "", ""},
		{lex_astring, SLICE_LIT("\"a\\\"b\\\\c\"d"), "a\"b\\c", "d"},
		{lex_astring, SLICE_LIT("\"a\\bc\""), NULL, NULL},
		{lex_astring, SLICE_LIT("\"abc"), NULL, NULL},
		{lex_astring, SLICE_LIT("\"abc\\"), NULL, NULL},
		{lex_astring, SLICE_LIT("\"abc\\\""), NULL, NULL},
		{lex_astring, SLICE_LIT("\"a\r\nb\""), NULL, NULL},
		{lex_astring, SLICE_LIT("\"a\0b\""), NULL, NULL},
		{lex_astring, SLICE_LIT("\"\xc3\xa9\""), NULL, NULL},
		{lex_astring, SLICE_LIT("{3}\r\nabcd"), "abc", "d"},
		{lex_astring, SLICE_LIT("{3+}\r\na\r\n)"), "a\r\n", ")"},
		{lex_astring, SLICE_LIT("{0}\r\n"), "", ""},
		{lex_astring, SLICE_LIT("{4}\r\nabc"), NULL, NULL},
		{lex_astring, SLICE_LIT("{3}abc"), NULL, NULL},
		{lex_astring, SLICE_LIT("{}\r\nabc"), NULL, NULL},
		{lex_astring, SLICE_LIT("{-1}\r\nabc"), NULL, NULL},
		{lex_astring, SLICE_LIT("{99999999999999999999}\r\nabc"), NULL, NULL},
		{lex_astring, SLICE_LIT("{3}\r\na\0b"), NULL, NULL},
		{lex_string, SLICE_LIT("abc"), NULL, NULL},
		{lex_list_mailbox, SLICE_LIT("a%/* x"), "a%/*", " x"},
		{lex_list_mailbox, SLICE_LIT("\"\" x"), "", " x"},
		{lex_list_mailbox, SLICE_LIT("Entw&APw-%"), "Entw\xc3\xbc%", ""},
		{lex_flag, SLICE_LIT("\\Seen)"), "\\Seen", ")"},
		{lex_flag, SLICE_LIT("$Junk "), "$Junk", " "},
		{lex_flag, SLICE_LIT("\\"), NULL, NULL},
		{lex_flag, SLICE_LIT("\\*"), NULL, NULL},
	};
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}
END_TEST

START_TEST(utf8_session)
{
	static const struct row rows[] = {
		{lex_astring, SLICE_LIT("\"\xc3\xa9\""), "\xc3\xa9", ""},
		{lex_astring, SLICE_LIT("\"\xc3\""), NULL, NULL},
		{lex_mailbox, SLICE_LIT("\"R&D\""), "R&D", ""},
		{lex_mailbox, SLICE_LIT("\"Entw\xc3\xbcrfe\""), "Entw\xc3\xbcrfe", ""},
	};
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}
END_TEST

START_TEST(mailbox_names)
{
	static const struct row rows[] = {
		{lex_mailbox, SLICE_LIT("inBox"), "INBOX", ""},
		{lex_mailbox, SLICE_LIT("\"inbox\""), "INBOX", ""},
		{lex_mailbox, SLICE_LIT("inbox/a"), "INBOX/a", ""},
		{lex_mailbox, SLICE_LIT("inboxes"), "inboxes", ""},
		{lex_mailbox, SLICE_LIT("a/"), "a", ""},
		{lex_mailbox, SLICE_LIT("R&-D"), "R&D", ""},
		{lex_mailbox, SLICE_LIT("\"R&D\""), NULL, NULL},
		{lex_mailbox, SLICE_LIT("\"\""), NULL, NULL},
		{lex_mailbox, SLICE_LIT("a//b"), NULL, NULL},
		{lex_mailbox, SLICE_LIT("/"), NULL, NULL},
		{lex_mailbox, SLICE_LIT("{3}\r\na\tb"), NULL, NULL},
	};
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}
END_TEST

START_TEST(numbers)
{
	uint64_t number = 0;
	uint32_t small = 0;

	begin(SLICE_LIT("123x"), false);
	ck_assert(lex_number(&lex, 1000, &number) && number == 123 && lex_peek(&lex) == 'x');
	begin(SLICE_LIT("1001"), false);
	ck_assert(!lex_number(&lex, 1000, &number));
	begin(SLICE_LIT("-1"), false);
	ck_assert(!lex_number(&lex, 1000, &number));
	begin(SLICE_LIT("0"), false);
	ck_assert(!lex_nz_number(&lex, &small));
	begin(SLICE_LIT("4294967295"), false);
	ck_assert(lex_nz_number(&lex, &small) && small == UINT32_MAX);
	begin(SLICE_LIT("4294967296"), false);
	ck_assert(!lex_nz_number(&lex, &small));
}
END_TEST

START_TEST(words_and_punctuation)
{
	begin(SLICE_LIT("(Peek  x)"), false);
	ck_assert(lex_char(&lex, '('));
	ck_assert(!lex_try_word(&lex, "pee"));
	ck_assert(lex_try_word(&lex, "PEEK"));
	ck_assert(lex_space(&lex)); /* two of them */
	ck_assert_uint_eq(lex_peek(&lex), 'x');
	ck_assert(!lex_try(&lex, ')'));
	ck_assert(lex_try(&lex, 'x') && lex_try(&lex, ')'));
	ck_assert(lex_at_end(&lex) && lex_end(&lex) && lex_peek(&lex) == 0);
}
END_TEST

START_TEST(the_first_error_stays_and_stops_everything)
{
	struct slice got = SLICE_EMPTY;
	uint64_t number = 0;
	bool is_nil = false;

	begin(SLICE_LIT("abc"), false);
	ck_assert(!lex_char(&lex, '('));
	ck_assert_str_eq(lex.why, "Expected (");
	ck_assert(!lex_space(&lex) && !lex_atom(&lex, &got) && !lex_astring(&lex, &got));
	ck_assert(!lex_number(&lex, 9, &number) && !lex_try(&lex, 'a') && !lex_end(&lex));
	ck_assert(!lex_try_word(&lex, "abc") && !lex_nstring(&lex, &is_nil, &got));
	ck_assert(!lex_flag(&lex, &got) && !lex_mailbox(&lex, &got));
	ck_assert_str_eq(lex.why, "Expected (");
	ck_assert_int_eq(lex.err, ERR_SYNTAX);
}
END_TEST

START_TEST(nil_or_string)
{
	struct slice got = SLICE_EMPTY;
	bool is_nil = false;

	begin(SLICE_LIT("nil"), false);
	ck_assert(lex_nstring(&lex, &is_nil, &got) && is_nil);
	begin(SLICE_LIT("\"nil\""), false);
	ck_assert(lex_nstring(&lex, &is_nil, &got) && !is_nil && slice_eq_str(got, "nil"));
	begin(SLICE_LIT("nilly"), false);
	ck_assert(!lex_nstring(&lex, &is_nil, &got));
}
END_TEST

START_TEST(sets_and_dates)
{
	struct imap_seqset set;
	int64_t when = 0;

	begin(SLICE_LIT("1:3,* FLAGS"), false);
	ck_assert(lex_seqset(&lex, &set) && set.count == 2 && lex_peek(&lex) == ' ');
	begin(SLICE_LIT("1:3,, FLAGS"), false);
	ck_assert(!lex_seqset(&lex, &set));
	begin(SLICE_LIT("\"17-Jul-1996 02:44:25 -0700\""), false);
	ck_assert(lex_date_time(&lex, &when) && when == 837596665);
	begin(SLICE_LIT("17-Jul-1996"), false);
	ck_assert(!lex_date_time(&lex, &when));
	begin(SLICE_LIT("\"31-Feb-1996 02:44:25 -0700\""), false);
	ck_assert(!lex_date_time(&lex, &when));
	begin(SLICE_LIT("1-Feb-1970"), false);
	ck_assert(lex_date(&lex, &when) && when == 31);
	begin(SLICE_LIT("\"01-Feb-1970\""), false);
	ck_assert(lex_date(&lex, &when) && when == 31);
	begin(SLICE_LIT("yesterday"), false);
	ck_assert(!lex_date(&lex, &when));
}
END_TEST

SUITE_MAIN("imap_lex", strings, utf8_session, mailbox_names, numbers, words_and_punctuation,
	   the_first_error_stays_and_stops_everything, nil_or_string, sets_and_dates)
