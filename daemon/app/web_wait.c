#include "app/web_wait.h"

static void wait_is_over(struct timer *t)
{
	struct web_wait *w = list_owner(t, struct web_wait, timer);
	waiters_wake(&w->waiters);
}

void web_wait_begin(struct web_wait *w, struct http_exchange *x, uint32_t ms)
{
	web_wait_end(w);
	list_init(&w->waiters);
	timer_init(&w->timer, web_app(x)->loop, wait_is_over);
	if (ms)
		timer_set(&w->timer, ms);
}

bool web_wait_is_on(struct web_wait *w, struct http_exchange *x)
{
	if (!timer_is_set(&w->timer))
		return false;
	struct waiter *waiter = http_waiter(x);
	waiter_cancel(waiter);
	list_add_tail(&w->waiters, &waiter->link);
	return true;
}

void web_wait_end(struct web_wait *w)
{
	if (w->timer.loop)
		timer_cancel(&w->timer);
}
