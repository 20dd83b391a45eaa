#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/http/http_session.h"

/* An exchange as it is when the handler runs, without a connection. */
static struct http_session h;

static void setup_text(const char *head, const char *body)
{
	memset(&h, 0, sizeof(h));
	h.x.session = &h.s;
	ck_assert_int_eq(http_head_parse(slice_str(head), &h.head), 0);
	h.x.request = h.head->request;
	buf_init(&h.x.body, 1000);
	ck_assert_int_eq(buf_add_str(&h.x.body, body), ERR_NONE);
}

static void teardown(void)
{
	http_head_free(&h.head);
	buf_free(&h.x.body);
}

#define FORM "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"

/* What the nth field of this name says, or the name of the error. */
static const char *field(const char *name, unsigned nth)
{
	static char text[64];
	struct buf value;
	buf_init(&value, 20);
	enum err err = http_form(&h.x, name, nth, &value);
	snprintf(text, sizeof(text), SLICE_FMT, SLICE_ARG(buf_view(&value)));
	buf_free(&value);
	return err ? err_name(err) : text;
}

START_TEST(fields_are_found_and_decoded)
{
	static const struct {
		const char *body, *name;
		unsigned nth;
		const char *value;
	} rows[] = {
		{"a=1&b=2", "a", 0, "1"},
		{"a=1&b=2", "b", 0, "2"},
		{"a=1&b=2", "c", 0, "ERR_NOT_FOUND"},
		{"a=1&a=2&a=", "a", 0, "1"},
		{"a=1&a=2&a=", "a", 1, "2"},
		{"a=1&a=2&a=", "a", 2, ""},
		{"a=1&a=2&a=", "a", 3, "ERR_NOT_FOUND"},
		{"", "a", 0, "ERR_NOT_FOUND"},
		{"a", "a", 0, ""},
		{"&&a=1&", "a", 0, "1"},
		{"a=b=c", "a", 0, "b=c"},
		{"a=x+%2B+y", "a", 0, "x + y"},
		{"a=%C3%A9", "a", 0, "\xc3\xa9"},
		{"a=%26%3D", "a", 0, "&="},
		{"pop3.%61ccess=all", "pop3.access", 0, "all"},
		{"a+b=1", "a b", 0, "1"},
		{"ab=1", "a", 0, "ERR_NOT_FOUND"},
		{"a=1", "ab", 0, "ERR_NOT_FOUND"},
		{"%zz=1&a=2", "a", 0, "2"},
		{"a=%00", "a", 0, "ERR_SYNTAX"},
		{"a=%", "a", 0, "ERR_SYNTAX"},
		{"a=%4", "a", 0, "ERR_SYNTAX"},
		{"a=%4g", "a", 0, "ERR_SYNTAX"},
		{"a=%ff", "a", 0, "ERR_SYNTAX"},
		{"a=\xff", "a", 0, "ERR_SYNTAX"},
		{"a=%C3", "a", 0, "ERR_SYNTAX"},
		{"a=%c0%af", "a", 0, "ERR_SYNTAX"},
		{"a=12345678901234567890", "a", 0, "12345678901234567890"},
		{"a=123456789012345678901", "a", 0, "ERR_LIMIT"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup_text(FORM, rows[i].body);
		ck_assert_msg(strcmp(field(rows[i].name, rows[i].nth), rows[i].value) == 0,
			      "%s: %s", rows[i].body, field(rows[i].name, rows[i].nth));
		teardown();
	}
}
END_TEST

START_TEST(a_failure_leaves_the_buffer_as_it_was)
{
	struct buf value;
	setup_text(FORM, "a=x%00");
	buf_init(&value, 20);
	ck_assert_int_eq(buf_add_str(&value, "kept"), ERR_NONE);
	ck_assert_int_eq(http_form(&h.x, "a", 0, &value), ERR_SYNTAX);
	ck_assert(slice_eq_str(buf_view(&value), "kept"));
	buf_free(&value);
	teardown();
}
END_TEST

START_TEST(only_a_form_is_read_as_one)
{
	setup_text("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n\r\n", "a=1");
	ck_assert_str_eq(field("a", 0), "ERR_NOT_FOUND");
	teardown();
	setup_text("POST / HTTP/1.1\r\nHost: h\r\n\r\n", "a=1");
	ck_assert_str_eq(field("a", 0), "ERR_NOT_FOUND");
	teardown();
}
END_TEST

START_TEST(cookies_are_found_by_their_whole_name)
{
	static const struct {
		const char *field, *value;
	} rows[] = {
		{"c=1", "1"},      {"b=2; c=1", "1"},    {"cc=2; c=1", "1"}, {"b=c=9; c=1", "1"},
		{"c=1; c=2", "1"}, {"c=\"1 2\"", "1 2"}, {"c=\"", "\""},     {"c=a=b", "a=b"},
		{"c", ""},         {"C=1", ""},          {";;=;c=1", "1"},   {"", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char head[200];
		snprintf(head, sizeof(head), "GET / HTTP/1.1\r\nHost: h\r\nCookie: %s\r\n\r\n",
			 rows[i].field);
		setup_text(head, "");
		ck_assert_msg(slice_eq_str(http_cookie(&h.x, "c"), rows[i].value), "%s",
			      rows[i].field);
		teardown();
	}
}
END_TEST

START_TEST(the_query_is_read_like_a_form)
{
	struct buf value;
	setup_text("GET /?a=%C3%A9+b&c HTTP/1.1\r\nHost: h\r\n\r\n", "");
	buf_init(&value, 20);
	ck_assert_int_eq(http_query(&h.x, "a", &value), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&value), "\xc3\xa9 b"));
	ck_assert_int_eq(http_query(&h.x, "d", &value), ERR_NOT_FOUND);
	buf_free(&value);
	teardown();
}
END_TEST

SUITE_MAIN("http_form", fields_are_found_and_decoded, a_failure_leaves_the_buffer_as_it_was,
	   only_a_form_is_read_as_one, cookies_are_found_by_their_whole_name,
	   the_query_is_read_like_a_form)
