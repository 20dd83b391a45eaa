#include "base/job.h"

static void job_inline_submit(struct job_runner *runner, struct job *job)
{
	(void)runner;
	job->run(job);
	job->done(job);
}

struct job_runner job_inline = {.submit = job_inline_submit};

void waiter_init(struct waiter *w, void (*wake)(struct waiter *w))
{
	list_init(&w->link);
	w->wake = wake;
}

void waiter_cancel(struct waiter *w)
{
	list_remove(&w->link);
}

bool waiter_is_waiting(const struct waiter *w)
{
	return !list_is_empty(&w->link);
}

void waiters_wake(struct list *head)
{
	struct list now;
	list_init(&now);
	list_splice_tail(&now, head);
	while (!list_is_empty(&now)) {
		struct waiter *w = list_owner(now.next, struct waiter, link);
		list_remove(&w->link);
		w->wake(w);
	}
}
