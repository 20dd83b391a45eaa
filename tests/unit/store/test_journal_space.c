/* A full store, space that comes back, and what it costs. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/journal.h"
#include "store/store_backend.h"
#include "support/cut_work.h"
#include "support/suite.h"

enum { SEGMENT = 32 * 1024 };

static struct emu_medium *medium;
static struct work work;

static void make_store(uint32_t slots, int deflate)
{
	bool durable;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	clock_freeze(1000, 1700000000);
	medium = emu_new(SEGMENT, slots);
	ck_assert_int_eq(work_open(&work, medium, 0, deflate), ERR_NONE);
	ck_assert_int_eq(work_do(&work, 0, &durable), ERR_NONE);
}

static void drop_store(void)
{
	work_close(&work);
	emu_free(medium);
}

static void rest(unsigned turns)
{
	for (unsigned i = 0; i < turns; i++) {
		store_turn(work.st, true);
		clock_advance(1100);
	}
}

static enum err change(const char *name, enum msg_change_kind kind, unsigned stride)
{
	static uint32_t uids[20000];
	struct mailbox *box = account_find(work.alice, slice_str(name));
	struct msg_change c = {.kind = kind,
			       .uids = uids,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX};
	uint64_t ticket = 0;
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
	for (uint32_t i = 0; i < box->messages; i += stride) {
		struct msg_info info;
		ck_assert_int_eq(mailbox_info(box, i, &info), ERR_NONE);
		uids[c.count++] = info.uid;
	}
	enum err err = mailbox_change(box, &c, &ticket);
	if (!err)
		err = work_wait(&work, ticket);
	mailbox_close(box);
	return err;
}

static unsigned fill(unsigned id, size_t size)
{
	unsigned n = 0;
	enum err err;
	while ((err = work_append(&work, work.alice, "INBOX", id + n, size)) == ERR_NONE)
		n++;
	ck_assert_str_eq(err_name(err), "ERR_FULL");
	return n;
}

static void look_at_everything(void)
{
	enum err err;
	char *text = work_describe(&work, &err);
	ck_assert_msg(text != NULL, "%s", err_name(err));
	free(text);
}

/* Ends without a checkpoint, and starts again. */
static void crash(void)
{
	store_fail(work.st, ERR_IO);
	work_close(&work);
	emu_power_on(medium);
	ck_assert_int_eq(work_open(&work, medium, 0, 0), ERR_NONE);
}

START_TEST(full_is_a_state)
{
	make_store(24, 0);
	unsigned first = fill(1, 3000);
	ck_assert_uint_gt(first, 100);
	for (unsigned round = 0; round < 5; round++) {
		struct store_status status;
		store_status(work.st, &status);
		ck_assert(status.is_full && !status.is_read_only);
		look_at_everything();
		ck_assert_int_eq(change("INBOX", CHANGE_FLAGS, 1), ERR_NONE);
		ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
		ck_assert_uint_eq(account_find(work.alice, SLICE_LIT("INBOX"))->messages, 0);
		rest(6);
		store_status(work.st, &status);
		ck_assert(!status.is_full);
		unsigned again = fill(1000 * (round + 1), 3000);
		ck_assert_msg(again + first / 10 >= first, "round %u: %u after %u", round, again,
			      first);
		crash();
		ck_assert_uint_eq(account_find(work.alice, SLICE_LIT("INBOX"))->messages, again);
	}
	drop_store();
}
END_TEST

START_TEST(flags_change_for_ever_on_a_full_store)
{
	make_store(16, 0);
	fill(1, 2000);
	for (unsigned i = 0; i < 3000; i++) {
		struct mailbox *box = account_find(work.alice, SLICE_LIT("INBOX"));
		uint32_t uid = 1 + i % 20;
		struct msg_change c = {.kind = CHANGE_FLAGS,
				       .uids = &uid,
				       .count = 1,
				       .op = i / 20 % 2 ? FLAGS_REMOVE : FLAGS_ADD,
				       .flags = FLAG_FLAGGED,
				       .unchanged_since = UINT64_MAX};
		uint64_t ticket = 0;
		ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
		enum err err = mailbox_change(box, &c, &ticket);
		ck_assert_msg(!err, "change %u: %s", i, err_name(err));
		ck_assert_int_eq(work_wait(&work, ticket), ERR_NONE);
		mailbox_close(box);
	}
	look_at_everything();
	drop_store();
}
END_TEST

