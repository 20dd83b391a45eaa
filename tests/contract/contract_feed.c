/* The feed, mod-sequences, visibility and \Recent. */
#include "support/store_kit.h"

START_TEST(every_listener_is_told_of_every_change)
{
	static const char mine, yours;
	struct kit k;
	struct kit_ear ears[2];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	ck_assert_ptr_eq(kit_select(&k, "INBOX"), box);
	kit_listen(&ears[0], box);
	kit_listen(&ears[1], box);
	kit_append(&k, box, "one", 0);
	kit_append(&k, box, "two", 0);
	for (int i = 0; i < 2; i++)
		kit_expect(&ears[i], "NEW;NEW;");
	uint32_t both[] = {1, 2};
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = both,
			       .count = 2,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX,
			       .origin = &mine};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	for (int i = 0; i < 2; i++) {
		ck_assert_ptr_eq(ears[i].last_origin, &mine);
		ck_assert_uint_eq(ears[i].last_modseq, c.modseq_out);
		kit_expect(&ears[i], "FLAGS 1 2;");
	}
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE); /* changes nothing */
	kit_expect(&ears[0], "");
	ck_assert_int_eq(kit_flags(&k, box, 2, FLAGS_REMOVE, FLAG_SEEN), ERR_NONE);
	ck_assert_ptr_null(ears[0].last_origin);
	kit_expect(&ears[0], "FLAGS 2;");
	c = (struct msg_change){.kind = CHANGE_EXPUNGE, .uids = both, .count = 1, .origin = &yours};
	ck_assert_int_eq(kit_change(&k, box, &c), ERR_NONE);
	ck_assert_ptr_eq(ears[0].last_origin, &yours);
	ck_assert_uint_eq(ears[0].last_modseq, box->highest_modseq);
	kit_expect(&ears[0], "EXPUNGED 1;");
	mailbox_unlisten(&ears[0].listener);
	kit_append(&k, box, "three", 0);
	kit_expect(&ears[0], "");
	kit_expect(&ears[1], "FLAGS 2;EXPUNGED 1;NEW;");
	mailbox_unlisten(&ears[1].listener);
	mailbox_close(box);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(copy_and_move_tell_both_mailboxes)
{
	struct kit k;
	struct kit_ear from, to;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX"), *trash = kit_select(&k, "Trash");
	kit_append(&k, box, "one", 0);
	kit_append(&k, box, "two", 0);
	kit_listen(&from, box);
	kit_listen(&to, trash);
	kit_carry(&k, box, 1, CHANGE_COPY, trash);
	kit_expect(&from, "");
	kit_expect(&to, "NEW;");
	kit_carry(&k, box, 2, CHANGE_MOVE, trash);
	kit_expect(&from, "EXPUNGED 2;");
	kit_expect(&to, "NEW;");
	mailbox_unlisten(&from.listener);
	mailbox_unlisten(&to.listener);
	mailbox_close(box);
	mailbox_close(trash);
	kit_close(&k);
}
END_TEST

