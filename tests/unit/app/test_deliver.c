#include "support/suite.h"

#include "app/deliver.h"
#include "base/clock.h"
#include "store/ram_store.h"
#include "support/app_kit.h"

static struct app_kit k;
static struct delivery *d;

static void deliver_setup(enum service service)
{
	app_kit_open(&k, &store_ram_slow_ops, service);
	app_kit_add_user(&k, "alice", "a");
	app_kit_add_user(&k, "bob", "b");
}

static void begin(const char *const *to, size_t count)
{
	struct slice rcpts[8];
	struct envelope e = {.session = &k.session,
			     .mail_from = SLICE_LIT("sender@example.net"),
			     .rcpt_to = rcpts,
			     .rcpt_count = count,
			     .helo = SLICE_LIT("client"),
			     .with = "LMTP"};
	for (size_t i = 0; i < count; i++)
		rcpts[i] = slice_str(to[i]);
	ck_assert_int_eq(deliver_begin(&k.app.host, &e, &d), ERR_NONE);
}

#define BEGIN(...)                                             \
	do {                                                   \
		static const char *const to[] = {__VA_ARGS__}; \
		begin(to, sizeof(to) / sizeof(to[0]));         \
	} while (0)

static enum err write_all(const char *text)
{
	enum err err;
	for (int i = 0; (err = deliver_write(d, slice_str(text), &k.session.waiter)) == ERR_AGAIN;
	     i++) {
		ck_assert_int_lt(i, 100);
		app_kit_turn(&k);
	}
	return err;
}

static enum err finish(void)
{
	enum err err;
	for (int i = 0; (err = deliver_finish(d, &k.session.waiter)) == ERR_AGAIN; i++) {
		ck_assert_int_lt(i, 100);
		app_kit_turn(&k);
	}
	return err;
}

static void deliver_teardown(void)
{
	deliver_end(&d);
	app_kit_close(&k);
}

START_TEST(everybody_gets_it_once)
{
	deliver_setup(SERVICE_LMTP);
	app_kit_change_box(&k, "bob", BOX_CREATE, "lists");
	BEGIN("alice", "bob", "bob+lists@home", "bob+nosuch", "ALICE@home", "bob+Junk");
	ck_assert_int_eq(write_all("A: 1\r\n\r\nx\r\n"), ERR_NONE);
	ck_assert_int_eq(finish(), ERR_NONE);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(d->results[i], ERR_NONE);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "INBOX"), 1);
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 1);
	ck_assert_uint_eq(app_kit_count(&k, "bob", "lists"), 1);
	ck_assert_uint_eq(app_kit_count(&k, "bob", "Junk"), 0);
	ck_assert_uint_eq(k.app.delivered, 1);
	deliver_teardown();
}
END_TEST

/* The store may wait for the second account while the first one's mailbox is deleted. */
START_TEST(a_mailbox_that_goes_while_accounts_open_is_not_used)
{
	deliver_setup(SERVICE_LMTP);
	app_kit_change_box(&k, "bob", BOX_CREATE, "lists");
	BEGIN("bob+lists", "alice");
	for (int i = 0; deliver_write(d, SLICE_LIT("A: 1\r\n\r\n"), &k.session.waiter); i++) {
		ck_assert_int_lt(i, 100);
		app_kit_turn(&k);
		struct account *bob = app_kit_account(&k, "bob");
		bool is_there = account_find(bob, SLICE_LIT("lists"));
		account_close(&bob);
		if (is_there && i == 0)
			app_kit_change_box(&k, "bob", BOX_DELETE, "lists");
	}
	ck_assert_int_eq(finish(), ERR_NONE);
	ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), 1);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "INBOX"), 1);
	deliver_teardown();
}
END_TEST

START_TEST(a_mailbox_that_several_recipients_share_goes_during_the_data)
{
	deliver_setup(SERVICE_LMTP);
	app_kit_change_box(&k, "bob", BOX_CREATE, "lists");
	BEGIN("bob+lists@one", "bob+lists@two", "alice");
	ck_assert_int_eq(write_all("A: 1\r\n\r\n"), ERR_NONE);
	app_kit_change_box(&k, "bob", BOX_DELETE, "lists");
	ck_assert_int_eq(finish(), ERR_NONE);
	ck_assert_int_eq(d->results[0], ERR_IN_USE);
	ck_assert_int_eq(d->results[1], ERR_IN_USE);
	ck_assert_int_eq(d->results[2], ERR_NONE);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "INBOX"), 1);
	deliver_teardown();
}
END_TEST

