#include "support/suite.h"

#include "app/expiry.h"
#include "base/clock.h"
#include "proto/ingest.h"
#include "proto/pop3/pop3_note.h"
#include "store/ram_store.h"
#include "support/app_kit.h"

enum { DAY_S = 86400, TURNS_MAX = 5000 };

static struct app_kit k;
static struct policy *house;

static void setup(void)
{
	app_kit_open(&k, &store_ram_slow_ops, SERVICE_LMTP);
	app_kit_add_user(&k, "alice", "a");
	app_kit_add_user(&k, "bob", "b");
	house = &k.app.settings.policy;
}

static void teardown(void)
{
	expiry_stop(&k.app);
	app_kit_close(&k);
}

static void add(const char *user, const char *mailbox, flags_t flags, int count)
{
	struct account *account = app_kit_account(&k, user);
	struct append_target target = {.box = account_find(account, slice_str(mailbox)),
				       .flags = flags};
	struct append_meta meta = {.targets = &target, .target_count = 1, .internal_date = 1};
	for (int i = 0; i < count; i++) {
		struct append *append = NULL;
		enum err err;
		uint64_t ticket = 0;
		ck_assert_int_eq(append_begin(k.app.host.store, &meta, &append), ERR_NONE);
		while ((err = append_write(append, SLICE_LIT("A: 1\r\n\r\nx\r\n"),
					   &k.session.waiter)) == ERR_AGAIN)
			app_kit_turn(&k);
		ck_assert_int_eq(err, ERR_NONE);
		while ((err = append_commit(&append, 1, &ticket, &k.session.waiter)) == ERR_AGAIN)
			app_kit_turn(&k);
		ck_assert_int_eq(err, ERR_NONE);
		append_end(&append);
		while (store_wait(k.app.host.store, ticket, &k.session.waiter) == ERR_AGAIN)
			app_kit_turn(&k);
	}
	account_close(&account);
}

static void downloaded(const char *user, const char *mailbox, const char *device, uint32_t first,
		       uint32_t last)
{
	struct account *account = app_kit_account(&k, user);
	struct mailbox *box = account_find(account, slice_str(mailbox));
	struct pop3_state state;
	struct pop3_device *d = NULL;
	struct pop3_run run = {.first = first, .last = last, .day = pop3_today()};
	ck_assert_int_eq(pop3_note_read(box, &state), ERR_NONE);
	ck_assert_int_eq(pop3_state_add(&state, device, &d), ERR_NONE);
	d->is_known = true;
	if (last)
		ck_assert_int_eq(pop3_runs_push(&d->downloaded, run), ERR_NONE);
	uint64_t ticket = 0;
	ck_assert_int_eq(pop3_note_write(box, &state, d, &ticket), ERR_NONE);
	pop3_state_free(&state);
	account_close(&account);
}

static void pass_days(int days)
{
	clock_advance((uint64_t)days * DAY_S * 1000);
}

/* Turns until a whole run has had its time. */
static void run(void)
{
	for (int i = 0; i < 80; i++)
		app_kit_turn(&k);
}

static void start(void)
{
	ck_assert_int_eq(expiry_start(&k.app), ERR_NONE);
	run();
}

static void again(void)
{
	expiry_soon(&k.app);
	run();
}

static struct expiry_count preview(const char *user, const struct policy *policy)
{
	struct expiry_preview *p = NULL;
	struct expiry_count count = {0};
	ck_assert_int_eq(expiry_preview_new(&k.app, user, policy, &p), ERR_NONE);
	for (int i = 0; expiry_preview_run(p, &k.session.waiter, &count) == STEP_MORE; i++) {
		ck_assert_int_lt(i, TURNS_MAX);
		app_kit_turn(&k);
	}
	expiry_preview_free(&p);
	return count;
}

START_TEST(trash_and_junk_go_by_the_day_they_came_there)
{
	setup();
	add("alice", "Trash", 0, 2);
	add("alice", "Junk", FLAG_FLAGGED, 1);
	add("alice", "INBOX", FLAG_SEEN, 3);
	add("alice", "Archive", FLAG_SEEN, 1);
	house->trash_days = 30;
	house->junk_days = 7;
	start();
	pass_days(6);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Junk"), 1);
	pass_days(2);
	add("alice", "Trash", 0, 1);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Junk"), 0);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 3);
	pass_days(23);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 1);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "INBOX"), 3);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Archive"), 1);
	teardown();
}
END_TEST

