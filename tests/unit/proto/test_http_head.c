#include "support/suite.h"

#include <stdio.h>

#include "proto/http/http_head.h"
#include "proto/http/http_target.h"

enum { NEVER = -1, NOT_YET = -2 }; /* no head it will ever be; not whole */

/* The status that a head is refused with, 0 for a good one. */
static int status_of(struct slice text, struct http_head **head_out)
{
	struct http_scan scan = {.at = 0};
	*head_out = NULL;
	enum step step = http_head_find(&scan, text);
	if (step != STEP_DONE)
		return step == STEP_BAD ? NEVER : NOT_YET;
	ck_assert_uint_eq(scan.at, text.len);
	int status = http_head_parse(text, head_out);
	ck_assert(!status == (*head_out != NULL));
	return status;
}

static int status_of_text(const char *text)
{
	struct http_head *head;
	int status = status_of(slice_str(text), &head);
	http_head_free(&head);
	return status;
}

static struct http_head *parse(const char *text)
{
	struct http_head *head;
	ck_assert_int_eq(status_of(slice_str(text), &head), 0);
	return head;
}

START_TEST(a_request_is_taken_apart)
{
	struct http_head *head = parse("POST /a%20b/%C3%A9?x=1&y=%2f HTTP/1.1\r\n"
				       "Host: box.local:8080\r\n"
				       "content-length: 12\r\n"
				       "X-Empty:\r\n"
				       "X-Tail: \t value \t\r\n\r\n");
	const struct http_request *r = &head->request;
	ck_assert_int_eq(r->method, HTTP_POST);
	ck_assert(slice_eq_str(r->path, "/a b/\xc3\xa9"));
	ck_assert(slice_eq_str(r->query, "x=1&y=%2f"));
	ck_assert(slice_eq_str(r->target, "/a%20b/%C3%A9?x=1&y=%2f"));
	ck_assert(slice_eq_str(r->host, "box.local"));
	ck_assert_uint_eq(r->port, 8080);
	ck_assert_uint_eq(r->content_length, 12);
	ck_assert(head->is_kept_alive);
	ck_assert(!head->expects_continue);
	ck_assert(slice_eq_str(http_head_field(head, "x-tail"), "value"));
	ck_assert_uint_eq(http_head_field(head, "X-Empty").len, 0);
	ck_assert_uint_eq(http_head_field(head, "X-Absent").len, 0);
	http_head_free(&head);
	ck_assert_ptr_null(head);
	http_head_free(&head);
	ck_assert_uint_eq(http_head_field(NULL, "Host").len, 0);
}
END_TEST

START_TEST(methods_are_known_or_nothing)
{
	static const struct {
		const char *name;
		unsigned method;
	} rows[] = {{"GET", HTTP_GET},   {"HEAD", HTTP_HEAD},
		    {"POST", HTTP_POST}, {"OPTIONS", HTTP_OPTIONS},
		    {"PUT", 0},          {"get", 0},
		    {"DELETE", 0},       {"X-1!", 0}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[100];
		snprintf(text, sizeof(text), "%s / HTTP/1.1\r\nHost: h\r\n\r\n", rows[i].name);
		struct http_head *head = parse(text);
		ck_assert_uint_eq(head->request.method, rows[i].method);
		http_head_free(&head);
	}
}
END_TEST

