#include "support/suite.h"

#include <stdio.h>

#include "app/auth.h"
#include "base/clock.h"
#include "proto/sasl.h"
#include "store/ram_store.h"
#include "support/app_kit.h"

static struct app_kit k;
static struct auth_request request;
static unsigned wakes;

static struct scram_verifier proved;

static void on_wake(struct waiter *w)
{
	(void)w;
	wakes++;
}
static struct waiter waiter = {.wake = on_wake};

static void auth_setup(const struct store_ops *ops)
{
	app_kit_open(&k, ops, SERVICE_IMAP);
	app_kit_add_user(&k, "bob", "right");
}

static void ask(const char *user, const char *password)
{
	wakes = 0;
	request = (struct auth_request){.session = &k.session,
					.user = slice_str(user),
					.password = slice_str(password),
					.waiter = &waiter};
	auth_start(&k.app.host, &request);
}

static enum err answer(void)
{
	for (int i = 0; !wakes; i++) {
		ck_assert_int_lt(i, 100000);
		app_kit_turn(&k);
	}
	ck_assert_uint_eq(wakes, 1);
	ck_assert_ptr_null(request.backend);
	return request.result;
}

static enum err try(const char *user, const char *password)
{
	ask(user, password);
	enum err err = answer();
	ck_assert_int_eq(err == ERR_NONE, request.login_out != NULL);
	login_unref(&request.login_out);
	return err;
}

START_TEST(passwords_are_right_or_wrong)
{
	static const struct {
		const char *user, *password;
		enum err err;
	} rows[] = {
		{"bob", "right", ERR_NONE},
		{"bob", "right", ERR_NONE}, /* recalled */
		{"BOB@anywhere", "right", ERR_NONE},
		{"bob", "wrong", ERR_DENIED},
		{"bob", "", ERR_DENIED},
		{"bob", "Right", ERR_DENIED},
		{"nobody", "right", ERR_DENIED},
		{"", "right", ERR_DENIED},
	};
	auth_setup(&store_ram_slow_ops);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(try(rows[i].user, rows[i].password) == rows[i].err, "row %zu", i);
	ck_assert_uint_eq(k.app.services[SERVICE_IMAP].logins, 3);
	ck_assert_uint_eq(k.app.services[SERVICE_IMAP].failures, 5);
	app_kit_close(&k);
}
END_TEST

START_TEST(a_detail_is_told_and_nobody_else_is_acted_for)
{
	auth_setup(&store_ram_ops);
	app_kit_add_user(&k, "carol", "c");
	ask("bob+phone", "right");
	ck_assert_int_eq(answer(), ERR_NONE);
	ck_assert_str_eq(request.login_out->user, "bob");
	ck_assert_str_eq(request.login_out->detail, "phone");
	login_unref(&request.login_out);
	static const struct {
		const char *authzid;
		enum err err;
	} rows[] = {{"bob", ERR_NONE}, {"carol", ERR_DENIED}, {"nobody", ERR_DENIED}};
	for (size_t i = 0; i < 3; i++) {
		wakes = 0;
		request = (struct auth_request){.session = &k.session,
						.user = SLICE_LIT("bob"),
						.authzid = slice_str(rows[i].authzid),
						.password = SLICE_LIT("right"),
						.waiter = &waiter};
		auth_start(&k.app.host, &request);
		ck_assert_int_eq(answer(), rows[i].err);
		login_unref(&request.login_out);
	}
	app_kit_close(&k);
}
END_TEST

/* Whatever it is doing: waiting, stretching, opening. */
START_TEST(a_session_may_go_at_any_moment)
{
	auth_setup(&store_ram_slow_ops);
	for (int turns = 0; turns < 12; turns++) {
		ask("bob", turns % 2 ? "right" : "wrong");
		for (int i = 0; i < turns && !wakes; i++)
			app_kit_turn(&k);
		if (!wakes)
			auth_cancel(&k.app.host, &request);
		login_unref(&request.login_out);
	}
	app_kit_close(&k);
}
END_TEST