static enum err set_note(size_t size, unsigned seed)
{
	static uint8_t bytes[MAILBOX_NOTE_MAX_BYTES];
	memset(bytes, (int)(seed % 251) + 1, size);
	struct box_change c = {.kind = BOX_SET_NOTE,
			       .box = account_find(work.alice, SLICE_LIT("INBOX")),
			       .note = slice_of(bytes, size)};
	uint64_t ticket = 0;
	enum err err = account_change_box(work.alice, &c, &ticket);
	return err ? err : work_wait(&work, ticket);
}

/* At once, but when tidying is using the last segments to get others back. */
static void set_note_soon(size_t size, unsigned seed)
{
	enum err err = set_note(size, seed);
	for (unsigned i = 0; err == ERR_FULL && i < 3; i++) {
		rest(1);
		err = set_note(size, seed);
	}
	ck_assert_msg(!err, "note of %zu: %s", size, err_name(err));
}

/* POP3 at QUIT: what was downloaded is noted, and deleted. */
START_TEST(notes_change_for_ever_on_a_full_store)
{
	make_store(24, 0);
	ck_assert_int_eq(set_note(3000, 0), ERR_NONE);
	unsigned first = fill(1, 2000);
	for (unsigned i = 0; i < 3000; i++)
		set_note_soon(3000 - i % 7, i);
	for (unsigned round = 0; round < 5; round++) {
		for (unsigned size = 3000; size < 3400; size += 40)
			set_note_soon(size, size);
		set_note_soon(0, 0);
	}
	crash();
	look_at_everything();
	ck_assert_uint_eq(account_find(work.alice, SLICE_LIT("INBOX"))->note.len, 0);
	ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
	rest(6);
	ck_assert_uint_ge(fill(5000, 2000) + first / 10, first);
	drop_store();
}
END_TEST

/* However notes grow, deleting goes on, and the checkpoint that frees what was deleted has room. */
START_TEST(growing_notes_end_before_the_reserve_does)
{
	enum err err = ERR_NONE;
	make_store(20, 0);
	fill(1, 2000);
	for (size_t size = 1; !err && size <= MAILBOX_NOTE_MAX_BYTES; size += 255)
		err = set_note(size, 1);
	ck_assert(err == ERR_NONE || err == ERR_FULL);
	ck_assert_int_eq(change("INBOX", CHANGE_FLAGS, 1), ERR_NONE);
	ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
	rest(6);
	ck_assert_int_eq(set_note(MAILBOX_NOTE_MAX_BYTES, 3), ERR_NONE);
	crash();
	ck_assert_uint_eq(account_find(work.alice, SLICE_LIT("INBOX"))->note.len,
			  MAILBOX_NOTE_MAX_BYTES);
	ck_assert_uint_gt(fill(1, 2000), 30);
	drop_store();
}
END_TEST

static bool has_used_slot_that_is_gone(const struct journal *j)
{
	for (uint32_t slot = 1, n; slot < j->segments.count; slot++)
		if (j->segments.at[slot].state == SEGMENT_ABSENT && !emu_bytes(medium, slot, &n))
			return true;
	return false;
}

/* The checkpoint tells of segments in use that were given back to the medium soon after it. */
START_TEST(segment_given_back_since_the_checkpoint_is_not_used)
{
	make_store(200, 0);
	for (unsigned i = 0; i < 400; i++)
		ck_assert_int_eq(work_append(&work, work.alice, "INBOX", i, 3000), ERR_NONE);
	ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
	rest(200);
	ck_assert_uint_gt(emu_counts(medium).removes, 5);
	crash();
	ck_assert(has_used_slot_that_is_gone(store_journal(work.st)));
	for (unsigned i = 0; i < 400; i++)
		ck_assert_int_eq(work_append(&work, work.alice, "INBOX", i, 3000), ERR_NONE);
	look_at_everything();
	drop_store();
}
END_TEST

