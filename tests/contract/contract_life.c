/* The store and its accounts: names, opening, removing, quota, failure, space. */
#include "base/clock.h"
#include "store/store_backend.h"
#include "support/store_kit.h"

START_TEST(accounts_are_separate_and_shared)
{
	struct kit k;
	kit_open(&k, _i);
	struct account *bob = kit_account(&k, "bob"), *again = kit_account(&k, "bob");
	ck_assert_ptr_eq(bob, again);
	kit_append(&k, account_find(bob, SLICE_LIT("INBOX")), "for bob", 0);
	ck_assert_uint_eq(kit_find(&k, "INBOX")->messages, 0);
	ck_assert_uint_eq(bob->used_bytes, 7);
	account_close(&again);
	ck_assert_ptr_null(again);
	account_close(&bob);
	account_close(&bob); /* harmless */
	kit_reopen(&k);
	bob = kit_account(&k, "bob");
	ck_assert_uint_eq(bob->used_bytes, 7);
	ck_assert_uint_eq(account_find(bob, SLICE_LIT("INBOX"))->messages, 1);
	account_close(&bob);
	kit_close(&k);
}
END_TEST

START_TEST(account_names_have_rules)
{
	static const struct {
		const char *name;
		enum err err;
	} names[] = {{"", ERR_SYNTAX},
		     {".hidden", ERR_SYNTAX},
		     {"a/b", ERR_SYNTAX},
		     {"a\n", ERR_SYNTAX},
		     {"\xFF", ERR_SYNTAX},
		     {"nobody", ERR_NOT_FOUND},
		     {"j\xC3\xBCrgen@example.org", ERR_NOT_FOUND}};
	struct kit k;
	struct account *a = NULL;
	kit_open(&k, _i);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum err err;
		while ((err = account_open(k.st, slice_str(names[i].name), false, &a, NULL,
					   &k.waiter)) == ERR_AGAIN)
			kit_pause(&k);
		ck_assert_int_eq(err, names[i].err);
		ck_assert_int_eq(account_remove(k.st, slice_str(names[i].name), NULL),
				 names[i].err);
	}
	char name[ACCOUNT_NAME_MAX_BYTES + 2] = {0};
	memset(name, 'n', ACCOUNT_NAME_MAX_BYTES + 1);
	ck_assert_int_eq(account_open(k.st, slice_str(name), true, &a, NULL, NULL), ERR_LIMIT);
	name[ACCOUNT_NAME_MAX_BYTES] = '\0';
	a = kit_account(&k, name);
	account_close(&a);
	kit_close(&k);
}
END_TEST

START_TEST(removed_account_is_gone)
{
	struct kit k;
	uint64_t ticket = 0;
	kit_open(&k, _i);
	struct account *bob = kit_account(&k, "bob");
	kit_append(&k, account_find(bob, SLICE_LIT("INBOX")), "for bob", 0);
	uint32_t uid_validity = account_find(bob, SLICE_LIT("INBOX"))->uid_validity;
	ck_assert_int_eq(account_remove(k.st, SLICE_LIT("bob"), &ticket), ERR_IN_USE);
	struct append_target target = {.box = account_find(bob, SLICE_LIT("INBOX"))};
	struct append *append = kit_begin(&k, &target, 1);
	account_close(&bob);
	ck_assert_int_eq(account_remove(k.st, SLICE_LIT("bob"), &ticket), ERR_IN_USE);
	append_end(&append);
	kit_settle(&k);
	ck_assert_int_eq(account_remove(k.st, SLICE_LIT("bob"), &ticket), ERR_NONE);
	kit_durable(&k, ticket);
	ck_assert_int_eq(account_remove(k.st, SLICE_LIT("bob"), &ticket), ERR_NOT_FOUND);
	kit_reopen(&k);
	ck_assert_int_eq(account_remove(k.st, SLICE_LIT("bob"), &ticket), ERR_NOT_FOUND);
	clock_advance(1000);
	bob = kit_account(&k, "bob");
	ck_assert_uint_eq(bob->used_messages, 0);
	ck_assert_uint_gt(account_find(bob, SLICE_LIT("INBOX"))->uid_validity, uid_validity);
	account_close(&bob);
	kit_close(&k);
}
END_TEST