START_TEST(mail_is_visible_exactly_when_it_is_durable)
{
	struct kit k;
	struct kit_ear ear;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	kit_listen(&ear, box);
	for (uint32_t n = 0; n < 5; n++) {
		struct append_target target = {.box = box};
		struct append *append = kit_begin(&k, &target, 1);
		uint64_t ticket = 0;
		enum err err;
		ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("x")), ERR_NONE);
		ck_assert_uint_eq(box->uid_next, n + 1);
		while ((err = append_commit(&append, 1, &ticket, &k.waiter)) == ERR_AGAIN)
			kit_pause(&k);
		ck_assert_int_eq(err, ERR_NONE);
		ck_assert_uint_gt(ticket, 0);
		ck_assert_uint_eq(append->targets[0].uid_out, n + 1);
		err = store_wait(k.st, ticket, &k.waiter);
		ck_assert_uint_eq(box->uid_next, err == ERR_NONE ? n + 2 : n + 1);
		ck_assert_uint_eq(box->messages, err == ERR_NONE ? n + 1 : n);
		kit_expect(&ear, err == ERR_NONE ? "NEW;" : "");
		if (err == ERR_AGAIN) {
			struct msg_info info;
			ck_assert_int_eq(mailbox_info_uid(box, n + 1, &info), ERR_NOT_FOUND);
			/* What is not visible cannot be changed either. */
			uint32_t uid = n + 1, done = 9;
			struct msg_change c = {.kind = CHANGE_EXPUNGE,
					       .uids = &uid,
					       .count = 1,
					       .uids_out = &done};
			ck_assert_int_eq(mailbox_change(box, &c, NULL), ERR_NONE);
			ck_assert_uint_eq(done, 0);
			kit_pause(&k);
			kit_expect(&ear, "NEW;");
		}
		kit_durable(&k, ticket);
		ck_assert_uint_eq(box->messages, n + 1);
		append_end(&append);
	}
	mailbox_unlisten(&ear.listener);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(many_tickets_become_durable_in_order)
{
	enum { MANY = 20 };
	struct kit k;
	uint64_t tickets[MANY];
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	for (int i = 0; i < MANY; i++) {
		struct append_target target = {.box = box};
		struct append *append = kit_begin(&k, &target, 1);
		enum err err;
		ck_assert_int_eq(kit_write(&k, append, SLICE_LIT("x")), ERR_NONE);
		while ((err = append_commit(&append, 1, &tickets[i], &k.waiter)) == ERR_AGAIN)
			kit_pause(&k);
		ck_assert_int_eq(err, ERR_NONE);
		append_end(&append);
	}
	for (int i = 1; i < MANY; i++)
		ck_assert_uint_ge(tickets[i], tickets[i - 1]);
	kit_durable(&k, tickets[MANY - 1]);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(store_wait(k.st, tickets[i], NULL), ERR_NONE);
	ck_assert_uint_eq(box->messages, MANY);
	kit_assert_counters(&k);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(modseqs_only_rise)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	uint64_t last = box->highest_modseq;
	for (uint32_t i = 1; i <= 5; i++) {
		kit_append(&k, box, "x", 0);
		ck_assert_uint_gt(kit_info(box, i).modseq, last);
		ck_assert_uint_eq(kit_info(box, i).modseq, box->highest_modseq);
		last = box->highest_modseq;
	}
	ck_assert_int_eq(kit_flags(&k, box, 3, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_uint_gt(box->highest_modseq, last);
	ck_assert_uint_eq(kit_info(box, 3).modseq, box->highest_modseq);
	ck_assert_uint_eq(kit_info(box, 5).modseq, last);
	last = box->highest_modseq;
	ck_assert_int_eq(kit_expunge(&k, box, 3), ERR_NONE);
	ck_assert_uint_gt(box->highest_modseq, last);
	last = box->highest_modseq;
	mailbox_close(box);
	kit_reopen(&k);
	box = kit_select(&k, "INBOX");
	ck_assert_uint_ge(box->highest_modseq, last);
	last = box->highest_modseq;
	kit_append(&k, box, "x", 0);
	ck_assert_uint_gt(kit_info(box, 6).modseq, last);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

/* RFC 7162 3.1.2: who knows the highest modseq finds all that comes later above it. */
START_TEST(flag_change_that_overtakes_an_append_does_not_hide_it)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	kit_append(&k, box, "first", 0);
	struct append_target target = {.box = box};
	struct append *append = kit_begin(&k, &target, 1);
	uint64_t ticket = 0;
	enum err err;
	while ((err = append_commit(&append, 1, &ticket, &k.waiter)) == ERR_AGAIN)
		kit_pause(&k);
	ck_assert_int_eq(err, ERR_NONE);
	append_end(&append);
	bool overtakes = box->messages == 1;
	uint32_t uid = 1;
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = &uid,
			       .count = 1,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX};
	ck_assert_int_eq(mailbox_change(box, &c, NULL), ERR_NONE);
	uint64_t told = box->highest_modseq;
	kit_durable(&k, ticket);
	ck_assert_uint_eq(box->messages, 2);
	if (overtakes)
		ck_assert_uint_gt(kit_info(box, 2).modseq, told);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(recent_is_taken_once)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	ck_assert_uint_eq(mailbox_take_recent(box), 1);
	kit_append(&k, box, "1", 0);
	kit_append(&k, box, "2", 0);
	ck_assert_uint_eq(box->recent_from, 1);
	ck_assert_uint_eq(mailbox_take_recent(box), 1);
	ck_assert_uint_eq(mailbox_take_recent(box), 3);
	kit_append(&k, box, "3", 0);
	mailbox_close(box);
	kit_reopen(&k);
	box = kit_select(&k, "INBOX");
	ck_assert_uint_eq(mailbox_take_recent(box), 3);
	ck_assert_uint_eq(mailbox_take_recent(box), 4);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

START_TEST(first_unseen_is_found)
{
	struct kit k;
	kit_open(&k, _i);
	struct mailbox *box = kit_select(&k, "INBOX");
	ck_assert_uint_eq(mailbox_first_unseen(box), 0);
	for (int i = 0; i < 6; i++)
		kit_append(&k, box, "x", i < 2 ? FLAG_SEEN : 0);
	ck_assert_uint_eq(mailbox_first_unseen(box), 3);
	ck_assert_int_eq(kit_flags(&k, box, 3, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	ck_assert_int_eq(kit_expunge(&k, box, 4), ERR_NONE);
	ck_assert_uint_eq(mailbox_first_unseen(box), 5);
	ck_assert_int_eq(kit_flags(&k, box, 2, FLAGS_REMOVE, FLAG_SEEN), ERR_NONE);
	ck_assert_uint_eq(mailbox_first_unseen(box), 2);
	ck_assert_int_eq(kit_flags(&k, box, 2, FLAGS_ADD, FLAG_SEEN), ERR_NONE);
	mailbox_close(box);
	kit_reopen(&k);
	box = kit_select(&k, "INBOX");
	ck_assert_uint_eq(mailbox_first_unseen(box), 5);
	ck_assert_int_eq(kit_expunge(&k, box, 5), ERR_NONE);
	ck_assert_int_eq(kit_expunge(&k, box, 6), ERR_NONE);
	ck_assert_uint_eq(mailbox_first_unseen(box), 0);
	kit_append(&k, box, "x", 0);
	ck_assert_uint_eq(mailbox_first_unseen(box), 7);
	mailbox_close(box);
	kit_close(&k);
}
END_TEST

CONTRACT_MAIN("feed", every_listener_is_told_of_every_change, copy_and_move_tell_both_mailboxes,
	      mail_is_visible_exactly_when_it_is_durable, many_tickets_become_durable_in_order,
	      modseqs_only_rise, flag_change_that_overtakes_an_append_does_not_hide_it,
	      recent_is_taken_once, first_unseen_is_found)
