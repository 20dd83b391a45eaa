#include "net/timer.h"

#include "base/clock.h"

void timer_init(struct timer *t, struct loop *loop, void (*on_due)(struct timer *t))
{
	heap_node_init(&t->node);
	list_init(&t->link);
	t->loop = loop;
	t->on_due = on_due;
}

void timer_set(struct timer *t, uint64_t delay_ms)
{
	struct timer_group *group = loop_timers(t->loop);
	uint64_t now_ms = clock_mono_ms();
	uint64_t due_ms = delay_ms < UINT64_MAX - 1 - now_ms ? now_ms + delay_ms : UINT64_MAX - 1;
	list_remove(&t->link);
	if (heap_set(&group->heap, &t->node, due_ms) != ERR_NONE) {
		t->node.key = due_ms;
		list_add_tail(&group->unsorted, &t->link);
	}
}

void timer_cancel(struct timer *t)
{
	if (heap_holds(&t->node))
		heap_remove(&loop_timers(t->loop)->heap, &t->node);
	list_remove(&t->link);
}

bool timer_is_set(const struct timer *t)
{
	return heap_holds(&t->node) || !list_is_empty(&t->link);
}

void timer_group_init(struct timer_group *group)
{
	heap_init(&group->heap);
	list_init(&group->unsorted);
}

void timer_group_free(struct timer_group *group)
{
	while (!list_is_empty(&group->unsorted))
		list_remove(group->unsorted.next);
	heap_free(&group->heap);
}

uint64_t timer_group_next(const struct timer_group *group)
{
	const struct heap_node *min = heap_min(&group->heap);
	uint64_t next_ms = min ? min->key : UINT64_MAX;
	list_for_each (link, &group->unsorted) {
		const struct timer *t = list_owner(link, struct timer, link);
		if (t->node.key < next_ms)
			next_ms = t->node.key;
	}
	return next_ms;
}

/* All that are due leave the group before the first is called, so that one that sets itself again
 * with delay 0 waits for the next turn. */
void timer_group_run(struct timer_group *group, uint64_t now_ms)
{
	struct list due;
	struct heap_node *min;
	list_init(&due);
	while ((min = heap_min(&group->heap)) && min->key <= now_ms) {
		struct timer *t = list_owner(min, struct timer, node);
		heap_remove(&group->heap, min);
		list_add_tail(&due, &t->link);
	}
	list_for_each (link, &group->unsorted) {
		if (list_owner(link, struct timer, link)->node.key <= now_ms) {
			list_remove(link);
			list_add_tail(&due, link);
		}
	}
	while (!list_is_empty(&due)) {
		struct timer *t = list_owner(due.next, struct timer, link);
		list_remove(&t->link);
		t->on_due(t);
	}
}
