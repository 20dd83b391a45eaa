/* Memory runs out at every request of a session that does a little of everything. It may refuse, or
 * end the connection; it never crashes or leaks, and the next session finds all in order. */
#include "support/suite.h"

#include "base/clock.h"
#include "base/log.h"
#include "proto/protocols.h"
#include "support/failing_malloc.h"
#include "support/fake_host.h"
#include "support/peer.h"

enum { IN_MAX = 64 * 1024, PEER_BYTES = 1 << 20 };

static const char *const script[] = {
	"a LOGIN {3}\r\n",
	"bob \"sec\\\\ret\"\r\n",
	"b CREATE a/b/c (USE (\\Drafts))\r\n",
	"c LIST \"\" (% *c) RETURN (STATUS (MESSAGES RECENT))\r\n",
	"d LSUB \"\" *\r\n",
	"e APPEND a/b ($Word) {5+}\r\nhello {5+}\r\nworld\r\n",
	"f SELECT a/b\r\n",
	"g STORE 1 +FLAGS ($Other \\Deleted)\r\n",
	"h FETCH 1:* (UID ENVELOPE BODYSTRUCTURE BODY[])\r\n",
	"i UID SEARCH OR TEXT hello KEYWORD $Other\r\n",
	"j RENAME a/b x\r\n",
	"k IDLE\r\n",
	"DONE\r\n",
	"l COPY 1 x\r\n",
	"m CLOSE\r\n",
	"n DELETE x\r\n",
	"p APPEND INBOX {5+}\r\nhello {5+}\r\nthere {5+}\r\nworld\r\n",
	"q SELECT INBOX\r\n",
	"r UID STORE 1:2 +FLAGS (\\Deleted)\r\n",
	"s STATUS INBOX (MESSAGES UNSEEN)\r\n",
	"o ID (\"name\" \"nobody\")\r\n",
};

static void give_room(struct buf *b)
{
	uint8_t *room = NULL;
	ck_assert_int_eq(buf_reserve(b, PEER_BYTES, &room), ERR_NONE);
}

/* One session, with the n-th request for memory failing. True when there was an n-th. */
static bool run_script(struct fake_host *fake, unsigned long n)
{
	struct peer peer;
	peer_open(&peer, fake->host.loop, IN_MAX);
	give_room(&peer.got);
	give_room(&peer.sent);
	failing_malloc_arm(n);
	imap_session_start(&fake->host, peer.stream, false);
	for (size_t i = 0; i < sizeof(script) / sizeof(script[0]); i++) {
		if (!peer_is_closed(&peer))
			peer_send(&peer, slice_str(script[i]));
		peer_settle(&peer);
	}
	failing_malloc_disarm();
	bool has_failed = failing_malloc_has_fired();
	if (!has_failed)
		ck_assert(slice_find(buf_view(&peer.got), SLICE_LIT("o OK")) != SIZE_MAX);
	peer_close(&peer);
	return has_failed;
}

static void check_next_session(struct fake_host *fake)
{
	struct peer peer;
	peer_open(&peer, fake->host.loop, IN_MAX);
	imap_session_start(&fake->host, peer.stream, false);
	peer_send(&peer, SLICE_LIT("a LOGIN bob sec\\ret\r\n"));
	peer_send(&peer, SLICE_LIT("a LOGIN bob \"sec\\\\ret\"\r\nb SELECT INBOX\r\nc LOGOUT\r\n"));
	peer_settle(&peer);
	ck_assert(slice_find(buf_view(&peer.got), SLICE_LIT("b OK")) != SIZE_MAX);
	peer_close(&peer);
}

START_TEST(a_session_survives_or_ends_cleanly_whatever_fails)
{
	bool has_failed = true;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	for (unsigned long n = 1; has_failed; n++) {
		struct fake_host fake;
		struct loop *loop = NULL;
		clock_freeze(1000, 1700000000);
		ck_assert_int_eq(loop_new(&loop), ERR_NONE);
		fake_host_init(&fake, loop);
		struct policy *policy = &fake_host_add_user(&fake, "bob", "sec\\ret")->policy;
		policy->imap_auto_expunge = true;
		policy->imap_last_copy = LAST_COPY_ARCHIVE;
		policy->imap_folder_limit = 1;
		has_failed = run_script(&fake, n);
		check_next_session(&fake);
		ck_assert_uint_eq(fake.session_count, 0);
		fake_host_free(&fake);
		loop_free(&loop);
		clock_thaw();
	}
}
END_TEST

SUITE_MAIN("nomem_imap", a_session_survives_or_ends_cleanly_whatever_fails)
