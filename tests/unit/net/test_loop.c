#include "net/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/timer.h"
#include "support/suite.h"

static char calls_made[64];
static size_t call_count;

static struct loop *new_loop(void)
{
	struct loop *loop = NULL;
	memset(calls_made, 0, sizeof(calls_made));
	call_count = 0;
	clock_thaw();
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	return loop;
}

static void turn(struct loop *loop)
{
	ck_assert_int_eq(loop_turn(loop, 0), ERR_NONE);
}

/* --- deferred calls --------------------------------------------------------------------------- */

struct call {
	struct deferred d;
	struct loop *loop;
	char name;
	int again; /* how many more times it defers itself */
	struct call *frees;
	bool asks_for_turn_end;
};

static void call_run(struct deferred *d)
{
	struct call *c = list_owner(d, struct call, d);
	calls_made[call_count++] = c->name;
	if (c->again-- > 0)
		loop_defer(c->loop, d);
	if (c->frees) {
		deferred_cancel(&c->frees->d);
		free(c->frees);
		c->frees = NULL;
	}
	if (c->asks_for_turn_end) {
		c->asks_for_turn_end = false;
		c->name = 'z';
		loop_at_turn_end(c->loop, d);
	}
}

static void call_init(struct call *c, struct loop *loop, char name)
{
	*c = (struct call){.loop = loop, .name = name};
	deferred_init(&c->d, call_run);
}

START_TEST(calls_run_once_in_order)
{
	struct loop *loop = new_loop();
	struct call a, b;
	call_init(&a, loop, 'a');
	call_init(&b, loop, 'b');
	loop_defer(loop, &b.d);
	loop_defer(loop, &a.d);
	loop_defer(loop, &b.d);
	ck_assert(loop_has_work(loop));
	turn(loop);
	ck_assert_str_eq(calls_made, "ba");
	ck_assert(!loop_has_work(loop));
	turn(loop);
	ck_assert_str_eq(calls_made, "ba");
	loop_free(&loop);
	ck_assert_ptr_null(loop);
	loop_free(&loop);
}
END_TEST

START_TEST(who_defers_himself_lets_others_pass)
{
	struct loop *loop = new_loop();
	struct call a, b;
	call_init(&a, loop, 'a');
	call_init(&b, loop, 'b');
	a.again = b.again = 2;
	loop_defer(loop, &a.d);
	loop_defer(loop, &b.d);
	turn(loop);
	ck_assert_str_eq(calls_made, "ab");
	turn(loop);
	turn(loop);
	turn(loop);
	ck_assert_str_eq(calls_made, "ababab");
	loop_free(&loop);
}
END_TEST

START_TEST(the_turn_ends_after_deferred_calls_also_when_they_ask_late)
{
	struct loop *loop = new_loop();
	struct call a, b, e;
	call_init(&a, loop, 'a');
	call_init(&b, loop, 'b');
	call_init(&e, loop, 'e');
	a.asks_for_turn_end = true;
	loop_at_turn_end(loop, &e.d);
	loop_defer(loop, &a.d);
	loop_defer(loop, &b.d);
	turn(loop);
	ck_assert_str_eq(calls_made, "abez");
	loop_free(&loop);
}
END_TEST

START_TEST(a_call_may_free_another_that_waits)
{
	struct loop *loop = new_loop();
	struct call a, *b = malloc(sizeof(*b));
	call_init(&a, loop, 'a');
	call_init(b, loop, 'b');
	a.frees = b;
	loop_defer(loop, &a.d);
	loop_defer(loop, &b->d);
	turn(loop);
	ck_assert_str_eq(calls_made, "a");
	loop_free(&loop);
}
END_TEST

START_TEST(calls_for_the_end_of_the_loop_run_there)
{
	struct loop *loop = new_loop();
	struct call a;
	call_init(&a, loop, 'a');
	loop_at_free(loop, &a.d);
	turn(loop);
	ck_assert_uint_eq(call_count, 0);
	loop_free(&loop);
	ck_assert_str_eq(calls_made, "a");
}
END_TEST

/* --- descriptors ------------------------------------------------------------------------------ */