static void half_deleted(int deflate)
{
	make_store(24, deflate);
	unsigned first = fill(1, 3000);
	ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 2), ERR_NONE);
	unsigned more = 0;
	for (unsigned i = 0; i < 400 && more < first / 3; i++) {
		if (work_append(&work, work.alice, "Sent", 5000 + more, 3000) == ERR_NONE)
			more++;
		rest(4);
	}
	ck_assert_msg(more >= first / 3, "%u after %u", more, first);
	look_at_everything();
	uint32_t sent = account_find(work.alice, SLICE_LIT("Sent"))->messages;
	work_close(&work);
	ck_assert_int_eq(work_open(&work, medium, 0, 0), ERR_NONE);
	ck_assert_uint_eq(account_find(work.alice, SLICE_LIT("Sent"))->messages, sent);
	look_at_everything();
	drop_store();
}

START_TEST(half_deleted_segments_are_tidied)
{
	half_deleted(0);
}
END_TEST

START_TEST(tidying_deflates)
{
	half_deleted(1);
}
END_TEST

START_TEST(deflated_segments_are_tidied)
{
	half_deleted(2);
}
END_TEST

/* What recovery would read is not used again, dead or not, until a checkpoint has passed it. */
START_TEST(segments_behind_the_checkpoint_stay)
{
	make_store(100, 0);
	struct journal *j = store_journal(work.st);
	for (unsigned i = 0; i < 30; i++)
		ck_assert_int_eq(work_append(&work, work.alice, "INBOX", i, 2500), ERR_NONE);
	uint64_t generation = j->root.generation;
	ck_assert_uint_gt(j->log.seq, j->root.seq + 1);
	ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
	for (unsigned i = 0; i < 3; i++)
		store_turn(work.st, false);
	ck_assert_uint_eq(j->root.generation, generation);
	for (uint64_t seq = j->root.seq; seq <= j->log.seq; seq++) {
		unsigned found = 0;
		for (uint32_t slot = 1; slot < j->segments.count; slot++)
			found += j->segments.at[slot].state == SEGMENT_USED &&
				 j->segments.at[slot].seq == seq;
		ck_assert_msg(found == 1, "segment %llu is gone", (unsigned long long)seq);
	}
	uint32_t used = j->segments.used;
	j->checkpoint.is_wanted = true;
	for (unsigned i = 0; i < 3; i++)
		store_turn(work.st, false);
	ck_assert_uint_lt(j->segments.used, used);
	drop_store();
}
END_TEST

/* POP3: everything is fetched and deleted, again and again. */
START_TEST(deleting_what_was_downloaded_copies_nothing)
{
	make_store(100, 0);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < 40; i++)
			ck_assert_int_eq(
				work_append(&work, work.alice, "INBOX", round * 100 + i, 2500),
				ERR_NONE);
		uint64_t before = emu_counts(medium).bytes_written;
		ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
		rest(5);
		uint64_t cost = emu_counts(medium).bytes_written - before;
		ck_assert_msg(cost < 40 * 2500 / 8, "%llu octets written",
			      (unsigned long long)cost);
	}
	ck_assert_uint_lt(emu_counts(medium).slots, 30);
	drop_store();
}
END_TEST

