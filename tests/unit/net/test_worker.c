#include "net/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "support/suite.h"

static atomic_uint ran;
static atomic_uint inside, inside_most;
static unsigned done_count;
static pthread_t loop_thread;

struct task {
	struct job job;
	unsigned number;
	unsigned *order, *order_at; /* where run() notes the order of starting */
	struct job_runner *resubmit;
	bool frees_itself;
};

static void task_run(struct job *job)
{
	struct task *t = list_owner(job, struct task, job);
	unsigned now = atomic_fetch_add(&inside, 1) + 1;
	if (now > inside_most)
		inside_most = now;
	ck_assert(!pthread_equal(pthread_self(), loop_thread));
	if (t->order)
		t->order[(*t->order_at)++] = t->number;
	atomic_fetch_add(&ran, 1);
	atomic_fetch_sub(&inside, 1);
}

static void task_done(struct job *job)
{
	struct task *t = list_owner(job, struct task, job);
	ck_assert(pthread_equal(pthread_self(), loop_thread));
	done_count++;
	if (t->resubmit) {
		struct job_runner *runner = t->resubmit;
		t->resubmit = NULL;
		job_submit(runner, job);
	} else if (t->frees_itself) {
		free(t);
	}
}

static struct loop *new_loop(void)
{
	struct loop *loop = NULL;
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	loop_thread = pthread_self();
	ran = inside_most = done_count = 0;
	return loop;
}

static struct worker_pool *new_pool(struct loop *loop, unsigned threads)
{
	struct worker_pool *pool = NULL;
	ck_assert_int_eq(worker_pool_new(loop, threads, &pool), ERR_NONE);
	return pool;
}

START_TEST(one_thread_keeps_the_order)
{
	enum { TASKS = 300 };
	struct loop *loop = new_loop();
	struct worker_pool *pool = new_pool(loop, 1);
	struct task tasks[TASKS];
	unsigned order[TASKS], at = 0;
	for (unsigned i = 0; i < TASKS; i++) {
		tasks[i] = (struct task){.job = {.run = task_run, .done = task_done},
					 .number = i,
					 .order = order,
					 .order_at = &at};
		job_submit(worker_pool_runner(pool), &tasks[i].job);
	}
	ck_assert_uint_eq(done_count, 0); /* never from inside job_submit */
	while (done_count < TASKS)
		ck_assert_int_eq(loop_turn(loop, 10000), ERR_NONE);
	ck_assert_uint_eq(ran, TASKS);
	ck_assert_uint_eq(inside_most, 1);
	for (unsigned i = 0; i < TASKS; i++)
		ck_assert_uint_eq(order[i], i);
	worker_pool_free(&pool);
	loop_free(&loop);
}
END_TEST

START_TEST(many_threads_finish_everything_once)
{
	enum { TASKS = 2000 };
	struct loop *loop = new_loop();
	struct worker_pool *pool = new_pool(loop, 4);
	for (unsigned i = 0; i < TASKS; i++) {
		struct task *t = malloc(sizeof(*t));
		*t = (struct task){.job = {.run = task_run, .done = task_done},
				   .frees_itself = true};
		job_submit(worker_pool_runner(pool), &t->job);
		if (i % 100 == 0)
			ck_assert_int_eq(loop_turn(loop, 0), ERR_NONE);
	}
	while (done_count < TASKS)
		ck_assert_int_eq(loop_turn(loop, 10000), ERR_NONE);
	ck_assert_uint_eq(ran, TASKS);
	ck_assert_int_eq(loop_turn(loop, 0), ERR_NONE);
	ck_assert_uint_eq(done_count, TASKS);
	worker_pool_free(&pool);
	loop_free(&loop);
}
END_TEST

START_TEST(freeing_the_pool_finishes_what_was_submitted_and_what_that_submits)
{
	enum { TASKS = 50 };
	struct loop *loop = new_loop();
	struct worker_pool *pool = new_pool(loop, 2);
	struct task tasks[TASKS];
	for (unsigned i = 0; i < TASKS; i++) {
		tasks[i] = (struct task){.job = {.run = task_run, .done = task_done},
					 .resubmit = worker_pool_runner(pool)};
		job_submit(worker_pool_runner(pool), &tasks[i].job);
	}
	worker_pool_free(&pool);
	ck_assert_ptr_null(pool);
	ck_assert_uint_eq(ran, 2 * TASKS);
	ck_assert_uint_eq(done_count, 2 * TASKS);
	worker_pool_free(&pool);
	loop_free(&loop);
}
END_TEST

START_TEST(a_settled_pool_has_nothing_left_and_goes_on)
{
	struct loop *loop = new_loop();
	struct worker_pool *pool = new_pool(loop, 2);
	ck_assert(!worker_pool_settle(pool));
	struct task t = {.job = {.run = task_run, .done = task_done},
			 .resubmit = worker_pool_runner(pool)};
	job_submit(worker_pool_runner(pool), &t.job);
	ck_assert(worker_pool_settle(pool));
	ck_assert_uint_eq(done_count, 2); /* with the one that done() submitted */
	ck_assert(!worker_pool_settle(pool));
	job_submit(worker_pool_runner(pool), &t.job);
	ck_assert(worker_pool_settle(pool));
	ck_assert_uint_eq(done_count, 3);
	worker_pool_free(&pool);
	loop_free(&loop);
}
END_TEST

START_TEST(a_pool_of_no_threads_has_one)
{
	struct loop *loop = new_loop();
	struct worker_pool *pool = new_pool(loop, 0);
	struct task t = {.job = {.run = task_run, .done = task_done}};
	job_submit(worker_pool_runner(pool), &t.job);
	while (!done_count)
		ck_assert_int_eq(loop_turn(loop, 10000), ERR_NONE);
	worker_pool_free(&pool);
	loop_free(&loop);
}
END_TEST

SUITE_MAIN("worker", one_thread_keeps_the_order, many_threads_finish_everything_once,
	   freeing_the_pool_finishes_what_was_submitted_and_what_that_submits,
	   a_settled_pool_has_nothing_left_and_goes_on, a_pool_of_no_threads_has_one)
