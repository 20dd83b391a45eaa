/* timer - a deadline embedded in its owner; kept in the loop's heap.
 *
 * Fires once, on the loop, never earlier than asked. Setting a set timer moves it. The call may
 * set it again or free its owner. Resolution is a millisecond of the monotonic clock. The owner
 * cancels before it frees. */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include "net/loop.h"

struct timer {
	struct heap_node node;
	struct loop *loop;
	void (*on_due)(struct timer *t);
	struct list link; /* the loop's: due in this turn, or there is no memory for the heap */
};

void timer_init(struct timer *t, struct loop *loop, void (*on_due)(struct timer *t));
/* Cannot fail: a timer for which the heap cannot grow waits in a list. Delay 0 means next turn. */
void timer_set(struct timer *t, uint64_t delay_ms);
void timer_cancel(struct timer *t); /* harmless when not set */
bool timer_is_set(const struct timer *t);

/* All timers of one loop; for loop.c. */
struct timer_group {
	struct heap heap;
	struct list unsorted; /* those the heap had no room for: rare, few, looked at in every turn */
};
void     timer_group_init(struct timer_group *group);
void     timer_group_free(struct timer_group *group);
uint64_t timer_group_next(const struct timer_group *group); /* when; UINT64_MAX: never */
void     timer_group_run(struct timer_group *group, uint64_t now_ms);
struct timer_group *loop_timers(struct loop *loop);

#endif
