/* Bad blocks, lost roots, lost checkpoints: what is told, what is saved. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/journal.h"
#include "store/journal_check.h"
#include "store/journal_rescue.h"
#include "store/store_backend.h"
#include "support/cut_work.h"
#include "support/suite.h"

enum { SEGMENT = 32 * 1024, SLOTS = 200, DEEDS = 50 };

static struct emu_medium *medium;
static struct work work;
static char heard[8192];

static void hear(void *arg, const char *line)
{
	(void)arg;
	size_t len = strlen(heard);
	snprintf(heard + len, sizeof(heard) - len, "%s\n", line);
}

static char *describe(void)
{
	enum err err;
	char *text = work_describe(&work, &err);
	ck_assert_msg(text != NULL, "looking: %s", err_name(err));
	return text;
}

/* A store with some history, closed; what it held. */
static char *make_store(void)
{
	bool durable;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	heard[0] = '\0';
	medium = emu_new(SEGMENT, SLOTS);
	clock_freeze(1000, 1700000000);
	ck_assert_int_eq(work_open(&work, medium, 0, 0), ERR_NONE);
	for (unsigned deed = 0; deed < DEEDS; deed++)
		ck_assert_int_eq(work_do(&work, deed, &durable), ERR_NONE);
	char *text = describe();
	work_close(&work);
	return text;
}

static void reopen(void)
{
	ck_assert_str_eq(err_name(work_open(&work, medium, 0, 0)), "ERR_NONE");
}

static struct journal_check check(bool repair)
{
	struct journal_check found;
	struct store_config config = {.path = "nowhere", .medium = emu_base(medium)};
	enum err err = journal_check(&config, repair, hear, NULL, &found);
	ck_assert_str_eq(err_name(err), "ERR_NONE");
	return found;
}

static void done(char *text)
{
	free(text);
	emu_free(medium);
}

START_TEST(a_good_store_is_said_to_be_good)
{
	char *before = make_store();
	struct emu_medium *copy = emu_copy(medium);
	for (int repair = 0; repair < 2; repair++) {
		struct journal_check found = check(repair);
		ck_assert_str_eq(heard, "");
		ck_assert(found.is_repaired && !found.was_lost);
		ck_assert_uint_gt(found.messages, 30);
		ck_assert_uint_gt(found.bytes, 50000);
		ck_assert_uint_eq(found.accounts, 2);
		ck_assert_uint_gt(found.mailboxes, 12);
		ck_assert_uint_gt(found.segments, 4);
		ck_assert_uint_eq(found.damaged_messages + found.damaged_mailboxes, 0);
		ck_assert_uint_eq(found.damaged_segments + found.lost_groups, 0);
		if (!repair) /* nothing was written */
			for (uint32_t slot = 0, n, m; slot < 20; slot++) {
				const uint8_t *a = emu_bytes(medium, slot, &n);
				const uint8_t *b = emu_bytes(copy, slot, &m);
				ck_assert(n == m && (n == 0 || memcmp(a, b, n) == 0));
			}
	}
	reopen();
	char *after = describe();
	ck_assert_str_eq(before, after);
	work_close(&work);
	free(after);
	emu_free(copy);
	done(before);
}
END_TEST

START_TEST(lost_root_costs_nothing)
{
	char *before = make_store();
	for (int how = 0; how < 4; how++) {
		if (how == 0)
			emu_forget(medium, MEDIUM_ROOT_SLOT);
		if (how == 1)
			emu_damage(medium, MEDIUM_ROOT_SLOT, 0, 200, 7);
		if (how == 2)
			emu_damage(medium, MEDIUM_ROOT_SLOT, 4096, 200, 8);
		if (how == 3) {
			emu_damage(medium, MEDIUM_ROOT_SLOT, 0, 100, 9);
			emu_damage(medium, MEDIUM_ROOT_SLOT, 4096, 100, 9);
		}
		reopen();
		char *after = describe();
		ck_assert_str_eq(before, after);
		free(after);
		work_close(&work);
	}
	done(before);
}
END_TEST

/* The first message of INBOX, and where its octets are. */
static uint32_t damage_first_message(const char *box_name)
{
	struct msg_info info;
	reopen();
	struct mailbox *box = account_find(work.alice, slice_str(box_name));
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
	ck_assert_int_eq(mailbox_info(box, 0, &info), ERR_NONE);
	mailbox_close(box);
	work_close(&work);
	uint32_t slot = info.place & 0xFFFFFF, offset = info.place >> 24 & 0xFFFFFF;
	emu_damage(medium, slot, offset + 60, 1, 3); /* in the table or what follows it */
	return info.uid;
}

