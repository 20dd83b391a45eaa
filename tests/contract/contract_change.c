/* Messages changing: flags and keywords, expunge, copy and move. */
#include "base/clock.h"
#include "support/store_kit.h"

static flags_t keyword(struct mailbox *box, const char *name)
{
	flags_t flag = 0;
	ck_assert_int_eq(keywords_add(&box->keywords, slice_str(name), &flag), ERR_NONE);
	return flag;
}

static void append_many(struct kit *k, struct mailbox *box, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		kit_append(k, box, "text", 0);
}

START_TEST(flags_are_set_added_and_removed)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 3);
	ck_assert_int_eq(kit_flags(&k, box, 2, FLAGS_ADD, FLAG_SEEN | FLAG_DELETED), ERR_NONE);
	ck_assert_uint_eq(kit_info(box, 2).flags, FLAG_SEEN | FLAG_DELETED);
	ck_assert_uint_eq(box->unseen, 2);
	ck_assert_uint_eq(box->deleted, 1);
	ck_assert_int_eq(kit_flags(&k, box, 2, FLAGS_REMOVE, FLAG_SEEN | FLAG_DRAFT), ERR_NONE);
	ck_assert_uint_eq(kit_info(box, 2).flags, FLAG_DELETED);
	ck_assert_int_eq(kit_flags(&k, box, 2, FLAGS_SET, FLAG_ANSWERED), ERR_NONE);
	ck_assert_uint_eq(kit_info(box, 2).flags, FLAG_ANSWERED);
	ck_assert_uint_eq(kit_info(box, 1).flags | kit_info(box, 3).flags, 0);
	mailbox_close(box);
	kit_reopen(&k);
	box = kit_select(&k, "INBOX");
	ck_assert_uint_eq(kit_info(box, 2).flags, FLAG_ANSWERED);
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(keywords_are_kept_by_name)
{
	struct kit k;
	char name[16];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 1);
	flags_t junk = keyword(box, "$Junk");
	ck_assert_uint_eq(keyword(box, "$JUNK"), junk);
	ck_assert_int_eq(kit_flags(&k, box, 1, FLAGS_ADD, junk), ERR_NONE);
	mailbox_close(box);
	kit_reopen(&k);
	box = kit_select(&k, "INBOX");
	ck_assert_uint_eq(keywords_find(&box->keywords, SLICE_LIT("$junk")), junk);
	ck_assert_uint_eq(kit_info(box, 1).flags, junk);
	for (int i = 1; i < KEYWORDS_MAX; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		ck_assert_int_eq(kit_flags(&k, box, 1, FLAGS_ADD, keyword(box, name)), ERR_NONE);
	}
	ck_assert_uint_eq(kit_info(box, 1).flags, ~(flags_t)FLAG_SYSTEM_ALL);
	mailbox_close(box);
	kit_reopen(&k);
	box = kit_select(&k, "INBOX");
	ck_assert_uint_eq(kit_info(box, 1).flags, ~(flags_t)FLAG_SYSTEM_ALL);
	ck_assert_str_eq(flags_name(&box->keywords, 1u << 31), "k26");
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(set_may_keep_system_flags)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	flags_t a = keyword(box, "a"), b = keyword(box, "b");
	kit_append(&k, box, "x", FLAG_SEEN | a);
	uint32_t uid = 1;
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = &uid,
			       .count = 1,
			       .op = FLAGS_SET,
			       .flags = FLAG_DELETED | b,
			       .keep_system = true,
			       .unchanged_since = UINT64_MAX};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(kit_info(box, 1).flags, FLAG_SEEN | b);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(change_reports_what_it_did)
{
	static const uint32_t uids[] = {1, 2, 4, 5, 9};
	struct kit k;
	uint32_t done[5];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 5);
	ck_assert_int_eq(kit_expunge(&k, box, 4), ERR_NONE);
	uint64_t before = box->highest_modseq;
	ck_assert_int_eq(kit_flags(&k, box, 5, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_uint_eq(kit_info(box, 5).modseq, box->highest_modseq);
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = uids,
			       .count = 5,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = before,
			       .uids_out = done};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(done[0], 1);
	ck_assert_uint_eq(done[1], 2);
	ck_assert_uint_eq(done[2], 0); /* expunged */
	ck_assert_uint_eq(done[3], 0); /* changed since */
	ck_assert_uint_eq(done[4], 0); /* never was */
	ck_assert_uint_eq(c.modseq_out, box->highest_modseq);
	ck_assert_uint_eq(kit_info(box, 1).modseq, c.modseq_out);
	ck_assert_uint_eq(kit_info(box, 2).modseq, c.modseq_out);
	/* Nothing left to do: done, and no new modseq. */
	uint64_t modseq = box->highest_modseq;
	c.unchanged_since = UINT64_MAX;
	c.count = 2;
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(done[0], 1);
	ck_assert_uint_eq(c.modseq_out, 0);
	ck_assert_uint_eq(box->highest_modseq, modseq);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(expunge_takes_what_is_there)
{
	static const uint32_t uids[] = {2, 3, 7};
	struct kit k;
	uint32_t done[3];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 5);
	struct msg_change c = {.kind = CHANGE_EXPUNGE, .uids = uids, .count = 3, .uids_out = done};
	uint64_t modseq = box->highest_modseq;
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(done[0], 2);
	ck_assert_uint_eq(done[1], 3);
	ck_assert_uint_eq(done[2], 0);
	ck_assert_uint_gt(c.modseq_out, modseq);
	ck_assert_str_eq(kit_uids(&k, box), "1 4 5");
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(done[0], 0);
	ck_assert_uint_eq(c.modseq_out, 0);
	ck_assert_int_eq(kit_expunge(&k, box, 5), ERR_NONE);
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_reopen(&k);
	box = kit_select(&k, "INBOX");
	ck_assert_str_eq(kit_uids(&k, box), "1 4");
	ck_assert_uint_eq(box->uid_next, 6); /* UID 5 is not given again */
	ck_assert_uint_eq(kit_append(&k, box, "next", 0), 6);
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(expunged_message_is_readable_or_gone)
{
	struct kit k;
	uint8_t bytes[16];
	size_t got = 0;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 1);
	struct msg_info info = kit_info(box, 1);
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_NONE);
	ck_assert_int_eq(mailbox_info_uid(box, 1, &info), ERR_NOT_FOUND);
	enum err err = kit_read(&k, box, &info, MSG_BODY, 0, bytes, sizeof(bytes), &got);
	ck_assert(err == ERR_GONE || (err == ERR_NONE && got == 4 && !memcmp(bytes, "text", 4)));
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(copy_keeps_what_belongs_to_the_message)
{
	struct kit k;
	uint8_t back[16];
	size_t got;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX"), *sent = kit_select(&k, "Sent");
	keyword(sent, "other");
	flags_t work = keyword(box, "Work");
	struct append_target target = {.box = box, .flags = FLAG_FLAGGED | work};
	struct append_meta meta = {.targets = &target, .target_count = 1, .internal_date = 77};
	uint32_t uid;
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT("letter"), SLICE_LIT("sum"), &uid),
			 ERR_NONE);
	clock_advance(5000);
	ck_assert_uint_eq(kit_carry(&k, box, 1, CHANGE_COPY, sent), 1);
	struct msg_info info = kit_info(sent, 1), original = kit_info(box, 1);
	ck_assert_uint_eq(info.flags,
			  FLAG_FLAGGED | keywords_find(&sent->keywords, SLICE_LIT("work")));
	ck_assert_int_eq(info.internal_date, 77);
	ck_assert_int_eq(info.save_date, 1700000005);
	ck_assert_int_eq(original.save_date, 1700000000);
	ck_assert_mem_ne(info.id.bytes, original.id.bytes, sizeof(info.id.bytes));
	kit_assert_body(&k, sent, 1, SLICE_LIT("letter"));
	ck_assert_int_eq(kit_read(&k, sent, &info, MSG_SUMMARY, 0, back, 16, &got), ERR_NONE);
	ck_assert(slice_eq(slice_of(back, got), SLICE_LIT("sum")));
	/* The original can go; the copy stays whole. */
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_NONE);
	kit_assert_body(&k, sent, 1, SLICE_LIT("letter"));
	mailbox_close(box);
	mailbox_close(sent);
	kit_reopen(&k);
	sent = kit_select(&k, "Sent");
	kit_assert_body(&k, sent, 1, SLICE_LIT("letter"));
	kit_assert_counters(&k);
	mailbox_close(sent);
	kit_close(&k);
}
END_TEST