START_TEST(a_password_that_is_changed_while_it_is_checked_is_an_old_one)
{
	auth_setup(&store_ram_ops);
	ask("bob", "right");
	app_kit_turn(&k); /* the thread has it; its answer comes in a later turn */
	ck_assert_uint_eq(wakes, 0);
	app_kit_add_user(&k, "bob", "new");
	ck_assert_int_eq(answer(), ERR_DENIED);
	ck_assert_int_eq(try("bob", "right"), ERR_DENIED);
	ck_assert_int_eq(try("bob", "new"), ERR_NONE);
	app_kit_close(&k);
}
END_TEST

START_TEST(a_user_who_is_removed_meanwhile_gets_no_new_account)
{
	auth_setup(&store_ram_slow_ops);
	for (int turns = 0; turns < 6; turns++) {
		app_kit_add_user(&k, "bob", "right");
		ask("bob", "right");
		request.is_verified = true;
		proved = users_find(k.app.users, SLICE_LIT("bob"))->own.verifier;
		request.verifier = &proved;
		for (int i = 0; i < turns && !wakes; i++)
			app_kit_turn(&k);
		if (wakes) {
			login_unref(&request.login_out);
			break;
		}
		ck_assert_int_eq(users_remove(k.app.users, SLICE_LIT("bob")), ERR_NONE);
		ck_assert_int_eq(answer(), ERR_DENIED);
		struct store_status status;
		store_status(k.app.host.store, &status);
		ck_assert_uint_eq(status.accounts, 0);
	}
	app_kit_close(&k);
}
END_TEST

START_TEST(at_the_limit_the_oldest_idle_session_goes)
{
	auth_setup(&store_ram_ops);
	k.app.per_user_max = 1;
	ask("bob", "right");
	ck_assert_int_eq(answer(), ERR_NONE);
	k.session.login = request.login_out;
	/* Another session of the same service, which is what is asked for now. */
	struct session other = k.session;
	other.login = NULL;
	ask("bob", "right");
	request.session = &other;
	ck_assert_int_eq(answer(), ERR_NONE);
	ck_assert(k.session_is_over);
	login_unref(&request.login_out);
	app_kit_close(&k);
}
END_TEST

static void add_device(const char *label, const char *secret)
{
	struct scram_verifier v;
	uint8_t salt[16];
	user_device_salt(users_find(k.app.users, SLICE_LIT("bob")), salt);
	ck_assert_int_eq(scram_make_verifier(slice_str(secret), salt, DEVICE_ITERATIONS, &v),
			 ERR_NONE);
	ck_assert_int_eq(users_put_device(k.app.users, SLICE_LIT("bob"), slice_str(label), &v),
			 ERR_NONE);
}

START_TEST(app_passwords_let_in_and_tell_the_device)
{
	static const struct {
		const char *user, *password, *device; /* NULL: not let in */
	} rows[] = {
		{"bob", "one", "phone"},
		{"bob", "two", "tablet"},
		{"bob", "right", ""},
		{"bob+phone", "one", "phone"},
		{"bob+phone", "two", NULL},
		{"bob+phone", "right", "phone"},
		{"bob+tablet", "one", NULL},
		{"bob+desk", "right", "desk"},
		{"bob+desk", "one", NULL},
		{"bob+phone+folder=X", "one", "phone"},
		{"bob+folder=X", "two", "tablet"},
		{"bob", "three", NULL},
		{"carol", "one", NULL},
		{"carol", "c", ""},
	};
	auth_setup(&store_ram_ops);
	app_kit_add_user(&k, "carol", "c");
	add_device("phone", "one");
	add_device("tablet", "two");
	for (int round = 0; round < 2; round++) /* the second time they are recalled */
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			ask(rows[i].user, rows[i].password);
			enum err err = answer();
			ck_assert_msg(!err == (rows[i].device != NULL), "row %zu", i);
			if (rows[i].device)
				ck_assert_str_eq(request.login_out->device, rows[i].device);
			login_unref(&request.login_out);
		}
	ck_assert_int_eq(users_remove_device(k.app.users, SLICE_LIT("bob"), SLICE_LIT("phone")),
			 ERR_NONE);
	ck_assert_int_eq(try("bob", "one"), ERR_DENIED);
	ck_assert_int_eq(try("bob", "two"), ERR_NONE);
	app_kit_close(&k);
}
END_TEST

