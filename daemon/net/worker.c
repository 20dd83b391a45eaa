#include "net/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/lock.h"

enum { WORKER_THREADS_MAX = 8, WORKER_STACK_BYTES = 256 * 1024 };

struct worker_pool {
	struct job_runner runner;
	struct watch finished_watch; /* an eventfd that workers write to */
	struct lock lock;
	sem_t wake; /* once for each job queued, and for each thread when the pool ends */
	struct list queued, finished;
	unsigned running; /* jobs inside run() */
	unsigned thread_count;
	pthread_t threads[WORKER_THREADS_MAX];
};

/* False when nothing is queued: the pool ends. */
static bool worker_run_one(struct worker_pool *pool)
{
	uint64_t one = 1;
	lock_take(&pool->lock);
	bool found = !list_is_empty(&pool->queued);
	if (found) {
		struct job *job = list_owner(pool->queued.next, struct job, link);
		list_remove(&job->link);
		pool->running++;
		lock_give(&pool->lock);
		job->run(job);
		lock_take(&pool->lock);
		pool->running--;
		bool was_empty = list_is_empty(&pool->finished);
		list_add_tail(&pool->finished, &job->link);
		/* The counter cannot overflow: it is written once for each time the list fills. */
		if (was_empty && write(pool->finished_watch.fd, &one, sizeof(one)) < 0)
			abort();
	}
	lock_give(&pool->lock);
	return found;
}

static void *worker_main(void *arg)
{
	struct worker_pool *pool = arg;
	do
		semaphore_take(&pool->wake);
	while (worker_run_one(pool));
	return NULL;
}

static void worker_submit(struct job_runner *runner, struct job *job)
{
	struct worker_pool *pool = list_owner(runner, struct worker_pool, runner);
	lock_take(&pool->lock);
	list_add_tail(&pool->queued, &job->link);
	lock_give(&pool->lock);
	sem_post(&pool->wake);
}

/* Calls done() of all that had finished by now; those that finish meanwhile come next turn. */
static void worker_finish(struct worker_pool *pool)
{
	struct list now;
	uint64_t count;
	if (read(pool->finished_watch.fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	list_init(&now);
	lock_take(&pool->lock);
	list_splice_tail(&now, &pool->finished);
	lock_give(&pool->lock);
	while (!list_is_empty(&now)) {
		struct job *job = list_owner(now.next, struct job, link);
		list_remove(&job->link);
		job->done(job);
	}
}

static void worker_on_finished(struct watch *w, unsigned ready)
{
	(void)ready;
	worker_finish(list_owner(w, struct worker_pool, finished_watch));
}

/* Signals belong to the loop's thread: workers start with all of them blocked. */
static void worker_start_threads(struct worker_pool *pool, unsigned threads)
{
	pthread_attr_t attr;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WORKER_STACK_BYTES);
	while (pool->thread_count < threads &&
	       pthread_create(&pool->threads[pool->thread_count], &attr, worker_main, pool) == 0)
		pool->thread_count++;
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void worker_end_threads(struct worker_pool *pool)
{
	for (unsigned i = 0; i < pool->thread_count; i++)
		sem_post(&pool->wake);
	while (pool->thread_count)
		pthread_join(pool->threads[--pool->thread_count], NULL);
}

static void worker_release(struct worker_pool *pool)
{
	worker_end_threads(pool);
	watch_remove(&pool->finished_watch);
	if (pool->finished_watch.fd >= 0)
		close(pool->finished_watch.fd);
	sem_destroy(&pool->wake);
	lock_end(&pool->lock);
	free(pool);
}

enum err worker_pool_new(struct loop *loop, unsigned threads, struct worker_pool **out)
{
	struct worker_pool *pool = calloc(1, sizeof(*pool));
	if (!pool)
		return ERR_NOMEM;
	pool->runner.submit = worker_submit;
	list_init(&pool->queued);
	list_init(&pool->finished);
	lock_init(&pool->lock);
	sem_init(&pool->wake, 0, 0);
	pool->finished_watch = (struct watch){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
					      .interest = WATCH_READ,
					      .on_ready = worker_on_finished};
	enum err err = pool->finished_watch.fd < 0 ? ERR_LIMIT : ERR_NONE;
	if (!err)
		err = watch_add(loop, &pool->finished_watch);
	if (!err) {
		worker_start_threads(pool, threads < 1                    ? 1
					   : threads > WORKER_THREADS_MAX ? WORKER_THREADS_MAX
									  : threads);
		/* Fewer threads than asked for only make it slower; none would never finish. */
		err = pool->thread_count ? ERR_NONE : ERR_LIMIT;
	}
	if (err) {
		worker_release(pool);
		return err;
	}
	*out = pool;
	return ERR_NONE;
}

struct job_runner *worker_pool_runner(struct worker_pool *pool)
{
	return &pool->runner;
}

/* False when no job is left at all; else waits until one has finished. */
static bool worker_wait(struct worker_pool *pool)
{
	struct pollfd finished = {.fd = pool->finished_watch.fd, .events = POLLIN};
	lock_take(&pool->lock);
	bool any = !list_is_empty(&pool->finished);
	bool is_busy = pool->running || !list_is_empty(&pool->queued);
	lock_give(&pool->lock);
	if (!any && is_busy)
		poll(&finished, 1, -1);
	return any || is_busy;
}

void worker_pool_drain(struct worker_pool *pool)
{
	while (pool && worker_wait(pool))
		worker_finish(pool); /* done() may submit more */
}

void worker_pool_free(struct worker_pool **pool)
{
	if (!*pool)
		return;
	worker_pool_drain(*pool);
	worker_release(*pool);
	*pool = NULL;
}
