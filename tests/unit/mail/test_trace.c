#include "mail/trace.h"

#include "mail_test.h"

START_TEST(received_is_written)
{
	struct trace_hop hop = {
		.helo = SLICE_LIT("mail.example.org"),
		.peer = SLICE_LIT("192.0.2.1"),
		.by = SLICE_LIT("surel.local"),
		.with = SLICE_LIT("ESMTPS"),
		.id = SLICE_LIT("abc123"),
		.recipient = SLICE_LIT("anna@example.net"),
		.tls = SLICE_LIT("TLSv1.3"),
		.date = {760060800, 60},
	};
	struct buf b;
	buf_init(&b, 1024);
	ck_assert(!trace_received(&hop, &b));
	ck_assert_slice_eq(buf_view(&b),
			   SLICE_LIT("Received: from mail.example.org ([192.0.2.1])\r\n"
				     "\tby surel.local with ESMTPS id abc123\r\n"
				     "\t(TLSv1.3)\r\n"
				     "\tfor <anna@example.net>;\r\n"
				     "\tTue, 1 Feb 1994 01:00:00 +0100\r\n"),
			   "all parts");
	buf_clear(&b);
	hop.peer = SLICE_LIT("2001:db8::1");
	hop.recipient = hop.tls = hop.id = SLICE_EMPTY;
	hop.helo = SLICE_LIT("evil\r\nSubject: x (y");
	ck_assert(!trace_received(&hop, &b));
	ck_assert_slice_eq(buf_view(&b),
			   SLICE_LIT("Received: from evil??Subject: x ?y ([IPv6:2001:db8::1])\r\n"
				     "\tby surel.local with ESMTPS;\r\n"
				     "\tTue, 1 Feb 1994 01:00:00 +0100\r\n"),
			   "a peer cannot add fields");
	buf_free(&b);
	buf_init(&b, 20);
	ck_assert_int_eq(trace_received(&hop, &b), ERR_LIMIT);
	ck_assert_uint_eq(b.len, 0);
	buf_free(&b);
}
END_TEST

START_TEST(message_ids_differ)
{
	struct buf a, b;
	buf_init(&a, 256);
	buf_init(&b, 256);
	ck_assert(!trace_message_id(SLICE_LIT("box.local"), &a));
	ck_assert(!trace_message_id(SLICE_LIT("box.local"), &b));
	ck_assert(!slice_eq(buf_view(&a), buf_view(&b)));
	ck_assert(slice_starts(buf_view(&a), SLICE_LIT("<")));
	ck_assert(slice_ends_nocase(buf_view(&a), "@box.local>"));
	buf_free(&a);
	buf_free(&b);
}
END_TEST

static void scan(struct trace_scan *t, struct slice text, size_t step)
{
	trace_scan_init(t, SLICE_LIT("anna@example.net"));
	while (text.len) {
		struct slice piece = slice_upto(text, step);
		ck_assert(!trace_scan_push(t, piece));
		text = slice_from(text, piece.len);
	}
	ck_assert(!trace_scan_finish(t));
}

START_TEST(hops_are_counted)
{
	struct slice text =
		SLICE_LIT("Received: a\r\nreceived: b\r\n c\r\nDate: x\r\nMessage-Id: <y>\r\n"
			  "Delivered-To: other@example.net\r\n\r\nReceived: body\r\n");
	for (size_t step = 1; step <= text.len; step++) {
		struct trace_scan t;
		scan(&t, text, step);
		ck_assert_uint_eq(t.received, 2);
		ck_assert(t.has_date && t.has_message_id && !t.has_from);
		ck_assert(!trace_is_loop(&t));
		trace_scan_free(&t);
	}
}
END_TEST

START_TEST(loops_are_seen)
{
	struct trace_scan t;
	struct buf many;
	scan(&t, SLICE_LIT("Delivered-To: <Anna@Example.net>\r\n\r\n"), 5);
	ck_assert(trace_is_loop(&t));
	trace_scan_free(&t);

	buf_init(&many, 1 << 16);
	for (int i = 0; i < TRACE_MAX_RECEIVED; i++)
		ck_assert(!buf_add_str(&many, "Received: x\r\n"));
	scan(&t, buf_view(&many), 100);
	ck_assert(!trace_is_loop(&t));
	trace_scan_free(&t);
	ck_assert(!buf_add_str(&many, "Received: x")); /* not even a line end */
	scan(&t, buf_view(&many), 100);
	ck_assert(trace_is_loop(&t));
	trace_scan_free(&t);
	buf_free(&many);
}
END_TEST

SUITE_MAIN("trace", received_is_written, message_ids_differ, hops_are_counted, loops_are_seen)
