#include "support/suite.h"

#include "app/auth.h"
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
		proved = users_find(k.app.users, SLICE_LIT("bob"))->verifier;
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

SUITE_MAIN("auth", passwords_are_right_or_wrong, a_detail_is_told_and_nobody_else_is_acted_for,
	   a_session_may_go_at_any_moment,
	   a_password_that_is_changed_while_it_is_checked_is_an_old_one,
	   a_user_who_is_removed_meanwhile_gets_no_new_account,
	   at_the_limit_the_oldest_idle_session_goes)
