/* heap - an intrusive binary min-heap of pointers to nodes that live in their owners.
 *
 * The array of pointers is the only allocation. Add, remove and update are O(log n); the smallest
 * key is at hand in O(1). A node belongs to at most one heap; heap_node_init before first use. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define HEAP_NOWHERE SIZE_MAX

struct heap_node {
	uint64_t key;
	size_t at; /* position in the heap, HEAP_NOWHERE when in none */
};

struct heap {
	struct heap_node **nodes;
	size_t count;
	uint32_t cap;
};

void heap_init(struct heap *h);
void heap_free(struct heap *h); /* nodes are their owners' business */
static inline void heap_node_init(struct heap_node *n)
{
	n->at = HEAP_NOWHERE;
}
static inline bool heap_holds(const struct heap_node *n)
{
	return n->at != HEAP_NOWHERE;
}
/* Inserts, or moves the node when it is there already. ERR_NOMEM leaves the heap as it was. */
MUST_CHECK enum err heap_set(struct heap *h, struct heap_node *n, uint64_t key);
void heap_remove(struct heap *h, struct heap_node *n); /* harmless when it is in no heap */
struct heap_node *heap_min(const struct heap *h);      /* NULL when empty */

#endif
