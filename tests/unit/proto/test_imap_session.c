#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/imap/imap_session.h"
#include "proto/protocols.h"
#include "support/fake_host.h"
#include "support/peer.h"

enum { IN_MAX = 64 * 1024, MANY_MAILBOXES = 10000 };

static struct loop *loop;
static struct fake_host fake;

static void begin(void)
{
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	clock_freeze(1000, 1700000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	ck_assert(fake_host_add_user(&fake, "bob", "secret"));
}

static void end(void)
{
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

static void connect_client(struct peer *peer)
{
	peer_open(peer, loop, IN_MAX);
	imap_session_start(&fake.host, peer->stream, false);
}

static void say(struct peer *peer, const char *text)
{
	peer_send(peer, slice_str(text));
	peer_settle(peer);
}

static void log_in(struct peer *peer)
{
	connect_client(peer);
	say(peer, "a LOGIN bob secret\r\n");
	ck_assert(slice_find(buf_view(&peer->got), SLICE_LIT("a OK")) != SIZE_MAX);
	buf_clear(&peer->got);
}

/* The session that was opened last. */
static struct imap_session *newest(void)
{
	return (struct imap_session *)list_owner(fake.sessions.prev, struct session, link);
}

static size_t count_of(struct slice hay, const char *needle)
{
	size_t n = 0;
	for (size_t at = slice_find(hay, slice_str(needle)); at != SIZE_MAX; n++) {
		hay = slice_from(hay, at + strlen(needle));
		at = slice_find(hay, slice_str(needle));
	}
	return n;
}

static void check_holds_nothing(const struct imap_session *s, size_t command_max)
{
	ck_assert_ptr_null(s->arena.blocks);
	ck_assert_uint_eq(s->reply.cap, 0);
	ck_assert_uint_eq(s->tagged.cap, 0);
	ck_assert_uint_le(s->command.cap, command_max);
	ck_assert_uint_eq(s->view.expunged.cap + s->view.changed.cap, 0);
}

/* What a selected session that waits costs beside its stream; the budget of the whole connection
 * leaves it 1.5 KiB. */
START_TEST(an_idle_session_costs_its_struct)
{
	struct peer peer;
	begin();
	log_in(&peer);
	say(&peer, "b CREATE {600+}\r\n");
	for (int i = 0; i < 100; i++)
		say(&peer, "abcdef");
	say(&peer, "\r\nc SELECT INBOX\r\nd LIST \"\" *\r\ne FETCH 1:* ALL\r\n");
	check_holds_nothing(newest(), 0);
	say(&peer, "f IDLE\r\n");
	check_holds_nothing(newest(), 512);
	ck_assert_uint_le(sizeof(struct imap_session) + newest()->command.cap, 1536);
	peer_close(&peer);
	end();
}
END_TEST

static void make_mailboxes(unsigned count)
{
	struct account *account = fake_host_account(&fake, "bob");
	char name[32];
	for (unsigned i = 0; i < count; i++) {
		uint64_t ticket;
		snprintf(name, sizeof(name), "m%05u", i);
		struct box_change change = {.kind = BOX_CREATE, .name = slice_str(name)};
		ck_assert_int_eq(account_change_box(account, &change, &ticket), ERR_NONE);
	}
	account_close(&account);
}

START_TEST(a_long_list_waits_for_its_reader_and_for_nobody_else)
{
	struct peer slow, quick;
	begin();
	make_mailboxes(MANY_MAILBOXES - 6);
	log_in(&slow);
	struct imap_session *s = newest();
	slow.take_chunk = 4096;
	peer_send(&slow, SLICE_LIT("b LIST \"\" *\r\n"));
	size_t most = 0;
	for (int i = 0; i < 20; i++) {
		peer_turn(&slow);
		size_t held = s->reply.len + stream_queued(s->base.stream);
		most = held > most ? held : most;
	}
	ck_assert(s->verb && !strcmp(s->verb->name, "LIST"));
	log_in(&quick);
	say(&quick, "c DELETE m05000\r\nd DELETE m09993\r\ne CREATE m05000x\r\n");
	ck_assert_uint_eq(count_of(buf_view(&quick.got), " OK "), 3);
	slow.take_chunk = 0;
	peer_settle(&slow);
	ck_assert_uint_eq(count_of(buf_view(&slow.got), "* LIST "), MANY_MAILBOXES - 1);
	ck_assert_uint_eq(count_of(buf_view(&slow.got), "m05000x\r\n"), 1);
	ck_assert_uint_eq(count_of(buf_view(&slow.got), "b OK"), 1);
	ck_assert_uint_le(most, STREAM_HIGH_WATER + 4096);
	peer_close(&slow);
	peer_close(&quick);
	end();
}
END_TEST

START_TEST(goodbye_is_said_in_idle_and_after_what_was_said)
{
	struct peer peer;
	begin();
	log_in(&peer);
	say(&peer, "b SELECT INBOX\r\nc IDLE\r\n");
	buf_clear(&peer.got);
	session_end(&newest()->base, GOODBYE_SHUTDOWN);
	peer_settle(&peer);
	ck_assert(slice_eq_str(buf_view(&peer.got),
			       "* BYE Server is going down, come back later\r\n"));
	ck_assert(peer_is_closed(&peer));
	peer_close(&peer);
	end();
}
END_TEST

START_TEST(nothing_is_said_inside_a_response)
{
	struct peer peer;
	begin();
	log_in(&peer);
	newest()->in_response = true;
	session_end(&newest()->base, GOODBYE_SHUTDOWN);
	peer_settle(&peer);
	ck_assert_uint_eq(peer.got.len, 0);
	peer_close(&peer);
	end();
}
END_TEST

START_TEST(time_runs_out_for_those_who_are_silent)
{
	struct peer idle, silent, stranger;
	begin();
	log_in(&idle);
	say(&idle, "b IDLE\r\n");
	log_in(&silent);
	connect_client(&stranger);
	peer_settle(&stranger);
	clock_advance(31 * 1000);
	peer_settle(&stranger);
	ck_assert(peer_is_closed(&stranger) && !peer_is_closed(&silent));
	ck_assert_uint_eq(count_of(buf_view(&stranger.got), "* BYE Idle for too long"), 1);
	clock_advance(24 * 60 * 1000);
	peer_settle(&idle);
	ck_assert_uint_eq(count_of(buf_view(&idle.got), "* OK Still here"), 1);
	clock_advance(24 * 60 * 1000);
	peer_settle(&idle);
	peer_settle(&silent);
	ck_assert_uint_eq(count_of(buf_view(&idle.got), "* OK Still here"), 2);
	ck_assert(!peer_is_closed(&idle) && peer_is_closed(&silent));
	/* Out of IDLE the clock ticks again. */
	say(&idle, "DONE\r\n");
	clock_advance(31 * 60 * 1000);
	peer_settle(&idle);
	ck_assert(peer_is_closed(&idle));
	peer_close(&idle);
	peer_close(&silent);
	peer_close(&stranger);
	end();
}
END_TEST

START_TEST(only_a_session_at_rest_may_be_evicted)
{
	struct peer peer;
	begin();
	log_in(&peer);
	const struct session *s = &newest()->base;
	ck_assert(s->ops->is_idle(s));
	say(&peer, "b APPEND INBOX {5+}\r\nab");
	ck_assert(!s->ops->is_idle(s));
	say(&peer, "cde\r\n");
	ck_assert(s->ops->is_idle(s));
	say(&peer, "c IDLE\r\n");
	ck_assert(s->ops->is_idle(s));
	peer_close(&peer);
	end();
}
END_TEST

/* A message is never whole in memory on its way in. */
START_TEST(a_long_message_is_streamed)
{
	static char block[65536];
	struct peer peer;
	char command[64];
	enum { BLOCKS = 64 };
	begin();
	log_in(&peer);
	memset(block, 'x', sizeof(block));
	snprintf(command, sizeof(command), "b APPEND INBOX {%zu+}\r\n", BLOCKS * sizeof(block));
	say(&peer, command);
	for (int i = 0; i < BLOCKS; i++) {
		peer_send(&peer, slice_of(block, sizeof(block)));
		peer_settle(&peer);
		ck_assert_uint_le(newest()->command.cap, 512);
		ck_assert_uint_le(newest()->arena.used_bytes, 4096);
		ck_assert_uint_eq(peer.sent.len, 0);
	}
	say(&peer, "\r\n");
	ck_assert_uint_eq(count_of(buf_view(&peer.got), "b OK [APPENDUID "), 1);
	ck_assert_uint_eq(fake_host_count_mail(&fake, "bob", "INBOX"), 1);
	peer_close(&peer);
	end();
}
END_TEST

START_TEST(sets_walk_over_uids_and_over_numbers)
{
	struct peer peer;
	begin();
	for (int i = 0; i < 5; i++)
		fake_host_add_mail(&fake, "bob", "INBOX", SLICE_LIT("x"), 0, 0);
	fake_host_expunge(&fake, "bob", "INBOX", 1); /* UIDs 1 3 4 5 */
	log_in(&peer);
	say(&peer, "b SELECT INBOX\r\n");
	struct imap_session *s = newest();
	struct arena arena;
	struct imap_seqset set;
	uint32_t uid = 0, seq = 0, walked = 0;

	arena_init(&arena, 1 << 16);
	ck_assert_int_eq(imap_seqset_parse(SLICE_LIT("2:4,9:*"), &arena, &set), ERR_NONE);
	s->is_uid = true;
	ck_assert_int_eq(imap_resolve(s, &set), ERR_NONE);
	while (imap_set_next(s, &set, uid, &uid, &seq))
		walked = walked * 100 + uid * 10 + seq;
	ck_assert_uint_eq(walked, 324354); /* UID 3 is 2nd, 4 is 3rd, "*" is UID 5 */

	s->is_uid = false;
	uid = walked = 0;
	ck_assert_int_eq(imap_seqset_parse(SLICE_LIT("2,4"), &arena, &set), ERR_NONE);
	ck_assert_int_eq(imap_resolve(s, &set), ERR_NONE);
	while (imap_set_next(s, &set, uid, &uid, &seq))
		walked = walked * 100 + uid * 10 + seq;
	ck_assert_uint_eq(walked, 3254);
	ck_assert_int_eq(imap_seqset_parse(SLICE_LIT("2:5"), &arena, &set), ERR_NONE);
	ck_assert_int_eq(imap_resolve(s, &set), ERR_SYNTAX);
	arena_reset(&arena);
	peer_close(&peer);
	end();
}
END_TEST

SUITE_MAIN("imap_session", an_idle_session_costs_its_struct,
	   a_long_list_waits_for_its_reader_and_for_nobody_else,
	   goodbye_is_said_in_idle_and_after_what_was_said, nothing_is_said_inside_a_response,
	   time_runs_out_for_those_who_are_silent, only_a_session_at_rest_may_be_evicted,
	   a_long_message_is_streamed, sets_walk_over_uids_and_over_numbers)