START_TEST(an_app_password_that_is_revoked_while_it_is_checked_is_none)
{
	auth_setup(&store_ram_ops);
	add_device("phone", "one");
	ask("bob", "one");
	app_kit_turn(&k);
	ck_assert_uint_eq(wakes, 0);
	ck_assert_int_eq(users_remove_device(k.app.users, SLICE_LIT("bob"), SLICE_LIT("phone")),
			 ERR_NONE);
	ck_assert_int_eq(answer(), ERR_DENIED);
	app_kit_close(&k);
}
END_TEST

START_TEST(scram_takes_the_verifier_of_the_device)
{
	struct scram_verifier v, w;
	auth_setup(&store_ram_ops);
	add_device("phone", "one");
	auth_scram_verifier(&k.app.host, SLICE_LIT("bob+Phone"), &v);
	ck_assert(scram_check_password(&v, SLICE_LIT("one")));
	auth_scram_verifier(&k.app.host, SLICE_LIT("recent:bob+phone+folder=X"), &w);
	ck_assert_mem_eq(&v, &w, sizeof(v));
	auth_scram_verifier(&k.app.host, SLICE_LIT("bob+desk"), &w);
	ck_assert(scram_check_password(&w, SLICE_LIT("right")));
	/* Nobody's name looks the same however it is dressed, as bob's does. */
	auth_scram_verifier(&k.app.host, SLICE_LIT("eve"), &v);
	auth_scram_verifier(&k.app.host, SLICE_LIT("Eve+phone@anywhere"), &w);
	ck_assert_mem_eq(v.salt, w.salt, sizeof(v.salt));

	ask("bob+phone", "");
	request.is_verified = true;
	auth_scram_verifier(&k.app.host, SLICE_LIT("bob+phone"), &v);
	request.verifier = &v;
	ck_assert_int_eq(answer(), ERR_NONE);
	ck_assert_str_eq(request.login_out->device, "phone");
	login_unref(&request.login_out);
	ask("bob+phone", "");
	request.is_verified = true;
	request.verifier = &v;
	ck_assert_int_eq(users_remove_device(k.app.users, SLICE_LIT("bob"), SLICE_LIT("phone")),
			 ERR_NONE);
	ck_assert_int_eq(answer(), ERR_DENIED);
	app_kit_close(&k);
}
END_TEST

/* When a wrong answer comes, from the beginning of the request on. */
static uint64_t wrong_after_ms(const char *user)
{
	uint64_t before = clock_mono_ms();
	throttle_init(&k.app.throttle);
	ck_assert_int_eq(try(user, "wrong"), ERR_DENIED);
	return clock_mono_ms() - before;
}

START_TEST(how_long_a_wrong_password_takes_tells_nothing)
{
	auth_setup(&store_ram_ops);
	uint64_t plain = wrong_after_ms("bob");
	for (int i = 0; i < DEVICES_MAX; i++) {
		char label[16], secret[16];
		snprintf(label, sizeof(label), "d%d", i);
		snprintf(secret, sizeof(secret), "s%d", i);
		add_device(label, secret);
	}
	/* The kit's clock goes in steps of 50 ms, each turn one. */
	ck_assert_uint_le(wrong_after_ms("bob") % 1000, 200);
	ck_assert_uint_le(wrong_after_ms("nobody") % 1000, 200);
	ck_assert_uint_le(plain % 1000, 200);
	app_kit_close(&k);
}
END_TEST

