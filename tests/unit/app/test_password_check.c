#include "support/suite.h"

#include "app/admin_password.h"
#include "app/password_check.h"
#include "proto/sasl.h"
#include "store/store_ops.h"
#include "support/app_kit.h"

static struct app_kit k;
static unsigned wakes;

static void on_wake(struct waiter *w)
{
	(void)w;
	wakes++;
}

static void wait_for(struct password_work *work)
{
	struct waiter w;
	waiter_init(&w, on_wake);
	wakes = 0;
	ck_assert(password_is_busy(work, &w));
	for (int i = 0; !wakes; i++) {
		ck_assert_int_lt(i, 100000);
		app_kit_turn(&k);
	}
	ck_assert(!password_is_busy(work, &w));
}

START_TEST(a_password_is_made_and_checked)
{
	struct password_work *work;
	struct scram_verifier v;
	app_kit_open(&k, &store_ram_ops, SERVICE_IMAP);
	k.app.settings.auth_iterations = 5000;
	ck_assert(!admin_password_is_set(&k.app));
	ck_assert_int_eq(
		password_check_new(&k.app, admin_password_verifier(&k.app), SLICE_LIT("x"), &work),
		ERR_NONE);
	wait_for(work);
	ck_assert(!password_is_right(work)); /* none is set: none fits */
	password_work_free(&work);

	ck_assert_int_eq(password_make_new(&k.app, SLICE_LIT("boss"), &work), ERR_NONE);
	ck_assert_int_eq(password_result(work, &v), ERR_STATE);
	wait_for(work);
	ck_assert_int_eq(password_result(work, &v), ERR_NONE);
	password_work_free(&work);
	ck_assert_uint_eq(v.iterations, 5000);
	ck_assert_int_eq(admin_password_put(&k.app, &v), ERR_NONE);
	for (int right = 0; right < 2; right++) {
		ck_assert_int_eq(password_check_new(&k.app, admin_password_verifier(&k.app),
						    slice_str(right ? "boss" : "Boss"), &work),
				 ERR_NONE);
		wait_for(work);
		ck_assert_int_eq(password_is_right(work), right);
		password_work_free(&work);
	}
	app_kit_close(&k);
}
END_TEST

START_TEST(what_cannot_be_a_password_is_refused_at_once)
{
	static char longer[PASSWORD_MAX_BYTES + 1];
	struct password_work *work;
	app_kit_open(&k, &store_ram_ops, SERVICE_IMAP);
	memset(longer, 'x', sizeof(longer));
	ck_assert_int_eq(password_make_new(&k.app, SLICE_LIT(""), &work), ERR_SYNTAX);
	ck_assert_int_eq(password_make_new(&k.app, SLICE_LIT("a\tb"), &work), ERR_SYNTAX);
	ck_assert_int_eq(password_make_new(&k.app, slice_of(longer, sizeof(longer)), &work),
			 ERR_LIMIT);
	ck_assert_ptr_null(work);
	app_kit_close(&k);
}
END_TEST

START_TEST(whoever_asked_may_go_at_any_time)
{
	struct password_work *work;
	struct scram_verifier v = {.iterations = 4096};
	app_kit_open(&k, &store_ram_ops, SERVICE_IMAP);
	for (int turns = 0; turns < 4; turns++) {
		ck_assert_int_eq(password_check_new(&k.app, &v, SLICE_LIT("x"), &work), ERR_NONE);
		for (int i = 0; i < turns; i++)
			app_kit_turn(&k);
		password_work_free(&work);
		ck_assert_ptr_null(work);
	}
	app_kit_close(&k); /* what a worker still has is freed with it */
}
END_TEST

SUITE_MAIN("password_check", a_password_is_made_and_checked,
	   what_cannot_be_a_password_is_refused_at_once, whoever_asked_may_go_at_any_time)
