/* worker - one or two threads for what may block: syncs, cold reads, password hashing.
 *
 * Implements base/job.h for a loop: run() on a thread, done() as an ordinary call on the loop.
 * Jobs submitted to one pool start in order. A pool of one thread therefore also serialises. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include "base/job.h"
#include "net/loop.h"

struct worker_pool;

MUST_CHECK enum err worker_pool_new(struct loop *loop, unsigned threads, struct worker_pool **out);
struct job_runner *worker_pool_runner(struct worker_pool *pool);
/* Waits until every submitted job has run, and calls its done(), also of those that done() submits.
 * For shutting down: the loop stands still meanwhile. Harmless on NULL. */
void worker_pool_drain(struct worker_pool *pool);
/* The same, then ends the threads. */
void worker_pool_free(struct worker_pool **pool);

#endif
