#include "mail/address.h"

#include "mail_test.h"

/* Writes what the parser gives as "(name adl mailbox host)" with NIL, one after the other. */
static void add_nstring(struct buf *b, struct slice s)
{
	ck_assert(!buf_add_slice(b, s.ptr ? s : SLICE_LIT("NIL")));
}

static void print_list(struct slice value, struct buf *b)
{
	struct arena arena;
	struct address_parser p;
	struct address a;
	enum err err;
	arena_init(&arena, 1 << 20);
	address_init(&p, value, &arena);
	while ((err = address_next(&p, &a)) == ERR_NONE) {
		ck_assert(!buf_add_byte(b, '('));
		add_nstring(b, a.name);
		ck_assert(!buf_add_byte(b, '|'));
		add_nstring(b, a.adl);
		ck_assert(!buf_add_byte(b, '|'));
		add_nstring(b, a.mailbox);
		ck_assert(!buf_add_byte(b, '|'));
		add_nstring(b, a.host);
		ck_assert(!buf_add_byte(b, ')'));
		ck_assert_int_eq(a.kind == ADDRESS_MAILBOX, a.host.ptr != NULL);
	}
	ck_assert_int_eq(err, ERR_NOT_FOUND);
	ck_assert_int_eq(address_next(&p, &a), ERR_NOT_FOUND);
	arena_reset(&arena);
}

static const struct {
	const char *value, *want;
} lists[] = {
	{"js@x.org", "(NIL|NIL|js|x.org)"},
	{"John Smith <js@x.org>", "(John Smith|NIL|js|x.org)"},
	{"\"Smith, \\\"J\\\"\" <js@x.org>", "(Smith, \"J\"|NIL|js|x.org)"},
	{"John Q. Public <jqp@x.org>", "(John Q. Public|NIL|jqp|x.org)"},
	{"js@x.org (John (nested) Smith)", "(John (nested) Smith|NIL|js|x.org)"},
	{"a@b (x \\) y), c@d", "(x ) y|NIL|a|b)(NIL|NIL|c|d)"},
	{"(c) js@x.org", "(c|NIL|js|x.org)"},
	{"Foo (c) Bar <a@b> (d)", "(Foo Bar|NIL|a|b)"},
	{"<js@x.org>", "(NIL|NIL|js|x.org)"},
	{"\"\" <a@b>", "(NIL|NIL|a|b)"},
	/* source routes, RFC 5322 4.4 */
	{"Route <@a,@b:js@x.org>, c@d", "(Route|@a,@b|js|x.org)(NIL|NIL|c|d)"},
	{"<@ a , @b : js@x>", "(NIL|@a,@b|js|x)"},
	/* groups, RFC 9051 7.5.2 */
	{"undisclosed-recipients:;", "(NIL|NIL|undisclosed-recipients|NIL)(NIL|NIL|NIL|NIL)"},
	{"\"A group\": a@b, C <c@d>;, e@f",
	 "(NIL|NIL|A group|NIL)(NIL|NIL|a|b)(C|NIL|c|d)(NIL|NIL|NIL|NIL)(NIL|NIL|e|f)"},
	{"G: a@b", "(NIL|NIL|G|NIL)(NIL|NIL|a|b)(NIL|NIL|NIL|NIL)"},
	{"G: (nobody) ;", "(NIL|NIL|G|NIL)(NIL|NIL|NIL|NIL)"},
	{":;", "(NIL|NIL||NIL)(NIL|NIL|NIL|NIL)"},
	{"a:;b:;", "(NIL|NIL|a|NIL)(NIL|NIL|NIL|NIL)(NIL|NIL|b|NIL)(NIL|NIL|NIL|NIL)"},
	/* obsolete and odd, but clear */
	{"john . doe @ x . org", "(NIL|NIL|john.doe|x.org)"},
	{"\"john doe\"@x.org", "(NIL|NIL|john doe|x.org)"},
	{"<\"a>b\"@c>", "(NIL|NIL|a>b|c)"},
	{"a@[127.0.0.1], b@[IPv6:::1]", "(NIL|NIL|a|[127.0.0.1])(NIL|NIL|b|[IPv6:::1])"},
	{"a(x)b@c(y)d", "(a|NIL|b|c)"},
	{"a@b,,c@d, ,", "(NIL|NIL|a|b)(NIL|NIL|c|d)"},
	{"a@b; c@d", "(NIL|NIL|a|b)(NIL|NIL|c|d)"},
	{"=?utf-8?q?J=C3=B6rg?= <j@x>", "(=?utf-8?q?J=C3=B6rg?=|NIL|j|x)"},
	{"J\xf6rg <j@x>", "(J\xf6rg|NIL|j|x)"},
	{"Foo\r\n Bar <a@b>", "(Foo Bar|NIL|a|b)"},
	{"\"Foo\r\n Bar\" <a@b>", "(Foo Bar|NIL|a|b)"},
	{"[List] Name <a@b>", "([List] Name|NIL|a|b)"},
	{"me@here <a@b>", "(me@here|NIL|a|b)"},
	/* something is missing */
	{"root", "(NIL|NIL|root|MISSING_DOMAIN)"},
	{"John Smith", "(John Smith|NIL|MISSING_MAILBOX|MISSING_DOMAIN)"},
	{"\"quoted only\"", "(quoted only|NIL|MISSING_MAILBOX|MISSING_DOMAIN)"},
	{"@b", "(NIL|NIL|MISSING_MAILBOX|b)"},
	{"a@", "(NIL|NIL|a|MISSING_DOMAIN)"},
	{"<>", "(NIL|NIL|MISSING_MAILBOX|MISSING_DOMAIN)"},
	{"<js>", "(NIL|NIL|js|MISSING_DOMAIN)"},
	/* broken */
	{"", ""},
	{"  \t", ""},
	{",;,", ""},
	{"(only a comment)", ""},
	{"a@b@c", "(NIL|NIL|a|b)"},
	{"foo <a@b", "(foo|NIL|a|b)"},
	{"foo <a@b, bar <c@d>", "(foo|NIL|a|b)(bar|NIL|c|d)"},
	{"<a@b> <c@d>", "(NIL|NIL|a|b)(NIL|NIL|c|d)"},
	{"<a@b> junk, e@f", "(NIL|NIL|a|b)(NIL|NIL|e|f)"},
	{"\"unclosed <a@b>", "(unclosed <a@b>|NIL|MISSING_MAILBOX|MISSING_DOMAIN)"},
	{"a@b (unclosed, c@d", "(unclosed, c@d|NIL|a|b)"},
	{"a@b (ends in a backslash\\", "(ends in a backslash\\|NIL|a|b)"},
	{"a@b \"\\", "(NIL|NIL|a|b)"},
	{"\"ends in a backslash\\", "(ends in a backslash\\|NIL|MISSING_MAILBOX|MISSING_DOMAIN)"},
	{"a@[never closed, b@c", "(NIL|NIL|a|[never)(NIL|NIL|b|c)"},
};