struct pipe_end {
	struct watch watch;
	int far_fd;
	unsigned called, bits;
	bool reads, removes_itself;
	struct pipe_end *removes, *removes_back;
};

static void pipe_on_ready(struct watch *w, unsigned ready)
{
	struct pipe_end *p = list_owner(w, struct pipe_end, watch);
	char byte;
	p->called++;
	p->bits = ready;
	if (p->reads)
		ck_assert_int_eq(read(w->fd, &byte, 1), 1);
	if (p->removes) {
		struct pipe_end *victim = p->removes;
		victim->removes = NULL; /* only the first to run removes the other */
		watch_remove(&victim->watch);
		close(victim->watch.fd);
		close(victim->far_fd);
		free(victim);
		p->removes = NULL;
	}
	if (p->removes_itself) {
		watch_remove(w);
		close(w->fd);
		close(p->far_fd);
		free(p);
	}
}

static struct pipe_end *new_pipe_end(struct loop *loop, unsigned interest)
{
	int fds[2];
	struct pipe_end *p = calloc(1, sizeof(*p));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	p->watch = (struct watch){.fd = fds[0], .interest = interest, .on_ready = pipe_on_ready};
	p->far_fd = fds[1];
	ck_assert_int_eq(watch_add(loop, &p->watch), ERR_NONE);
	return p;
}

static void pipe_end_free(struct pipe_end *p)
{
	watch_remove(&p->watch);
	watch_remove(&p->watch);
	close(p->watch.fd);
	if (p->far_fd >= 0)
		close(p->far_fd);
	free(p);
}

START_TEST(readiness_is_told_as_long_as_it_lasts)
{
	struct loop *loop = new_loop();
	struct pipe_end *p = new_pipe_end(loop, WATCH_READ);
	turn(loop);
	ck_assert_uint_eq(p->called, 0);
	ck_assert_int_eq(write(p->far_fd, "xy", 2), 2);
	turn(loop);
	turn(loop);
	ck_assert_uint_eq(p->called, 2);
	ck_assert_uint_eq(p->bits, WATCH_READ);
	p->reads = true;
	turn(loop);
	turn(loop);
	turn(loop);
	ck_assert_uint_eq(p->called, 4);
	p->reads = false;
	watch_set(&p->watch, WATCH_READ | WATCH_WRITE);
	turn(loop);
	ck_assert_uint_eq(p->bits, WATCH_WRITE);
	pipe_end_free(p);
	loop_free(&loop);
}
END_TEST

START_TEST(a_sleeping_watch_hears_nothing_not_even_a_hang_up)
{
	struct loop *loop = new_loop();
	struct pipe_end *p = new_pipe_end(loop, WATCH_READ);
	watch_set(&p->watch, 0);
	close(p->far_fd);
	p->far_fd = -1;
	for (int i = 0; i < 5; i++)
		turn(loop);
	ck_assert_uint_eq(p->called, 0);
	uint64_t before = clock_mono_ms();
	ck_assert_int_eq(loop_turn(loop, 20), ERR_NONE); /* it sleeps: no spinning on the hang-up */
	ck_assert_uint_ge(clock_mono_ms() - before, 15);
	watch_set(&p->watch, WATCH_READ);
	turn(loop);
	ck_assert_uint_eq(p->called, 1);
	ck_assert_uint_eq(p->bits, WATCH_READ | WATCH_WRITE);
	pipe_end_free(p);
	loop_free(&loop);
}
END_TEST

START_TEST(a_watch_may_free_itself_and_another_that_is_ready_too)
{
	struct loop *loop = new_loop();
	for (int round = 0; round < 20; round++) {
		struct pipe_end *a = new_pipe_end(loop, WATCH_READ),
				*b = new_pipe_end(loop, WATCH_READ);
		a->removes = b;
		b->removes = a;
		a->removes_itself = b->removes_itself = true;
		ck_assert_int_eq(write(a->far_fd, "x", 1), 1);
		ck_assert_int_eq(write(b->far_fd, "x", 1), 1);
		turn(loop);
	}
	loop_free(&loop); /* asserts that no watch is left */
}
END_TEST

