#include "support/suite.h"

#include "proto/smtp/smtp_path.h"

START_TEST(paths_are_taken_or_refused)
{
	static const struct {
		const char *text;
		enum err err;
		const char *mailbox; /* as written back */
		const char *rest;
	} rows[] = {
		{"<>", ERR_NONE, "", ""},
		{"<> SIZE=1", ERR_NONE, "", " SIZE=1"},
		{"<bob@example.org>", ERR_NONE, "bob@example.org", ""},
		{"<bob@example.org>x", ERR_NONE, "bob@example.org", "x"},
		{"<bob>", ERR_NONE, "bob", ""},
		{"<Postmaster>", ERR_NONE, "Postmaster", ""},
		{"<a.b+c=d@x-y.example>", ERR_NONE, "a.b+c=d@x-y.example", ""},
		{"<\"bob\"@x>", ERR_NONE, "bob@x", ""},
		{"<\"b\\ob\"@x>", ERR_NONE, "bob@x", ""},
		{"<\"b ob\"@x>", ERR_NONE, "\"b ob\"@x", ""},
		{"<\"a\\\"b\\\\\"@x>", ERR_NONE, "\"a\\\"b\\\\\"@x", ""},
		{"<\"a@b\"@x>", ERR_NONE, "\"a@b\"@x", ""},
		{"<\"a>b\"@x>", ERR_NONE, "\"a>b\"@x", ""},
		{"<\"\"@x>", ERR_NONE, "\"\"@x", ""},
		{"<\".a\"@x>", ERR_NONE, "\".a\"@x", ""},
		{"<@one,@two.example:bob@x>", ERR_NONE, "bob@x", ""},
		{"<@[192.0.2.1]:bob@x>", ERR_NONE, "bob@x", ""},
		{"<bob@[192.0.2.1]>", ERR_NONE, "bob@[192.0.2.1]", ""},
		{"<bob@[IPv6:2001:db8::1]>", ERR_NONE, "bob@[IPv6:2001:db8::1]", ""},
		{"<bob@[x-tag:any]>", ERR_NONE, "bob@[x-tag:any]", ""},
		{"<bob@my_printer>", ERR_NONE, "bob@my_printer", ""},
		{"<b\xc3\xb6"
		 "b@\xc3\xa4.example>",
		 ERR_NONE,
		 "b\xc3\xb6"
		 "b@\xc3\xa4.example",
		 ""},
		{"", ERR_SYNTAX, NULL, NULL},
		{"bob@example.org", ERR_SYNTAX, NULL, NULL},
		{"<", ERR_SYNTAX, NULL, NULL},
		{"<bob", ERR_SYNTAX, NULL, NULL},
		{"<bob@>", ERR_SYNTAX, NULL, NULL},
		{"<@x>", ERR_SYNTAX, NULL, NULL},
		{"<@x:>", ERR_SYNTAX, NULL, NULL},
		{"<@x:@y:bob@z>", ERR_SYNTAX, NULL, NULL},
		{"<@x,:bob@z>", ERR_SYNTAX, NULL, NULL},
		{"<bob@a@b>", ERR_SYNTAX, NULL, NULL},
		{"<.bob@x>", ERR_SYNTAX, NULL, NULL},
		{"<bob.@x>", ERR_SYNTAX, NULL, NULL},
		{"<b..ob@x>", ERR_SYNTAX, NULL, NULL},
		{"<b ob@x>", ERR_SYNTAX, NULL, NULL},
		{"<bob @x>", ERR_SYNTAX, NULL, NULL},
		{"<bob@x y>", ERR_SYNTAX, NULL, NULL},
		{"<bob@-x>", ERR_SYNTAX, NULL, NULL},
		{"<bob@x->", ERR_SYNTAX, NULL, NULL},
		{"<bob@x.>", ERR_SYNTAX, NULL, NULL},
		{"<bob@x..y>", ERR_SYNTAX, NULL, NULL},
		{"<bob@.x>", ERR_SYNTAX, NULL, NULL},
		{"<bob@[192.0.2.256]>", ERR_SYNTAX, NULL, NULL},
		{"<bob@[IPv6:2001:db8:::1]>", ERR_SYNTAX, NULL, NULL},
		{"<bob@[]>", ERR_SYNTAX, NULL, NULL},
		{"<bob@[192.0.2.1>", ERR_SYNTAX, NULL, NULL},
		{"<\"bob@x>", ERR_SYNTAX, NULL, NULL},
		{"<\"bob\\", ERR_SYNTAX, NULL, NULL},
		{"<\"bo\tb\"@x>", ERR_SYNTAX, NULL, NULL},
		{"<\"bo\"b@x>", ERR_SYNTAX, NULL, NULL},
		{"<b\xff@x>", ERR_SYNTAX, NULL, NULL},
		{"<b\xc3>", ERR_SYNTAX, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_str(rows[i].text);
		struct smtp_path path;
		struct buf written;
		buf_init(&written, SMTP_MAILBOX_MAX);
		enum err err = smtp_path_parse(&rest, &path);
		ck_assert_msg(err == rows[i].err, "%s: %s", rows[i].text, err_name(err));
		if (!err) {
			ck_assert_int_eq(smtp_path_write(&path, &written), ERR_NONE);
			ck_assert_msg(slice_eq_str(buf_view(&written), rows[i].mailbox), "%s",
				      rows[i].text);
			ck_assert(slice_eq_str(rest, rows[i].rest));
			ck_assert_int_eq(path.has_utf8, strchr(rows[i].text, '\xc3') != NULL);
		}
		buf_free(&written);
	}
}
END_TEST

START_TEST(parts_have_a_ceiling)
{
	static const struct {
		size_t local, domain;
		enum err err;
	} rows[] = {
		{64, 10, ERR_NONE},
		{SMTP_LOCAL_MAX, 250, ERR_NONE},
		{SMTP_LOCAL_MAX + 1, 10, ERR_LIMIT},
		{64, 300, ERR_LIMIT},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[1024];
		size_t len = 0;
		text[len++] = '<';
		memset(text + len, 'a', rows[i].local);
		len += rows[i].local;
		text[len++] = '@';
		for (size_t n = 0; n < rows[i].domain; n++)
			text[len++] = n % 50 == 49 && n + 1 < rows[i].domain ? '.' : 'd';
		text[len++] = '>';
		struct slice rest = slice_of(text, len);
		struct smtp_path path;
		ck_assert_int_eq(smtp_path_parse(&rest, &path), rows[i].err);
	}
}
END_TEST

START_TEST(quotes_may_double_what_is_written)
{
	char text[600] = "<\"";
	struct smtp_path path;
	struct buf written;
	size_t len = 2;
	for (; len < 2 + SMTP_LOCAL_MAX - 2; len += 2)
		memcpy(text + len, "\\\"", 2);
	memcpy(text + len, "\"@x>", 4);
	struct slice rest = slice_of(text, len + 4);
	buf_init(&written, SMTP_MAILBOX_MAX);
	ck_assert_int_eq(smtp_path_parse(&rest, &path), ERR_NONE);
	ck_assert_int_eq(smtp_path_write(&path, &written), ERR_NONE);
	ck_assert(slice_eq(buf_view(&written), slice_of(text + 1, len + 2)));
	buf_free(&written);
}
END_TEST

START_TEST(parameters_are_taken_one_by_one)
{
	static const struct {
		const char *text;
		enum err err;
		const char *name, *value;
	} rows[] = {
		{"", ERR_NOT_FOUND, NULL, NULL},
		{"  ", ERR_NOT_FOUND, NULL, NULL},
		{" SIZE=100 X", ERR_NONE, "SIZE", "100"},
		{" SMTPUTF8", ERR_NONE, "SMTPUTF8", NULL},
		{" AUTH=a+2Bb@x", ERR_NONE, "AUTH", "a+2Bb@x"},
		{" AUTH=<>", ERR_NONE, "AUTH", "<>"},
		{" SIZE=", ERR_SYNTAX, NULL, NULL},
		{" =1", ERR_SYNTAX, NULL, NULL},
		{" A=b=c", ERR_SYNTAX, NULL, NULL},
		{" -A=1", ERR_SYNTAX, NULL, NULL},
		{" A_B=1", ERR_SYNTAX, NULL, NULL},
		{" A=\x01", ERR_SYNTAX, NULL, NULL},
		{" A=\xff", ERR_SYNTAX, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_str(rows[i].text);
		struct smtp_param param;
		ck_assert_int_eq(smtp_param_next(&rest, &param), rows[i].err);
		if (rows[i].err)
			continue;
		ck_assert(slice_eq_str(param.name, rows[i].name));
		ck_assert_int_eq(param.value.ptr != NULL, rows[i].value != NULL);
		ck_assert(slice_eq_str(param.value, rows[i].value ? rows[i].value : ""));
	}
}
END_TEST

START_TEST(xtext_escapes_in_upper_hex)
{
	ck_assert(smtp_is_xtext(SLICE_LIT("a@b")));
	ck_assert(smtp_is_xtext(SLICE_LIT("a+2Bb+3D")));
	ck_assert(!smtp_is_xtext(SLICE_LIT("a+2b")));
	ck_assert(!smtp_is_xtext(SLICE_LIT("a+2")));
	ck_assert(!smtp_is_xtext(SLICE_LIT("a=b")));
	ck_assert(!smtp_is_xtext(SLICE_LIT("a b")));
	ck_assert(!smtp_is_xtext(SLICE_LIT("\xc3\xa4")));
}
END_TEST

SUITE_MAIN("smtp_path", paths_are_taken_or_refused, parts_have_a_ceiling,
	   quotes_may_double_what_is_written, parameters_are_taken_one_by_one,
	   xtext_escapes_in_upper_hex)
