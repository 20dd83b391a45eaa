/* The common part by itself: tickets, waiters, who is woken when, space. */
#include "store/store_backend.h"

#include "base/clock.h"
#include "store/ram_parts.h"
#include "store/ram_store.h"
#include "support/store_kit.h"

static unsigned turns_wanted;
static uint32_t turn_delay;
static void want_turn(void *owner, uint32_t delay_ms)
{
	ck_assert_ptr_eq(owner, &turns_wanted);
	turns_wanted++;
	turn_delay = delay_ms;
}

static unsigned wakes;
static void count_wake(struct waiter *w)
{
	ck_assert(!waiter_is_waiting(w));
	wakes++;
}

/* In place of the backend's, which would make tickets durable by itself. */
static void turn_nothing(struct store *st, bool is_idle)
{
	(void)st;
	(void)is_idle;
}

START_TEST(tickets_wake_those_who_wait)
{
	struct kit k;
	struct waiter one, two;
	struct store_ops ops = store_ram_ops;
	kit_open_ops(&k, &ops);
	ops.turn = turn_nothing;
	wakes = 0;
	waiter_init(&one, count_wake);
	waiter_init(&two, count_wake);
	uint64_t first = store_new_ticket(k.st), second = store_new_ticket(k.st);
	ck_assert_uint_eq(second, first + 1);
	ck_assert_int_eq(store_wait(k.st, 0, &one), ERR_NONE);
	ck_assert_int_eq(store_wait(k.st, first, &one), ERR_AGAIN);
	ck_assert_int_eq(store_wait(k.st, second, &two), ERR_AGAIN);
	ck_assert_int_eq(store_wait(k.st, second, &two), ERR_AGAIN); /* twice is harmless */
	store_ticket_durable(k.st, first);
	ck_assert_uint_eq(wakes, 0);
	kit_turn(&k);
	ck_assert_uint_eq(wakes, 2); /* spurious for one of them, which is legal */
	ck_assert_int_eq(store_wait(k.st, first, &one), ERR_NONE);
	ck_assert_int_eq(store_wait(k.st, second, &two), ERR_AGAIN);
	store_ticket_durable(k.st, first); /* nothing new */
	kit_turn(&k);
	ck_assert_uint_eq(wakes, 2);
	store_ticket_durable(k.st, second);
	kit_turn(&k);
	ck_assert_uint_eq(wakes, 3);
	ops.turn = store_ram_ops.turn;
	kit_close(&k);
}
END_TEST

START_TEST(failure_is_final)
{
	struct kit k;
	struct waiter w;
	kit_open_ops(&k, &store_ram_ops);
	wakes = 0;
	waiter_init(&w, count_wake);
	uint64_t done = store_new_ticket(k.st), lost = store_new_ticket(k.st);
	store_ticket_durable(k.st, done);
	ck_assert_int_eq(store_wait(k.st, lost, &w), ERR_AGAIN);
	store_fail(k.st, ERR_FULL);
	store_fail(k.st, ERR_IO); /* the first reason stays */
	kit_turn(&k);
	ck_assert_uint_eq(wakes, 1);
	store_ticket_durable(k.st, lost); /* too late to be believed */
	ck_assert_int_eq(store_wait(k.st, done, &w), ERR_NONE);
	ck_assert_int_eq(store_wait(k.st, lost, &w), ERR_FULL);
	struct store_status status;
	store_status(k.st, &status);
	ck_assert(status.is_read_only);
	kit_close(&k);
}
END_TEST

/* A sleeper that is woken hears of it in the next turn only, which is asked for. */
static struct list sleepers;
static enum err wake_inside(struct mailbox *box, struct waiter *w)
{
	(void)w;
	store_wake(box->account->store, &sleepers);
	ck_assert_uint_eq(wakes, 0);
	return ERR_NONE;
}

