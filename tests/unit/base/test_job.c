#include "base/job.h"

#include "support/suite.h"

struct task {
	struct job job;
	int runs, dones;
};

static void task_run(struct job *job)
{
	struct task *t = list_owner(job, struct task, job);
	ck_assert_int_eq(t->dones, t->runs);
	t->runs++;
}

static void task_done(struct job *job)
{
	struct task *t = list_owner(job, struct task, job);
	t->dones++;
	if (t->dones < 3)
		job_submit(&job_inline, job); /* legal: the job is its owner's again */
}

START_TEST(inline_jobs_are_over_when_submit_returns)
{
	struct task t = {.job = {.run = task_run, .done = task_done}};
	job_submit(&job_inline, &t.job);
	ck_assert_int_eq(t.runs, 3);
	ck_assert_int_eq(t.dones, 3);
}
END_TEST

struct sleeper {
	struct waiter waiter;
	struct list *queue;     /* to wait in again when woken */
	struct sleeper *victim; /* to cancel when woken */
	int woken;
};

static void sleeper_wake(struct waiter *w)
{
	struct sleeper *s = list_owner(w, struct sleeper, waiter);
	ck_assert(!waiter_is_waiting(w));
	s->woken++;
	if (s->queue)
		list_add_tail(s->queue, &w->link);
	if (s->victim)
		waiter_cancel(&s->victim->waiter);
}

static void sleeper_init(struct sleeper *s, struct list *queue)
{
	*s = (struct sleeper){.queue = NULL};
	waiter_init(&s->waiter, sleeper_wake);
	list_add_tail(queue, &s->waiter.link);
}

START_TEST(each_waiter_wakes_once_even_if_it_waits_again)
{
	struct list queue;
	struct sleeper a, b;
	list_init(&queue);
	sleeper_init(&a, &queue);
	sleeper_init(&b, &queue);
	a.queue = &queue;
	waiters_wake(&queue);
	ck_assert_int_eq(a.woken, 1);
	ck_assert_int_eq(b.woken, 1);
	ck_assert(waiter_is_waiting(&a.waiter));
	ck_assert(!waiter_is_waiting(&b.waiter));
	a.queue = NULL;
	waiters_wake(&queue);
	ck_assert_int_eq(a.woken, 2);
	ck_assert_int_eq(b.woken, 1);
}
END_TEST

START_TEST(a_waiter_can_be_cancelled_from_another_ones_wake)
{
	struct list queue;
	struct sleeper a, b;
	list_init(&queue);
	sleeper_init(&a, &queue);
	sleeper_init(&b, &queue);
	a.victim = &b;
	waiters_wake(&queue);
	ck_assert_int_eq(a.woken, 1);
	ck_assert_int_eq(b.woken, 0);
	waiter_cancel(&b.waiter);
	ck_assert(!waiter_is_waiting(&b.waiter));
}
END_TEST

SUITE_MAIN("job", inline_jobs_are_over_when_submit_returns,
	   each_waiter_wakes_once_even_if_it_waits_again,
	   a_waiter_can_be_cancelled_from_another_ones_wake)
