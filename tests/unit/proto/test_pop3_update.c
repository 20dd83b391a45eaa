/* QUIT when the store has trouble, when there is nothing to do, and when there is very much. */
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "proto/pop3/pop3_note.h"
#include "proto/pop3/pop3_session.h"
#include "proto/protocols.h"
#include "store/store_backend.h"
#include "support/fake_host.h"
#include "support/peer.h"

/* --- a store that fails on demand -------------------------------------------------------------- */

static enum err fails_with;
static bool fails_at[CHANGE_MOVE + 1]; /* by kind of change */
static bool fails_at_notes;
static unsigned changes; /* of messages and mailboxes that were asked for */
static uint32_t changed; /* messages in them */

static enum err moody_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	if (fails_at[c->kind])
		return fails_with;
	changes++;
	changed += (uint32_t)c->count;
	return store_ram_ops.change(box, c, ticket_out);
}

static enum err moody_box_change(struct account *a, const struct box_plan *plan,
				 uint64_t *ticket_out)
{
	if (fails_at_notes)
		return fails_with;
	changes++;
	return store_ram_ops.box_change(a, plan, ticket_out);
}

static struct store_ops moody_ops;
static struct loop *loop;
static struct fake_host fake;
static struct fake_user *bob;
static struct peer peer;