START_TEST(lists_become_envelope_addresses)
{
	for (size_t i = 0; i < COUNT(lists); i++) {
		/* A copy of exactly that size: one byte too far is seen by the sanitizer. */
		size_t len = strlen(lists[i].value);
		uint8_t *copy = malloc(len ? len : 1);
		struct buf b;
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, lists[i].value, len);
		buf_init(&b, 4096);
		print_list(slice_of(copy, len), &b);
		ck_assert_slice_eq(buf_view(&b), slice_str(lists[i].want), lists[i].value);
		buf_free(&b);
		free(copy);
	}
}
END_TEST

/* Each of these made some parser take quadratic time; 100 KB must go through at once. */
START_TEST(hostile_lists_take_linear_time)
{
	static const char *const units[] = {"(",   "<",    "\"",     "@",   "[",  "a@[",
					    ",",   ":",    ";",      "\\",  "a ", "<@",
					    "(\\", "\"\\", "<a@b>x", "a:;", "()"};
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buf value;
		struct arena arena;
		struct address_parser p;
		struct address a;
		enum err err = ERR_NONE;
		buf_init(&value, 4 << 20);
		repeat(&value, units[i], 100000);
		arena_init(&arena, 512u << 20);
		address_init(&p, buf_view(&value), &arena);
		while (!err) {
			err = address_next(&p, &a);
			if (arena.used_bytes > (8u << 20))
				arena_reset(&arena);
		}
		ck_assert_int_eq(err, ERR_NOT_FOUND);
		arena_reset(&arena);
		buf_free(&value);
	}
}
END_TEST

START_TEST(a_full_arena_is_an_error)
{
	struct arena arena;
	struct address_parser p;
	struct address a;
	arena_init(&arena, 16);
	address_init(&p, BYTES("A name that does not fit <a@b>"), &arena);
	ck_assert_int_eq(address_next(&p, &a), ERR_NOMEM);
	arena_reset(&arena);
}
END_TEST

SUITE_MAIN("address", lists_become_envelope_addresses, hostile_lists_take_linear_time,
	   a_full_arena_is_an_error)
