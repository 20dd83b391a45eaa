/* Mailbox names: create, delete, rename, subscriptions, special uses (RFC 9051 6.3.4 to 6.3.8). */
#include <stdio.h>
#include <stdlib.h>

#include "support/store_kit.h"

#define FIRST_NAMES "Archive+ Drafts+ INBOX+ Junk+ Sent+ Trash+"

START_TEST(new_account_has_its_first_mailboxes)
{
	static const struct {
		const char *name;
		uint32_t use;
	} first[] = {{"INBOX", 0},       {"Drafts", USE_DRAFTS}, {"Sent", USE_SENT},
		     {"Junk", USE_JUNK}, {"Trash", USE_TRASH},   {"Archive", USE_ARCHIVE}};
	struct kit k;
	kit_open(&k, _i);
	ck_assert_str_eq(kit_names(&k), FIRST_NAMES);
	for (size_t i = 0; i < 6; i++) {
		struct mailbox *box = kit_find(&k, first[i].name);
		ck_assert_uint_eq(box->special_use, first[i].use);
		ck_assert_uint_ne(box->uid_validity, 0);
		ck_assert_uint_ne(box->mailbox_id, 0);
		ck_assert_uint_eq(box->uid_next, 1);
		ck_assert_uint_ge(box->highest_modseq, 1);
		if (first[i].use)
			ck_assert_ptr_eq(account_find_use(k.a, first[i].use), box);
	}
	ck_assert_ptr_null(account_find_use(k.a, USE_ALL));
	kit_close(&k);
}
END_TEST

START_TEST(create_makes_missing_superiors)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "a/b/c", 0), ERR_NONE);
	ck_assert_int_eq(kit_create(&k, "a/b/d", 0), ERR_NONE);
	ck_assert_str_eq(kit_names(&k),
			 "Archive+ Drafts+ INBOX+ Junk+ Sent+ Trash+ a a/b a/b/c a/b/d");
	ck_assert_int_eq(kit_create(&k, "a/b", 0), ERR_EXISTS);
	ck_assert_uint_ne(kit_find(&k, "a")->mailbox_id, kit_find(&k, "a/b")->mailbox_id);
	kit_reopen(&k);
	ck_assert_str_eq(kit_names(&k),
			 "Archive+ Drafts+ INBOX+ Junk+ Sent+ Trash+ a a/b a/b/c a/b/d");
	kit_close(&k);
}
END_TEST

START_TEST(inbox_is_found_in_any_case)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_ptr_eq(kit_find(&k, "inbox"), kit_find(&k, "INBOX"));
	ck_assert_int_eq(kit_create(&k, "iNbOx", 0), ERR_EXISTS);
	ck_assert_int_eq(kit_create(&k, "inbox/x", 0), ERR_NONE);
	ck_assert_str_eq(kit_find(&k, "Inbox/x")->name, "INBOX/x");
	ck_assert_ptr_null(account_find(k.a, SLICE_LIT("INBOX/X")));
	ck_assert_int_eq(kit_create(&k, "inboxes", 0), ERR_NONE);
	ck_assert_str_eq(kit_find(&k, "inboxes")->name, "inboxes");
	ck_assert_int_eq(kit_delete(&k, "inbox"), ERR_DENIED);
	kit_close(&k);
}
END_TEST

