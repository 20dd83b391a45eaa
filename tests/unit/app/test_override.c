#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/conf_file.h"

static const struct setting *row(const char *key)
{
	const struct setting *found = setting_find(slice_str(key));
	ck_assert_ptr_nonnull(found);
	return found;
}

static enum err set_own(struct conf *c, const char *user, const char *key, const char *value)
{
	return overrides_set(&c->overrides, slice_str(user), row(key), slice_str(value), LANG_EN,
			     NULL);
}

static struct policy policy_of(const struct conf *c, const char *user)
{
	struct policy policy;
	overrides_policy(&c->overrides, &c->settings, slice_str(user), &policy);
	return policy;
}

START_TEST(own_values_go_before_the_houses)
{
	struct conf c;
	conf_init(&c);
	c.settings.policy.quota_mib = 10;
	ck_assert_int_eq(set_own(&c, "Bob", "pop3.after_download", "trash"), ERR_NONE);
	ck_assert_int_eq(set_own(&c, "bob", "pop3.folder", "Lists"), ERR_NONE);
	struct policy bob = policy_of(&c, "BOB"), carol = policy_of(&c, "carol");
	ck_assert_uint_eq(bob.pop3_after, POP3_AFTER_TRASH);
	ck_assert_str_eq(bob.pop3_folder, "Lists");
	ck_assert_uint_eq(bob.quota_mib, 10);
	ck_assert_uint_eq(carol.pop3_after, POP3_AFTER_KEEP);
	/* The same value as the house's is his own all the same. */
	ck_assert_int_eq(set_own(&c, "bob", "quota.mib", "10"), ERR_NONE);
	c.settings.policy.quota_mib = 20;
	ck_assert_uint_eq(policy_of(&c, "bob").quota_mib, 10);
	const struct override *own = overrides_find(&c.overrides, SLICE_LIT("bob"));
	ck_assert(override_has(own, row("quota.mib")) && !override_has(own, row("imap.access")));
	ck_assert(!override_has(NULL, row("quota.mib")));
	overrides_unset(&c.overrides, SLICE_LIT("bob"), row("quota.mib"));
	ck_assert_uint_eq(policy_of(&c, "bob").quota_mib, 20);
	overrides_unset(&c.overrides, SLICE_LIT("bob"), row("pop3.folder"));
	overrides_unset(&c.overrides, SLICE_LIT("bob"), row("pop3.after_download"));
	ck_assert_ptr_null(overrides_find(&c.overrides, SLICE_LIT("bob")));
	conf_free(&c);
}
END_TEST

START_TEST(what_a_user_cannot_have_is_refused)
{
	struct conf c;
	conf_init(&c);
	ck_assert_int_eq(set_own(&c, "bob", "hostname", "x"), ERR_DENIED);
	ck_assert_int_eq(set_own(&c, "bob", "quota.mib", "x"), ERR_SYNTAX);
	ck_assert_uint_eq(c.overrides.by_name.count, 0);
	for (int i = 0; i < OVERRIDES_MAX; i++) {
		char name[32];
		snprintf(name, sizeof(name), "u%d", i);
		ck_assert_int_eq(set_own(&c, name, "quota.mib", "1"), ERR_NONE);
	}
	ck_assert_int_eq(set_own(&c, "bob", "quota.mib", "1"), ERR_LIMIT);
	ck_assert_int_eq(set_own(&c, "u7", "quota.mib", "2"), ERR_NONE);
	conf_free(&c);
}
END_TEST

START_TEST(sections_are_saved_and_loaded)
{
	char dir[] = "/tmp/surel-test-XXXXXX", path[64];
	struct conf c, again;
	struct buf why;
	buf_init(&why, 512);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/surel.conf", dir);
	conf_init(&c);
	conf_init(&again);
	c.settings.policy.trash_days = 7;
	ck_assert_int_eq(set_own(&c, "carol@example.org", "imap.access", "no"), ERR_NONE);
	ck_assert_int_eq(set_own(&c, "bob", "trash.empty_days", "30"), ERR_NONE);
	ck_assert_int_eq(conf_save(path, &c), ERR_NONE);
	ck_assert_int_eq(conf_load(path, &again, &why), ERR_NONE);
	ck_assert_uint_eq(again.settings.policy.trash_days, 7);
	ck_assert_uint_eq(policy_of(&again, "bob").trash_days,
			  30); /* also when it is the default */
	ck_assert(!policy_of(&again, "carol@example.org").imap_access);
	ck_assert(policy_of(&again, "bob").imap_access);
	conf_free(&c);
	conf_free(&again);
	unlink(path);
	rmdir(dir);
	buf_free(&why);
}
END_TEST

START_TEST(changes_are_made_all_or_none)
{
	char dir[] = "/tmp/surel-test-XXXXXX", path[64];
	struct conf c, after;
	struct buf why;
	size_t which = 99;
	struct setting_change changes[] = {
		{.row = row("quota.mib"), .value = SLICE_LIT("5")},
		{.row = row("pop3.access"), .value = SLICE_LIT("from-now-on")},
		{.row = row("trash.empty_days"), .value = SLICE_LIT("soon")},
	};
	buf_init(&why, 512);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/surel.conf", dir);
	conf_init(&c);
	ck_assert_int_eq(set_own(&c, "bob", "pop3.from", "77"), ERR_NONE);
	ck_assert_int_eq(
		conf_change_saved(path, &c, "bob", changes, 3, LANG_ID, &why, &which, &after),
		ERR_SYNTAX);
	ck_assert_uint_eq(which, 2);
	ck_assert(slice_starts(buf_view(&why), SLICE_LIT("trash.empty_days harus")));
	ck_assert_uint_eq(policy_of(&c, "bob").quota_mib, 0);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(
		conf_change_saved(path, &c, "bob", changes, 2, LANG_EN, NULL, NULL, &after),
		ERR_NONE);
	ck_assert_uint_eq(policy_of(&after, "bob").quota_mib, 5);
	ck_assert_uint_eq(policy_of(&after, "bob").pop3_from_s, 0); /* it begins anew */
	ck_assert_uint_eq(policy_of(&after, "carol").quota_mib, 0);
	conf_free(&after);
	ck_assert_int_eq(conf_change_saved("/nonexistent/x", &c, NULL, changes, 1, LANG_EN, &why,
					   NULL, &after),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(conf_forget_saved(path, &c, "bob", &after), ERR_NONE);
	ck_assert_uint_eq(after.overrides.by_name.count, 0);
	conf_free(&after);
	conf_free(&c);
	unlink(path);
	rmdir(dir);
	buf_free(&why);
}
END_TEST

SUITE_MAIN("override", own_values_go_before_the_houses, what_a_user_cannot_have_is_refused,
	   sections_are_saved_and_loaded, changes_are_made_all_or_none)
