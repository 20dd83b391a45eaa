/* list - an intrusive doubly linked ring: the node lives in its owner, nothing is allocated.
 *
 * A head is a node that stands for "both ends". An unlinked node points at itself, so removing
 * twice is harmless. list_for_each allows removal of the current element only. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct list {
	struct list *prev, *next;
};

#define list_owner(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))
#define list_for_each(pos, head)                                                                   \
	for (struct list *pos = (head)->next, *pos##_next = pos->next; pos != (head);              \
	     pos = pos##_next, pos##_next = pos->next)

static inline void list_init(struct list *n)
{
	n->prev = n->next = n;
}
static inline bool list_is_empty(const struct list *head) /* also: node is not linked */
{
	return head->next == head;
}
NO_INLINE void list_add_tail(struct list *head, struct list *n);
static inline void list_add_head(struct list *head, struct list *n)
{
	list_add_tail(head->next, n);
}
NO_INLINE void list_remove(struct list *n); /* leaves n unlinked and reusable */
/* Moves every node of `from` behind those of `to`; `from` is empty afterwards. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#endif