START_TEST(one_delivery_is_one_sync_and_few_sectors)
{
	make_store(100, 0);
	ck_assert_int_eq(work_append(&work, work.alice, "INBOX", 1, 4096), ERR_NONE);
	struct emu_counts before = emu_counts(medium);
	ck_assert_int_eq(work_append(&work, work.alice, "INBOX", 2, 4096), ERR_NONE);
	struct emu_counts after = emu_counts(medium);
	ck_assert_uint_eq(after.syncs - before.syncs, 1);
	ck_assert_uint_le(after.bytes_written - before.bytes_written, 5 * 1024 + 512);
	before = after;
	struct mailbox *box = account_find(work.alice, SLICE_LIT("INBOX"));
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
	uint32_t uid = 1;
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = &uid,
			       .count = 1,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX};
	uint64_t ticket = 0;
	ck_assert_int_eq(mailbox_change(box, &c, &ticket), ERR_NONE);
	ck_assert_int_eq(work_wait(&work, ticket), ERR_NONE);
	mailbox_close(box);
	after = emu_counts(medium);
	ck_assert_uint_eq(after.syncs - before.syncs, 1);
	ck_assert_uint_eq(after.bytes_written - before.bytes_written, 512);
	look_at_everything(); /* reading writes nothing */
	ck_assert_uint_eq(emu_counts(medium).bytes_written, after.bytes_written);
	drop_store();
}
END_TEST

/* The message is stored once, and stays while one of those who got it has it. */
START_TEST(bytes_are_shared_and_live_as_long_as_the_last_who_has_them)
{
	make_store(100, 0);
	struct append_target targets[] = {
		{.box = account_find(work.alice, SLICE_LIT("INBOX"))},
		{.box = account_find(work.alice, SLICE_LIT("Sent"))},
		{.box = account_find(work.alice, SLICE_LIT("Junk"))},
	};
	struct append_meta meta = {.targets = targets, .target_count = 3};
	struct append *append = NULL;
	static uint8_t bytes[20000];
	uint64_t ticket = 0;
	uint64_t before = emu_counts(medium).bytes_written;
	ck_assert_int_eq(append_begin(work.st, &meta, &append), ERR_NONE);
	ck_assert_int_eq(append_write(append, slice_of(bytes, sizeof(bytes)), NULL), ERR_NONE);
	ck_assert_int_eq(append_commit(&append, 1, &ticket, NULL), ERR_NONE);
	append_end(&append);
	ck_assert_int_eq(work_wait(&work, ticket), ERR_NONE);
	ck_assert_uint_lt(emu_counts(medium).bytes_written - before, 26000);
	ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
	ck_assert_int_eq(change("Sent", CHANGE_EXPUNGE, 1), ERR_NONE);
	for (unsigned i = 0; i < 60; i++) {
		ck_assert_int_eq(work_append(&work, work.alice, "INBOX", i, 9000), ERR_NONE);
		ck_assert_int_eq(change("INBOX", CHANGE_EXPUNGE, 1), ERR_NONE);
		rest(3);
	}
	look_at_everything();
	struct mailbox *junk = account_find(work.alice, SLICE_LIT("Junk"));
	ck_assert_uint_eq(junk->messages, 1);
	drop_store();
}
END_TEST

/* Opening costs the same whatever is stored. */
START_TEST(opening_reads_little)
{
	make_store(4000, 0);
	for (unsigned i = 0; i < 300; i++)
		ck_assert_int_eq(work_append(&work, work.alice, "INBOX", i, 9000), ERR_NONE);
	work_close(&work);
	emu_power_on(medium);
	ck_assert_int_eq(work_open(&work, medium, 0, 0), ERR_NONE);
	ck_assert_uint_gt(emu_counts(medium).slots, 80);
	ck_assert_uint_lt(emu_counts(medium).reads, 20);
	drop_store();
}
END_TEST

SUITE_MAIN("journal space", full_is_a_state, segments_behind_the_checkpoint_stay,
	   flags_change_for_ever_on_a_full_store, half_deleted_segments_are_tidied,
	   tidying_deflates, deflated_segments_are_tidied,
	   deleting_what_was_downloaded_copies_nothing, one_delivery_is_one_sync_and_few_sectors,
	   bytes_are_shared_and_live_as_long_as_the_last_who_has_them, opening_reads_little,
	   notes_change_for_ever_on_a_full_store, growing_notes_end_before_the_reserve_does,
	   segment_given_back_since_the_checkpoint_is_not_used)
