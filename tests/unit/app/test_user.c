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
	ck_assert(scram_check_password(&bob->own.verifier, SLICE_LIT("new")));
	ck_assert(!scram_check_password(&bob->own.verifier, SLICE_LIT("old")));
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
	ck_assert(scram_check_password(&users_first(users)->own.verifier, SLICE_LIT("b")));
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

START_TEST(a_device_may_stand_behind_the_whole_name)
{
	static const struct {
		const char *typed, *user, *detail;
	} rows[] = {
		{"carol@example.org+phone", "carol@example.org", "phone"},
		{"Carol@Example.org+phone", "carol@example.org", "phone"},
		{"carol+phone@example.org", "carol@example.org", "phone"},
		{"carol@example.org+folder=a@b", "carol@example.org", "folder=a@b"},
		{"carol@example.org+", "carol@example.org", ""},
		{"bob+phone", "bob", "phone"},
		{"bob@home.example+phone", NULL, ""},
		{"dora@example.org+phone", NULL, ""},
		{"@+", NULL, ""},
	};
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	ck_assert_int_eq(user_put("carol@example.org", "c"), ERR_NONE);
	snprintf(settings.mail_domains, sizeof(settings.mail_domains), "home.example");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice detail, typed = slice_str(rows[i].typed);
		struct user *u = users_resolve_login(users, &settings, typed, &detail);
		ck_assert_msg(!u == !rows[i].user, "%s", rows[i].typed);
		if (u) {
			ck_assert_str_eq(u->name, rows[i].user);
			ck_assert_msg(slice_eq_str(detail, rows[i].detail), "%s", rows[i].typed);
		}
	}
	/* "carol@example.org+x"@elsewhere.example is not our mail. */
	struct slice detail;
	ck_assert_ptr_null(users_resolve(
		users, &settings, SLICE_LIT("carol@example.org+x@elsewhere.example"), &detail));
	user_teardown();
}
END_TEST