START_TEST(never_is_never)
{
	setup();
	add("alice", "Trash", 0, 1);
	add("alice", "INBOX", 0, 1);
	downloaded("alice", "INBOX", "", 1, 1);
	house->trash_days = house->junk_days = house->pop3_delete_days = 0;
	start();
	pass_days(4000);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 1);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "INBOX"), 1);
	teardown();
}
END_TEST

START_TEST(downloaded_mail_goes_after_so_many_days_and_never_sooner)
{
	setup();
	add("bob", "INBOX", 0, 2);
	add("bob", "INBOX", FLAG_FLAGGED, 1);
	add("bob", "INBOX", 0, 2);
	downloaded("bob", "INBOX", "", 1, 3);
	house->pop3_delete_days = 5;
	start();
	pass_days(5); /* and the day of the download is not over yet */
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 5);
	pass_days(1);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 3);
	teardown();
}
END_TEST

START_TEST(by_arrival_old_mail_goes_as_soon_as_it_was_downloaded)
{
	setup();
	add("bob", "INBOX", 0, 3);
	house->pop3_delete_days = 5;
	house->pop3_delete_since = POP3_SINCE_ARRIVAL;
	start();
	pass_days(9);
	downloaded("bob", "INBOX", "", 2, 2);
	/* Nobody said that anything has changed: the next hour finds it. */
	clock_advance((uint64_t)3601 * 1000);
	run();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 2);
	teardown();
}
END_TEST

START_TEST(mail_waits_until_every_device_has_it)
{
	setup();
	add("bob", "INBOX", 0, 3);
	house->pop3_delete_days = 1;
	house->pop3_devices = POP3_DEVICES_OWN;
	downloaded("bob", "INBOX", "phone", 1, 3);
	downloaded("bob", "INBOX", "laptop", 0, 0);
	start();
	pass_days(20);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 3);
	downloaded("bob", "INBOX", "laptop", 1, 2);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 3);
	pass_days(2);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 1);
	teardown();
}
END_TEST

START_TEST(who_switched_pop3_off_keeps_his_mail)
{
	setup();
	add("bob", "INBOX", 0, 1);
	downloaded("bob", "INBOX", "", 1, 1);
	house->pop3_delete_days = 1;
	house->pop3_access = POP3_OFF;
	start();
	pass_days(9);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 1);
	teardown();
}
END_TEST

START_TEST(without_a_clock_nothing_is_deleted)
{
	struct expiry_preview *p = NULL;
	setup();
	add("alice", "Trash", 0, 1);
	start();
	clock_freeze(900000000, 86400); /* 1970 */
	again();
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 1);
	ck_assert_int_eq(expiry_preview_new(&k.app, NULL, house, &p), ERR_STATE);
	clock_freeze(900000000, 1800000000 + 40 * (int64_t)DAY_S);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 0);
	teardown();
}
END_TEST

/* A download without a clock has no day; it counts from when there is one. */
START_TEST(a_download_in_1970_counts_from_the_day_the_clock_is_set)
{
	setup();
	add("bob", "INBOX", 0, 1);
	house->pop3_delete_days = 3;
	clock_freeze(2000000, 86400);
	downloaded("bob", "INBOX", "", 1, 1);
	start();
	clock_freeze(3000000, 1800000000);
	again();
	pass_days(3);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 1);
	pass_days(1);
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 0);
	teardown();
}
END_TEST

START_TEST(an_open_maildrop_is_left_alone)
{
	struct login login = {.user = "bob"};
	setup();
	add("bob", "INBOX", 0, 1);
	add("alice", "Trash", 0, 1);
	downloaded("bob", "INBOX", "", 1, 1);
	house->pop3_delete_days = 1;
	start();
	pass_days(40);
	k.session.service = SERVICE_POP3;
	k.session.login = &login;
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 1);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 0);
	k.session.service = SERVICE_LMTP;
	k.session.login = NULL;
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 0);
	teardown();
}
END_TEST

