/* timer - a deadline embedded in its owner; kept in the loop's heap.
 *
 * Fires once, on the loop, never earlier than asked. Setting a set timer moves it. The call may
 * set it again or free its owner. Resolution is a millisecond of the monotonic clock. */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include "net/loop.h"

struct timer {
	struct heap_node node;
	struct loop *loop;
	void (*on_due)(struct timer *t);
};

void timer_init(struct timer *t, struct loop *loop, void (*on_due)(struct timer *t));
/* Cannot fail after the loop reserved a slot for it at timer_init; delay 0 means next turn. */
void timer_set(struct timer *t, uint64_t delay_ms);
void timer_cancel(struct timer *t); /* harmless when not set */
bool timer_is_set(const struct timer *t);

#endif