START_TEST(who_was_removed_gets_nothing_and_no_new_account)
{
	deliver_setup(SERVICE_LMTP);
	BEGIN("bob", "alice");
	ck_assert_int_eq(users_remove(k.app.users, SLICE_LIT("bob")), ERR_NONE);
	ck_assert_int_eq(write_all("A: 1\r\n\r\n"), ERR_NONE);
	ck_assert_int_eq(finish(), ERR_NONE);
	ck_assert_int_eq(d->results[0], ERR_NOT_FOUND);
	ck_assert_int_eq(d->results[1], ERR_NONE);
	struct store_status status;
	store_status(k.app.host.store, &status);
	ck_assert_uint_eq(status.accounts, 1);
	deliver_teardown();
}
END_TEST

START_TEST(one_who_is_over_quota_does_not_stop_the_others_by_lmtp_and_all_by_smtp)
{
	for (int is_smtp = 0; is_smtp < 2; is_smtp++) {
		deliver_setup(is_smtp ? SERVICE_SMTP : SERVICE_LMTP);
		/* The message that fills alice's quota. */
		BEGIN("alice");
		ck_assert_int_eq(write_all("A: 1\r\n\r\n"), ERR_NONE);
		ck_assert_int_eq(finish(), ERR_NONE);
		deliver_end(&d);
		k.app.settings.policy.quota_messages = 1;
		BEGIN("alice", "bob");
		ck_assert_int_eq(write_all("A: 1\r\n\r\n"), ERR_NONE);
		ck_assert_int_eq(finish(), is_smtp ? ERR_QUOTA : ERR_NONE);
		ck_assert_int_eq(d->results[0], ERR_QUOTA);
		ck_assert_uint_eq(app_kit_count(&k, "alice", "INBOX"), 1);
		ck_assert_uint_eq(app_kit_count(&k, "bob", "INBOX"), is_smtp ? 0 : 1);
		deliver_teardown();
	}
}
END_TEST

/* A caller that goes on after an error must not be told that all is well. */
START_TEST(what_failed_stays_failed)
{
	deliver_setup(SERVICE_LMTP);
	app_kit_change_box(&k, "alice", BOX_CREATE, "x"); /* loads the account */
	struct mailbox *box = NULL;
	struct account *alice = app_kit_account(&k, "alice");
	box = account_find(alice, SLICE_LIT("INBOX"));
	box->exists = false; /* what append_begin refuses */
	BEGIN("alice");
	ck_assert_int_ne(write_all("A: 1\r\n\r\n"), ERR_NONE);
	ck_assert_int_ne(write_all("more\r\n"), ERR_NONE);
	ck_assert_int_ne(finish(), ERR_NONE);
	ck_assert_uint_eq(k.app.delivered, 0);
	box->exists = true;
	account_close(&alice);
	deliver_teardown();
}
END_TEST

START_TEST(mail_that_runs_in_circles_is_refused)
{
	deliver_setup(SERVICE_LMTP);
	BEGIN("alice");
	for (int i = 0; i < 101; i++)
		ck_assert_int_eq(write_all("Received: x\r\n"), ERR_NONE);
	ck_assert_int_eq(write_all("\r\n"), ERR_NONE);
	ck_assert_int_eq(finish(), ERR_STATE);
	ck_assert_uint_eq(app_kit_count(&k, "alice", "INBOX"), 0);
	deliver_teardown();
}
END_TEST

START_TEST(recipients_are_known_or_not)
{
	static const struct {
		const char *rcpt, *domains;
		enum err err;
	} rows[] = {
		{"alice", "", ERR_NONE},
		{"Alice@anything", "", ERR_NONE},
		{"alice+x@home", "home", ERR_NONE},
		{"postmaster", "home", ERR_NONE},
		{"Postmaster@home", "home", ERR_NONE},
		{"nobody@home", "home", ERR_NOT_FOUND},
		{"nobody", "home", ERR_NOT_FOUND},
		{"alice@elsewhere", "home", ERR_DENIED},
	};
	deliver_setup(SERVICE_LMTP);
	struct envelope e = {.session = &k.session};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum err err;
		ck_assert_int_eq(setting_set(&k.app.settings,
					     setting_find(SLICE_LIT("mail.domains")),
					     slice_str(rows[i].domains), LANG_EN, NULL),
				 ERR_NONE);
		while ((err = deliver_check_rcpt(&k.app.host, &e, slice_str(rows[i].rcpt),
						 &k.session.waiter)) == ERR_AGAIN)
			app_kit_turn(&k);
		ck_assert_msg(err == rows[i].err, "%s: %s", rows[i].rcpt, err_name(err));
	}
	deliver_teardown();
}
END_TEST

SUITE_MAIN("deliver", everybody_gets_it_once, a_mailbox_that_goes_while_accounts_open_is_not_used,
	   a_mailbox_that_several_recipients_share_goes_during_the_data,
	   who_was_removed_gets_nothing_and_no_new_account,
	   one_who_is_over_quota_does_not_stop_the_others_by_lmtp_and_all_by_smtp,
	   what_failed_stays_failed, mail_that_runs_in_circles_is_refused,
	   recipients_are_known_or_not)