START_TEST(idle_account_is_unloaded)
{
	struct kit k;
	kit_open(&k, _i);
	struct account *bob = kit_account(&k, "bob");
	struct mailbox *box = account_find(bob, SLICE_LIT("INBOX"));
	enum err err;
	while ((err = mailbox_open(box, &k.waiter)) == ERR_AGAIN)
		kit_pause(&k);
	ck_assert_int_eq(err, ERR_NONE);
	account_close(&bob);
	clock_advance(3600 * 1000);
	store_turn(k.st, true);
	ck_assert_ptr_nonnull(store_find_account(k.st, SLICE_LIT("bob"))); /* a mailbox is open */
	mailbox_close(box);
	kit_settle(&k);
	store_turn(k.st, true);
	ck_assert_ptr_nonnull(store_find_account(k.st, SLICE_LIT("bob"))); /* not long enough */
	clock_advance(3600 * 1000);
	store_turn(k.st, false);
	ck_assert_ptr_nonnull(store_find_account(k.st, SLICE_LIT("bob"))); /* busy */
	store_turn(k.st, true);
	ck_assert_ptr_null(store_find_account(k.st, SLICE_LIT("bob")));
	kit_close(&k);
}
END_TEST

START_TEST(quota_counts_octets_and_messages)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX"), *sent = kit_find(&k, "Sent");
	k.a->quota_bytes = 10;
	kit_append(&k, box, "123456", 0);
	struct append_target two[2] = {{.box = box}, {.box = sent}};
	struct append_meta meta = {.targets = two, .target_count = 2, .expected_bytes = 3};
	struct append *append = NULL;
	uint32_t uid = 0, one = 1;
	ck_assert_int_eq(append_begin(k.st, &meta, &append), ERR_QUOTA); /* counts twice */
	meta.expected_bytes = 0;
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT("abc"), SLICE_EMPTY, &uid), ERR_QUOTA);
	struct msg_change copy = {.kind = CHANGE_COPY, .uids = &one, .count = 1, .target = sent};
	ck_assert_int_eq(kit_change(&k, box, &copy), ERR_QUOTA);
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT("ab"), SLICE_EMPTY, &uid), ERR_NONE);
	ck_assert_uint_eq(k.a->used_bytes, 10);
	meta.target_count = 1;
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT(""), SLICE_EMPTY, &uid), ERR_NONE);
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT("x"), SLICE_EMPTY, &uid), ERR_QUOTA);
	k.a->quota_messages = 5;
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT(""), SLICE_EMPTY, &uid), ERR_NONE);
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT(""), SLICE_EMPTY, &uid), ERR_QUOTA);
	/* Above the quota: moving, flags and deleting still work. */
	k.a->quota_bytes = 1;
	ck_assert_uint_eq(kit_carry(&k, box, 2, CHANGE_MOVE, sent), 2);
	ck_assert_int_eq(kit_flags(&k, box, 1, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_NONE);
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(nothing_is_charged_for_what_was_dropped)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "x", 0), ERR_NONE);
	kit_append(&k, kit_find(&k, "x"), "12345", 0);
	kit_append(&k, kit_find(&k, "INBOX"), "1", 0);
	ck_assert_int_eq(kit_delete(&k, "x"), ERR_NONE);
	ck_assert_uint_eq(k.a->used_bytes, 1);
	ck_assert_uint_eq(k.a->used_messages, 1);
	kit_reopen(&k);
	ck_assert_uint_eq(k.a->used_bytes, 1);
	kit_assert_counters(&k);
	kit_close(&k);
}
END_TEST