START_TEST(a_right_password_is_recalled_until_it_changes)
{
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	struct user *bob = users_first(users);
	ck_assert(!users_recalls(users, bob->name, &bob->own.recent, SLICE_LIT("b")));
	users_remember(users, bob->name, &bob->own.recent, SLICE_LIT("b"));
	ck_assert(users_recalls(users, bob->name, &bob->own.recent, SLICE_LIT("b")));
	ck_assert(!users_recalls(users, bob->name, &bob->own.recent, SLICE_LIT("B")));
	ck_assert_int_eq(user_put("bob", "c"), ERR_NONE);
	ck_assert(!users_recalls(users, bob->name, &bob->own.recent, SLICE_LIT("b")));
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

static enum err device_put(const char *label, const char *secret)
{
	struct scram_verifier v;
	uint8_t salt[16];
	user_device_salt(users_first(users), salt);
	ck_assert_int_eq(scram_make_verifier(slice_str(secret), salt, DEVICE_ITERATIONS, &v),
			 ERR_NONE);
	return users_put_device(users, SLICE_LIT("bob"), slice_str(label), &v);
}

START_TEST(devices_are_kept_with_their_user)
{
	struct user_device *device;
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	struct scram_verifier any = users_first(users)->own.verifier;
	ck_assert_int_eq(users_put_device(users, SLICE_LIT("eve"), SLICE_LIT("phone"), &any),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(user_put("bob-b", "b"), ERR_NONE);
	ck_assert_int_eq(device_put("Phone", "one"), ERR_NONE);
	ck_assert_int_eq(device_put("tablet", "two"), ERR_NONE);
	ck_assert_int_eq(device_put("my phone", "x"), ERR_SYNTAX);
	ck_assert_int_eq(device_put("", "x"), ERR_SYNTAX);
	ck_assert_int_eq(device_put("phone", "three"), ERR_NONE); /* another one for the same */
	ck_assert_int_eq(user_put("bob", "c"), ERR_NONE);         /* has nothing to do with them */
	users_close(&users);
	ck_assert_int_eq(users_open(path, &users), ERR_NONE);
	struct user *bob = users_first(users);
	ck_assert_uint_eq(bob->device_count, 2);
	device = user_find_device(bob, SLICE_LIT("PHONE"));
	ck_assert_ptr_nonnull(device);
	users_remember(users, bob->name, &device->recent, SLICE_LIT("three"));
	ck_assert(users_recalls(users, bob->name, &device->recent, SLICE_LIT("three")));
	ck_assert_int_eq(device_put("phone", "three"), ERR_NONE);
	device = user_find_device(bob, SLICE_LIT("phone"));
	ck_assert(!users_recalls(users, bob->name, &device->recent, SLICE_LIT("three")));
	ck_assert(scram_check_password(&device->verifier, SLICE_LIT("three")));
	ck_assert(device->created_s > 0);
	/* One salt for all: a wrong password costs the same for one as for sixteen. */
	ck_assert_mem_eq(device->verifier.salt, bob->devices[1].verifier.salt, 16);
	struct scram_verifier v = device->verifier;
	ck_assert_ptr_eq(user_find_verifier(bob, &v), &bob->devices[0]);
	ck_assert_ptr_eq(user_find_verifier(bob, &bob->own.verifier), &bob->own);
	ck_assert_int_eq(users_remove_device(users, SLICE_LIT("bob"), SLICE_LIT("phone")),
			 ERR_NONE);
	ck_assert_int_eq(users_remove_device(users, SLICE_LIT("bob"), SLICE_LIT("phone")),
			 ERR_NOT_FOUND);
	ck_assert_ptr_null(user_find_verifier(bob, &v));
	ck_assert_str_eq(bob->devices[0].label, "tablet");
	for (int i = 0; i < DEVICES_MAX - 1; i++) {
		char label[16];
		snprintf(label, sizeof(label), "d%d", i);
		ck_assert_int_eq(device_put(label, "x"), ERR_NONE);
	}
	ck_assert_int_eq(device_put("more", "x"), ERR_LIMIT);
	user_teardown();
}
END_TEST

START_TEST(a_change_of_devices_that_cannot_be_saved_is_none)
{
	user_setup();
	ck_assert_int_eq(user_put("bob", "b"), ERR_NONE);
	ck_assert_int_eq(device_put("phone", "one"), ERR_NONE);
	struct user *bob = users_first(users);
	unlink(path);
	rmdir(dir);
	ck_assert_int_ne(device_put("tablet", "two"), ERR_NONE);
	ck_assert_uint_eq(bob->device_count, 1);
	ck_assert_int_ne(device_put("phone", "two"), ERR_NONE);
	ck_assert_int_ne(users_remove_device(users, SLICE_LIT("bob"), SLICE_LIT("phone")),
			 ERR_NONE);
	ck_assert_uint_eq(bob->device_count, 1);
	ck_assert(scram_check_password(&bob->devices[0].verifier, SLICE_LIT("one")));
	user_teardown();
}
END_TEST

START_TEST(app_passwords_are_easy_to_type_and_hard_to_guess)
{
	char secret[DEVICE_SECRET_BYTES + 1], other[DEVICE_SECRET_BYTES + 1];
	bool seen[256] = {false};
	unsigned kinds = 0;
	for (int i = 0; i < 200; i++) {
		user_device_secret(secret);
		user_device_secret(other);
		ck_assert_str_ne(secret, other);
		ck_assert_uint_eq(strlen(secret), 19);
		for (size_t at = 0; at < 19; at++) {
			ck_assert_int_eq(secret[at] == '-', at % 5 == 4);
			seen[(uint8_t)secret[at]] = true;
		}
	}
	for (int c = 0; c < 256; c++)
		kinds += seen[c] && c != '-';
	ck_assert_uint_eq(kinds, 32); /* 16 of 32: 80 bits */
	ck_assert(!seen['l'] && !seen['1'] && !seen['o'] && !seen['0']);
}
END_TEST

SUITE_MAIN("user", devices_are_kept_with_their_user,
	   a_change_of_devices_that_cannot_be_saved_is_none,
	   app_passwords_are_easy_to_type_and_hard_to_guess, names_are_checked,
	   users_survive_in_the_file_and_their_passwords_fit,
	   a_change_that_cannot_be_saved_is_no_change,
	   a_damaged_file_is_refused_and_the_last_good_one_stays, typed_names_resolve,
	   a_device_may_stand_behind_the_whole_name, a_right_password_is_recalled_until_it_changes,
	   strangers_get_a_stable_verifier_of_their_own)