START_TEST(bad_block_costs_its_message_only)
{
	char expected[64], *before = make_store();
	uint32_t uid = damage_first_message("Junk");
	snprintf(expected, sizeof(expected), "mailbox Junk, UID %u:", (unsigned)uid);
	struct journal_check found = check(false);
	ck_assert_uint_eq(found.damaged_messages, 1);
	ck_assert(!found.is_repaired);
	ck_assert_ptr_nonnull(strstr(heard, expected));
	uint64_t messages = found.messages;
	reopen();
	struct mailbox *box = account_find(work.alice, SLICE_LIT("Junk"));
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
	unsigned damaged = 0;
	for (uint32_t i = 0; i < box->messages; i++) {
		struct msg_info info;
		uint8_t bytes[16];
		size_t got;
		ck_assert_int_eq(mailbox_info(box, i, &info), ERR_NONE);
		enum err err =
			mailbox_read(box, &info, MSG_BODY, 0, bytes, sizeof(bytes), &got, NULL);
		ck_assert(err == ERR_NONE || err == ERR_CORRUPT);
		damaged += err == ERR_CORRUPT;
	}
	ck_assert_uint_eq(damaged, 1);
	mailbox_close(box);
	work_close(&work);
	found = check(true);
	ck_assert(found.is_repaired);
	ck_assert_uint_eq(found.damaged_messages, 1);
	found = check(false);
	ck_assert_uint_eq(found.damaged_messages, 0);
	ck_assert_uint_eq(found.messages, messages - 1);
	reopen();
	free(describe());
	work_close(&work);
	done(before);
}
END_TEST

/* Every line of a message in `part` is also in `whole`. */
static void assert_contains(const char *whole, const char *part)
{
	char line[400];
	const char *box = "";
	for (const char *at = part; *at; at = strchr(at, '\n') + 1) {
		snprintf(line, sizeof(line), "%.*s\n", (int)(strchr(at, '\n') - at), at);
		if (line[0] != ' ')
			box = at;
		if (strncmp(line, "  ", 2) == 0)
			ck_assert_msg(strstr(whole, line) != NULL, "lost of %.40s: %s", box, line);
	}
}

/* Damages the list of Junk, of which there is one with messages. */
static void damage_list(void)
{
	reopen();
	const struct journal *j = store_journal(work.st);
	struct chunk chunk = {.bytes = 0};
	for (uint32_t i = 0; i < j->boxes.count; i++)
		if (strcmp(j->boxes.at[i]->name, "Junk") == 0 && j->boxes.at[i]->tally.messages)
			chunk = j->boxes.at[i]->chunks.at[0];
	work_close(&work);
	ck_assert_uint_gt(chunk.bytes, 50);
	emu_damage(medium, chunk.place.slot, chunk.place.offset + 40, 1, 5);
	reopen();
}

START_TEST(damaged_list_is_put_together_again)
{
	char *before = make_store();
	damage_list();
	struct mailbox *box = account_find(work.alice, SLICE_LIT("Junk"));
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_CORRUPT);
	box = account_find(work.alice, SLICE_LIT("old"));
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
	mailbox_close(box);
	/* Mail still comes in. */
	ck_assert_int_eq(work_append(&work, work.alice, "Junk", 9000, 100), ERR_NONE);
	work_close(&work);
	struct journal_check found = check(false);
	ck_assert_uint_eq(found.damaged_mailboxes, 1);
	ck_assert(!found.is_repaired);
	found = check(true);
	ck_assert(found.is_repaired);
	found = check(false);
	ck_assert_uint_eq(found.damaged_mailboxes + found.damaged_messages, 0);
	ck_assert_uint_eq(found.damaged_segments, 0);
	reopen();
	char *after = describe();
	assert_contains(after, before);
	free(after);
	ck_assert_int_eq(work_append(&work, work.alice, "Junk", 9001, 5000), ERR_NONE);
	work_close(&work);
	done(before);
}
END_TEST

