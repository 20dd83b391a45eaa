/* Every single call to the medium fails once, or from some time on: nothing acknowledged is lost, a
 * full medium is a state and no accident, and a failed write or sync ends all writing. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "support/cut_work.h"
#include "support/suite.h"

enum { SEGMENT = 16 * 1024, SLOTS = 200, DEEDS_MAX = 128 };

static char *states[DEEDS_MAX + 1];

static void record_states(void)
{
	struct work w;
	enum err err;
	bool durable;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	clock_freeze(1000, 1700000000);
	struct emu_medium *m = emu_new(SEGMENT, SLOTS);
	ck_assert_int_eq(work_open(&w, m, 0, 0), ERR_NONE);
	states[0] = work_describe(&w, &err);
	for (unsigned deed = 0; deed < work_deeds; deed++) {
		ck_assert_int_eq(work_do(&w, deed, &durable), ERR_NONE);
		states[deed + 1] = work_describe(&w, &err);
		ck_assert_int_eq(err, ERR_NONE);
	}
	work_close(&w);
	emu_free(m);
}

static void forget_states(void)
{
	for (unsigned i = 0; i <= work_deeds; i++)
		free(states[i]);
}

static unsigned find_state(struct work *w, unsigned n, unsigned from, unsigned upto)
{
	enum err err;
	char *now = work_describe(w, &err);
	ck_assert_msg(now != NULL, "failure at %u: looking: %s", n, err_name(err));
	unsigned found = from;
	while (found <= upto && strcmp(states[found], now) != 0)
		found++;
	ck_assert_msg(found <= upto, "failure at %u: neither as after deed %u nor up to %u", n,
		      from, upto);
	free(now);
	return found;
}

/* Deeds until one fails; how many were done. */
static unsigned work_until_failure(struct work *w, unsigned first, enum err *err_out)
{
	bool durable;
	*err_out = ERR_NONE;
	for (unsigned deed = first; deed < work_deeds; deed++)
		if ((*err_out = work_do(w, deed, &durable)) != ERR_NONE)
			return deed;
	return work_deeds;
}

static void finish_work(struct work *w, unsigned n, unsigned state)
{
	enum err err;
	state = work_until_failure(w, state, &err);
	ck_assert_msg(!err, "failure at %u: going on with deed %u: %s", n, state, err_name(err));
	find_state(w, n, work_deeds, work_deeds);
	work_close(w);
}

/* false: the n-th call was never made. */
static bool fail_once(unsigned n, unsigned calls, enum err how, bool stays)
{
	struct work w = {0};
	enum err err;
	unsigned done = 0;
	clock_freeze(1000, 1700000000);
	struct emu_medium *m = emu_new(SEGMENT, SLOTS);
	emu_fail_at(m, n, calls, how, stays);
	if ((err = work_open(&w, m, 0, 0)) == ERR_NONE)
		done = work_until_failure(&w, 0, &err);
	bool has_failed = emu_has_failed(m);
	if (w.st && calls & (EMU_WRITE | EMU_SYNC) && how == ERR_IO && err) {
		ck_assert_msg(store_is_read_only(w.st), "failure at %u: it goes on writing", n);
		unsigned writes = emu_counts(m).writes;
		store_turn(w.st, true);
		work_close(&w);
		ck_assert_uint_eq(emu_counts(m).writes, writes);
	}
	ck_assert_msg(!err || has_failed, "deed %u: %s", done, err_name(err));
	if (w.st && how == ERR_FULL)
		ck_assert_msg(!store_is_read_only(w.st), "no space at %u: gave up", n);
	work_close(&w);
	emu_power_on(m);
	ck_assert_int_eq(work_open(&w, m, 0, 0), ERR_NONE);
	unsigned state = find_state(&w, n, done, done < work_deeds ? done + 1 : done);
	if (n % 7 == 1)
		finish_work(&w, n, state);
	work_close(&w);
	emu_free(m);
	return has_failed;
}

static void fail_everywhere(unsigned calls, enum err how, bool stays)
{
	/* Calls of which there are few are all failed. */
	unsigned n = 1, stride = calls & EMU_CREATE ? 1 : suite_stride();
	record_states();
	while (fail_once(n, calls, how, stays))
		n += stride;
	printf("%u calls\n", n);
	ck_assert_uint_gt(n, 5);
	forget_states();
}

START_TEST(a_write_fails)
{
	fail_everywhere(EMU_WRITE, ERR_IO, _i);
}
END_TEST

START_TEST(a_sync_fails)
{
	fail_everywhere(EMU_SYNC, ERR_IO, _i);
}
END_TEST

START_TEST(a_new_area_finds_no_space)
{
	fail_everywhere(EMU_CREATE, ERR_FULL, _i);
}
END_TEST

START_TEST(a_new_area_fails)
{
	fail_everywhere(EMU_CREATE, ERR_IO, _i);
}
END_TEST

/* A read that fails while somebody looks at a message is the reader's error alone; one that fails in
 * the middle of a deed may fail the deed. Nothing is taken for read that was not. */
START_TEST(a_read_fails)
{
	fail_everywhere(EMU_READ, ERR_IO, false);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = {a_write_fails, a_sync_fails, a_new_area_finds_no_space,
				      a_new_area_fails, a_read_fails};
	Suite *suite = suite_create("journal faults");
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc > 1 && !strstr(tests[i]->name, argv[1]))
			continue;
		TCase *tcase = tcase_create(tests[i]->name);
		tcase_set_timeout(tcase, 600);
		tcase_add_loop_test(tcase, tests[i], 0, tests[i] == a_read_fails ? 1 : 2);
		suite_add_tcase(suite, tcase);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
