/* The power fails at every step while a store of version 1 becomes one of ours, and once more while that is gone
 * on with: nothing is lost, and in the end it is of our version. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "store/journal.h"
#include "store/journal_record.h"
#include "store/store_backend.h"
#include "support/cut_work.h"
#include "support/suite.h"

enum { SEGMENT = 16 * 1024, SLOTS = 200, DEEDS = 60, LETTER = 9000 };

static char *describe(struct work *w)
{
	enum err err;
	char *text = work_describe(w, &err);
	ck_assert_msg(text != NULL, "looking: %s", err_name(err));
	return text;
}

static uint8_t *root_of(struct emu_medium *m)
{
	return emu_bytes(m, MEDIUM_ROOT_SLOT, &(uint32_t){0});
}

/* Version 1 wrote the same, but for the numbers. */
static void make_older(struct emu_medium *m)
{
	for (uint32_t at = 0; at < ROOT_AREA_BYTES; at += ROOT_AREA_BYTES / 2) {
		put_u32(root_of(m) + at + 4, 1);
		put_u32(root_of(m) + at + 64, crc32c(0, root_of(m) + at, 64));
	}
	for (uint32_t slot = 1, n; slot < SLOTS; slot++) {
		uint8_t *head = emu_bytes(m, slot, &n);
		if (!n || !segment_head_version(head))
			continue;
		put_u32(head + 4, 1);
		put_u32(head + 40, crc32c(0, head, 40));
	}
}

/* A store of version 1, closed in order or not; *before_out and *after_out: what it holds, and what
 * with one letter more. */
static struct emu_medium *make_store(bool is_closed, char **before_out, char **after_out)
{
	struct work w;
	bool durable;
	struct emu_medium *m = emu_new(SEGMENT, SLOTS), *old, *more;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	clock_freeze(1000, 1700000000);
	ck_assert_int_eq(work_open(&w, m, 0, 2), ERR_NONE);
	for (unsigned deed = 0; deed < DEEDS; deed++)
		ck_assert_int_eq(work_do(&w, deed, &durable), ERR_NONE);
	*before_out = describe(&w);
	if (!is_closed)
		store_fail(w.st, ERR_IO);
	work_close(&w);
	emu_power_on(m);
	old = emu_copy(m);
	emu_free(m);
	make_older(old);
	more = emu_copy(old);
	ck_assert_int_eq(work_open(&w, more, 0, 2), ERR_NONE);
	ck_assert_int_eq(work_append(&w, w.alice, "INBOX", LETTER, 5000), ERR_NONE);
	*after_out = describe(&w);
	work_close(&w);
	emu_free(more);
	return old;
}

/* Becomes of our version, gets the letter, is closed: as far as the power lasts. True: acknowledged. */
static bool upgrade(struct emu_medium *m)
{
	struct work w;
	bool is_told = work_open(&w, m, 0, 2) == ERR_NONE &&
		       work_append(&w, w.alice, "INBOX", LETTER, 5000) == ERR_NONE;
	work_close(&w);
	return is_told;
}

/* Between the cut and its end each root is whole and of either version, or what a torn write left; a
 * segment of ours may already be there. */
static void assert_one_root_is_whole(struct emu_medium *m, unsigned step)
{
	uint32_t one = root_version(root_of(m)),
		 two = root_version(root_of(m) + ROOT_AREA_BYTES / 2);
	ck_assert_msg(one || two, "cut at %u: no root is left", step);
	ck_assert_msg(one <= JOURNAL_VERSION && two <= JOURNAL_VERSION, "cut at %u: %u and %u",
		      step, (unsigned)one, (unsigned)two);
}

static void assert_is_ours(struct emu_medium *m, unsigned step, const char *before,
			   const char *after, bool is_told)
{
	struct work w;
	ck_assert_msg(work_open(&w, m, 0, 2) == ERR_NONE, "cut at %u: does not open", step);
	char *now = describe(&w);
	bool is_before = strcmp(now, before) == 0, is_after = strcmp(now, after) == 0;
	ck_assert_msg(is_after || (is_before && !is_told), "cut at %u: something else is there",
		      step);
	ck_assert_uint_eq(store_journal(w.st)->root.version, JOURNAL_VERSION);
	free(now);
	work_close(&w);
}

/* False: the power lasted to the end. */
static bool cut_once(const struct emu_medium *old, unsigned step, enum emu_cut kind,
		     const char *before, const char *after)
{
	struct work w;
	struct emu_medium *m = emu_copy(old);
	emu_cut_at(m, step, kind, step);
	bool is_told = upgrade(m), was_cut = emu_power_on(m);
	assert_one_root_is_whole(m, step);
	emu_cut_at(m, 1 + step * 7 % 20, kind, step + 1);
	if (work_open(&w, m, 0, 2) == ERR_NONE)
		free(describe(&w));
	work_close(&w);
	emu_power_on(m);
	assert_one_root_is_whole(m, step);
	assert_is_ours(m, step, before, after, is_told);
	emu_free(m);
	return was_cut;
}

static void cut_everywhere(enum emu_cut kind, bool is_closed)
{
	char *before, *after;
	struct emu_medium *old = make_store(is_closed, &before, &after);
	unsigned step = 1, stride = suite_stride();
	while (cut_once(old, step, kind, before, after))
		step += stride;
	ck_assert_uint_gt(step, 15);
	emu_free(old);
	free(before);
	free(after);
}

START_TEST(unsynced_writes_are_lost)
{
	cut_everywhere(EMU_LOST, true);
	cut_everywhere(EMU_LOST, false);
}
END_TEST

START_TEST(the_last_write_is_torn)
{
	cut_everywhere(EMU_TORN, true);
	cut_everywhere(EMU_TORN, false);
}
END_TEST

START_TEST(the_oldest_write_is_lost)
{
	cut_everywhere(EMU_HEADLESS, true);
	cut_everywhere(EMU_HEADLESS, false);
}
END_TEST

START_TEST(unsynced_writes_arrive_in_any_order)
{
	cut_everywhere(EMU_REORDERED, true);
	cut_everywhere(EMU_REORDERED, false);
}
END_TEST

SUITE_MAIN("upgrade cuts", unsynced_writes_are_lost, the_last_write_is_torn,
	   the_oldest_write_is_lost, unsynced_writes_arrive_in_any_order)
