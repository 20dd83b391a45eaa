#include "support/suite.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/http/http_session.h"
#include "support/fake_host.h"
#include "support/peer.h"
#include "support/test_site.h"

enum { START_MS = 1000 * 1000 };

static struct loop *loop;
static struct fake_host fake;
static struct peer peer;

static void setup(void)
{
	log_open(LOG_TO_NOBODY, LOG_LEVEL_DEBUG);
	clock_freeze(START_MS, 1800000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	fake.host.site = &test_site;
	test_site_init();
}

static void teardown(void)
{
	fake_host_free(&fake);
	loop_free(&loop);
	ck_assert_uint_eq(test_site_open_commands, 0);
	ck_assert_uint_eq(test_site_open_data, 0);
	clock_thaw();
}

static void dial(void)
{
	peer_open(&peer, loop, 16 * 1024);
	http_session_start(&fake.host, peer.stream, false);
	peer_settle(&peer);
}

static void hang_up(void)
{
	peer_close(&peer);
	ck_assert_uint_eq(fake.session_count, 0);
}

static struct slice heard(void)
{
	return buf_view(&peer.got);
}

static void say(struct slice text)
{
	peer_send(&peer, text);
	peer_settle(&peer);
}

static void say_str(const char *text)
{
	say(slice_str(text));
}

static unsigned count(struct slice hay, const char *needle)
{
	unsigned n = 0;
	size_t at;
	while ((at = slice_find(hay, slice_str(needle))) != SIZE_MAX) {
		n++;
		hay = slice_from(hay, at + 1);
	}
	return n;
}

static bool has(const char *text)
{
	return count(heard(), text) > 0;
}

static bool starts(const char *text)
{
	return slice_starts(heard(), slice_str(text));
}

/* What stands behind the head of the first reply. */
static struct slice body(void)
{
	size_t at = slice_find(heard(), SLICE_LIT("\r\n\r\n"));
	ck_assert_uint_ne(at, SIZE_MAX);
	return slice_from(heard(), at + 4);
}

static void forget(void)
{
	buf_clear(&peer.got);
}

#define GET(path)                "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define GET_AND_CLOSE(path)      "GET " path " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
#define POST(path, fields, body) "POST " path " HTTP/1.1\r\nHost: h\r\n" fields "\r\n" body

/* --- one request, however it travels ------------------------------------------------------------ */

struct talk {
	const char *sent;
	int status;
	const char *body; /* NULL: whatever */
	bool closes;
};

static void check_talk(const struct talk *t, size_t chunk)
{
	char first[32];
	setup();
	dial();
	peer.read_chunk = chunk;
	say_str(t->sent);
	snprintf(first, sizeof(first), "HTTP/1.1 %d ", t->status);
	ck_assert_msg(starts(first), "%s -> " SLICE_FMT, t->sent, SLICE_ARG(heard()));
	if (t->body)
		ck_assert_msg(slice_eq_str(body(), t->body), "%s -> " SLICE_FMT, t->sent,
			      SLICE_ARG(heard()));
	ck_assert_msg(peer_is_closed(&peer) == t->closes || peer.is_shut == t->closes,
		      "%s -> closed %d", t->sent, peer_is_closed(&peer));
	ck_assert_int_eq(has("Connection: close\r\n"), t->closes);
	hang_up();
	teardown();
}

static void check_talks(const struct talk *talks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_talk(&talks[i], 0);
		check_talk(&talks[i], 1);
	}
}

