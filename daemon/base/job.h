/* job - work that may block, done off the loop.
 *
 * `run` is called on a worker thread (or at once, in tests and tools); it must touch only what it
 * owns. `done` is called later on the loop's thread, exactly once for every submitted job, in no
 * promised order between jobs. The owner keeps the job alive until `done`; it may free it there.
 * Who runs jobs is a vtable, so that store/ and app/ need to know no threads: net/worker.h has the
 * real one, job_inline runs and finishes inside job_submit, tests queue and reorder. */
#ifndef BASE_JOB_H
#define BASE_JOB_H

#include "base/list.h"

struct job {
	void (*run)(struct job *job);
	void (*done)(struct job *job);
	struct list link; /* the runner's */
};

struct job_runner {
	void (*submit)(struct job_runner *runner, struct job *job); /* cannot fail */
};

static inline void job_submit(struct job_runner *runner, struct job *job)
{
	runner->submit(runner, job);
}

extern struct job_runner job_inline; /* run() and done() before job_submit returns */

/* waiter - "wake me when it is worth calling again". Embedded in whoever waits. The one who keeps
 * it unlinks it, then calls wake (always from the loop, never from inside the call that returned
 * ERR_AGAIN). waiter_cancel is harmless when it waits for nothing. Spurious wakes are legal. */
struct waiter {
	struct list link;
	void (*wake)(struct waiter *w);
};

void waiter_init(struct waiter *w, void (*wake)(struct waiter *w));
void waiter_cancel(struct waiter *w);
bool waiter_is_waiting(const struct waiter *w);
void waiters_wake(struct list *head); /* unlinks and wakes all; safe when they wait again meanwhile */

#endif
