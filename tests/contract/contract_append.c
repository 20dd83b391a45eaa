/* Messages coming in and going out: every size, many targets, all or nothing, aborts. */
#include <stdlib.h>

#include "support/store_kit.h"

static struct slice patterned(uint8_t *dst, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint8_t)(i * 2654435761u >> 13);
	return slice_of(dst, n);
}

START_TEST(bodies_of_every_size_come_back)
{
	static const size_t sizes[] = {0, 1, 2, 127, 4095, 4096, 4097, 65536, 1000003};
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	uint8_t *bytes = malloc(1000003);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct append_target target = {.box = box};
		struct append_meta meta = {.targets = &target, .target_count = 1};
		uint32_t uid = 0;
		struct slice body = patterned(bytes, sizes[i]);
		ck_assert_int_eq(kit_try_append(&k, &meta, body, SLICE_EMPTY, &uid), ERR_NONE);
		ck_assert_uint_eq(uid, i + 1);
		kit_assert_body(&k, box, uid, body);
	}
	kit_assert_counters(&k);
	free(bytes);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(large_body_written_in_odd_pieces_is_read_at_odd_offsets)
{
	enum { SIZE = 3 * 1024 * 1024 };
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	uint8_t *bytes = malloc(SIZE), *back = malloc(100000);
	struct slice body = patterned(bytes, SIZE);
	struct append_target target = {.box = box};
	struct append *append = kit_begin(&k, &target, 1);
	size_t step = 1;
	for (size_t at = 0; at < SIZE; at += step, step = step * 3 % 70001 + 1)
		ck_assert_int_eq(kit_write(&k, append, slice_between(body, at, at + step)),
				 ERR_NONE);
	ck_assert_uint_eq(append->size, SIZE);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_NONE);
	append_end(&append);

	struct msg_info info = kit_info(box, 1);
	for (size_t offset = 0; offset < SIZE + 50000; offset += 77777) {
		size_t n = offset % 100000, got = 1;
		ck_assert_int_eq(kit_read(&k, box, &info, MSG_BODY, offset, back, n, &got),
				 ERR_NONE);
		struct slice expected = slice_between(body, offset, offset + n);
		ck_assert(slice_eq(slice_of(back, got), expected));
	}
	free(bytes);
	free(back);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(what_came_with_a_message_is_kept)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	struct msg_id id = {"0123456789abcde"};
	struct append_target target = {.box = box, .flags = FLAG_SEEN | FLAG_DRAFT};
	struct append_meta meta = {
		.targets = &target, .target_count = 1, .internal_date = -5, .id = &id};
	uint8_t back[32];
	size_t got;
	uint32_t uid = 0;
	ck_assert_int_eq(kit_try_append(&k, &meta, SLICE_LIT("body"), SLICE_LIT("summary"), &uid),
			 ERR_NONE);
	struct msg_info info = kit_info(box, uid);
	ck_assert_int_eq(info.internal_date, -5);
	ck_assert_int_eq(info.save_date, 1700000000);
	ck_assert_uint_eq(info.flags, FLAG_SEEN | FLAG_DRAFT);
	ck_assert_mem_eq(info.id.bytes, id.bytes, sizeof(id.bytes));
	ck_assert_int_eq(kit_read(&k, box, &info, MSG_SUMMARY, 0, back, 32, &got), ERR_NONE);
	ck_assert(slice_eq(slice_of(back, got), SLICE_LIT("summary")));
	ck_assert_int_eq(kit_read(&k, box, &info, MSG_SUMMARY, 3, back, 2, &got), ERR_NONE);
	ck_assert(slice_eq(slice_of(back, got), SLICE_LIT("ma")));

	uid = kit_append(&k, box, "without", 0);
	info = kit_info(box, uid);
	ck_assert_int_eq(kit_read(&k, box, &info, MSG_SUMMARY, 0, back, 32, &got), ERR_NONE);
	ck_assert_uint_eq(got, 0);
	ck_assert_mem_ne(info.id.bytes, id.bytes, sizeof(id.bytes));
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(one_body_for_many_targets)
{
	enum { TARGETS = 40 };
	struct kit k;
	struct append_target targets[TARGETS];
	struct account *accounts[TARGETS];
	struct msg_id ids[TARGETS];
	kit_open(&k, _i);
	for (int i = 0; i < TARGETS; i++) {
		char name[16];
		snprintf(name, sizeof(name), "user%02d", i / 2);
		accounts[i] = kit_account(&k, name);
		const char *box = i % 2 ? "INBOX" : "Archive";
		targets[i] = (struct append_target){account_find(accounts[i], slice_str(box)),
						    i % 3 ? 0 : FLAG_FLAGGED, 0};
	}
	struct append *append = kit_begin(&k, targets, TARGETS);
	ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("To all of you")), ERR_NONE);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_NONE);
	for (int i = 0; i < TARGETS; i++)
		ck_assert_uint_eq(append->targets[i].uid_out, 1);
	append_end(&append);
	for (int i = 0; i < TARGETS; i++) {
		struct mailbox *box = targets[i].box;
		enum err err;
		while ((err = mailbox_open(box, &k.waiter)) == ERR_AGAIN)
			kit_pause(&k);
		ck_assert_int_eq(err, ERR_NONE);
		kit_assert_body(&k, box, 1, SLICE_LIT("To all of you"));
		struct msg_info info = kit_info(box, 1);
		ck_assert_uint_eq(info.flags, targets[i].flags);
		ids[i] = info.id;
		for (int j = 0; j < i; j++)
			ck_assert_mem_ne(ids[i].bytes, ids[j].bytes, sizeof(ids[i].bytes));
		mailbox_close(box);
		ck_assert_uint_eq(accounts[i]->used_messages, 2);
		ck_assert_uint_eq(accounts[i]->used_bytes, 26);
	}
	for (int i = 0; i < TARGETS; i++)
		account_close(&accounts[i]);
	kit_close(&k);
}
END_TEST

