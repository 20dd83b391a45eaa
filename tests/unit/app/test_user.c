#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/user.h"
#include "proto/sasl.h"

static char dir[] = "/tmp/surel-test-XXXXXX", path[64];
static struct users *users;
static struct settings settings;

static void user_setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/users", dir);
	settings_init(&settings);
	ck_assert_int_eq(users_open(path, &users), ERR_NONE);
}

static void user_teardown(void)
{
	users_close(&users);
	unlink(path);
	rmdir(dir);
}

static enum err user_put(const char *name, const char *password)
{
	struct scram_verifier v;
	ck_assert_int_eq(scram_make_verifier(slice_str(password), (const uint8_t[16]){7}, 4096, &v),
			 ERR_NONE);
	return users_put(users, slice_str(name), &v);
}

START_TEST(names_are_checked)
{
	static const struct {
		const char *name;
		enum err err;
	} rows[] = {
		{"bob", ERR_NONE},
		{"b.o-b_2", ERR_NONE},
		{"bob@example.org", ERR_NONE},
		{"", ERR_SYNTAX},
		{"Bob", ERR_NONE},
		{"bob@", ERR_SYNTAX},
		{"@x", ERR_SYNTAX},
		{".bob", ERR_SYNTAX},
		{"bob smith", ERR_SYNTAX},
		{"bob+x", ERR_SYNTAX},
		{"-bob", ERR_SYNTAX},
		{"a@b@c", ERR_SYNTAX},
		{"../../etc", ERR_SYNTAX},
		{"b\xc3\xb6"
		 "b",
		 ERR_SYNTAX},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ERR_LIMIT},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(user_name_check(slice_str(rows[i].name)) == rows[i].err, "%s",
			      rows[i].name);
}
END_TEST

START_TEST(users_survive_in_the_file_and_their_passwords_fit)
{
	user_setup();
	ck_assert_int_eq(user_put("carol", "c"), ERR_NONE);
	ck_assert_int_eq(user_put("bob", "old"), ERR_NONE);
	ck_assert_int_eq(user_put("bob", "new"), ERR_NONE);
	users_close(&users);
	ck_assert_int_eq(users_open(path, &users), ERR_NONE);
	ck_assert_uint_eq(users_count(users), 2);
	ck_assert_str_eq(users_first(users)->name, "bob");
	struct user *bob = users_find(users, SLICE_LIT("BOB"));
	ck_assert(scram_check_password(&bob->verifier, SLICE_LIT("new")));
	ck_assert(!scram_check_password(&bob->verifier, SLICE_LIT("old")));
	ck_assert_int_eq(users_remove(users, SLICE_LIT("bob")), ERR_NONE);
	ck_assert_int_eq(users_remove(users, SLICE_LIT("bob")), ERR_NOT_FOUND);
	ck_assert_int_eq(users_reload(users), ERR_NONE);
	ck_assert_uint_eq(users_count(users), 1);
	user_teardown();
}
END_TEST

START_TEST(a_change_that_cannot_be_saved_is_no_change)
{
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	unlink(path);
	rmdir(dir);
	ck_assert_int_ne(user_put("carol", "c"), ERR_NONE);
	ck_assert_int_ne(user_put("bob", "other"), ERR_NONE);
	ck_assert_int_ne(users_remove(users, SLICE_LIT("bob")), ERR_NONE);
	ck_assert_uint_eq(users_count(users), 1);
	ck_assert(scram_check_password(&users_first(users)->verifier, SLICE_LIT("b")));
	users_close(&users);
}
END_TEST

START_TEST(a_damaged_file_is_refused_and_the_last_good_one_stays)
{
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	FILE *f = fopen(path, "a");
	fputs("carol SCRAM-SHA-256$4096:AAAA$BBBB:CCCC\n", f);
	fclose(f);
	ck_assert_int_ne(users_reload(users), ERR_NONE);
	ck_assert_uint_eq(users_count(users), 1);
	user_teardown();
}
END_TEST

START_TEST(typed_names_resolve)
{
	static const struct {
		const char *typed, *domains, *user, *detail;
	} rows[] = {
		{"bob", "", "bob", ""},
		{"Bob", "", "bob", ""},
		{"bob+lists", "", "bob", "lists"},
		{"bob+a+b", "", "bob", "a+b"},
		{"bob@anything.example", "", "bob", ""},
		{"bob+x@anything.example", "", "bob", "x"},
		{"bob@home.example", "home.example", "bob", ""},
		{"bob@HOME.example", "other.example home.example", "bob", ""},
		{"bob@elsewhere.example", "home.example", NULL, ""},
		{"bob@[192.0.2.1]", "home.example", "bob", ""},
		{"carol@example.org", "home.example", "carol@example.org", ""},
		{"carol+x@example.org", "home.example", "carol@example.org", "x"},
		{"carol", "", NULL, ""},
		{"nobody", "", NULL, ""},
		{"", "", NULL, ""},
		{"+x", "", NULL, ""},
		{"@", "", NULL, ""},
	};
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	ck_assert_int_eq(user_put("carol@example.org", "c"), ERR_NONE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice detail;
		snprintf(settings.mail_domains, sizeof(settings.mail_domains), "%s",
			 rows[i].domains);
		struct user *u = users_resolve(users, &settings, slice_str(rows[i].typed), &detail);
		ck_assert_msg(!u == !rows[i].user, "%s", rows[i].typed);
		if (u) {
			ck_assert_str_eq(u->name, rows[i].user);
			ck_assert_msg(slice_eq_str(detail, rows[i].detail), "%s", rows[i].typed);
		}
	}
	user_teardown();
}
END_TEST

START_TEST(a_right_password_is_recalled_until_it_changes)
{
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	struct user *bob = users_first(users);
	ck_assert(!users_recalls(users, bob, &bob->recent, SLICE_LIT("b")));
	users_remember(users, bob, &bob->recent, SLICE_LIT("b"));
	ck_assert(users_recalls(users, bob, &bob->recent, SLICE_LIT("b")));
	ck_assert(!users_recalls(users, bob, &bob->recent, SLICE_LIT("B")));
	ck_assert_int_eq(user_put("bob", "c"), ERR_NONE);
	ck_assert(!users_recalls(users, bob, &bob->recent, SLICE_LIT("b")));
	user_teardown();
}
END_TEST

START_TEST(strangers_get_a_stable_verifier_of_their_own)
{
	struct scram_verifier one, again, other;
	user_setup();
	users_fake_verifier(users, SLICE_LIT("eve"), 10000, &one);
	users_fake_verifier(users, SLICE_LIT("eve"), 10000, &again);
	users_fake_verifier(users, SLICE_LIT("mallory"), 10000, &other);
	ck_assert_mem_eq(&one, &again, sizeof(one));
	ck_assert_mem_ne(one.salt, other.salt, sizeof(one.salt));
	ck_assert(!one.is_real && one.iterations == 10000);
	user_teardown();
}
END_TEST

SUITE_MAIN("user", names_are_checked, users_survive_in_the_file_and_their_passwords_fit,
	   a_change_that_cannot_be_saved_is_no_change,
	   a_damaged_file_is_refused_and_the_last_good_one_stays, typed_names_resolve,
	   a_right_password_is_recalled_until_it_changes,
	   strangers_get_a_stable_verifier_of_their_own)