START_TEST(the_connection_stays_as_both_versions_say)
{
	static const struct {
		const char *text;
		bool stays;
	} rows[] = {
		{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: h\r\nConnection: x ,close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: h\r\nConnection: x\r\nConnection: close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n", true},
		{"GET / HTTP/1.0\r\nHost: h\r\n\r\n", false},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
		{"GET / HTTP/1.9\r\nHost: h\r\n\r\n", true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_head *head = parse(rows[i].text);
		ck_assert_msg(head->is_kept_alive == rows[i].stays, "%s", rows[i].text);
		http_head_free(&head);
	}
}
END_TEST

START_TEST(several_fields_of_one_name_are_joined)
{
	struct http_head *head = parse("GET / HTTP/1.1\r\nHost: h\r\nCookie: a=1\r\n"
				       "Accept-Language: en\r\ncookie: b=2\r\n"
				       "ACCEPT-LANGUAGE: id;q=0.5\r\nCookie: c=3\r\n\r\n");
	ck_assert(slice_eq_str(http_head_field(head, "Cookie"), "a=1; b=2; c=3"));
	ck_assert(slice_eq_str(http_head_field(head, "Accept-Language"), "en, id;q=0.5"));
	http_head_free(&head);
}
END_TEST

/* The worst case for the room of what is joined: as many as there may be, all empty. */
START_TEST(joining_never_needs_more_room_than_there_is)
{
	char text[4000] = "GET / HTTP/1.1\r\nHost: h\r\n";
	for (int i = 1; i < HTTP_FIELDS_MAX; i++)
		strncat(text, i % 2 ? "A:\r\n" : "B:\r\n", sizeof(text) - strlen(text) - 1);
	strncat(text, "\r\n", sizeof(text) - strlen(text) - 1);
	struct http_head *head = parse(text);
	ck_assert_uint_eq(http_head_field(head, "A").len, 2 * 31);
	ck_assert_uint_eq(http_head_field(head, "B").len, 2 * 30);
	http_head_free(&head);
}
END_TEST

#define AFTER_HOST(fields) "POST / HTTP/1.1\r\nHost: h\r\n" fields "\r\n"
#define OF_TARGET(target)  "GET " target " HTTP/1.1\r\nHost: h\r\n\r\n"
#define OF_HOST(host)      "GET / HTTP/1.1\r\nHost: " host "\r\n\r\n"

START_TEST(whatever_is_ambiguous_is_refused)
{
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		/* Lengths and codings: RFC 9112 6.1, 6.3. */
		{AFTER_HOST("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
		{AFTER_HOST("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
		{AFTER_HOST("Content-Length: 5, 5\r\n"), 400},
		{AFTER_HOST("Content-Length: +5\r\n"), 400},
		{AFTER_HOST("Content-Length: -5\r\n"), 400},
		{AFTER_HOST("Content-Length: 5 5\r\n"), 400},
		{AFTER_HOST("Content-Length: 0x5\r\n"), 400},
		{AFTER_HOST("Content-Length:\r\n"), 400},
		{AFTER_HOST("Content-Length: 99999999999999999999999\r\n"), 413},
		{AFTER_HOST("Content-Length: 18446744073709551615\r\n"), 413},
		{AFTER_HOST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
		{AFTER_HOST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
		{AFTER_HOST("Content-Length: 5\r\nTransfer-Encoding: identity\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding: x\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding: xchunked\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding: gzip, chunked\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding: chunked, chunked\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding:\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding: \x0b"
			    "chunked\r\n"),
		 NEVER},
		{"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{AFTER_HOST("Transfer-Encoding : chunked\r\n"), 400},
		{AFTER_HOST("Content-Length : 5\r\n"), 400},
		{AFTER_HOST("Transfer-Encoding\t: chunked\r\n"), 400},
		{AFTER_HOST("Expect: something\r\n"), 400},
		/* Lines and fields: RFC 9112 2.2, 5. */
		{AFTER_HOST("X: a\r\n b\r\n"), 400},
		{AFTER_HOST("X: a\r\n\tb\r\n"), 400},
		{"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
		{AFTER_HOST("X: a\rb\r\n"), NEVER},
		{AFTER_HOST("X: a\nContent-Length: 5\r\n"), NEVER},
		{AFTER_HOST("X: a\x01\r\n"), NEVER},
		{AFTER_HOST("X: a\x7f\r\n"), NEVER},
		{AFTER_HOST("X\r\n"), 400},
		{AFTER_HOST(": x\r\n"), 400},
		{AFTER_HOST("X Y: x\r\n"), 400},
		{AFTER_HOST("X\xc3\xa9: x\r\n"), 400},
		{AFTER_HOST("X(y): x\r\n"), 400},
		{"GET / HTTP/1.1\nHost: h\n\n", NEVER},
		{"GET / HTTP/1.1\r\n\r\n", 400},
		/* The first line. */
		{"\r\n", 400},
		{"GET /\r\n\r\n", 400},
		{"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{" GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
		{"GET / HTTP/1.11\r\nHost: h\r\n\r\n", 400},
		{"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
		{"GET / http/1.1\r\nHost: h\r\n\r\n", 400},
		{"GET / HTTP/1.\r\nHost: h\r\n\r\n", 400},
		{"GET / FTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"PRI * HTTP/2.0\r\n\r\n", 400},
		{"\x16\x03\x01\x02", NEVER},
		{"G\xc3\xa9T / HTTP/1.1\r\nHost: h\r\n\r\n", NEVER},
		/* Targets and hosts: RFC 9112 3.2. */
		{"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{OF_TARGET("h"), 400},
		{OF_TARGET("h:80"), 400},
		{OF_TARGET("ftp://h/"), 400},
		{OF_TARGET("http://other/"), 400},
		{OF_TARGET("http:///"), 400},
		{OF_TARGET("http://u@h/"), 400},
		{OF_TARGET("http://h/"), 0},
		{OF_TARGET("//h/"), 0},
		{OF_TARGET("/#x"), 400},
		{OF_TARGET("/\xc3\xa9"), NEVER},
		{OF_TARGET("/a\\b"), 400},
		{OF_HOST(""), 400},
		{OF_HOST("h\r\nHost: h"), 400},
		{OF_HOST("h\r\nhost: g"), 400},
		{OF_HOST("u@h"), 400},
		{OF_HOST("h/x"), 400},
		{OF_HOST("h h"), 400},
		{OF_HOST("h,g"), 400},
		{OF_HOST("h:99999"), 400},
		{OF_HOST("h:-1"), 400},
		{OF_HOST("h:80:80"), 400},
		{OF_HOST("[::1"), 400},
		{OF_HOST("[::1]x"), 400},
		{OF_HOST("[]"), 400},
		{OF_HOST("[x]"), 400},
		{OF_HOST("::1"), 400},
		{OF_HOST("h:"), 0},
		{OF_HOST("[::1]"), 0},
		{OF_HOST("[::ffff:192.0.2.1]:443"), 0},
		{OF_HOST("192.0.2.1:80"), 0},
		{OF_HOST("h_1.a-b."), 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(status_of_text(rows[i].text) == rows[i].status, "%d, not %d: %s",
			      status_of_text(rows[i].text), rows[i].status, rows[i].text);
}
END_TEST

START_TEST(a_nul_is_refused_wherever_it_stands)
{
	static const char good[] = "GET /x HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";
	for (size_t at = 0; at < sizeof(good) - 1; at++) {
		char text[sizeof(good)];
		struct http_head *head;
		memcpy(text, good, sizeof(good));
		text[at] = 0;
		ck_assert_int_eq(status_of(slice_of(text, sizeof(good) - 1), &head), NEVER);
	}
}
END_TEST

START_TEST(a_head_is_not_whole_before_its_last_octet)
{
	static const char good[] = "GET /x HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";
	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		struct http_head *head;
		ck_assert_int_eq(status_of(slice_of(good, len), &head), NOT_YET);
	}
	/* In one go or octet by octet is the same, and what follows is not looked at. */
	struct http_scan scan = {.at = 0};
	for (size_t len = 0; len <= sizeof(good) - 1; len++)
		ck_assert_int_eq(http_head_find(&scan, slice_of(good, len)),
				 len == sizeof(good) - 1 ? STEP_DONE : STEP_MORE);
	scan = (struct http_scan){.at = 0};
	ck_assert_int_eq(http_head_find(&scan, SLICE_LIT("A / B\r\n\r\n\0\n")), STEP_DONE);
	ck_assert_uint_eq(scan.at, 9);
}
END_TEST

START_TEST(as_many_fields_as_there_may_be_and_one_more)
{
	for (int more = 0; more < 2; more++) {
		char text[4000] = "GET / HTTP/1.1\r\nHost: h\r\n";
		for (int i = 1; i < HTTP_FIELDS_MAX + more; i++)
			strncat(text, "X: y\r\n", sizeof(text) - strlen(text) - 1);
		strncat(text, "\r\n", sizeof(text) - strlen(text) - 1);
		ck_assert_int_eq(status_of_text(text), more ? 431 : 0);
	}
}
END_TEST

START_TEST(paths_are_decoded_once_and_lead_nowhere_else)
{
	static const struct {
		const char *encoded, *path; /* NULL: refused */
	} rows[] = {
		{"/", "/"},
		{"/a/b", "/a/b"},
		{"//a", "//a"},
		{"/a%2Db", "/a-b"},
		{"/%252e%252e/x", "/%2e%2e/x"},
		{"/.../x", "/.../x"},
		{"/.well-known/x", "/.well-known/x"},
		{"/a..b", "/a..b"},
		{"/%e2%82%ac", "/\xe2\x82\xac"},
		{"/..", NULL},
		{"/../etc/passwd", NULL},
		{"/a/../b", NULL},
		{"/./a", NULL},
		{"/a/.", NULL},
		{"/%2e%2e/x", NULL},
		{"/.%2E/x", NULL},
		{"/%2e", NULL},
		{"/a%2fb", NULL},
		{"/a%5cb", NULL},
		{"/a%00", NULL},
		{"/a%0d%0ab", NULL},
		{"/a%7f", NULL},
		{"/%", NULL},
		{"/%4", NULL},
		{"/%zz", NULL},
		{"/%c0%ae%c0%ae/", NULL}, /* overlong dots */
		{"/%c0%af", NULL},
		{"/%ed%a0%80", NULL}, /* a surrogate */
		{"/%ff", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t room[100];
		struct slice path;
		enum err err = http_decode_path(slice_str(rows[i].encoded), room, &path);
		ck_assert_msg(err == (rows[i].path ? ERR_NONE : ERR_SYNTAX), "%s", rows[i].encoded);
		if (!err)
			ck_assert_msg(slice_eq_str(path, rows[i].path), "%s", rows[i].encoded);
	}
}
END_TEST

SUITE_MAIN("http_head", a_request_is_taken_apart, methods_are_known_or_nothing,
	   the_connection_stays_as_both_versions_say, several_fields_of_one_name_are_joined,
	   joining_never_needs_more_room_than_there_is, whatever_is_ambiguous_is_refused,
	   a_nul_is_refused_wherever_it_stands, a_head_is_not_whole_before_its_last_octet,
	   as_many_fields_as_there_may_be_and_one_more,
	   paths_are_decoded_once_and_lead_nowhere_else)