START_TEST(two_pop3_logins_may_come_early)
{
	app_kit_open(&k, &store_ram_ops, SERVICE_POP3);
	app_kit_add_user(&k, "bob", "right");
	k.app.settings.policy.pop3_login_delay_s = 60;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(try("bob", "right"), ERR_NONE);
	ck_assert_int_eq(try("bob", "right"), ERR_TIMEOUT);
	ck_assert_int_eq(try("bob", "wrong"), ERR_DENIED);
	clock_advance(60000); /* each delay gives one back */
	ck_assert_int_eq(try("bob", "right"), ERR_NONE);
	ck_assert_int_eq(try("bob", "right"), ERR_TIMEOUT);
	clock_advance(10 * 60000); /* two early ones and one in time, not ten */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(try("bob", "right"), ERR_NONE);
	ck_assert_int_eq(try("bob", "right"), ERR_TIMEOUT);
	k.app.settings.policy.pop3_login_delay_s = 1; /* shorter now: the long one is forgotten */
	clock_advance(4000);
	ck_assert_int_eq(try("bob", "right"), ERR_NONE);
	k.app.settings.policy.pop3_login_delay_s = 0;
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(try("bob", "right"), ERR_NONE);
	app_kit_close(&k);
}
END_TEST

START_TEST(a_login_carries_the_policy_of_its_user)
{
	app_kit_open(&k, &store_ram_ops, SERVICE_POP3);
	app_kit_add_user(&k, "bob", "right");
	const struct setting_change changes[] = {
		{.row = setting_find(SLICE_LIT("pop3.after_download")),
		 .value = SLICE_LIT("delete")},
		{.row = setting_find(SLICE_LIT("quota.mib")), .value = SLICE_LIT("3")},
	};
	ck_assert_int_eq(appliance_change(&k.app, "nobody", changes, 2, LANG_EN, NULL, NULL),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(appliance_change(&k.app, "bob", changes, 2, LANG_EN, NULL, NULL),
			 ERR_NONE);
	ck_assert(appliance_overrides(&k.app, "bob", changes[1].row));
	ck_assert_uint_eq(k.app.host.pop3_expire_min_days, 0);
	ask("recent:bob+phone+folder=Lists", "right");
	ck_assert_int_eq(answer(), ERR_NONE);
	const struct login *login = request.login_out;
	ck_assert_uint_eq(login->policy.pop3_after, POP3_AFTER_DELETE);
	ck_assert_uint_eq(login->pop3_expire_days, 0);
	ck_assert_uint_eq(login->account->quota_bytes, 3 * 1024 * 1024);
	ck_assert(login->is_recent);
	ck_assert_str_eq(login->device, "phone");
	ck_assert_str_eq(login->folder, "Lists");
	login_unref(&request.login_out);
	size_t count;
	const struct recent_login *last = recent_logins_of(k.app.logins, "bob", &count);
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(last->device, "phone");

	k.app.settings.policy.pop3_access = POP3_OFF;
	ck_assert_int_eq(try("bob", "right"), ERR_UNSUPPORTED);
	ck_assert_int_eq(try("bob", "wrong"), ERR_DENIED); /* which is nobody else's business */
	app_kit_close(&k);
}
END_TEST

SUITE_MAIN("auth", app_passwords_let_in_and_tell_the_device,
	   an_app_password_that_is_revoked_while_it_is_checked_is_none,
	   scram_takes_the_verifier_of_the_device, how_long_a_wrong_password_takes_tells_nothing,
	   two_pop3_logins_may_come_early, a_login_carries_the_policy_of_its_user,
	   passwords_are_right_or_wrong, a_detail_is_told_and_nobody_else_is_acted_for,
	   a_session_may_go_at_any_moment,
	   a_password_that_is_changed_while_it_is_checked_is_an_old_one,
	   a_user_who_is_removed_meanwhile_gets_no_new_account,
	   at_the_limit_the_oldest_idle_session_goes)
