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
#include "support/system_kit.h"

enum { IN_MAX = 16 * 1024, PEER_BYTES = 1 << 20 };

extern const struct app_part web_part;

#define REQUEST(line, fields) line " HTTP/1.1\r\nHost: localhost\r\n" fields "\r\n"

struct script {
	const char *const *requests, *const *wanted; /* closed by NULL */
};

static const char *const setup_requests[] = {
	REQUEST("GET /setup", "Accept-Language: id\r\n"),
	REQUEST("GET /style.css", ""),
	REQUEST("GET /", ""),
	REQUEST("POST /language", "Origin: http://localhost\r\nContent-Length: 7\r\n"
				  "Content-Type: application/x-www-form-urlencoded\r\n") "lang=id",
	"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
	NULL,
};
static const char *const setup_wanted[] = {"Kode penyiapan", "color-scheme:light dark",
					   "Set-Cookie: lang=id", "HTTP/1.1 421 ", NULL};
static const struct script setup_script = {setup_requests, setup_wanted};

static const char *const rescue_requests[] = {
	REQUEST("GET /", ""),
	REQUEST("POST /wipe", "Origin: http://localhost\r\nContent-Length: 6\r\n"
			      "Content-Type: application/x-www-form-urlencoded\r\n") "word=x",
	NULL,
};
static const char *const rescue_wanted[] = {"Version 0.2.0 did not start", "This is not the word",
					    NULL};
static const struct script rescue_script = {rescue_requests, rescue_wanted};

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
static bool run_script(struct app_kit *k, const struct script *s, unsigned long n)
{
	struct peer peer;
	peer_open(&peer, k->app.loop, IN_MAX);
	give_room(&peer.got);
	give_room(&peer.sent);
	if (n)
		failing_malloc_arm(n);
	http_session_start(&k->app.host, peer.stream, false);
	for (const char *const *request = s->requests; *request; request++) {
		if (!peer_is_closed(&peer))
			peer_send(&peer, slice_str(*request));
		peer_settle(&peer);
	}
	bool has_failed = n && failing_malloc_has_fired();
	failing_malloc_disarm();
	for (const char *const *text = s->wanted; *text && !has_failed; text++)
		ck_assert_msg(has(&peer, *text), "%s", *text);
	peer_close(&peer);
	return has_failed;
}

static void run_until_nothing_fails(const struct script *s, struct system *system)
{
	struct app_kit k;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	app_kit_open(&k, &store_ram_ops, SERVICE_LMTP);
	snprintf(k.app.hostname, sizeof(k.app.hostname), "box");
	k.app.host.hostname = k.app.hostname;
	k.app.host.version = "0";
	k.app.system = system;
	k.app.options.is_rescue = system;
	ck_assert_int_eq(web_part.start(&k.app), ERR_NONE);
	bool has_failed = true;
	for (unsigned long n = 1; has_failed; n++) {
		web_pack_close();
		has_failed = run_script(&k, s, n);
		ck_assert(!run_script(&k, s, 0));
	}
	web_part.at[APP_STOP](&k.app);
	k.app.system = NULL;
	app_kit_close(&k);
}

START_TEST(a_page_is_made_or_refused_whatever_fails)
{
	run_until_nothing_fails(&setup_script, NULL);
}
END_TEST

START_TEST(the_rescue_page_is_made_or_refused_whatever_fails)
{
	struct system_kit kit;
	system_kit_open(&kit, "a");
	system_kit_write(&kit, "problems", SLICE_LIT("slot-failed=0.2.0\nno-network\n"));
	run_until_nothing_fails(&rescue_script, &kit.system);
	system_kit_close(&kit);
}
END_TEST

SUITE_MAIN("nomem_web", a_page_is_made_or_refused_whatever_fails,
	   the_rescue_page_is_made_or_refused_whatever_fails)