START_TEST(requests_get_their_replies)
{
	static const struct talk talks[] = {
		{GET("/"), 200, "hello", false},
		{GET_AND_CLOSE("/"), 200, "hello", true},
		{"\r\n" GET("/"), 200, "hello", false},
		{"GET / HTTP/1.0\r\n\r\n", 200, "hello", true},
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "hello", false},
		{"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 200, "", false},
		{GET("/tail/a%20b"), 200, "a b", false},
		{GET("/tail/"), 200, "", false},
		{GET("/query?b=1&a=x%20+y"), 200, "x  y", false},
		{GET("/query"), 422, "ERR_NOT_FOUND", false},
		{GET("/chunks"), 200, NULL, false},
		{GET("/counted"), 200, NULL, false},
		{GET("/again"), 200, "at last", false},
		{GET("/both"), 200, "hello", false},
		{POST("/both", "Content-Length: 2\r\n", "ab"), 200, "ab", false},
		{POST("/echo", "Content-Length: 5\r\n", "a\r\n0z"), 200, "a\r\n0z", false},
		{POST("/echo", "", ""), 200, "", false},
		{POST("/echo", "Content-Length: 0\r\n", ""), 200, "", false},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), 200,
		 "abc", false},
		{POST("/echo", "transfer-encoding: Chunked\r\n",
		      "3;x=y\r\nabc\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"),
		 200, "abc0123456789", false},
		{POST("/take", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), 200, "3",
		 false},
		{POST("/take", "Content-Length: 5\r\n", "abcde"), 200, "5", false},
		{POST("/admit", "Content-Length: 3\r\n", "yes"), 200, "hello", false},
		{POST("/form",
		      "Content-Length: 6\r\nContent-Type: "
		      "application/x-www-form-urlencoded; charset=utf-8\r\n",
		      "b=1&a="),
		 200, "", false},
	};
	check_talks(talks, sizeof(talks) / sizeof(talks[0]));
}
END_TEST

START_TEST(what_is_wrong_gets_a_sentence)
{
	static const struct talk talks[] = {
		{GET("/nowhere"), 404, "<p>404 There is no such page.", false},
		{GET("/echo"), 405, "<p>405 This page cannot be used in that way.", false},
		{"DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", 405, NULL, false},
		{"DELETE /nowhere HTTP/1.1\r\nHost: h\r\n\r\n", 404, NULL, false},
		{"OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n", 405, NULL, false},
		{"GET / HTTP/1.1\r\nHost: evil\r\n\r\n", 403, "no", false},
		{GET("/mute"), 500, "<p>500 Something went wrong here.", false},
		{GET("/split"), 500, "Something went wrong here.\n", false},
		{POST("/admit", "Content-Length: 2\r\n", "no"), 403, "not admitted", false},
		/* With a body that nobody reads the connection cannot go on. */
		{POST("/nowhere", "Content-Length: 3\r\n", "abc"), 404, NULL, true},
		{POST("/", "Content-Length: 3\r\n", "abc"), 405, NULL, true},
		{POST("/deaf", "Content-Length: 3\r\n", "abc"), 200, "hello", true},
		{"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 413, NULL, true},
		{POST("/echo", "Content-Length: 101\r\n", ""), 413, NULL, true},
		{POST("/echo", "Content-Length: 99999999999999999999\r\n", ""), 413, NULL, true},
		/* Chunks: RFC 9112 7.1, to the letter. */
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "x\r\n"), 400, NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "\r\n"), 400, NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "3 \r\nabc\r\n"), 400, NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", " 3\r\nabc\r\n"), 400, NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n"), 400, NULL,
		 true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "-3\r\nabc\r\n"), 400, NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "3\nabc\n0\n\n"), 400, NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n"), 400, NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\n0\r\n\r\n"), 400, NULL,
		 true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\r\n0\r\n"), 400, NULL,
		 true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "3;\x01\r\nabc\r\n"), 400, NULL,
		 true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n"), 400,
		 NULL, true},
		{POST("/echo", "Transfer-Encoding: chunked\r\n", "0\r\nx\ny\r\n\r\n"), 400, NULL,
		 true},
		{POST("/take", "Transfer-Encoding: chunked\r\n", "x\r\n"), 500, NULL, true},
		/* Never a head. */
		{"\x16\x03\x01\x02\x01\x01\xfc\x03\x03", 400,
		 "<p>400 This request is not understood.", true},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, NULL, true},
		{"GET / HTTP/1.1\r\n\r\n", 400, NULL, true},
		{"\r\n\r\n", 400, NULL, true},
		{"nonsense\r\n\r\n", 400, NULL, true},
	};
	check_talks(talks, sizeof(talks) / sizeof(talks[0]));
}
END_TEST

