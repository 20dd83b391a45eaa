/* The power fails at every write and every sync of a day in the life of a store. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/store_backend.h"
#include "support/cut_work.h"
#include "support/suite.h"

enum {
	SEGMENT = 16 * 1024,
	SLOTS = 200,
	SLOTS_FEW = 30,
	DEEDS_MAX = 128,
	FLAG_DELAY = 3600 * 1000
};

/* What the uncut run held after each deed; [0] before the first. */
static char *states[DEEDS_MAX + 1];
static unsigned steps_all;

static void record_states(uint32_t slots, uint32_t flag_delay, int deflate)
{
	struct work w;
	enum err err;
	bool durable;
	clock_freeze(1000, 1700000000);
	struct emu_medium *m = emu_new(SEGMENT, slots);
	ck_assert_int_eq(work_open(&w, m, flag_delay, deflate), ERR_NONE);
	states[0] = work_describe(&w, &err);
	for (unsigned deed = 0; deed < work_deeds; deed++) {
		err = work_do(&w, deed, &durable);
		ck_assert_msg(err == ERR_NONE, "deed %u: %s", deed, err_name(err));
		states[deed + 1] = work_describe(&w, &err);
		ck_assert_msg(err == ERR_NONE, "looking after deed %u: %s", deed, err_name(err));
	}
	work_close(&w);
	steps_all = emu_counts(m).steps;
	emu_free(m);
}

static void forget_states(void)
{
	for (unsigned i = 0; i <= work_deeds; i++)
		free(states[i]);
}

/* Deeds from `first` on until the power fails. Returns how many are done; *durable_out: how many of
 * them surely survive. */
static unsigned work_until_cut(struct work *w, unsigned first, unsigned *durable_out)
{
	bool durable;
	*durable_out = first;
	for (unsigned deed = first; deed < work_deeds; deed++) {
		if (work_do(w, deed, &durable))
			return deed;
		if (durable)
			*durable_out = deed + 1;
	}
	return work_deeds;
}

struct cut {
	unsigned step, seed;
	enum emu_cut kind;
	uint32_t flag_delay, slots;
	int deflate;
};

/* Opens the store after a cut and finds out which state it is in. */
static unsigned find_state(struct work *w, const struct cut *c, unsigned from, unsigned upto)
{
	enum err err;
	char *now = work_describe(w, &err);
	ck_assert_msg(now != NULL, "cut at %u kind %d seed %u: looking: %s", c->step, (int)c->kind,
		      c->seed, err_name(err));
	unsigned found = from;
	while (found <= upto && strcmp(states[found], now) != 0)
		found++;
	if (found > upto && getenv("CUT_SHOW"))
		printf("--- now\n%s--- after deed %u\n%s--- after deed %u\n%s", now, from,
		       states[from], upto, states[upto]);
	ck_assert_msg(found <= upto,
		      "cut at %u kind %d seed %u: neither as after deed %u nor up to %u", c->step,
		      (int)c->kind, c->seed, from, upto);
	free(now);
	return found;
}

static unsigned reopen_after(struct work *w, struct emu_medium *m, const struct cut *c,
			     unsigned durable, unsigned done, const struct work_told *told)
{
	enum err err = work_open(w, m, c->flag_delay, c->deflate);
	ck_assert_msg(err == ERR_NONE, "cut at %u kind %d seed %u: mount: %s", c->step,
		      (int)c->kind, c->seed, err_name(err));
	const char *wrong = work_check_told(w, told);
	ck_assert_msg(!wrong, "cut at %u kind %d seed %u: %s", c->step, (int)c->kind, c->seed,
		      wrong);
	unsigned upto = done < work_deeds ? done + 1 : done;
	return find_state(w, c, durable, upto);
}

static unsigned run_until_cut(struct work *w, struct emu_medium *m, const struct cut *c,
			      unsigned first, unsigned *durable_out, struct work_told *told)
{
	unsigned done = first;
	*durable_out = first;
	*told = (struct work_told){0};
	if (!w->st && work_open(w, m, c->flag_delay, c->deflate) != ERR_NONE)
		return first;
	done = work_until_cut(w, first, durable_out);
	work_note_told(w, told);
	return done;
}

/* What the cuts left behind takes room until it is tidied; a client that is told so comes again. */
static enum err do_or_come_again(struct work *w, unsigned deed)
{
	bool is_durable;
	enum err err = work_do(w, deed, &is_durable);
	for (unsigned turn = 0; err == ERR_FULL && turn < 60; turn++) {
		store_turn(w->st, true);
		clock_advance(turn % 8 ? 30 : 1100);
	}
	return err == ERR_FULL ? work_do(w, deed, &is_durable) : err;
}