START_TEST(more_ready_descriptors_than_a_batch_all_get_their_turn)
{
	enum { ENDS = 200 };
	struct loop *loop = new_loop();
	struct pipe_end *ends[ENDS];
	for (size_t i = 0; i < ENDS; i++)
		ends[i] = new_pipe_end(loop, WATCH_WRITE); /* always ready */
	for (int i = 0; i < 4; i++)
		turn(loop);
	for (size_t i = 0; i < ENDS; i++)
		ck_assert_uint_eq(ends[i]->called, 256 / ENDS + (i < 256 % ENDS));
	for (size_t i = 0; i < ENDS; i++)
		pipe_end_free(ends[i]);
	loop_free(&loop);
}
END_TEST

/* --- timers ----------------------------------------------------------------------------------- */

struct alarm {
	struct timer timer;
	char name;
	uint64_t again_ms; /* sets itself once more; SIZE_MAX: does not */
	struct alarm *cancels, *frees;
};

static void alarm_on_due(struct timer *t)
{
	struct alarm *a = list_owner(t, struct alarm, timer);
	calls_made[call_count++] = a->name;
	if (a->again_ms != UINT64_MAX)
		timer_set(t, a->again_ms);
	if (a->cancels)
		timer_cancel(&a->cancels->timer);
	if (a->frees) {
		timer_cancel(&a->frees->timer);
		free(a->frees);
		a->frees = NULL;
	}
}

static void alarm_init(struct alarm *a, struct loop *loop, char name)
{
	*a = (struct alarm){.name = name, .again_ms = UINT64_MAX};
	timer_init(&a->timer, loop, alarm_on_due);
}

START_TEST(timers_fire_when_due_in_order_and_never_early)
{
	struct loop *loop = new_loop();
	struct alarm a, b, c;
	clock_freeze(1000, 0);
	alarm_init(&a, loop, 'a');
	alarm_init(&b, loop, 'b');
	alarm_init(&c, loop, 'c');
	timer_set(&a.timer, 30);
	timer_set(&b.timer, 10);
	timer_set(&c.timer, 20);
	clock_advance(9);
	turn(loop);
	ck_assert_uint_eq(call_count, 0);
	clock_advance(1);
	ck_assert(loop_has_work(loop));
	turn(loop);
	ck_assert_str_eq(calls_made, "b");
	clock_advance(100);
	turn(loop);
	ck_assert_str_eq(calls_made, "bca");
	ck_assert(!timer_is_set(&a.timer));
	loop_free(&loop);
}
END_TEST

START_TEST(setting_moves_and_cancelling_is_harmless)
{
	struct loop *loop = new_loop();
	struct alarm a;
	clock_freeze(1000, 0);
	alarm_init(&a, loop, 'a');
	timer_cancel(&a.timer);
	timer_set(&a.timer, 10);
	timer_set(&a.timer, 50);
	clock_advance(20);
	turn(loop);
	ck_assert_uint_eq(call_count, 0);
	ck_assert(timer_is_set(&a.timer));
	timer_cancel(&a.timer);
	timer_cancel(&a.timer);
	clock_advance(100);
	turn(loop);
	ck_assert_uint_eq(call_count, 0);
	timer_set(&a.timer, UINT64_MAX); /* for ever, without wrapping round to now */
	turn(loop);
	ck_assert_uint_eq(call_count, 0);
	timer_cancel(&a.timer);
	loop_free(&loop);
}
END_TEST

START_TEST(delay_0_is_the_next_turn_and_not_this_one)
{
	struct loop *loop = new_loop();
	struct alarm a;
	clock_freeze(1000, 0);
	alarm_init(&a, loop, 'a');
	a.again_ms = 0;
	timer_set(&a.timer, 0);
	turn(loop);
	ck_assert_str_eq(calls_made, "a");
	turn(loop);
	ck_assert_str_eq(calls_made, "aa");
	timer_cancel(&a.timer);
	loop_free(&loop);
}
END_TEST