/* A sync failed: what was waiting fails, nothing changes any more, reading goes on. */
START_TEST(failed_store_is_read_only)
{
	struct kit k;
	uint64_t ticket = 0;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	kit_append(&k, box, "kept", 0);
	struct append_target target = {.box = box};
	struct append *append = kit_begin(&k, &target, 1), *late = kit_begin(&k, &target, 1);
	enum err err;
	while ((err = append_commit(&append, 1, &ticket, &k.waiter)) == ERR_AGAIN)
		kit_pause(&k);
	ck_assert_int_eq(err, ERR_NONE);
	enum err waiting = store_wait(k.st, ticket, &k.waiter);
	unsigned wakes = k.wakes;
	store_fail(k.st, ERR_IO);
	ck_assert(store_is_read_only(k.st));
	kit_turn(&k);
	ck_assert_uint_eq(k.wakes, wakes + (waiting == ERR_AGAIN));
	ck_assert_int_eq(store_wait(k.st, ticket, &k.waiter), waiting ? ERR_IO : ERR_NONE);
	/* Whether mail that failed so late is there in the end is not promised. */
	ck_assert_uint_ge(box->messages, waiting ? 1 : 2);
	ck_assert_int_eq(append_write(late, SLICE_LIT("x"), &k.waiter), ERR_READ_ONLY);
	ck_assert_int_eq(append_commit(&late, 1, &ticket, &k.waiter), ERR_READ_ONLY);
	struct append_meta meta = {.targets = &target, .target_count = 1};
	struct append *none = NULL;
	ck_assert_int_eq(append_begin(k.st, &meta, &none), ERR_READ_ONLY);
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_READ_ONLY);
	ck_assert_int_eq(kit_create(&k, "x", 0), ERR_READ_ONLY);
	ck_assert_int_eq(account_remove(k.st, SLICE_LIT("bob"), NULL), ERR_READ_ONLY);
	struct account *bob = NULL;
	while ((err = account_open(k.st, SLICE_LIT("bob"), true, &bob, NULL, &k.waiter)) ==
	       ERR_AGAIN)
		kit_pause(&k);
	ck_assert_int_eq(err, ERR_READ_ONLY);
	kit_assert_body(&k, box, 1, SLICE_LIT("kept"));
	append_end(&append);
	append_end(&late);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(status_counts)
{
	struct kit k;
	struct store_status status;
	kit_open(&k, _i);
	struct account *bob = kit_account(&k, "bob");
	kit_append(&k, kit_find(&k, "INBOX"), "a message", 0);
	kit_append(&k, account_find(bob, SLICE_LIT("INBOX")), "another", 0);
	store_status(k.st, &status);
	ck_assert_uint_eq(status.accounts, 2);
	ck_assert_uint_eq(status.messages, 2);
	ck_assert_uint_ge(status.bytes_used, 16);
	ck_assert_uint_ge(status.bytes_written, 16);
	ck_assert_uint_gt(status.syncs, 0);
	ck_assert(!status.is_read_only && !status.is_full);
	struct mailbox *box = kit_select(&k, "INBOX");
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_NONE);
	store_status(k.st, &status);
	ck_assert_uint_eq(status.messages, 1);
	mailbox_close(box);
	account_close(&bob);
	kit_close(&k);
}
END_TEST

START_TEST(waiters_may_leave)
{
	struct kit k;
	struct waiter other;
	kit_open(&k, _i);
	struct mailbox *box = kit_find(&k, "INBOX");
	waiter_init(&other, NULL); /* must never be called */
	if (mailbox_open(box, &other) == ERR_NONE)
		mailbox_close(box);
	waiter_cancel(&other);
	for (int i = 0; i < 5; i++)
		kit_turn(&k);
	/* Without a waiter the caller just asks again. */
	enum err err;
	while ((err = mailbox_open(box, NULL)) == ERR_AGAIN)
		kit_turn(&k);
	ck_assert_int_eq(err, ERR_NONE);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

CONTRACT_MAIN("life", accounts_are_separate_and_shared, account_names_have_rules,
	      removed_account_is_gone, idle_account_is_unloaded, quota_counts_octets_and_messages,
	      nothing_is_charged_for_what_was_dropped, failed_store_is_read_only, status_counts,
	      waiters_may_leave)