START_TEST(bad_names_are_refused)
{
	static const struct {
		const char *name;
		enum err err;
	} names[] = {{"", ERR_SYNTAX},
		     {"/a", ERR_SYNTAX},
		     {"a/", ERR_SYNTAX},
		     {"a//b", ERR_SYNTAX},
		     {"a\x7F", ERR_SYNTAX},
		     {"a\nb", ERR_SYNTAX},
		     {"\xC3", ERR_SYNTAX},
		     {"\xC2\x85", ERR_SYNTAX},
		     {"\xE2\x80\xA8", ERR_SYNTAX},
		     {"\xED\xA0\x80", ERR_SYNTAX},
		     {"\xC2\xA0", ERR_NONE},
		     {"\xE2\x80\xA6", ERR_NONE},
		     {"a b&c*%", ERR_NONE},
		     {"\xF0\x9F\x93\xAC", ERR_NONE}};
	struct kit k;
	kit_open(&k, _i);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(kit_create(&k, names[i].name, 0), names[i].err);
		ck_assert_int_eq(kit_subscribe(&k, names[i].name, true), names[i].err);
	}
	char name[MAILBOX_NAME_MAX_BYTES + 2] = {0};
	memset(name, 'n', MAILBOX_NAME_MAX_BYTES + 1);
	ck_assert_int_eq(kit_create(&k, name, 0), ERR_LIMIT);
	name[MAILBOX_NAME_MAX_BYTES] = '\0';
	ck_assert_int_eq(kit_create(&k, name, 0), ERR_NONE);
	for (int i = 1; i < 2 * MAILBOX_DEPTH_MAX; i += 2)
		name[i] = '/';
	name[2 * MAILBOX_DEPTH_MAX + 1] = '\0';
	ck_assert_int_eq(kit_create(&k, name, 0), ERR_LIMIT);
	name[2 * MAILBOX_DEPTH_MAX - 1] = '\0';
	ck_assert_int_eq(kit_create(&k, name, 0), ERR_NONE);
	ck_assert_int_eq(kit_rename(&k, "n", name), ERR_EXISTS);
	kit_close(&k);
}
END_TEST

START_TEST(delete_takes_one_name_only)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "a/b", 0), ERR_NONE);
	struct mailbox *box = kit_find(&k, "a");
	kit_append(&k, box, "in a", 0);
	kit_append(&k, kit_find(&k, "a/b"), "in a/b", 0);
	ck_assert_int_eq(kit_delete(&k, "a"), ERR_NONE);
	ck_assert_str_eq(kit_names(&k), FIRST_NAMES " a/b");
	ck_assert_uint_eq(k.a->used_messages, 1);
	ck_assert_uint_eq(k.a->used_bytes, 6);
	kit_reopen(&k);
	ck_assert_str_eq(kit_names(&k), FIRST_NAMES " a/b");
	kit_assert_counters(&k);
	kit_close(&k);
}
END_TEST

START_TEST(recreated_name_has_a_greater_uidvalidity)
{
	struct kit k;
	kit_open(&k, _i);
	uint32_t last = 0;
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(kit_create(&k, "again", 0), ERR_NONE);
		struct mailbox *box = kit_find(&k, "again");
		ck_assert_uint_gt(box->uid_validity, last);
		last = box->uid_validity;
		ck_assert_uint_eq(kit_append(&k, box, "x", 0), 1);
		ck_assert_int_eq(i % 2 ? kit_delete(&k, "again") : kit_rename(&k, "again", "gone"),
				 ERR_NONE);
		if (i % 2 == 0)
			ck_assert_int_eq(kit_delete(&k, "gone"), ERR_NONE);
		if (i % 3 == 0)
			kit_reopen(&k);
	}
	kit_close(&k);
}
END_TEST

START_TEST(subscriptions_survive_their_mailbox)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_subscribe(&k, "later", true), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "later", true), ERR_NONE);
	ck_assert_int_eq(kit_delete(&k, "Junk"), ERR_NONE);
	ck_assert_str_eq(kit_names(&k), "Archive+ Drafts+ INBOX+ ?Junk+ Sent+ Trash+ ?later+");
	ck_assert_int_eq(mailbox_open(kit_find(&k, "later"), NULL), ERR_NOT_FOUND);
	ck_assert_int_eq(kit_delete(&k, "later"), ERR_NOT_FOUND);
	kit_reopen(&k);
	ck_assert_str_eq(kit_names(&k), "Archive+ Drafts+ INBOX+ ?Junk+ Sent+ Trash+ ?later+");
	ck_assert_int_eq(kit_create(&k, "later", 0), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "Junk", false), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "Junk", false), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "Sent", false), ERR_NONE);
	ck_assert_str_eq(kit_names(&k), "Archive+ Drafts+ INBOX+ Sent Trash+ later+");
	kit_reopen(&k);
	ck_assert_str_eq(kit_names(&k), "Archive+ Drafts+ INBOX+ Sent Trash+ later+");
	kit_close(&k);
}
END_TEST