/* One cut, then a second one while the work goes on, then the rest. */
static void cut_once(const struct cut *c, bool goes_on)
{
	struct work w = {0};
	struct work_told told;
	unsigned durable, done, state;
	clock_freeze(1000, 1700000000);
	struct emu_medium *m = emu_new(SEGMENT, c->slots);
	emu_cut_at(m, c->step, c->kind, c->seed);
	done = run_until_cut(&w, m, c, 0, &durable, &told);
	work_close(&w);
	emu_power_on(m);
	if (goes_on)
		emu_cut_at(m, 3 + (c->step * 7 + c->seed) % 40, c->kind, c->seed + 1);
	/* The second cut comes while mounting, or while closing again; or right behind the mount, when
	 * what the first cut left lies just behind the end of the log. */
	enum err err = work_open(&w, m, c->flag_delay, c->deflate);
	ck_assert_msg(!err || goes_on, "cut at %u: mount: %s", c->step, err_name(err));
	if (!goes_on)
		store_fail(w.st, ERR_IO);
	work_close(&w);
	emu_power_on(m);
	state = reopen_after(&w, m, c, durable, done, &told);
	work_told_free(&told);
	/* Found once, found again: the power fails before anything else is written. */
	store_fail(w.st, ERR_IO);
	work_close(&w);
	emu_power_on(m);
	ck_assert_int_eq(work_open(&w, m, c->flag_delay, c->deflate), ERR_NONE);
	find_state(&w, c, state, state);
	if (goes_on) {
		struct work_told again;
		emu_cut_at(m, 2 + (c->step * 5 + c->seed) % 60, c->kind, c->seed + 2);
		done = run_until_cut(&w, m, c, state, &durable, &again);
		work_close(&w);
		emu_power_on(m);
		state = reopen_after(&w, m, c, durable, done, &again);
		work_told_free(&again);
		for (; state < work_deeds; state++) {
			err = do_or_come_again(&w, state);
			ck_assert_msg(!err, "cut at %u: going on with deed %u: %s", c->step, state,
				      err_name(err));
		}
		find_state(&w, c, work_deeds, work_deeds);
	}
	work_close(&w);
	emu_free(m);
}

static unsigned chosen(const char *name, unsigned otherwise)
{
	const char *value = getenv(name);
	return value ? (unsigned)strtoul(value, NULL, 10) : otherwise;
}

/* The steps are shared out among several runs of each test, so that none takes too long. */
enum { SHARES = 8 };

static void cut_everywhere(unsigned share, enum emu_cut kind, uint32_t slots, uint32_t flag_delay,
			   int deflate)
{
	unsigned seeds = kind != EMU_REORDERED ? 1 : chosen("CUT_SEEDS", 1);
	unsigned only = chosen("CUT_STEP", 0), stride = chosen("CUT_GO_ON", 5);
	unsigned sparse = suite_stride();
	record_states(slots, flag_delay, deflate);
	ck_assert_uint_gt(steps_all, 200);
	for (unsigned step = 1 + share * sparse; step <= steps_all; step += SHARES * sparse)
		for (unsigned seed = 1; seed <= seeds && (!only || only == step); seed++) {
			struct cut c = {step, seed, kind, flag_delay, slots, deflate};
			cut_once(&c, (step / SHARES / sparse) % stride == 0);
		}
	forget_states();
}

START_TEST(unsynced_writes_are_lost)
{
	cut_everywhere((unsigned)_i, EMU_LOST, SLOTS, 0, 0);
}
END_TEST

START_TEST(the_last_write_is_torn)
{
	cut_everywhere((unsigned)_i, EMU_TORN, SLOTS, 0, 2);
}
END_TEST

START_TEST(unsynced_writes_arrive_in_any_order)
{
	cut_everywhere((unsigned)_i, EMU_REORDERED, SLOTS_FEW, 0, 0);
}
END_TEST

START_TEST(flags_may_be_late_but_nothing_else)
{
	cut_everywhere((unsigned)_i, EMU_REORDERED, SLOTS, FLAG_DELAY, 1);
}
END_TEST

START_TEST(what_was_given_up_does_not_come_back)
{
	cut_everywhere((unsigned)_i, EMU_HEADLESS, SLOTS_FEW, FLAG_DELAY, 0);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = {unsynced_writes_are_lost, the_last_write_is_torn,
				      unsynced_writes_arrive_in_any_order,
				      flags_may_be_late_but_nothing_else,
				      what_was_given_up_does_not_come_back};
	Suite *suite = suite_create("journal cuts");
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc > 1 && !strstr(tests[i]->name, argv[1]))
			continue;
		TCase *tcase = tcase_create(tests[i]->name);
		tcase_set_timeout(tcase, 600);
		tcase_add_loop_test(tcase, tests[i], 0, SHARES);
		suite_add_tcase(suite, tcase);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