START_TEST(one_mailbox_may_be_a_target_twice)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	struct append_target targets[2] = {{.box = box}, {.box = box, .flags = FLAG_SEEN}};
	struct append *append = kit_begin(&k, targets, 2);
	ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("twice")), ERR_NONE);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_NONE);
	ck_assert_uint_eq(append->targets[0].uid_out, 1);
	ck_assert_uint_eq(append->targets[1].uid_out, 2);
	append_end(&append);
	ck_assert_str_eq(kit_uids(&k, box), "1 2");
	ck_assert_int_eq(kit_expunge(&k, box, 1), ERR_NONE);
	kit_assert_body(&k, box, 2, SLICE_LIT("twice"));
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(several_appends_come_in_together_and_in_order)
{
	struct kit k;
	struct append *appends[5];
	static const char *const bodies[5] = {"one", "two", "", "four", "five"};
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "Drafts");
	for (int i = 0; i < 5; i++) {
		struct append_target target = {.box = box};
		appends[i] = kit_begin(&k, &target, 1);
	}
	for (int i = 4; i >= 0; i--)
		ck_assert_int_eq(kit_write(&k, appends[i], slice_str(bodies[i])), ERR_NONE);
	ck_assert_uint_eq(box->messages, 0);
	ck_assert_int_eq(kit_commit(&k, appends, 5), ERR_NONE);
	for (uint32_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(appends[i]->targets[0].uid_out, i + 1);
		append_end(&appends[i]);
		kit_assert_body(&k, box, i + 1, slice_str(bodies[i]));
	}
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(several_appends_fail_together)
{
	struct kit k;
	struct append *appends[3];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "Drafts");
	k.a->quota_messages = 2;
	for (int i = 0; i < 3; i++) {
		struct append_target target = {.box = box};
		appends[i] = kit_begin(&k, &target, 1);
		ck_assert_int_eq(kit_write(&k, appends[i], SLICE_LIT("x")), ERR_NONE);
	}
	ck_assert_int_eq(kit_commit(&k, appends, 3), ERR_QUOTA);
	ck_assert_uint_eq(box->messages, 0);
	ck_assert_uint_eq(k.a->used_messages, 0);
	/* Less of it fits: nothing was used up by the attempt. */
	ck_assert_int_eq(kit_commit(&k, appends, 2), ERR_NONE);
	for (int i = 0; i < 3; i++)
		append_end(&appends[i]);
	ck_assert_str_eq(kit_uids(&k, box), "1 2");
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(what_is_not_committed_is_forgotten)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	for (int i = 0; i < 10; i++) {
		struct append_target target = {.box = box};
		struct append *append = kit_begin(&k, &target, 1);
		for (int piece = 0; piece < i; piece++)
			ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("half a mess")), ERR_NONE);
		append_end(&append);
		append_end(&append); /* harmless */
	}
	ck_assert_uint_eq(box->messages, 0);
	ck_assert_uint_eq(kit_append(&k, box, "whole", 0), 1);
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(appends_may_be_interleaved)
{
	enum { WRITERS = 7, PIECES = 50 };
	struct kit k;
	struct append *appends[WRITERS];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	for (int i = 0; i < WRITERS; i++) {
		struct append_target target = {.box = box};
		appends[i] = kit_begin(&k, &target, 1);
	}
	for (int piece = 0; piece < PIECES; piece++)
		for (int i = 0; i < WRITERS; i++) {
			char text[101];
			memset(text, 'a' + i, 100);
			ck_assert_int_eq(kit_write(&k, appends[i], slice_of(text, 100)), ERR_NONE);
		}
	for (int i = WRITERS - 1; i >= 0; i--) {
		if (i % 3 != 1)
			ck_assert_int_eq(kit_commit(&k, &appends[i], 1), ERR_NONE);
		uint32_t uid = appends[i]->targets[0].uid_out;
		append_end(&appends[i]);
		if (i % 3 == 1)
			continue;
		char whole[PIECES * 100];
		memset(whole, 'a' + i, sizeof(whole));
		kit_assert_body(&k, box, uid, slice_of(whole, sizeof(whole)));
	}
	ck_assert_str_eq(kit_uids(&k, box), "1 2 3 4 5");
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(calls_out_of_order_are_refused)
{
	struct kit k;
	kit_open(&k, _i);
	struct append_target target = {.box = kit_find(&k, "INBOX")};
	struct append_meta none = {.targets = &target, .target_count = 0};
	struct append *append = NULL;
	ck_assert_int_eq(append_begin(k.st, &none, &append), ERR_STATE);
	target.flags = 1u << 31; /* a keyword that the mailbox does not know */
	struct append_meta unknown = {.targets = &target, .target_count = 1};
	ck_assert_int_eq(append_begin(k.st, &unknown, &append), ERR_STATE);
	target.flags = 0;
	append = kit_begin(&k, &target, 1);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_NONE);
	ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("late")), ERR_STATE);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_STATE);
	append_end(&append);
	ck_assert_uint_eq(kit_find(&k, "INBOX")->messages, 1);
	kit_close(&k);
}
END_TEST