START_TEST(rename_takes_inferiors_and_leaves_subscriptions)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "a/b/c", 0), ERR_NONE);
	ck_assert_int_eq(kit_create(&k, "ab", 0), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "a/b", true), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "z/y/b/c", true), ERR_NONE);
	struct mailbox *box = kit_find(&k, "a/b/c");
	uint32_t uid_validity = box->uid_validity;
	uint64_t mailbox_id = box->mailbox_id;
	kit_append(&k, box, "letter", 0);
	ck_assert_int_eq(kit_rename(&k, "a", "z/y"), ERR_NONE);
	for (int round = 0; round < 2; round++) {
		ck_assert_str_eq(kit_names(&k), FIRST_NAMES " ?a/b+ ab z z/y z/y/b z/y/b/c+");
		box = kit_select(&k, "z/y/b/c");
		ck_assert_uint_eq(box->uid_validity, uid_validity);
		ck_assert_uint_eq(box->mailbox_id, mailbox_id);
		kit_assert_body(&k, box, 1, SLICE_LIT("letter"));
		mailbox_close(box);
		kit_reopen(&k);
	}
	kit_close(&k);
}
END_TEST

START_TEST(rename_refuses_what_makes_no_sense)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "a/b", 0), ERR_NONE);
	ck_assert_int_eq(kit_create(&k, "c/b", 0), ERR_NONE);
	ck_assert_int_eq(kit_rename(&k, "a", "a"), ERR_EXISTS);
	ck_assert_int_eq(kit_rename(&k, "a", "c"), ERR_EXISTS);
	ck_assert_int_eq(kit_rename(&k, "a", "a/b/c"), ERR_DENIED);
	ck_assert_int_eq(kit_rename(&k, "a", "inbox"), ERR_EXISTS);
	ck_assert_int_eq(kit_rename(&k, "a", "x/"), ERR_SYNTAX);
	ck_assert_int_eq(kit_rename(&k, "nothing", "x"), ERR_NOT_FOUND);
	ck_assert_int_eq(kit_delete(&k, "c"), ERR_NONE);
	ck_assert_int_eq(kit_rename(&k, "a", "c"), ERR_EXISTS); /* because of c/b */
	char name[MAILBOX_NAME_MAX_BYTES] = {0};
	memset(name, 'n', sizeof(name) - 1);
	ck_assert_int_eq(kit_rename(&k, "a", name), ERR_LIMIT); /* because of a/b */
	ck_assert_str_eq(kit_names(&k), FIRST_NAMES " a a/b c/b");
	kit_close(&k);
}
END_TEST

START_TEST(rename_of_a_name_that_is_only_a_superior)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "foo/bar", 0), ERR_NONE);
	ck_assert_int_eq(kit_delete(&k, "foo"), ERR_NONE);
	ck_assert_int_eq(kit_rename(&k, "foo", "zowie"), ERR_NONE);
	ck_assert_str_eq(kit_names(&k), FIRST_NAMES " zowie/bar");
	kit_close(&k);
}
END_TEST