START_TEST(the_preview_tells_what_then_goes)
{
	setup();
	add("alice", "Trash", 0, 2);
	add("bob", "Trash", 0, 3);
	add("bob", "INBOX", 0, 2);
	downloaded("bob", "INBOX", "", 1, 2);
	house->trash_days = 0;
	start();
	pass_days(40);
	struct policy wanted = *house;
	wanted.trash_days = 30;
	wanted.pop3_delete_days = 10;
	struct expiry_count all = preview(NULL, &wanted), bobs = preview("bob", &wanted);
	ck_assert_uint_eq(all.messages, 7);
	ck_assert_uint_eq(all.bytes, 77);
	ck_assert_uint_eq(bobs.messages, 5);
	ck_assert_uint_eq(preview("bob", house).messages, 0);
	ck_assert_uint_eq(app_kit_count(&k, "bob", "Trash"), 3);
	*house = wanted;
	again();
	ck_assert_uint_eq(app_kit_count(&k, "bob", "Trash"), 0);
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 0);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 0);
	teardown();
}
END_TEST

START_TEST(what_a_user_has_for_himself_counts)
{
	struct policy none;
	setup();
	add("alice", "Trash", 0, 1);
	add("bob", "Trash", 0, 1);
	ck_assert_int_eq(overrides_set(&k.app.overrides, SLICE_LIT("bob"),
				       setting_find(SLICE_LIT("trash.empty_days")), SLICE_LIT("0"),
				       LANG_EN, NULL),
			 ERR_NONE);
	pass_days(60);
	ck_assert_uint_eq(preview(NULL, house).messages, 1);
	none = *house;
	none.trash_days = 0;
	ck_assert_uint_eq(preview("alice", &none).messages, 0);
	start();
	ck_assert_uint_eq(app_kit_count(&k, "alice", "Trash"), 0);
	ck_assert_uint_eq(app_kit_count(&k, "bob", "Trash"), 1);
	overrides_free(&k.app.overrides);
	teardown();
}
END_TEST

START_TEST(a_large_mailbox_goes_in_slices)
{
	setup();
	add("alice", "Trash", 0, 700);
	start();
	pass_days(40);
	expiry_soon(&k.app);
	uint32_t before = 700, steps = 0;
	for (int i = 0; i < TURNS_MAX && before; i++) {
		app_kit_turn(&k);
		uint32_t now = app_kit_count(&k, "alice", "Trash");
		ck_assert_uint_ge(now + 256, before);
		steps += now != before;
		before = now;
	}
	ck_assert_uint_eq(before, 0);
	ck_assert_uint_gt(steps, 2);
	teardown();
}
END_TEST

START_TEST(a_user_may_be_deleted_meanwhile)
{
	setup();
	add("alice", "Trash", 0, 300);
	start();
	pass_days(40);
	expiry_soon(&k.app);
	for (int i = 0; i < 60 && app_kit_count(&k, "alice", "Trash") == 300; i++)
		app_kit_turn(&k);
	errands_end(&k.app, "alice", "the user was deleted");
	while (account_remove(k.app.host.store, SLICE_LIT("alice"), NULL) == ERR_IN_USE)
		app_kit_turn(&k);
	ck_assert_int_eq(users_remove(k.app.users, SLICE_LIT("alice")), ERR_NONE);
	run();
	teardown();
}
END_TEST

SUITE_MAIN("expiry", trash_and_junk_go_by_the_day_they_came_there, never_is_never,
	   downloaded_mail_goes_after_so_many_days_and_never_sooner,
	   by_arrival_old_mail_goes_as_soon_as_it_was_downloaded,
	   mail_waits_until_every_device_has_it, who_switched_pop3_off_keeps_his_mail,
	   without_a_clock_nothing_is_deleted,
	   a_download_in_1970_counts_from_the_day_the_clock_is_set, an_open_maildrop_is_left_alone,
	   the_preview_tells_what_then_goes, what_a_user_has_for_himself_counts,
	   a_large_mailbox_goes_in_slices, a_user_may_be_deleted_meanwhile)