/* What nobody can read stays where it is, and does not cost a checkpoint in every idle second. */
START_TEST(damaged_list_lets_tidying_rest)
{
	char *before = make_store();
	damage_list();
	ck_assert_int_eq(work_append(&work, work.alice, "old", 9000, 100), ERR_NONE);
	const struct journal *j = store_journal(work.st);
	uint64_t generation = j->root.generation;
	for (unsigned i = 0; i < 2000; i++) {
		clock_advance(1100);
		store_turn(work.st, true);
	}
	ck_assert_uint_lt(j->root.generation, generation + 20);
	work_close(&work);
	done(before);
}
END_TEST

struct found_groups {
	struct place at[200];
	unsigned count;
};

static enum err note_checkpoint(void *arg, struct scan *s, uint32_t slot)
{
	struct found_groups *f = arg;
	if (s->records.len && s->records.ptr[0] == RECORD_CKPT_BEGIN && f->count < 200)
		f->at[f->count++] = (struct place){slot, s->group_offset};
	return ERR_NONE;
}

START_TEST(everything_comes_from_the_segments_alone)
{
	static struct found_groups f;
	char *before = make_store();
	reopen();
	ck_assert_int_eq(rescue_walk(store_journal(work.st), note_checkpoint, &f), ERR_NONE);
	work_close(&work);
	reopen(); /* that wrote one more */
	ck_assert_int_eq(rescue_walk(store_journal(work.st), note_checkpoint, &f), ERR_NONE);
	store_fail(work.st, ERR_IO);
	work_close(&work);
	ck_assert_uint_gt(f.count, 1);
	for (unsigned i = 0; i < f.count; i++)
		memset(emu_bytes(medium, f.at[i].slot, &(uint32_t){0}) + f.at[i].offset, 0xFF, 40);
	emu_power_on(medium);
	struct emu_medium *copy = emu_copy(medium);
	emu_free(medium);
	medium = copy;
	struct store *st;
	struct store_config config = {.path = "nowhere", .medium = emu_base(medium)};
	ck_assert_int_eq(store_open(&store_journal_ops, &config, &st), ERR_CORRUPT);
	struct journal_check found;
	ck_assert_int_eq(journal_check(&config, false, hear, NULL, &found), ERR_CORRUPT);
	found = check(true);
	ck_assert(found.was_lost && found.is_repaired);
	reopen();
	char *after = describe();
	assert_contains(after, before);
	free(after);
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(work_append(&work, work.alice, "INBOX", 9000 + i, 3000), ERR_NONE);
	after = describe();
	work_close(&work);
	reopen();
	char *again = describe();
	ck_assert_str_eq(after, again);
	work_close(&work);
	ck_assert_uint_eq(check(false).damaged_segments, 0);
	free(after);
	free(again);
	done(before);
}
END_TEST

START_TEST(acknowledged_group_that_is_lost_costs_itself_only)
{
	char *before = make_store();
	reopen();
	ck_assert_int_eq(work_append(&work, work.alice, "Sent", 7000, 100), ERR_NONE);
	const struct log_writer *w = &store_journal(work.st)->log;
	struct place bad = {w->slot, w->offset - 512};
	ck_assert_int_eq(work_append(&work, work.alice, "Sent", 7001, 100), ERR_NONE);
	ck_assert_int_eq(work_append(&work, work.alice, "Sent", 7002, 100), ERR_NONE);
	ck_assert_uint_eq(w->slot, bad.slot);
	uint32_t messages = account_find(work.alice, SLICE_LIT("Sent"))->messages;
	store_fail(work.st, ERR_IO); /* no checkpoint when it is closed */
	work_close(&work);
	emu_damage(medium, bad.slot, bad.offset + 100, 1, 1);
	reopen();
	ck_assert_uint_eq(store_journal(work.st)->lost_groups, 1);
	/* The tally in the last record told of all three. */
	ck_assert_uint_eq(account_find(work.alice, SLICE_LIT("Sent"))->messages, messages - 1);
	free(describe());
	work_close(&work);
	struct journal_check found = check(false);
	ck_assert_uint_eq(found.damaged_mailboxes + found.damaged_messages, 0);
	ck_assert_uint_eq(found.damaged_segments, 0);
	done(before);
}
END_TEST

/* Closed in order, yet not all was synced: the copy has what is there after a cut. */
static void settle_medium(void)
{
	emu_power_on(medium);
	struct emu_medium *copy = emu_copy(medium);
	emu_free(medium);
	medium = copy;
}