START_TEST(allow_names_what_the_page_can_do)
{
	setup();
	dial();
	say_str("DELETE /both HTTP/1.1\r\nHost: h\r\n\r\n");
	ck_assert(has("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n"));
	forget();
	say_str(GET("/echo"));
	ck_assert(has("\r\nAllow: POST\r\n"));
	hang_up();
	teardown();
}
END_TEST

START_TEST(every_reply_has_the_fields_of_this_layer)
{
	setup();
	dial();
	say_str(GET("/"));
	ck_assert(slice_eq_str(heard(), "HTTP/1.1 200 OK\r\nDate: Fri, 15 Jan 2027 08:00:00 GMT\r\n"
					"Server: Surel\r\nContent-Type: text/plain\r\n"
					"Content-Length: 5\r\n\r\nhello"));
	hang_up();
	teardown();
}
END_TEST

/* --- one after the other ------------------------------------------------------------------------ */

START_TEST(pipelined_requests_are_answered_in_order)
{
	for (size_t chunk = 0; chunk < 8; chunk++) {
		setup();
		dial();
		peer.read_chunk = chunk;
		say_str(GET("/again") POST("/echo", "Content-Length: 3\r\n", "abc") GET("/chunks")
				GET_AND_CLOSE("/") GET("/nowhere"));
		ck_assert_uint_eq(count(heard(), "HTTP/1.1 200 OK\r\n"), 4);
		ck_assert_uint_eq(count(heard(), "HTTP/1.1"), 4);
		size_t again = slice_find(heard(), SLICE_LIT("at last"));
		size_t echo = slice_find(heard(), SLICE_LIT("abc"));
		size_t chunks = slice_find(heard(), SLICE_LIT("piece 09"));
		size_t hello = slice_find(heard(), SLICE_LIT("hello"));
		ck_assert(again < echo && echo < chunks && chunks < hello && hello != SIZE_MAX);
		hang_up();
		teardown();
	}
}
END_TEST

START_TEST(requests_behind_a_bad_one_are_not_looked_at)
{
	static const char *const bad[] = {
		POST("/echo", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "abc"),
		POST("/nowhere", "Content-Length: 40\r\n", ""),
		"GET /\r\n\r\n",
		"\x01",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setup();
		dial();
		peer_send(&peer, slice_str(bad[i]));
		say_str(GET("/") GET("/"));
		ck_assert_uint_eq(count(heard(), "HTTP/1.1"), 1);
		ck_assert(starts("HTTP/1.1 4"));
		ck_assert(peer.is_shut || peer_is_closed(&peer));
		hang_up();
		teardown();
	}
}
END_TEST

START_TEST(a_connection_has_so_many_exchanges)
{
	setup();
	dial();
	for (int i = 0; i < HTTP_EXCHANGES_MAX - 1; i++) {
		say_str(GET("/"));
		ck_assert(!has("Connection: close"));
		forget();
	}
	say_str(GET("/") GET("/"));
	ck_assert(has("Connection: close"));
	ck_assert_uint_eq(count(heard(), "HTTP/1.1"), 1);
	hang_up();
	teardown();
}
END_TEST

START_TEST(a_half_closed_client_gets_what_it_asked_for)
{
	setup();
	dial();
	peer_send(&peer, SLICE_LIT(GET("/again") GET("/")));
	peer_half_close(&peer);
	peer_settle(&peer);
	ck_assert_uint_eq(count(heard(), "HTTP/1.1 200"), 2);
	ck_assert(has("at last") && has("hello"));
	ck_assert(peer_is_closed(&peer));
	hang_up();
	teardown();
}
END_TEST

