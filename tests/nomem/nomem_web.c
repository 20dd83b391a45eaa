/* Memory runs out at requests of the page, one after the other: zlib's, too. Whoever asks
 * gets a page, an error, or a closed connection; nothing leaks, and the next one gets his page. */
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/app_part.h"
#include "app/web_pack.h"
#include "app/web_visit.h"
#include "base/log.h"
#include "store/store_ops.h"
#include "support/app_kit.h"
#include "support/failing_malloc.h"

enum { IN_MAX = 16 * 1024, PEER_BYTES = 1 << 20 };

extern const struct app_part web_part;

#define REQUEST(line, fields) line " HTTP/1.1\r\nHost: localhost\r\n" fields "\r\n"

static const char *const script[] = {
	REQUEST("GET /setup", "Accept-Language: id\r\n"),
	REQUEST("GET /style.css", ""),
	REQUEST("GET /", ""),
	REQUEST("POST /language", "Origin: http://localhost\r\nContent-Length: 7\r\n"
				  "Content-Type: application/x-www-form-urlencoded\r\n") "lang=id",
	"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
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

/* One connection, with the n-th request for memory failing; 0: none. True when there was an n-th. */
static bool run_script(struct app_kit *k, unsigned long n)
{
	struct peer peer;
	peer_open(&peer, k->app.loop, IN_MAX);
	give_room(&peer.got);
	give_room(&peer.sent);
	if (n)
		failing_malloc_arm(n);
	http_session_start(&k->app.host, peer.stream, false);
	for (size_t i = 0; i < sizeof(script) / sizeof(script[0]); i++) {
		if (!peer_is_closed(&peer))
			peer_send(&peer, slice_str(script[i]));
		peer_settle(&peer);
	}
	bool has_failed = n && failing_malloc_has_fired();
	failing_malloc_disarm();
	if (!has_failed) {
		ck_assert(has(&peer, "Kode penyiapan"));
		ck_assert(has(&peer, "color-scheme: light dark"));
		ck_assert(has(&peer, "Set-Cookie: lang=id"));
		ck_assert(has(&peer, "HTTP/1.1 421 "));
	}
	peer_close(&peer);
	return has_failed;
}

START_TEST(a_page_is_made_or_refused_whatever_fails)
{
	struct app_kit k;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	app_kit_open(&k, &store_ram_ops, SERVICE_LMTP);
	snprintf(k.app.hostname, sizeof(k.app.hostname), "box");
	k.app.host.hostname = k.app.hostname;
	k.app.host.version = "0";
	ck_assert_int_eq(web_part.start(&k.app), ERR_NONE);
	bool has_failed = true;
	for (unsigned long n = 1; has_failed; n++) {
		web_pack_close();
		has_failed = run_script(&k, n);
		ck_assert(!run_script(&k, 0));
	}
	web_part.stop(&k.app);
	app_kit_close(&k);
}
END_TEST

SUITE_MAIN("nomem_web", a_page_is_made_or_refused_whatever_fails)