static void put_root_version(uint32_t version, uint32_t at)
{
	uint8_t *root = emu_bytes(medium, MEDIUM_ROOT_SLOT, &(uint32_t){0}) + at;
	put_u32(root + 4, version);
	put_u32(root + 64, crc32c(0, root, 64));
}

static void put_segment_versions(uint32_t version)
{
	for (uint32_t slot = 1, n; slot < SLOTS; slot++) {
		uint8_t *head = emu_bytes(medium, slot, &n);
		if (n == 0 || !segment_head_version(head))
			continue;
		put_u32(head + 4, version);
		put_u32(head + 40, crc32c(0, head, 40));
	}
}

static void assert_untouched(struct emu_medium *copy)
{
	for (uint32_t slot = 0, n, m; slot < SLOTS; slot++) {
		const uint8_t *a = emu_bytes(medium, slot, &n), *b = emu_bytes(copy, slot, &m);
		ck_assert(n == m && (n == 0 || memcmp(a, b, n) == 0));
	}
}

/* In one root (the later program stopped in the middle) or both, or only in the segments. */
START_TEST(store_of_a_later_version_is_left_alone)
{
	char *before = make_store();
	settle_medium();
	for (int how = 0; how < 3; how++) {
		struct store *st;
		struct journal_check found;
		struct emu_medium *good = emu_copy(medium);
		if (how == 0)
			put_root_version(JOURNAL_VERSION + 1, 0);
		if (how == 1)
			put_root_version(JOURNAL_VERSION + 1, 4096);
		if (how == 2) {
			emu_forget(medium, MEDIUM_ROOT_SLOT);
			put_segment_versions(JOURNAL_VERSION + 1);
		}
		settle_medium();
		struct store_config config = {.path = "nowhere", .medium = emu_base(medium)};
		struct emu_medium *copy = emu_copy(medium);
		ck_assert_int_eq(store_open(&store_journal_ops, &config, &st), ERR_UNSUPPORTED);
		for (int repair = 0; repair < 2; repair++)
			ck_assert_int_eq(journal_check(&config, repair, hear, NULL, &found),
					 ERR_UNSUPPORTED);
		assert_untouched(copy);
		emu_free(copy);
		emu_free(medium);
		medium = good;
	}
	done(before);
}
END_TEST

/* As version 1 left it, but that it has notes: nothing is lost, and it is of our version at once. */
START_TEST(store_of_version_1_becomes_one_of_ours)
{
	char *before = make_store();
	settle_medium();
	put_root_version(1, 0);
	put_root_version(1, 4096);
	put_segment_versions(1);
	settle_medium();
	ck_assert(check(false).is_repaired);
	ck_assert_uint_eq(root_version(emu_bytes(medium, MEDIUM_ROOT_SLOT, &(uint32_t){0})), 1);
	reopen();
	ck_assert_uint_eq(store_journal(work.st)->root.version, JOURNAL_VERSION);
	store_fail(work.st, ERR_IO); /* nothing more is written */
	work_close(&work);
	settle_medium();
	const uint8_t *root = emu_bytes(medium, MEDIUM_ROOT_SLOT, &(uint32_t){0});
	ck_assert_uint_eq(root_version(root) + root_version(root + 4096), 1 + JOURNAL_VERSION);
	for (int round = 0; round < 3; round++) {
		reopen();
		char *after = describe();
		ck_assert_str_eq(before, after);
		work_close(&work);
		free(after);
	}
	settle_medium();
	root = emu_bytes(medium, MEDIUM_ROOT_SLOT, &(uint32_t){0});
	ck_assert_uint_eq(root_version(root) + root_version(root + 4096), 2 * JOURNAL_VERSION);
	emu_forget(medium, MEDIUM_ROOT_SLOT); /* segments of both versions */
	reopen();
	char *after = describe();
	ck_assert_str_eq(before, after);
	work_close(&work);
	free(after);
	done(before);
}
END_TEST

SUITE_MAIN("journal check", a_good_store_is_said_to_be_good, lost_root_costs_nothing,
	   bad_block_costs_its_message_only, damaged_list_is_put_together_again,
	   damaged_list_lets_tidying_rest, everything_comes_from_the_segments_alone,
	   acknowledged_group_that_is_lost_costs_itself_only,
	   store_of_a_later_version_is_left_alone, store_of_version_1_becomes_one_of_ours)