START_TEST(a_truncated_request_is_refused)
{
	static const char *const cut[] = {
		"GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n",
		POST("/echo", "Content-Length: 9\r\n", "abc"),
		POST("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nab")};
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		setup();
		dial();
		peer_send(&peer, slice_str(cut[i]));
		peer_half_close(&peer);
		peer_settle(&peer);
		ck_assert_msg(starts("HTTP/1.1 400 "), "%s", cut[i]);
		ck_assert(peer_is_closed(&peer));
		hang_up();
		teardown();
	}
}
END_TEST

/* --- long ones ---------------------------------------------------------------------------------- */

START_TEST(a_long_reply_waits_for_a_slow_reader)
{
	setup();
	dial();
	peer.take_chunk = 999;
	peer_send(&peer, SLICE_LIT(GET("/big") GET("/")));
	for (int i = 0; i < 20; i++)
		peer_turn(&peer);
	ck_assert_uint_le(stream_queued(peer.stream), STREAM_HIGH_WATER + 1000);
	/* What the handler held is free already. */
	ck_assert_uint_eq(test_site_open_data, 0);
	peer_settle(&peer);
	ck_assert(has("Content-Length: 300000\r\n"));
	struct slice got = body();
	ck_assert_uint_gt(got.len, 300000);
	for (size_t i = 0; i < 300000; i++)
		ck_assert_uint_eq(got.ptr[i], 'a' + i % 26);
	ck_assert(slice_starts(slice_from(got, 300000), SLICE_LIT("HTTP/1.1 200")));
	hang_up();
	teardown();
}
END_TEST

