#include "support/suite.h"

#include "app/pop3_window.h"
#include "proto/pop3/pop3_note.h"
#include "store/ram_store.h"
#include "support/app_kit.h"

enum { FROM_S = 1790000000, TURNS_MAX = 500 };

static struct app_kit k;

static void setup(void)
{
	app_kit_open(&k, &store_ram_slow_ops, SERVICE_POP3);
	app_kit_add_user(&k, "bob", "secret");
	app_kit_add_user(&k, "eve", "secret");
	app_kit_add_user(&k, "new", "secret"); /* has no mailboxes yet */
	k.app.settings.policy.pop3_access = POP3_FROM_NOW_ON;
	k.app.settings.policy.pop3_from_s = FROM_S;
	app_kit_change_box(&k, "bob", BOX_CREATE, "Lists/c11");
	app_kit_change_box(&k, "bob", BOX_SUBSCRIBE, "a mere name");
	app_kit_change_box(&k, "eve", BOX_CREATE, "Lists");
}

static void finish(void)
{
	for (int i = 0; i < TURNS_MAX && !list_is_empty(&k.app.errands); i++)
		app_kit_turn(&k);
	ck_assert(list_is_empty(&k.app.errands));
}

/* Calls `look` with the state of each mailbox of the user. */
static void each_state(const char *user, void (*look)(struct pop3_state *s, struct mailbox *box))
{
	struct account *account = app_kit_account(&k, user);
	for (size_t i = 0; i < account->box_count; i++) {
		struct pop3_state s;
		if (!account->boxes[i]->exists)
			continue;
		ck_assert_int_eq(pop3_note_read(account->boxes[i], &s), ERR_NONE);
		look(&s, account->boxes[i]);
		pop3_state_free(&s);
	}
	account_close(&account);
}

static void has_window(struct pop3_state *s, struct mailbox *box)
{
	ck_assert_int_eq(s->window_s, FROM_S);
	ck_assert_uint_eq(s->window_uid, box->uid_next);
}

static void has_no_window(struct pop3_state *s, struct mailbox *box)
{
	(void)box;
	ck_assert_int_eq(s->window_s, 0);
	ck_assert_uint_eq(s->window_uid, 0);
}

static void note_devices(struct pop3_state *s, struct mailbox *box)
{
	static const char *const labels[] = {"", "phone", "desk"};
	uint64_t ticket;
	for (size_t i = 0; i < 3; i++) {
		struct pop3_device *device;
		ck_assert_int_eq(pop3_state_add(s, labels[i], &device), ERR_NONE);
		device->is_known = true;
		ck_assert_int_eq(
			pop3_runs_push(&device->downloaded, (struct pop3_run){1, 9, 20000, 0}),
			ERR_NONE);
	}
	ck_assert_int_eq(pop3_note_write(box, s, NULL, &ticket), ERR_NONE);
}

static void has_devices_without_phone(struct pop3_state *s, struct mailbox *box)
{
	(void)box;
	ck_assert_ptr_null(pop3_state_find(s, "phone"));
	ck_assert_ptr_nonnull(pop3_state_find(s, "desk"));
	ck_assert_uint_eq(pop3_state_find(s, "desk")->downloaded.count, 1);
}

static void has_nothing_downloaded(struct pop3_state *s, struct mailbox *box)
{
	(void)box;
	for (uint32_t i = 0; i < s->device_count; i++)
		ck_assert_uint_eq(s->devices[i].downloaded.count, 0);
}

START_TEST(every_mailbox_of_the_house_gets_its_window)
{
	setup();
	ck_assert_int_eq(pop3_window_begin(&k.app, NULL), ERR_NONE);
	finish();
	each_state("bob", has_window);
	each_state("eve", has_window);
	app_kit_close(&k);
}
END_TEST

START_TEST(a_user_with_rules_of_his_own_is_left_alone)
{
	const struct setting *access = setting_find(SLICE_LIT("pop3.access"));
	setup();
	ck_assert_int_eq(overrides_set(&k.app.overrides, SLICE_LIT("eve"), access, SLICE_LIT("all"),
				       LANG_EN, NULL),
			 ERR_NONE);
	ck_assert_int_eq(pop3_window_begin(&k.app, NULL), ERR_NONE);
	finish();
	each_state("bob", has_window);
	each_state("eve", has_no_window);
	app_kit_close(&k);
}
END_TEST

START_TEST(a_window_for_one_user)
{
	setup();
	ck_assert_int_eq(pop3_window_begin(&k.app, "eve"), ERR_NONE);
	finish();
	each_state("bob", has_no_window);
	each_state("eve", has_window);
	app_kit_close(&k);
}
END_TEST

START_TEST(a_device_is_forgotten_and_mail_is_offered_again)
{
	setup();
	each_state("bob", note_devices);
	ck_assert_int_eq(pop3_device_forget(&k.app, "bob", "phone"), ERR_NONE);
	finish();
	each_state("bob", has_devices_without_phone);
	ck_assert_int_eq(pop3_window_reset(&k.app, "bob"), ERR_NONE);
	finish();
	each_state("bob", has_nothing_downloaded);
	ck_assert_int_eq(pop3_window_reset(&k.app, "nobody"), ERR_NOT_FOUND);
	ck_assert_int_eq(
		pop3_device_forget(&k.app, "bob", "a-name-of-more-octets-than-any-device-may-have"),
		ERR_NOT_FOUND);
	ck_assert(list_is_empty(&k.app.errands));
	app_kit_close(&k);
}
END_TEST

START_TEST(orders_end_with_the_daemon)
{
	setup();
	ck_assert_int_eq(pop3_window_begin(&k.app, NULL), ERR_NONE);
	ck_assert_int_eq(pop3_window_reset(&k.app, "bob"), ERR_NONE);
	app_kit_turn(&k);
	errands_end(&k.app, NULL, "the daemon stops");
	ck_assert(list_is_empty(&k.app.errands));
	app_kit_close(&k);
}
END_TEST

SUITE_MAIN("pop3_window", every_mailbox_of_the_house_gets_its_window,
	   a_user_with_rules_of_his_own_is_left_alone, a_window_for_one_user,
	   a_device_is_forgotten_and_mail_is_offered_again, orders_end_with_the_daemon)