START_TEST(rename_upwards_may_step_into_its_own_place)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "a/b/b", 0), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "a/b", true), ERR_NONE);
	ck_assert_int_eq(kit_subscribe(&k, "a/b/b", true), ERR_NONE);
	ck_assert_int_eq(kit_delete(&k, "a"), ERR_NONE);
	uint64_t outer = kit_find(&k, "a/b")->mailbox_id;
	ck_assert_int_eq(kit_rename(&k, "a/b", "a"), ERR_NONE);
	ck_assert_str_eq(kit_names(&k), FIRST_NAMES " a a/b+ ?a/b/b+");
	ck_assert_uint_eq(kit_find(&k, "a")->mailbox_id, outer);
	kit_reopen(&k);
	ck_assert_str_eq(kit_names(&k), FIRST_NAMES " a a/b+ ?a/b/b+");
	ck_assert_uint_eq(kit_find(&k, "a")->mailbox_id, outer);
	kit_close(&k);
}
END_TEST

START_TEST(rename_of_inbox_moves_its_messages)
{
	struct kit k;
	struct kit_ear ear;
	flags_t keyword = 0;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_rename(&k, "INBOX", "old/mail"), ERR_STATE);
	struct mailbox *inbox = kit_select(&k, "INBOX");
	ck_assert_int_eq(kit_create(&k, "INBOX/below", 0), ERR_NONE);
	ck_assert_int_eq(keywords_add(&inbox->keywords, SLICE_LIT("$Label1"), &keyword), ERR_NONE);
	kit_append(&k, inbox, "first", FLAG_SEEN | keyword);
	kit_append(&k, inbox, "second", 0);
	kit_append(&k, inbox, "third", FLAG_FLAGGED);
	ck_assert_int_eq(kit_expunge(&k, inbox, 2), ERR_NONE);
	kit_listen(&ear, inbox);
	uint32_t uid_validity = inbox->uid_validity;
	ck_assert_int_eq(kit_rename(&k, "inbox", "old/mail"), ERR_NONE);
	kit_expect(&ear, "EXPUNGED 1 3;");
	ck_assert_uint_eq(inbox->messages, 0);
	ck_assert_uint_eq(inbox->uid_validity, uid_validity);
	ck_assert_uint_eq(inbox->uid_next, 4);
	kit_expect(&ear, "");
	mailbox_unlisten(&ear.listener);
	mailbox_close(inbox);
	for (int round = 0; round < 2; round++) {
		ck_assert_str_eq(kit_names(&k), "Archive+ Drafts+ INBOX+ INBOX/below Junk+ Sent+ "
						"Trash+ old old/mail");
		struct mailbox *box = kit_select(&k, "old/mail");
		ck_assert_str_eq(kit_uids(&k, box), "1 2");
		kit_assert_body(&k, box, 1, SLICE_LIT("first"));
		kit_assert_body(&k, box, 2, SLICE_LIT("third"));
		flags_t there = keywords_find(&box->keywords, SLICE_LIT("$Label1"));
		ck_assert_uint_ne(there, 0);
		ck_assert_uint_eq(kit_info(box, 1).flags, FLAG_SEEN | there);
		mailbox_close(box);
		kit_assert_counters(&k);
		kit_reopen(&k);
	}
	kit_close(&k);
}
END_TEST

START_TEST(use_belongs_to_one_mailbox)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "Sent Messages", USE_SENT), ERR_NONE);
	ck_assert_uint_eq(kit_find(&k, "Sent")->special_use, 0);
	ck_assert_str_eq(account_find_use(k.a, USE_SENT)->name, "Sent Messages");
	struct box_change use = {.kind = BOX_SET_USE,
				 .box = kit_find(&k, "Archive"),
				 .special_use = USE_ARCHIVE | USE_ALL | USE_SENT};
	ck_assert_int_eq(kit_change_box(&k, &use), ERR_NONE);
	for (int round = 0; round < 2; round++) {
		ck_assert_uint_eq(kit_find(&k, "Archive")->special_use,
				  USE_ARCHIVE | USE_ALL | USE_SENT);
		ck_assert_uint_eq(kit_find(&k, "Sent Messages")->special_use, 0);
		kit_reopen(&k);
	}
	use = (struct box_change){
		.kind = BOX_SET_USE, .box = kit_find(&k, "INBOX"), .special_use = 1u << 20};
	ck_assert_int_eq(kit_change_box(&k, &use), ERR_STATE);
	ck_assert_int_eq(kit_rename(&k, "Archive", "Old"), ERR_NONE);
	ck_assert_str_eq(account_find_use(k.a, USE_ARCHIVE)->name, "Old");
	kit_close(&k);
}
END_TEST