START_TEST(move_between_and_within_mailboxes)
{
	static const uint32_t uids[] = {1, 3, 4, 8};
	struct kit k;
	uint32_t new_uids[4];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX"), *trash = kit_find(&k, "Trash");
	kit_append(&k, trash, "old", 0);
	for (int i = 0; i < 4; i++) {
		char body[16];
		snprintf(body, sizeof(body), "m%d", i + 1);
		kit_append(&k, box, body, 0);
	}
	struct msg_change c = {.kind = CHANGE_MOVE,
			       .uids = uids,
			       .count = 4,
			       .target = trash,
			       .uids_out = new_uids};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(new_uids[0], 2);
	ck_assert_uint_eq(new_uids[1], 3);
	ck_assert_uint_eq(new_uids[2], 4);
	ck_assert_uint_eq(new_uids[3], 0);
	ck_assert_str_eq(kit_uids(&k, box), "2");
	trash = kit_select(&k, "Trash");
	kit_assert_body(&k, trash, 3, SLICE_LIT("m3"));
	/* Within one mailbox: new UIDs at the end. */
	c = (struct msg_change){.kind = CHANGE_MOVE,
				.uids = uids,
				.count = 3,
				.target = trash,
				.uids_out = new_uids};
	ck_assert_int_eq(kit_change(&k, trash, &c), ERR_NONE);
	ck_assert_str_eq(kit_uids(&k, trash), "2 5 6 7");
	kit_assert_body(&k, trash, 5, SLICE_LIT("old"));
	ck_assert_uint_eq(kit_carry(&k, trash, 2, CHANGE_COPY, trash), 8);
	ck_assert_str_eq(kit_uids(&k, trash), "2 5 6 7 8");
	ck_assert_uint_eq(k.a->used_messages, 6);
	mailbox_close(box);
	mailbox_close(trash);
	kit_reopen(&k);
	trash = kit_select(&k, "Trash");
	ck_assert_str_eq(kit_uids(&k, trash), "2 5 6 7 8");
	kit_assert_counters(&k);
	mailbox_close(trash);
	kit_close(&k);
}
END_TEST