START_TEST(nobody_is_woken_from_inside_a_call)
{
	struct kit k;
	struct waiter w;
	struct store_ops ops = store_ram_ops;
	ops.box_open = wake_inside;
	kit_open_ops(&k, &ops);
	k.st->config.schedule = want_turn;
	k.st->config.owner = &turns_wanted;
	wakes = turns_wanted = 0;
	list_init(&sleepers);
	waiter_init(&w, count_wake);
	store_sleep(&sleepers, &w);
	store_sleep(&sleepers, NULL); /* a caller who polls */
	struct mailbox *box = kit_find(&k, "INBOX");
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
	ck_assert_uint_eq(wakes, 0);
	ck_assert_uint_eq(turns_wanted, 1);
	ck_assert_uint_eq(turn_delay, 0);
	kit_turn(&k);
	ck_assert_uint_eq(wakes, 1);
	store_sleep(&sleepers, &w);
	store_wake(k.st, &sleepers); /* not from the loop either */
	ck_assert_uint_eq(wakes, 1);
	ck_assert_uint_eq(turns_wanted, 2);
	kit_turn(&k);
	ck_assert_uint_eq(wakes, 2);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(turns_are_asked_for)
{
	struct kit k;
	kit_open_ops(&k, &store_ram_slow_ops);
	k.st->config.schedule = want_turn;
	k.st->config.owner = &turns_wanted;
	k.st->config.flag_delay_ms = 5000;
	turns_wanted = 0;
	kit_append(&k, kit_find(&k, "INBOX"), "x", 0);
	ck_assert_uint_gt(turns_wanted, 0);
	struct mailbox *box = kit_select(&k, "INBOX");
	turns_wanted = 0;
	ck_assert_uint_eq(mailbox_take_recent(box), 1);
	ck_assert_uint_eq(turns_wanted, 1);
	ck_assert_uint_eq(turn_delay, 5000);
	ck_assert(k.a->recent_moved);
	/* Flags need no sync of their own when they may be late. */
	uint32_t uid = 1;
	uint64_t ticket = 99;
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = &uid,
			       .count = 1,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX};
	ck_assert_int_eq(mailbox_change(box, &c, &ticket), ERR_NONE);
	ck_assert_uint_eq(ticket, 0);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(full_store_still_deletes)
{
	struct kit k;
	struct store_status status;
	kit_open_ops(&k, &store_ram_ops);
	struct mailbox *box = kit_select(&k, "INBOX");
	ram_store_set_capacity(k.st, 10);
	kit_append(&k, box, "12345678", 0);
	struct append_target target = {.box = box};
	struct append_meta meta = {.targets = &target, .target_count = 1, .expected_bytes = 3};
	struct append *append = NULL;
	uint32_t uid;
	ck_assert_int_eq(append_begin(k.st, &meta, &append), ERR_FULL);
	meta.expected_bytes = 0;
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT("123"), SLICE_EMPTY, &uid), ERR_FULL);
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT("12"), SLICE_EMPTY, &uid), ERR_NONE);
	store_status(k.st, &status);
	ck_assert(status.is_full);
	ck_assert_int_eq(append_begin(k.st, &meta, &append), ERR_FULL);
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_NONE);
	store_status(k.st, &status);
	ck_assert(!status.is_full);
	ck_assert_uint_eq(status.bytes_free, 8);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(read_only_by_configuration)
{
	struct store_config config = {.path = "/nowhere", .read_only = true};
	struct store *st = NULL;
	struct account *a = NULL;
	ck_assert_int_eq(store_open(&store_ram_ops, &config, &st), ERR_NONE);
	ck_assert(store_is_read_only(st));
	ck_assert_str_eq(store_backend_name(st), "ram");
	ck_assert_int_eq(account_open(st, SLICE_LIT("a"), true, &a, NULL, NULL), ERR_READ_ONLY);
	ck_assert_int_eq(account_open(st, SLICE_LIT("a"), false, &a, NULL, NULL), ERR_NOT_FOUND);
	ck_assert_ptr_null(a);
	store_close(&st);
	ck_assert_ptr_null(st);
	store_close(&st); /* harmless */
}
END_TEST

START_TEST(uid_validity_rises_whatever_the_clock_does)
{
	struct kit k;
	kit_open_ops(&k, &store_ram_ops);
	uint32_t last = k.a->last_uid_validity;
	clock_freeze(1, 0); /* 1970 again */
	ck_assert_uint_gt(account_new_uid_validity(k.a), last);
	last = k.a->last_uid_validity;
	ck_assert_uint_gt(account_new_uid_validity(k.a), last);
	clock_freeze(1, 1800000000);
	ck_assert_uint_eq(account_new_uid_validity(k.a), 1800000000);
	ck_assert_uint_eq(account_new_uid_validity(k.a), 1800000001);
	clock_freeze(1, INT64_MAX);
	ck_assert_uint_eq(account_new_uid_validity(k.a), 1800000002);
	kit_close(&k);
}
END_TEST

/* An account whose making was cut short gets its INBOX when it is opened again. */
static bool is_full_once;
static enum err change_when_there_is_room(struct account *a, const struct box_plan *plan,
					  uint64_t *ticket_out)
{
	if (is_full_once) {
		is_full_once = false;
		return ERR_FULL;
	}
	return store_ram_ops.box_change(a, plan, ticket_out);
}

START_TEST(half_made_account_is_completed)
{
	struct kit k;
	struct store_ops ops = store_ram_ops;
	struct account *bob = NULL;
	ops.box_change = change_when_there_is_room;
	kit_open_ops(&k, &ops);
	is_full_once = true;
	ck_assert_int_eq(account_open(k.st, SLICE_LIT("bob"), true, &bob, NULL, NULL), ERR_FULL);
	ck_assert_ptr_null(bob);
	ck_assert_int_eq(account_open(k.st, SLICE_LIT("bob"), false, &bob, NULL, NULL), ERR_NONE);
	ck_assert_ptr_nonnull(account_find(bob, SLICE_LIT("INBOX")));
	ck_assert_uint_eq(bob->box_count, 6);
	account_close(&bob);
	kit_close(&k);
}
END_TEST

/* What a repair has left: some mailbox, but not INBOX. */
static enum err load_without_inbox(struct account *a, bool create, uint64_t *ticket_out,
				   struct waiter *w)
{
	enum err err = store_ram_ops.account_load(a, create, ticket_out, w);
	if (err || a->box_count)
		return err;
	struct mailbox *sent = account_add_box(a, SLICE_LIT("Sent"), true);
	sent->uid_validity = account_new_uid_validity(a);
	sent->backend = ram_box_new(sent);
	return sent->backend ? ERR_NONE : ERR_NOMEM;
}

START_TEST(account_without_inbox_gets_one)
{
	struct kit k;
	struct store_ops ops = store_ram_ops;
	ops.account_load = load_without_inbox;
	kit_open_ops(&k, &ops);
	ck_assert_str_eq(kit_names(&k), "Archive+ Drafts+ INBOX+ Junk+ Sent Trash+");
	kit_close(&k);
}
END_TEST

SUITE_MAIN("store", tickets_wake_those_who_wait, failure_is_final,
	   nobody_is_woken_from_inside_a_call, turns_are_asked_for, full_store_still_deletes,
	   read_only_by_configuration, uid_validity_rises_whatever_the_clock_does,
	   half_made_account_is_completed, account_without_inbox_gets_one)
