/* Memory runs out at every request of a connection that does a little of everything. It may refuse, or
 * end the connection; it never crashes or leaks, and the next connection finds all in order. */
#include "support/suite.h"

#include "base/clock.h"
#include "base/log.h"
#include "support/failing_malloc.h"
#include "support/fake_host.h"
#include "support/peer.h"
#include "support/test_site.h"

enum { IN_MAX = 16 * 1024, PEER_BYTES = 1 << 20 };

#define REQUEST(line, fields) line " HTTP/1.1\r\nHost: h\r\n" fields "\r\n"

static const char *const script[] = {
	REQUEST("GET /", "Cookie: a=1\r\nCookie: b=2\r\n"),
	REQUEST("GET /nowhere", ""),
	REQUEST("GET /query?a=b", ""),
	REQUEST("GET /chunks", ""),
	REQUEST("GET /again", ""),
	REQUEST("POST /echo", "Content-Length: 3\r\nExpect: 100-continue\r\n"),
	"abc",
	REQUEST("POST /echo", "Transfer-Encoding: chunked\r\n"),
	"3\r\nabc\r\n0\r\n\r\n",
	REQUEST("POST /take", "Transfer-Encoding: chunked\r\n"),
	"3\r\nabc\r\n0\r\n\r\n",
	REQUEST("GET /split", ""),
	REQUEST("GET /tail/end", ""),
};

static void give_room(struct buf *b)
{
	uint8_t *room = NULL;
	ck_assert_int_eq(buf_reserve(b, PEER_BYTES, &room), ERR_NONE);
}

static bool has(const struct peer *peer, const char *text)
{
	return slice_find(buf_view(&peer->got), slice_str(text)) != SIZE_MAX;
}

/* One connection, with the n-th request for memory failing. True when there was an n-th. */
static bool run_script(struct fake_host *fake, unsigned long n)
{
	struct peer peer;
	peer_open(&peer, fake->host.loop, IN_MAX);
	give_room(&peer.got);
	give_room(&peer.sent);
	failing_malloc_arm(n);
	http_session_start(&fake->host, peer.stream, false);
	for (size_t i = 0; i < sizeof(script) / sizeof(script[0]); i++) {
		if (!peer_is_closed(&peer))
			peer_send(&peer, slice_str(script[i]));
		peer_settle(&peer);
	}
	failing_malloc_disarm();
	bool has_failed = failing_malloc_has_fired();
	if (!has_failed)
		ck_assert(has(&peer, "\r\n\r\nend"));
	peer_close(&peer);
	return has_failed;
}

static void check_next_connection(struct fake_host *fake)
{
	struct peer peer;
	peer_open(&peer, fake->host.loop, IN_MAX);
	http_session_start(&fake->host, peer.stream, false);
	peer_send(&peer, slice_str(script[0]));
	peer_settle(&peer);
	ck_assert(has(&peer, "\r\n\r\nhello"));
	peer_close(&peer);
}

START_TEST(a_connection_survives_or_ends_cleanly_whatever_fails)
{
	bool has_failed = true;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	for (unsigned long n = 1; has_failed; n++) {
		struct fake_host fake;
		struct loop *loop = NULL;
		clock_freeze(1000, 1700000000);
		ck_assert_int_eq(loop_new(&loop), ERR_NONE);
		fake_host_init(&fake, loop);
		fake.host.site = &test_site;
		test_site_init();
		has_failed = run_script(&fake, n);
		check_next_connection(&fake);
		ck_assert_uint_eq(fake.session_count, 0);
		ck_assert_uint_eq(test_site_open_commands, 0);
		ck_assert_uint_eq(test_site_open_data, 0);
		fake_host_free(&fake);
		loop_free(&loop);
		clock_thaw();
	}
}
END_TEST

SUITE_MAIN("nomem_http", a_connection_survives_or_ends_cleanly_whatever_fails)