START_TEST(a_timer_may_cancel_and_free_others_due_in_the_same_turn)
{
	struct loop *loop = new_loop();
	struct alarm a, b, *c = malloc(sizeof(*c));
	clock_freeze(1000, 0);
	alarm_init(&a, loop, 'a');
	alarm_init(&b, loop, 'b');
	alarm_init(c, loop, 'c');
	a.cancels = &b;
	a.frees = c;
	timer_set(&a.timer, 1);
	timer_set(&b.timer, 2);
	timer_set(&c->timer, 3);
	clock_advance(10);
	turn(loop);
	ck_assert_str_eq(calls_made, "a");
	loop_free(&loop);
}
END_TEST

START_TEST(timers_the_heap_has_no_memory_for_fire_all_the_same)
{
	struct loop *loop = new_loop();
	struct timer_group *group = loop_timers(loop);
	struct alarm a, b, c;
	clock_freeze(1000, 0);
	alarm_init(&a, loop, 'a');
	alarm_init(&b, loop, 'b');
	alarm_init(&c, loop, 'c');
	/* What timer_set does when heap_set returned ERR_NOMEM. */
	a.timer.node.key = 1010;
	list_add_tail(&group->unsorted, &a.timer.link);
	b.timer.node.key = 1020;
	list_add_tail(&group->unsorted, &b.timer.link);
	timer_set(&c.timer, 15);
	ck_assert(timer_is_set(&a.timer));
	ck_assert_uint_eq(timer_group_next(group), 1010);
	clock_advance(12);
	turn(loop);
	ck_assert_str_eq(calls_made, "a");
	timer_set(&b.timer, 2); /* moves into the heap */
	ck_assert(list_is_empty(&group->unsorted));
	clock_advance(10);
	turn(loop);
	ck_assert_str_eq(calls_made, "abc");
	loop_free(&loop);
}
END_TEST

START_TEST(the_loop_sleeps_until_the_next_timer)
{
	struct loop *loop = new_loop();
	struct alarm a;
	alarm_init(&a, loop, 'a');
	uint64_t before = clock_mono_ms();
	timer_set(&a.timer, 30);
	while (!call_count)
		ck_assert_int_eq(loop_turn(loop, 10000), ERR_NONE);
	uint64_t took = clock_mono_ms() - before;
	ck_assert_uint_ge(took, 30);
	ck_assert_uint_lt(took, 5000);
	loop_free(&loop);
}
END_TEST

/* --- signals ---------------------------------------------------------------------------------- */

static int last_signal;

static void on_signal(int signal, void *owner)
{
	last_signal = signal;
	loop_stop(owner);
}

START_TEST(signals_come_as_calls_and_the_mask_is_restored)
{
	struct loop *loop = new_loop();
	sigset_t mask;
	const int signals[] = {SIGUSR1, SIGTERM};
	ck_assert_int_eq(loop_on_signals(loop, signals, 2, on_signal, loop), ERR_NONE);
	raise(SIGTERM);
	ck_assert_int_eq(loop_run(loop), ERR_NONE);
	ck_assert_int_eq(last_signal, SIGTERM);
	raise(SIGUSR1);
	ck_assert_int_eq(loop_run(loop), ERR_NONE);
	ck_assert_int_eq(last_signal, SIGUSR1);
	loop_free(&loop);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	ck_assert(!sigismember(&mask, SIGTERM));
}
END_TEST

SUITE_MAIN("loop", calls_run_once_in_order, who_defers_himself_lets_others_pass,
	   the_turn_ends_after_deferred_calls_also_when_they_ask_late,
	   a_call_may_free_another_that_waits, calls_for_the_end_of_the_loop_run_there,
	   readiness_is_told_as_long_as_it_lasts, a_sleeping_watch_hears_nothing_not_even_a_hang_up,
	   a_watch_may_free_itself_and_another_that_is_ready_too,
	   more_ready_descriptors_than_a_batch_all_get_their_turn,
	   timers_fire_when_due_in_order_and_never_early, setting_moves_and_cancelling_is_harmless,
	   delay_0_is_the_next_turn_and_not_this_one,
	   a_timer_may_cancel_and_free_others_due_in_the_same_turn,
	   timers_the_heap_has_no_memory_for_fire_all_the_same,
	   the_loop_sleeps_until_the_next_timer, signals_come_as_calls_and_the_mask_is_restored)