START_TEST(chunks_can_be_put_together)
{
	setup();
	dial();
	say_str(GET("/chunks"));
	ck_assert(has("Transfer-Encoding: chunked\r\n"));
	ck_assert(!has("Content-Length"));
	ck_assert_uint_eq(count(body(), "9\r\npiece 0"), 10);
	ck_assert(slice_ends_nocase(heard(), "\r\n0\r\n\r\n"));
	forget();
	say_str("HEAD /chunks HTTP/1.1\r\nHost: h\r\n\r\n");
	ck_assert_uint_eq(body().len, 0);
	forget();
	say_str("HEAD /big HTTP/1.1\r\nHost: h\r\n\r\n");
	ck_assert(has("Content-Length: 300000\r\n"));
	ck_assert_uint_eq(body().len, 0);
	forget();
	/* A client of HTTP/1.0 knows no chunks: the end of the connection is the end. */
	say_str("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	ck_assert(!has("Transfer-Encoding"));
	ck_assert(has("Connection: close\r\n"));
	ck_assert_uint_eq(body().len, 90);
	hang_up();
	teardown();
}
END_TEST

START_TEST(a_reply_that_breaks_off_has_no_good_end)
{
	static const char *const paths[] = {GET("/short"), GET("/abort"), GET("/twice")};
	for (size_t i = 0; i < 3; i++) {
		setup();
		dial();
		peer_send(&peer, slice_str(paths[i]));
		say_str(GET("/"));
		ck_assert(peer_is_closed(&peer));
		ck_assert(!slice_ends_nocase(heard(), "0\r\n\r\n"));
		ck_assert_uint_le(count(heard(), "HTTP/1.1"), 1);
		hang_up();
		teardown();
	}
}
END_TEST

START_TEST(a_streamed_body_may_be_long)
{
	static const char *const heads[] = {
		POST("/take", "Content-Length: 1000000\r\n", ""),
		POST("/take", "Transfer-Encoding: chunked\r\n", "F4240\r\n"),
	};
	static uint8_t megabyte[1000000];
	for (size_t i = 0; i < 2; i++) {
		setup();
		dial();
		peer_send(&peer, slice_str(heads[i]));
		say(slice_of(megabyte, sizeof(megabyte)));
		if (i == 1)
			say_str("\r\n0\r\n\r\n");
		ck_assert(slice_eq_str(body(), "1000000"));
		ck_assert(!has("Connection: close"));
		hang_up();
		teardown();
	}
}
END_TEST

START_TEST(a_chunked_body_that_is_too_long_is_refused)
{
	setup();
	dial();
	say_str(POST("/echo", "Transfer-Encoding: chunked\r\n", "64\r\n"));
	for (int i = 0; i < 100; i++)
		say_str("x");
	ck_assert_uint_eq(heard().len, 0);
	say_str("\r\n1\r\nx");
	ck_assert(starts("HTTP/1.1 413 "));
	hang_up();
	teardown();
}
END_TEST

START_TEST(trailers_without_an_end_are_refused)
{
	setup();
	dial();
	say_str(POST("/echo", "Transfer-Encoding: chunked\r\n", "0\r\n"));
	for (int i = 0; i < 4096 / 64; i++)
		say_str("X: 901234567890123456789012345678901234567890123456789012345678901\r\n");
	ck_assert(starts("HTTP/1.1 400 "));
	hang_up();
	teardown();
}
END_TEST

START_TEST(a_head_that_is_too_long_is_refused)
{
	static char long_field[HTTP_HEAD_MAX_BYTES];
	setup();
	dial();
	memset(long_field, 'x', sizeof(long_field));
	say_str("GET / HTTP/1.1\r\nHost: h\r\nX: ");
	say(slice_of(long_field, HTTP_HEAD_MAX_BYTES - 28 - 1));
	ck_assert_uint_eq(heard().len, 0);
	say_str("x");
	ck_assert(starts("HTTP/1.1 431 "));
	ck_assert(peer.is_shut || peer_is_closed(&peer));
	hang_up();
	/* In one piece, with its end. */
	dial();
	peer_send(&peer, SLICE_LIT("GET / HTTP/1.1\r\nHost: h\r\nX: "));
	peer_send(&peer, slice_of(long_field, sizeof(long_field)));
	say_str("\r\n\r\n");
	ck_assert(starts("HTTP/1.1 431 "));
	hang_up();
	/* Just as long as may be. */
	dial();
	say_str("GET / HTTP/1.1\r\nHost: h\r\nX: ");
	say(slice_of(long_field, HTTP_HEAD_MAX_BYTES - 28 - 4));
	say_str("\r\n\r\n");
	ck_assert(starts("HTTP/1.1 200 "));
	hang_up();
	teardown();
}
END_TEST

/* --- waiting ------------------------------------------------------------------------------------ */

START_TEST(continue_is_said_to_who_waits_for_it)
{
	setup();
	dial();
	say_str(POST("/echo", "Content-Length: 3\r\nExpect: 100-continue\r\n", ""));
	ck_assert(slice_eq_str(heard(), "HTTP/1.1 100 Continue\r\n\r\n"));
	forget();
	say_str("abc");
	ck_assert(starts("HTTP/1.1 200 ") && slice_eq_str(body(), "abc"));
	forget();
	/* Not when the body is there already, nor before a refusal. */
	say_str(POST("/echo", "Content-Length: 3\r\nExpect: 100-continue\r\n", "abc"));
	ck_assert(starts("HTTP/1.1 200 "));
	forget();
	say_str(POST("/echo", "Content-Length: 300\r\nExpect: 100-continue\r\n", ""));
	ck_assert(starts("HTTP/1.1 413 "));
	hang_up();
	teardown();
}
END_TEST

START_TEST(a_handler_may_wait_to_be_woken)
{
	setup();
	dial();
	peer_send(&peer, SLICE_LIT(GET("/wait")));
	peer_half_close(&peer);
	peer_settle(&peer);
	ck_assert_uint_eq(heard().len, 0);
	waiters_wake(&test_site_waiters);
	peer_settle(&peer);
	ck_assert(slice_eq_str(body(), "woken"));
	hang_up();
	/* A client that goes takes nothing with it that is still needed. */
	dial();
	say_str(GET("/wait"));
	ck_assert_uint_eq(test_site_open_commands, 1);
	hang_up();
	ck_assert(list_is_empty(&test_site_waiters));
	teardown();
}
END_TEST

static void pass(uint64_t ms)
{
	clock_advance(ms);
	peer_settle(&peer);
}

static bool is_over(void)
{
	return peer.is_shut || peer_is_closed(&peer);
}

START_TEST(an_idle_connection_ends_without_a_word)
{
	setup();
	for (int asked = 0; asked < 2; asked++) {
		dial();
		if (asked)
			say_str(GET("/"));
		forget();
		pass(HTTP_IDLE_MS - 1);
		ck_assert(!is_over());
		pass(1);
		ck_assert(is_over());
		ck_assert_uint_eq(heard().len, 0);
		hang_up();
	}
	teardown();
}
END_TEST

/* However busily it drips. */
static void check_drip(const char *start, uint64_t deadline_ms)
{
	setup();
	dial();
	say_str(start);
	for (uint64_t ms = 0; ms + 1000 < deadline_ms; ms += 1000) {
		pass(1000);
		say_str("x");
		ck_assert(!is_over());
	}
	pass(1000);
	ck_assert(starts("HTTP/1.1 408 "));
	ck_assert(is_over());
	hang_up();
	teardown();
}

START_TEST(a_head_or_a_body_that_drips_is_cut_off)
{
	check_drip("GET / HTTP/1.1\r\nX: ", HTTP_HEAD_MS);
	check_drip(POST("/echo", "Content-Length: 90\r\n", ""), HTTP_BODY_MS);
	check_drip(POST("/echo", "Transfer-Encoding: chunked\r\n", "3;"), HTTP_BODY_MS);
}
END_TEST

START_TEST(head_and_body_have_a_deadline_each)
{
	setup();
	dial();
	say_str("POST /echo HTTP/1.1\r\nHost: h\r\n");
	pass(HTTP_HEAD_MS - 1);
	say_str("Content-Length: 3\r\n\r\nab");
	pass(HTTP_BODY_MS - 1);
	ck_assert_uint_eq(heard().len, 0);
	say_str("c");
	ck_assert(starts("HTTP/1.1 200 "));
	hang_up();
	teardown();
}
END_TEST

/* The last 32 KiB leave as slowly as all the others, however the connection goes on. */
START_TEST(the_end_of_a_reply_is_waited_for)
{
	static const char *const requests[] = {GET("/big"), GET_AND_CLOSE("/big")};
	for (size_t i = 0; i < 3; i++) {
		setup();
		dial();
		peer.take_chunk = 500; /* a second */
		peer_send(&peer, slice_str(requests[i % 2]));
		if (i == 2)
			peer_half_close(&peer);
		for (int second = 0; second < 700 && !peer_is_closed(&peer); second++) {
			clock_advance(1000);
			peer_turn(&peer);
		}
		ck_assert_uint_eq(body().len, 300000);
		hang_up();
		teardown();
	}
}
END_TEST

/* Whoever asks for more and more but takes nothing cannot keep his place by that. */
START_TEST(asking_is_not_reading)
{
	setup();
	dial();
	say_str("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
	peer.take_chunk = 1;
	peer_send(&peer, SLICE_LIT(GET("/endless")));
	for (int i = 0; i < 100 && fake.session_count; i++) {
		peer_send(&peer, SLICE_LIT("G"));
		clock_advance(1000);
		peer_turn(&peer);
	}
	ck_assert_uint_eq(fake.session_count, 0);
	hang_up();
	teardown();
}
END_TEST

START_TEST(a_reader_who_takes_nothing_is_let_go)
{
	setup();
	dial();
	peer.take_chunk = 1000;
	peer_send(&peer, SLICE_LIT(GET("/endless")));
	for (int i = 0; i < 30; i++)
		peer_turn(&peer);
	size_t queued = stream_queued(peer.stream);
	ck_assert_uint_ge(queued, STREAM_LOW_WATER);
	ck_assert_uint_le(queued, STREAM_HIGH_WATER + 1000);
	/* As long as he reads he is served, for longer than a deadline. */
	for (int i = 0; i < 200; i++) {
		clock_advance(1000);
		peer_turn(&peer);
	}
	ck_assert_uint_eq(fake.session_count, 1);
	/* Then the window closes, while the connection stays. */
	peer.take_chunk = 1;
	for (int i = 0; i < 200 && fake.session_count; i++) {
		clock_advance(1000);
		peer_turn(&peer);
	}
	ck_assert_uint_eq(fake.session_count, 0);
	hang_up();
	teardown();
}
END_TEST

/* --- goodbyes ----------------------------------------------------------------------------------- */

START_TEST(too_many_connections_are_told_to_come_back)
{
	setup();
	peer_open(&peer, loop, 16 * 1024);
	http_session_start(&fake.host, peer.stream, true);
	say_str(GET("/"));
	ck_assert(starts("HTTP/1.1 503 "));
	ck_assert(has("\r\nRetry-After: 10\r\n") && has("\r\nConnection: close\r\n"));
	ck_assert_uint_gt(body().len, 10);
	hang_up();
	teardown();
}
END_TEST

START_TEST(a_host_without_a_site_says_so)
{
	setup();
	fake.host.site = NULL;
	dial();
	say_str(GET("/") GET("/x"));
	ck_assert_uint_eq(count(heard(), "HTTP/1.1 503 "), 2);
	forget();
	say_str("nonsense\r\n\r\n");
	ck_assert(starts("HTTP/1.1 400 "));
	hang_up();
	teardown();
}
END_TEST

static void end_all(enum goodbye why)
{
	list_for_each (node, &fake.sessions)
		session_end(list_owner(node, struct session, link), why);
	peer_settle(&peer);
}

START_TEST(a_stop_is_explained_to_who_waits)
{
	static const struct {
		const char *sent;
		bool hears;
	} rows[] = {{"", false}, {GET("/wait"), true}, {"GET / HTTP", true}, {GET("/"), false}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup();
		dial();
		say_str(rows[i].sent);
		forget();
		end_all(GOODBYE_SHUTDOWN);
		ck_assert_int_eq(starts("HTTP/1.1 503 "), rows[i].hears);
		ck_assert(is_over());
		hang_up();
		teardown();
	}
}
END_TEST

SUITE_MAIN("http_session", requests_get_their_replies, what_is_wrong_gets_a_sentence,
	   allow_names_what_the_page_can_do, every_reply_has_the_fields_of_this_layer,
	   pipelined_requests_are_answered_in_order, requests_behind_a_bad_one_are_not_looked_at,
	   a_connection_has_so_many_exchanges, a_half_closed_client_gets_what_it_asked_for,
	   a_truncated_request_is_refused, a_long_reply_waits_for_a_slow_reader,
	   chunks_can_be_put_together, a_reply_that_breaks_off_has_no_good_end,
	   a_streamed_body_may_be_long, a_chunked_body_that_is_too_long_is_refused,
	   a_head_that_is_too_long_is_refused, continue_is_said_to_who_waits_for_it,
	   a_handler_may_wait_to_be_woken, an_idle_connection_ends_without_a_word,
	   a_head_or_a_body_that_drips_is_cut_off, head_and_body_have_a_deadline_each,
	   the_end_of_a_reply_is_waited_for, asking_is_not_reading,
	   trailers_without_an_end_are_refused, a_reader_who_takes_nothing_is_let_go,
	   too_many_connections_are_told_to_come_back, a_host_without_a_site_says_so,
	   a_stop_is_explained_to_who_waits)