START_TEST(copy_into_a_full_keyword_table_keeps_the_message)
{
	struct kit k;
	char name[16];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX"), *sent = kit_select(&k, "Sent");
	for (int i = 0; i < KEYWORDS_MAX; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		keyword(sent, name);
	}
	flags_t known = keyword(box, "K26"), unknown = keyword(box, "unknown");
	kit_append(&k, box, "x", FLAG_SEEN | known | unknown);
	ck_assert_uint_eq(kit_carry(&k, box, 1, CHANGE_MOVE, sent), 1);
	ck_assert_uint_eq(kit_info(sent, 1).flags, FLAG_SEEN | 1u << 31);
	mailbox_close(box);
	mailbox_close(sent);
	kit_close(&k);
}
END_TEST

START_TEST(wrong_changes_are_refused)
{
	static const uint32_t doubles[] = {1, 1}, backwards[] = {2, 1}, zero[] = {0};
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	append_many(&k, box, 2);
	struct msg_change c = {.kind = CHANGE_EXPUNGE, .uids = doubles, .count = 2};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_STATE);
	c.uids = backwards;
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_STATE);
	c.uids = zero;
	c.count = 1;
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_STATE);
	ck_assert_int_eq(kit_flags(&k, box, 1, FLAGS_ADD, 1u << 30), ERR_STATE);
	c.uids = doubles;
	c.kind = CHANGE_COPY;
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_STATE);
	ck_assert_int_eq(kit_subscribe(&k, "nowhere", true), ERR_NONE);
	c.target = kit_find(&k, "nowhere");
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NOT_FOUND);
	struct mailbox *closed = kit_find(&k, "Sent");
	ck_assert_int_eq(kit_expunge(&k, closed, 1), ERR_STATE);
	ck_assert_str_eq(kit_uids(&k, box), "1 2");
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(large_changes_in_one_go)
{
	enum { MANY = 2000 };
	static uint32_t uids[MANY], new_uids[MANY];
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX"), *trash = kit_select(&k, "Trash");
	append_many(&k, box, 1);
	for (unsigned copies = 1; copies < MANY; copies = box->messages) {
		unsigned n = copies < MANY - copies ? copies : MANY - copies;
		for (uint32_t i = 0; i < n; i++)
			uids[i] = i + 1;
		struct msg_change c = {
			.kind = CHANGE_COPY, .uids = uids, .count = n, .target = box};
		ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	}
	ck_assert_uint_eq(box->messages, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		uids[i] = i + 1;
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = uids,
			       .count = MANY,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(box->unseen, 0);
	c = (struct msg_change){.kind = CHANGE_MOVE,
				.uids = uids,
				.count = MANY,
				.target = trash,
				.uids_out = new_uids};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_uint_eq(new_uids[MANY - 1], MANY);
	ck_assert_uint_eq(box->messages, 0);
	ck_assert_uint_eq(trash->messages, MANY);
	kit_assert_counters(&k);
	mailbox_close(box);
	mailbox_close(trash);
	kit_close(&k);
}
END_TEST

CONTRACT_MAIN("change", flags_are_set_added_and_removed, keywords_are_kept_by_name,
	      set_may_keep_system_flags, change_reports_what_it_did, expunge_takes_what_is_there,
	      expunged_message_is_readable_or_gone, copy_keeps_what_belongs_to_the_message,
	      move_between_and_within_mailboxes, copy_into_a_full_keyword_table_keeps_the_message,
	      wrong_changes_are_refused, large_changes_in_one_go)