static void setup(unsigned messages)
{
	moody_ops = store_ram_ops;
	moody_ops.change = moody_change;
	moody_ops.box_change = moody_box_change;
	memset(fails_at, 0, sizeof(fails_at));
	fails_at_notes = false;
	clock_freeze(1000 * 1000, 1790000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init_on(&fake, loop, &moody_ops);
	bob = fake_host_add_user(&fake, "bob", "secret");
	for (unsigned i = 0; i < messages; i++)
		ck_assert_uint_ne(fake_host_add_mail(&fake, "bob", "INBOX",
						     SLICE_LIT("Subject: x\r\n\r\ny\r\n"), 0,
						     1790000000),
				  0);
	changes = changed = 0;
}

static void teardown(void)
{
	ck_assert_uint_eq(fake.session_count, 0);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

static void say(const char *text)
{
	peer_send(&peer, slice_str(text));
	peer_settle(&peer);
}

static struct slice heard(void)
{
	return buf_view(&peer.got);
}

static void connect_as(const char *user)
{
	char text[128];
	snprintf(text, sizeof(text), "USER %s\r\nPASS secret\r\n", user);
	peer_open(&peer, loop, 64 * 1024);
	pop3_session_start(&fake.host, peer.stream, false);
	say(text);
	ck_assert(slice_find(heard(), SLICE_LIT("octets)\r\n")) != SIZE_MAX);
	buf_clear(&peer.got);
}

/* The session: these commands, QUIT, and what is said to QUIT. */
static void play(const char *user, const char *commands, const char *wanted)
{
	connect_as(user);
	say(commands);
	buf_clear(&peer.got);
	say("QUIT\r\n");
	ck_assert_msg(slice_starts(heard(), slice_str(wanted)), SLICE_FMT, SLICE_ARG(heard()));
	peer_close(&peer);
}

static uint32_t count(const char *box)
{
	return fake_host_count_mail(&fake, "bob", box);
}

static struct mailbox *inbox(void)
{
	return account_find(bob->account, SLICE_LIT("INBOX"));
}

/* --- trouble ----------------------------------------------------------------------------------- */

START_TEST(what_was_not_done_is_not_noted)
{
	setup(4);
	bob->policy.pop3_after = POP3_AFTER_ARCHIVE;
	bob->policy.pop3_show_again = false;
	fails_at[CHANGE_MOVE] = true;
	fails_with = ERR_IO;
	play("bob", "RETR 1\r\nRETR 2\r\n", "-ERR [SYS/TEMP] Nothing was changed");
	ck_assert_uint_eq(count("INBOX"), 4);
	ck_assert_uint_eq(inbox()->note.len, 0);
	/* A part that was done before: said so, and the rest is as it was. */
	play("bob", "RETR 1\r\nDELE 3\r\n", "-ERR [SYS/TEMP] Not everything could be done");
	ck_assert_uint_eq(count("INBOX"), 3);
	ck_assert_uint_eq(inbox()->note.len, 0);
	fails_at[CHANGE_MOVE] = false;
	play("bob", "RETR 1\r\n", "+OK");
	ck_assert_uint_eq(count("INBOX"), 2);
	ck_assert_uint_eq(count("Archive"), 1);
	teardown();
}
END_TEST

START_TEST(a_full_store_can_delete_and_says_when_it_cannot_note)
{
	setup(4);
	bob->policy.pop3_show_again = false;
	fails_at_notes = true;
	fails_with = ERR_FULL;
	play("bob", "RETR 1\r\n", "-ERR [SYS/TEMP] Nothing was changed");
	ck_assert_uint_eq(inbox()->note.len, 0);
	play("bob", "RETR 1\r\nDELE 2\r\n", "-ERR [SYS/TEMP] Not everything could be done");
	ck_assert_uint_eq(count("INBOX"), 3);
	/* Where all of it is deleted there is nothing to note. */
	bob->policy.pop3_after = POP3_AFTER_DELETE;
	play("bob", "RETR 1\r\nDELE 2\r\n", "+OK");
	ck_assert_uint_eq(count("INBOX"), 1);
	teardown();
}
END_TEST

START_TEST(an_archive_that_cannot_be_made_leaves_all_as_it_was)
{
	struct box_change change = {.kind = BOX_DELETE};
	uint64_t ticket;
	setup(2);
	change.box = account_find(bob->account, SLICE_LIT("Archive"));
	ck_assert_int_eq(account_change_box(bob->account, &change, &ticket), ERR_NONE);
	bob->policy.pop3_after = POP3_AFTER_ARCHIVE;
	fails_at_notes = true;
	fails_with = ERR_FULL;
	play("bob", "RETR 1\r\n", "-ERR [SYS/TEMP]");
	ck_assert_uint_eq(count("INBOX"), 2);
	fails_at_notes = false;
	play("bob", "RETR 1\r\n", "+OK");
	ck_assert_uint_eq(count("INBOX"), 1);
	ck_assert_uint_eq(count("Archive"), 1);
	ck_assert_uint_eq(account_find_use(bob->account, USE_ARCHIVE)->messages, 1);
	teardown();
}
END_TEST

/* --- little ------------------------------------------------------------------------------------ */

START_TEST(a_poll_without_new_mail_writes_nothing)
{
	static const char *const users[] = {"bob", "bob+phone", "bob+desk", "recent:bob"};
	setup(3);
	for (int is_own = 0; is_own < 2; is_own++) {
		bob->policy.pop3_devices = is_own ? POP3_DEVICES_OWN : POP3_DEVICES_SHARED;
		for (size_t i = 0; i < 4; i++)
			play(users[i], "RETR 1\r\nUIDL\r\n", "+OK");
		changes = 0;
		for (size_t i = 0; i < 4; i++) {
			play(users[i], "STAT\r\nUIDL\r\nTOP 2 5\r\n", "+OK");
			play(users[i], "RETR 1\r\n", "+OK"); /* once more: known already */
			play(users[i], "", "+OK");
		}
		ck_assert_uint_eq(changes, 0);
	}
	teardown();
}
END_TEST

START_TEST(a_session_is_one_change_of_each_kind)
{
	setup(200);
	char commands[200 * 24] = "";
	size_t len = 0;
	for (int i = 1; i <= 200; i++)
		len += (size_t)snprintf(commands + len, sizeof(commands) - len, "%s %d\r\n",
					i % 2 ? "RETR" : "DELE", i);
	bob->policy.pop3_after = POP3_AFTER_ARCHIVE;
	play("bob", commands, "+OK");
	ck_assert_uint_eq(changes, 2); /* nothing is left to note */
	ck_assert_uint_eq(changed, 200);
	ck_assert_uint_eq(count("INBOX"), 0);
	ck_assert_uint_eq(count("Archive"), 100);
	teardown();
}
END_TEST

/* --- a board without a battery ----------------------------------------------------------------- */

static uint32_t noted_day(void)
{
	struct pop3_state s;
	ck_assert_int_eq(pop3_note_read(inbox(), &s), ERR_NONE);
	ck_assert_uint_eq(s.devices[0].downloaded.count, 1);
	uint32_t day = s.devices[0].downloaded.at[0].day;
	pop3_state_free(&s);
	return day;
}

START_TEST(without_a_clock_recent_shows_all_and_days_wait)
{
	setup(3);
	clock_freeze(1000 * 1000, 1790000000 + 40 * 86400);
	connect_as("recent:bob");
	say("STAT\r\nQUIT\r\n");
	ck_assert(slice_starts(heard(), SLICE_LIT("+OK 0 0")));
	peer_close(&peer);
	clock_freeze(1000 * 1000, 3600); /* 1970 */
	connect_as("recent:bob");
	say("STAT\r\nQUIT\r\n");
	ck_assert(slice_starts(heard(), SLICE_LIT("+OK 3 ")));
	peer_close(&peer);
	play("bob", "RETR 1\r\n", "+OK");
	ck_assert_uint_eq(noted_day(), 0);
	/* The next session that knows it writes the day down, once. */
	clock_freeze(1000 * 1000, 1790000000);
	changes = 0;
	play("bob", "", "+OK");
	play("bob", "", "+OK");
	ck_assert_uint_eq(noted_day(), 1790000000 / 86400);
	ck_assert_uint_eq(changes, 1);
	teardown();
}
END_TEST

/* --- half of a message ------------------------------------------------------------------------- */

START_TEST(a_message_on_its_way_does_not_count)
{
	struct buf big;
	setup(0);
	buf_init(&big, 1 << 20);
	while (big.len < 300000)
		ck_assert_int_eq(buf_add_str(&big, "a line of a long message\r\n"), ERR_NONE);
	for (int i = 0; i < 2; i++)
		ck_assert_uint_ne(
			fake_host_add_mail(&fake, "bob", "INBOX", buf_view(&big), 0, 1790000000),
			0);
	buf_free(&big);
	bob->policy.pop3_after = POP3_AFTER_DELETE;
	/* QUIT is there already; the client takes a little at a time, and goes before the end. */
	for (int turns = 1; turns < 400; turns += 57) {
		connect_as("bob");
		peer.take_chunk = 1000;
		peer_send(&peer, SLICE_LIT("RETR 1\r\nQUIT\r\n"));
		for (int i = 0; i < turns && peer.got.len < 250000; i++)
			peer_turn(&peer);
		ck_assert_uint_gt(290000, peer.got.len);
		peer_reset(&peer);
		peer_settle(&peer);
		peer_close(&peer);
		ck_assert_uint_eq(count("INBOX"), 2);
	}
	/* One who takes it to the end has it, whichever way he ends. */
	connect_as("bob");
	peer.take_chunk = 5000;
	peer_send(&peer, SLICE_LIT("RETR 1\r\nQUIT\r\n"));
	peer_half_close(&peer);
	peer_settle(&peer);
	ck_assert(peer_is_closed(&peer));
	ck_assert(slice_ends_nocase(heard(), ".\r\n+OK Goodbye\r\n"));
	peer_close(&peer);
	ck_assert_uint_eq(count("INBOX"), 1);
	teardown();
}
END_TEST

/* All of it is in the daemon's memory and QUIT is due, but the client has not got it. */
START_TEST(a_message_that_has_not_left_does_not_count)
{
	setup(0);
	struct buf text;
	buf_init(&text, 8192);
	while (text.len < 6000)
		ck_assert_int_eq(buf_add_str(&text, "a line of a message\r\n"), ERR_NONE);
	ck_assert_uint_ne(fake_host_add_mail(&fake, "bob", "INBOX", buf_view(&text), 0, 1790000000),
			  0);
	buf_free(&text);
	bob->policy.pop3_after = POP3_AFTER_DELETE;
	for (int turns = 1; turns < 50; turns += 7) {
		connect_as("bob");
		peer.take_chunk = 100;
		peer_send(&peer, SLICE_LIT("RETR 1\r\nQUIT\r\n"));
		for (int i = 0; i < turns; i++)
			peer_turn(&peer);
		ck_assert_uint_lt(peer.got.len, 6000);
		peer_reset(&peer);
		peer_settle(&peer);
		peer_close(&peer);
		ck_assert_uint_eq(count("INBOX"), 1);
	}
	connect_as("bob");
	peer.take_chunk = 100;
	say("RETR 1\r\nQUIT\r\n");
	ck_assert(slice_ends_nocase(heard(), ".\r\n+OK Goodbye\r\n"));
	peer_close(&peer);
	ck_assert_uint_eq(count("INBOX"), 0);
	teardown();
}
END_TEST

/* --- much -------------------------------------------------------------------------------------- */

/* Looks at 20,000 messages come in slices: between them others have their turn. */
START_TEST(dates_of_many_messages_are_looked_at_in_slices)
{
	enum { MANY = 20000 };
	setup(MANY);
	connect_as("recent:bob");
	say("STAT\r\n");
	ck_assert(slice_starts(heard(), SLICE_LIT("+OK 20000 ")));
	struct pop3_session *s =
		(struct pop3_session *)list_owner(fake.sessions.next, struct session, link);
	ck_assert_uint_eq(s->drop.spans.count, 1);
	buf_clear(&peer.got);
	say("QUIT\r\n");
	peer_close(&peer);
	/* Time stands still for a session whose slice is over at once. */
	struct pop3_drop drop = {.login = NULL};
	connect_as("bob");
	s = (struct pop3_session *)list_owner(fake.sessions.next, struct session, link);
	pop3_drop_close(&s->drop);
	s->s.login->is_recent = true;
	s->s.slice_end_ms = 0;
	unsigned slices = 0;
	enum err err;
	while ((err = pop3_drop_open(&drop, &s->s)) == ERR_AGAIN)
		slices++;
	ck_assert_int_eq(err, ERR_NONE);
	ck_assert_uint_eq(drop.count, MANY);
	ck_assert_uint_gt(slices, 100);
	pop3_drop_close(&drop);
	s->s.login->is_recent = false;
	ck_assert_int_eq(pop3_drop_open(&s->drop, &s->s), ERR_NONE); /* nothing to look at */
	peer_close(&peer);
	teardown();
}
END_TEST

SUITE_MAIN("pop3_update", what_was_not_done_is_not_noted,
	   a_full_store_can_delete_and_says_when_it_cannot_note,
	   an_archive_that_cannot_be_made_leaves_all_as_it_was,
	   a_poll_without_new_mail_writes_nothing, a_session_is_one_change_of_each_kind,
	   without_a_clock_recent_shows_all_and_days_wait, a_message_on_its_way_does_not_count,
	   a_message_that_has_not_left_does_not_count,
	   dates_of_many_messages_are_looked_at_in_slices)
