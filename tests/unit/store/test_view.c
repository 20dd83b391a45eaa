#include "store/view.h"

#include <stdlib.h>

#include "store/ram_store.h"
#include "support/store_kit.h"

static void expect_news(struct view *v, bool may_expunge, enum view_news_kind kind, uint32_t seq,
			uint32_t uid)
{
	struct view_news news;
	do {
		ck_assert_int_eq(view_has_news(v, may_expunge), kind != VIEW_NOTHING);
		news = view_next(v, may_expunge);
	} while (news.kind == VIEW_MORE);
	ck_assert_int_eq(news.kind, kind);
	ck_assert_uint_eq(news.seq, seq);
	ck_assert_uint_eq(news.uid, uid);
}

static void append_many(struct kit *k, struct mailbox *box, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		kit_append(k, box, "text", 0);
}

START_TEST(numbers_change_only_when_told)
{
	struct kit k;
	struct view v;
	struct msg_info info;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 5);
	ck_assert_int_eq(view_open(&v, box, false, NULL), ERR_NONE);
	ck_assert_uint_eq(v.count, 5);
	expect_news(&v, true, VIEW_NOTHING, 0, 0);
	ck_assert_int_eq(kit_expunge(&k, box, 2), ERR_NONE);
	ck_assert_int_eq(kit_expunge(&k, box, 4), ERR_NONE);
	append_many(&k, box, 1);
	for (uint32_t i = 1; i <= 5; i++) {
		ck_assert_uint_eq(view_uid(&v, i), i);
		ck_assert_uint_eq(view_seq(&v, i), i);
	}
	ck_assert_uint_eq(view_uid(&v, 0), 0);
	ck_assert_uint_eq(view_uid(&v, 6), 0);
	ck_assert_uint_eq(view_seq(&v, 6), 0);
	ck_assert_uint_eq(view_seq_at_or_after(&v, 6), 6);
	ck_assert_int_eq(view_info(&v, 2, &info), ERR_GONE);
	ck_assert_int_eq(view_info(&v, 6, &info), ERR_NOT_FOUND);
	ck_assert_int_eq(view_info(&v, 3, &info), ERR_NONE);
	ck_assert_uint_eq(view_last_uid(&v), 5);
	expect_news(&v, false, VIEW_EXISTS, 0, 0);
	ck_assert_uint_eq(v.count, 6);
	expect_news(&v, false, VIEW_NOTHING, 0, 0);
	ck_assert_uint_eq(view_last_uid(&v), 6);
	expect_news(&v, true, VIEW_EXPUNGE, 4, 4);
	expect_news(&v, true, VIEW_EXPUNGE, 2, 2);
	expect_news(&v, true, VIEW_NOTHING, 0, 0);
	ck_assert_uint_eq(v.count, 4);
	ck_assert_uint_eq(view_uid(&v, 4), 6);
	ck_assert_uint_eq(view_seq(&v, 2), 0);
	ck_assert_uint_eq(view_seq_at_or_after(&v, 2), 2);
	view_close(&v);
	view_close(&v); /* harmless */
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(message_that_came_and_went_unseen_is_not_mentioned)
{
	struct kit k;
	struct view v;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 2);
	ck_assert_int_eq(view_open(&v, box, false, NULL), ERR_NONE);
	append_many(&k, box, 2);
	ck_assert_int_eq(kit_flags(&k, box, 3, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_int_eq(kit_expunge(&k, box, 3), ERR_NONE);
	ck_assert_int_eq(kit_expunge(&k, box, 4), ERR_NONE);
	expect_news(&v, true, VIEW_NOTHING, 0, 0);
	append_many(&k, box, 1);
	expect_news(&v, true, VIEW_EXISTS, 0, 0);
	ck_assert_uint_eq(v.count, 3);
	ck_assert_uint_eq(view_uid(&v, 3), 5);
	expect_news(&v, true, VIEW_NOTHING, 0, 0);
	view_close(&v);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(flag_changes_are_told_once_and_forgotten_on_demand)
{
	struct kit k;
	struct view v;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 4);
	ck_assert_int_eq(view_open(&v, box, false, NULL), ERR_NONE);
	for (uint32_t uid = 4; uid; uid--)
		ck_assert_int_eq(kit_flags(&k, box, uid, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_int_eq(kit_flags(&k, box, 3, FLAGS_ADD, FLAG_DRAFT), ERR_NONE);
	view_forget_flags(&v, 2);
	view_forget_flags(&v, 77);
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_NONE);
	expect_news(&v, false, VIEW_FLAGS, 3, 3);
	expect_news(&v, true, VIEW_EXPUNGE, 1, 1);
	expect_news(&v, true, VIEW_FLAGS, 3, 4);
	expect_news(&v, true, VIEW_NOTHING, 0, 0);
	ck_assert_ptr_null(v.changed.uids); /* caught up: no list */
	ck_assert_ptr_null(v.expunged.uids);
	view_close(&v);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(too_many_flag_changes_are_found_by_modseq)
{
	enum { MANY = 3 * VIEW_CHANGED_MAX };
	static uint32_t uids[MANY];
	struct kit k;
	struct view v;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, MANY);
	ck_assert_int_eq(view_open(&v, box, false, NULL), ERR_NONE);
	/* All but the first thousand and every seventh. */
	size_t n = 0;
	for (uint32_t uid = 1001; uid <= MANY; uid++)
		if (uid % 7)
			uids[n++] = uid;
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = uids,
			       .count = n,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert(v.changed_overflow);
	ck_assert_ptr_null(v.changed.uids);
	unsigned calls = 0;
	for (size_t i = 0; i < n;) {
		struct view_news news = view_next(&v, true);
		calls++;
		if (news.kind == VIEW_MORE)
			continue;
		ck_assert_int_eq(news.kind, VIEW_FLAGS);
		ck_assert_uint_eq(news.uid, uids[i]);
		ck_assert_uint_eq(news.seq, uids[i]);
		i++;
		/* Behind the scan a change is kept by UID, ahead of it the scan finds it. */
		if (i == n / 2) {
			ck_assert_int_eq(kit_flags(&k, box, 3, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
			ck_assert_int_eq(kit_flags(&k, box, MANY, FLAGS_ADD, FLAG_DRAFT), ERR_NONE);
		}
	}
	ck_assert_uint_le(calls, n + MANY / 100);
	ck_assert_uint_ne(MANY % 7, 0); /* the last one is among them */
	expect_news(&v, true, VIEW_FLAGS, 3, 3);
	expect_news(&v, true, VIEW_NOTHING, 0, 0);
	ck_assert_uint_eq(v.seen_modseq, box->highest_modseq);
	view_close(&v);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(recent_belongs_to_the_first_session_that_is_told)
{
	struct kit k;
	struct view select, examine, later;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 3);
	ck_assert_int_eq(view_open(&examine, box, false, NULL), ERR_NONE);
	ck_assert_int_eq(view_open(&select, box, true, NULL), ERR_NONE);
	ck_assert_int_eq(view_open(&later, box, true, NULL), ERR_NONE);
	ck_assert_uint_eq(view_recent(&examine), 0);
	ck_assert_uint_eq(view_recent(&select), 3);
	ck_assert_uint_eq(view_recent(&later), 0);
	ck_assert_ptr_null(later.recent); /* nothing to remember */
	append_many(&k, box, 2);
	expect_news(&examine, true, VIEW_EXISTS, 0, 0);
	expect_news(&later, true, VIEW_EXISTS, 0, 0);
	append_many(&k, box, 1);
	expect_news(&select, true, VIEW_EXISTS, 0, 0);
	expect_news(&later, true, VIEW_EXISTS, 0, 0);
	ck_assert_uint_eq(view_recent(&examine), 0);
	ck_assert_uint_eq(view_recent(&select), 4);
	ck_assert_uint_eq(view_recent(&later), 2);
	for (uint32_t uid = 1; uid <= 6; uid++) {
		ck_assert_int_eq(view_is_recent(&select, uid), uid <= 3 || uid == 6);
		ck_assert_int_eq(view_is_recent(&later, uid), uid == 4 || uid == 5);
	}
	ck_assert_int_eq(kit_expunge(&k, box, 2), ERR_NONE);
	ck_assert_uint_eq(view_recent(&select), 4); /* not told yet */
	expect_news(&select, true, VIEW_EXPUNGE, 2, 2);
	ck_assert_uint_eq(view_recent(&select), 3);
	view_close(&select);
	view_close(&examine);
	view_close(&later);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

static unsigned changes_heard;
static void count_change(struct view *v)
{
	(void)v;
	changes_heard++;
}

START_TEST(deleted_mailbox_ends_the_view)
{
	struct kit k;
	struct view v;
	struct msg_info info;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "Junk");
	append_many(&k, box, 2);
	changes_heard = 0;
	ck_assert_int_eq(view_open(&v, box, true, count_change), ERR_NONE);
	ck_assert_int_eq(kit_flags(&k, box, 1, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_uint_eq(changes_heard, 1);
	ck_assert_int_eq(kit_delete(&k, "Junk"), ERR_NONE);
	ck_assert_uint_eq(changes_heard, 2);
	expect_news(&v, false, VIEW_GONE, 0, 0);
	expect_news(&v, true, VIEW_GONE, 0, 0);
	ck_assert_uint_eq(view_uid(&v, 1), 0);
	ck_assert_uint_eq(view_seq(&v, 1), 0);
	ck_assert_uint_eq(view_seq_at_or_after(&v, 1), 3);
	ck_assert_int_eq(view_info(&v, 1, &info), ERR_GONE);
	view_forget_flags(&v, 1);
	view_close(&v);
	ck_assert_int_eq(view_open(&v, box, true, NULL), ERR_GONE);
	view_close(&v);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

/* --- the oracle --------------------------------------------------------------------------------
 * A naive client that believes what it is told, in the order it is told, must at every moment have
 * the numbers the view has, and after the last piece of news the mailbox itself. */

/* check notes every ck_assert that is passed, at the price of a system call: too slow for here. */
#define MUST(claim) ((claim) ? (void)0 : ck_abort_msg("%s", #claim))

enum { ORACLE_SESSIONS = 4, ORACLE_MAX = 8000 };

struct client {
	struct view view;
	uint32_t uids[ORACLE_MAX];
	flags_t flags[ORACLE_MAX];
	uint32_t count;
};

static unsigned oracle_state;
static uint32_t pick(uint32_t below)
{
	oracle_state = oracle_state * 1103515245u + 12345u;
	return (oracle_state >> 8) % below;
}

static void client_learn_new(struct client *c)
{
	struct msg_info info;
	MUST(c->view.count <= ORACLE_MAX);
	MUST(c->view.count > c->count);
	for (; c->count < c->view.count; c->count++) {
		uint32_t uid = view_uid(&c->view, c->count + 1);
		MUST(view_info(&c->view, uid, &info) == ERR_NONE);
		c->uids[c->count] = uid;
		c->flags[c->count] = info.flags;
	}
}

static bool client_take_news(struct client *c, bool may_expunge)
{
	struct msg_info info;
	bool promised = view_has_news(&c->view, may_expunge);
	struct view_news news = view_next(&c->view, may_expunge);
	MUST((news.kind != VIEW_NOTHING) == promised);
	switch (news.kind) {
	case VIEW_NOTHING: return false;
	case VIEW_MORE: return true;
	case VIEW_EXISTS: client_learn_new(c); return true;
	case VIEW_GONE: ck_abort_msg("the mailbox is there"); return false;
	case VIEW_EXPUNGE:
		MUST(may_expunge);
		MUST(c->uids[news.seq - 1] == news.uid);
		c->count--;
		memmove(c->uids + news.seq - 1, c->uids + news.seq,
			(c->count - news.seq + 1) * sizeof(uint32_t));
		memmove(c->flags + news.seq - 1, c->flags + news.seq,
			(c->count - news.seq + 1) * sizeof(flags_t));
		MUST(c->view.count == c->count);
		return true;
	case VIEW_FLAGS:
		MUST(c->uids[news.seq - 1] == news.uid);
		MUST(view_info(&c->view, news.uid, &info) == ERR_NONE);
		c->flags[news.seq - 1] = info.flags;
		return true;
	}
	return false;
}

static void client_check_number(struct client *c, uint32_t seq)
{
	struct msg_info info;
	uint32_t uid = c->uids[seq - 1];
	MUST(view_uid(&c->view, seq) == uid);
	MUST(view_seq(&c->view, uid) == seq);
	MUST(view_seq_at_or_after(&c->view, uid) == seq);
	MUST(view_seq_at_or_after(&c->view, uid + 1) == seq + 1);
	uint32_t next = seq < c->count ? c->uids[seq] : uid + 2;
	if (next > uid + 1)
		MUST(view_seq(&c->view, uid + 1) == 0);
	enum err expected = mailbox_info_uid(c->view.box, uid, &info) ? ERR_GONE : ERR_NONE;
	MUST(view_info(&c->view, uid, &info) == expected);
}

static void client_check_numbers(struct client *c)
{
	MUST(c->view.count == c->count);
	MUST(view_last_uid(&c->view) == (c->count ? c->uids[c->count - 1] : 0));
	uint32_t step = c->count / 50 + 1;
	for (uint32_t seq = 1 + pick(step); seq <= c->count; seq += step)
		client_check_number(c, seq);
}

static void client_check_all(struct client *c)
{
	while (client_take_news(c, true)) {
	}
	uint32_t hidden = mailbox_position(c->view.box, c->view.floor);
	MUST(c->count == c->view.box->messages - hidden);
	for (uint32_t i = 0; i < c->count; i++) {
		struct msg_info info;
		MUST(mailbox_info(c->view.box, hidden + i, &info) == ERR_NONE);
		MUST(info.uid == c->uids[i]);
		MUST(info.flags == c->flags[i]);
	}
}

static size_t pick_uids(struct mailbox *box, uint32_t *uids, uint32_t one_in)
{
	size_t n = 0;
	for (uint32_t i = 0; i < box->messages; i++) {
		struct msg_info info;
		MUST(mailbox_info(box, i, &info) == ERR_NONE);
		if (pick(one_in) == 0)
			uids[n++] = info.uid;
	}
	return n;
}

/* The session's own STORE: it reports the result itself. */
static void client_store(struct client *c, const uint32_t *uids, size_t n, enum flags_op op,
			 flags_t flags)
{
	struct msg_change change = {.kind = CHANGE_FLAGS,
				    .uids = uids,
				    .count = n,
				    .op = op,
				    .flags = flags,
				    .unchanged_since = UINT64_MAX,
				    .origin = c};
	MUST(mailbox_change(c->view.box, &change, NULL) == ERR_NONE);
	for (size_t i = 0; i < n; i++) {
		struct msg_info info;
		uint32_t seq = view_seq(&c->view, uids[i]);
		if (!seq || view_info(&c->view, uids[i], &info))
			continue;
		c->flags[seq - 1] = info.flags;
		view_forget_flags(&c->view, uids[i]);
	}
}

static void oracle_act(struct kit *k, struct client *clients, struct mailbox *box, uint32_t max)
{
	static uint32_t uids[ORACLE_MAX];
	struct client *c = &clients[pick(ORACLE_SESSIONS)];
	uint32_t one_in = 1 + pick(pick(2) ? 3 : 300);
	struct msg_change change = {.uids = uids, .target = box};
	switch (pick(8)) {
	case 0:
	case 1:
		if (box->messages < max)
			kit_append(k, box, "x", pick(32));
		break;
	case 2:
		change.kind = CHANGE_EXPUNGE;
		change.count = pick_uids(box, uids, pick(20) ? 40 + pick(300) : one_in);
		MUST(mailbox_change(box, &change, NULL) == ERR_NONE);
		break;
	case 3:
		change.kind = pick(2) ? CHANGE_MOVE : CHANGE_COPY;
		change.count = pick_uids(box, uids, one_in);
		if (box->messages + change.count <= max)
			MUST(mailbox_change(box, &change, NULL) == ERR_NONE);
		break;
	case 4: client_store(c, uids, pick_uids(box, uids, one_in), pick(3), pick(32)); break;
	case 5:
		change.kind = CHANGE_FLAGS;
		change.count = pick_uids(box, uids, one_in);
		change.op = pick(3);
		change.flags = pick(32);
		change.unchanged_since = UINT64_MAX;
		MUST(mailbox_change(box, &change, NULL) == ERR_NONE);
		break;
	case 6: store_turn(k->st, false); break;
	case 7:
		for (uint32_t n = pick(2) ? 1 + pick(5) : ORACLE_MAX; n; n--)
			if (!client_take_news(c, pick(3) == 0))
				break;
		break;
	}
}

static void oracle_run(const struct store_ops *ops, unsigned seed, unsigned steps, uint32_t max)
{
	struct kit k;
	struct client *clients = calloc(ORACLE_SESSIONS, sizeof(*clients));
	oracle_state = seed;
	printf("seed %u\n", seed);
	kit_open_ops(&k, ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, max / 2);
	for (int i = 0; i < ORACLE_SESSIONS; i++) {
		uint32_t newest = i % 3 == 1 ? max / 5 : 0;
		MUST(view_open_newest(&clients[i].view, box, newest, i % 2, NULL) == ERR_NONE);
		MUST(!newest || clients[i].view.count == newest);
		if (clients[i].view.count)
			client_learn_new(&clients[i]);
	}
	for (unsigned step = 0; step < steps; step++) {
		oracle_act(&k, clients, box, max);
		for (int i = 0; i < ORACLE_SESSIONS; i++)
			client_check_numbers(&clients[i]);
		if (step % 97 == 0)
			client_check_all(&clients[pick(ORACLE_SESSIONS)]);
	}
	store_turn(k.st, false);
	for (int i = 0; i < ORACLE_SESSIONS; i++) {
		client_check_all(&clients[i]);
		for (uint32_t seq = 0; i > 2 && seq < clients[i].count; seq++)
			MUST(!view_is_recent(&clients[1].view, clients[i].uids[seq]) ||
			     !view_is_recent(&clients[i].view, clients[i].uids[seq]));
		view_close(&clients[i].view);
	}
	mailbox_close(box);
	kit_close(&k);
	free(clients);
}

START_TEST(view_of_numbers_keeps_them_and_has_no_news)
{
	struct kit k;
	struct view v;
	struct msg_info info;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 4);
	ck_assert_int_eq(view_open_numbers(&v, box), ERR_NONE);
	append_many(&k, box, 1);
	ck_assert_int_eq(kit_flags(&k, box, 1, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_int_eq(kit_expunge(&k, box, 2), ERR_NONE);
	ck_assert_uint_eq(v.count, 4);
	for (uint32_t i = 1; i <= 4; i++)
		ck_assert_uint_eq(view_uid(&v, i), i);
	ck_assert_uint_eq(view_seq_at_or_after(&v, 3), 3);
	ck_assert_int_eq(view_info(&v, 2, &info), ERR_GONE);
	ck_assert_int_eq(view_info(&v, 5, &info), ERR_NOT_FOUND);
	ck_assert_int_eq(view_info(&v, 1, &info), ERR_NONE);
	ck_assert_uint_eq(info.flags, FLAG_SEEN);
	ck_assert_ptr_null(v.changed.uids);
	view_close(&v);
	mailbox_close(box);
	box = kit_select(&k, "Trash");
	ck_assert_int_eq(view_open_numbers(&v, box), ERR_NONE);
	ck_assert_int_eq(kit_delete(&k, "Trash"), ERR_NONE);
	ck_assert(v.is_gone);
	view_close(&v);
	ck_assert_int_eq(view_open_numbers(&v, box), ERR_GONE);
	view_close(&v);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(naive_client_agrees_in_small_mailboxes)
{
	for (unsigned seed = 1; seed <= 15; seed++)
		oracle_run(seed % 2 ? &store_ram_ops : &store_ram_slow_ops, seed, 800, 30);
}
END_TEST

START_TEST(naive_client_agrees_in_large_mailboxes)
{
	for (unsigned seed = 101; seed <= 104; seed++)
		oracle_run(seed % 2 ? &store_ram_ops : &store_ram_slow_ops, seed, 300, 3500);
}
END_TEST

SUITE_MAIN("view", numbers_change_only_when_told,
	   message_that_came_and_went_unseen_is_not_mentioned,
	   flag_changes_are_told_once_and_forgotten_on_demand,
	   too_many_flag_changes_are_found_by_modseq,
	   recent_belongs_to_the_first_session_that_is_told, deleted_mailbox_ends_the_view,
	   view_of_numbers_keeps_them_and_has_no_news, naive_client_agrees_in_small_mailboxes,
	   naive_client_agrees_in_large_mailboxes)
