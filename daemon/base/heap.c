#include "base/heap.h"

#include <stdlib.h>

#include "base/array.h"

void heap_init(struct heap *h)
{
	*h = (struct heap){0};
}

void heap_free(struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->nodes[i]->at = HEAP_NOWHERE;
	free(h->nodes);
	heap_init(h);
}

static void heap_place(struct heap *h, struct heap_node *n, size_t at)
{
	h->nodes[at] = n;
	n->at = at;
}

static void heap_up(struct heap *h, struct heap_node *n)
{
	size_t at = n->at;
	while (at > 0 && h->nodes[(at - 1) / 2]->key > n->key) {
		heap_place(h, h->nodes[(at - 1) / 2], at);
		at = (at - 1) / 2;
	}
	heap_place(h, n, at);
}

static void heap_down(struct heap *h, struct heap_node *n)
{
	size_t at = n->at;
	for (;;) {
		size_t child = at * 2 + 1;
		if (child >= h->count)
			break;
		if (child + 1 < h->count && h->nodes[child + 1]->key < h->nodes[child]->key)
			child++;
		if (h->nodes[child]->key >= n->key)
			break;
		heap_place(h, h->nodes[child], at);
		at = child;
	}
	heap_place(h, n, at);
}

enum err heap_set(struct heap *h, struct heap_node *n, uint64_t key)
{
	if (!heap_holds(n)) {
		struct heap_node **nodes =
			array_reserve(h->nodes, &h->cap, h->count + 1, sizeof(*nodes));
		if (!nodes)
			return ERR_NOMEM;
		h->nodes = nodes;
		heap_place(h, n, h->count++);
	}
	n->key = key;
	heap_up(h, n);
	heap_down(h, n);
	return ERR_NONE;
}

void heap_remove(struct heap *h, struct heap_node *n)
{
	if (!heap_holds(n))
		return;
	struct heap_node *last = h->nodes[--h->count];
	size_t at = n->at;
	n->at = HEAP_NOWHERE;
	if (last == n)
		return;
	heap_place(h, last, at);
	heap_up(h, last);
	heap_down(h, last);
}

struct heap_node *heap_min(const struct heap *h)
{
	return h->count ? h->nodes[0] : NULL;
}