START_TEST(deleted_mailbox_stays_for_those_who_have_it_open)
{
	struct kit k;
	struct kit_ear ear;
	struct msg_info info;
	uint8_t byte;
	size_t got;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "Junk");
	kit_append(&k, box, "spam", 0);
	info = kit_info(box, 1);
	kit_listen(&ear, box);
	ck_assert_int_eq(kit_delete(&k, "Junk"), ERR_NONE);
	kit_expect(&ear, "GONE;");
	ck_assert_int_eq(kit_create(&k, "Junk", 0), ERR_NONE);
	ck_assert_ptr_ne(kit_find(&k, "Junk"), box);
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_GONE);
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_GONE);
	ck_assert_int_eq(mailbox_info(box, 0, &info), ERR_GONE);
	ck_assert_int_eq(kit_read(&k, box, &info, MSG_BODY, 0, &byte, 1, &got), ERR_GONE);
	struct append_target target = {.box = box};
	struct append_meta meta = {.targets = &target, .target_count = 1};
	struct append *append;
	ck_assert_int_eq(append_begin(k.st, &meta, &append), ERR_GONE);
	struct box_change again = {.kind = BOX_DELETE, .box = box};
	ck_assert_int_eq(kit_change_box(&k, &again), ERR_GONE);
	mailbox_unlisten(&ear.listener);
	mailbox_unlisten(&ear.listener); /* harmless */
	mailbox_close(box);
	kit_assert_counters(&k);
	kit_close(&k);
}
END_TEST

START_TEST(number_of_mailboxes_is_limited)
{
	struct kit k;
	char name[32];
	kit_open(&k, _i);
	size_t room = MAILBOXES_PER_ACCOUNT_MAX - k.a->box_count;
	/* Subscriptions count too, and are cheap; all but the last few by one deep name each. */
	for (size_t i = 0; i < room - 1; i++) {
		snprintf(name, sizeof(name), "n%zu", i);
		struct box_change c = {.kind = BOX_SUBSCRIBE, .name = slice_str(name)};
		ck_assert_int_eq(account_change_box(k.a, &c, NULL), ERR_NONE);
	}
	ck_assert_int_eq(kit_create(&k, "x/y", 0), ERR_LIMIT);
	ck_assert_int_eq(kit_create(&k, "x", 0), ERR_NONE);
	ck_assert_int_eq(kit_create(&k, "y", 0), ERR_LIMIT);
	ck_assert_int_eq(kit_create(&k, "n7", 0), ERR_NONE); /* takes its subscription's place */
	ck_assert_int_eq(kit_delete(&k, "n7"), ERR_NONE);
	ck_assert_uint_eq(k.a->box_count, MAILBOXES_PER_ACCOUNT_MAX);
	kit_close(&k);
}
END_TEST

CONTRACT_MAIN("names", new_account_has_its_first_mailboxes, create_makes_missing_superiors,
	      inbox_is_found_in_any_case, bad_names_are_refused, delete_takes_one_name_only,
	      recreated_name_has_a_greater_uidvalidity, subscriptions_survive_their_mailbox,
	      rename_takes_inferiors_and_leaves_subscriptions, rename_refuses_what_makes_no_sense,
	      rename_of_a_name_that_is_only_a_superior, rename_upwards_may_step_into_its_own_place,
	      rename_of_inbox_moves_its_messages, use_belongs_to_one_mailbox,
	      deleted_mailbox_stays_for_those_who_have_it_open, number_of_mailboxes_is_limited)