START_TEST(too_many_targets_and_too_large_bodies_are_refused)
{
	static struct append_target targets[APPEND_TARGETS_MAX + 1];
	struct kit k;
	kit_open(&k, _i);
	for (size_t i = 0; i <= APPEND_TARGETS_MAX; i++)
		targets[i].box = kit_find(&k, "INBOX");
	struct append_meta meta = {.targets = targets, .target_count = APPEND_TARGETS_MAX + 1};
	struct append *append = NULL;
	ck_assert_int_eq(append_begin(k.st, &meta, &append), ERR_LIMIT);
	meta.target_count = 1;
	meta.expected_bytes = (uint64_t)UINT32_MAX + 1;
	ck_assert_int_eq(append_begin(k.st, &meta, &append), ERR_LIMIT);
	ck_assert_ptr_null(append);
	append = kit_begin(&k, targets, APPEND_TARGETS_MAX);
	ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("spam")), ERR_NONE);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_NONE);
	ck_assert_uint_eq(append->targets[999].uid_out, 1000);
	append_end(&append);
	kit_close(&k);
}
END_TEST

START_TEST(target_deleted_meanwhile_is_gone)
{
	struct kit k;
	kit_open(&k, _i);
	struct append_target targets[2] = {{.box = kit_find(&k, "INBOX")},
					   {.box = kit_find(&k, "Junk")}};
	struct append *append = kit_begin(&k, targets, 2);
	ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("for both")), ERR_NONE);
	ck_assert_int_eq(kit_delete(&k, "Junk"), ERR_NONE);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_GONE);
	append_end(&append);
	ck_assert_uint_eq(kit_find(&k, "INBOX")->messages, 0);
	kit_assert_counters(&k);
	kit_close(&k);
}
END_TEST

START_TEST(dropped_target_gets_nothing)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *inbox = kit_select(&k, "INBOX"), *junk = kit_select(&k, "Junk");
	struct append_target targets[2] = {{.box = junk}, {.box = inbox}};
	struct append *append = kit_begin(&k, targets, 2);
	ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("for one")), ERR_NONE);
	append_drop_target(append, junk);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_NONE);
	append_end(&append);
	kit_assert_body(&k, inbox, 1, SLICE_LIT("for one"));
	ck_assert_uint_eq(junk->messages, 0);
	append = kit_begin(&k, targets, 1);
	append_drop_target(append, junk);
	ck_assert_int_eq(kit_commit(&k, &append, 1), ERR_STATE);
	append_end(&append);
	kit_assert_counters(&k);
	mailbox_close(junk);
	mailbox_close(inbox);
	kit_close(&k);
}
END_TEST

CONTRACT_MAIN("append", bodies_of_every_size_come_back,
	      large_body_written_in_odd_pieces_is_read_at_odd_offsets,
	      what_came_with_a_message_is_kept, one_body_for_many_targets,
	      one_mailbox_may_be_a_target_twice, several_appends_come_in_together_and_in_order,
	      several_appends_fail_together, what_is_not_committed_is_forgotten,
	      appends_may_be_interleaved, calls_out_of_order_are_refused,
	      too_many_targets_and_too_large_bodies_are_refused, target_deleted_meanwhile_is_gone,
	      dropped_target_gets_nothing)
