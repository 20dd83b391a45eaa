#include "base/heap.h"

#include "support/suite.h"

enum { NODES = 200 };

/* Cheap, and the same in every run. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void heap_is_in_order(const struct heap *h)
{
	for (size_t i = 0; i < h->count; i++) {
		ck_assert_uint_eq(h->nodes[i]->at, i);
		if (i)
			ck_assert_uint_le(h->nodes[(i - 1) / 2]->key, h->nodes[i]->key);
	}
}

START_TEST(the_smallest_comes_first_whatever_happened_before)
{
	struct heap h;
	struct heap_node nodes[NODES];
	uint32_t seed = 1;
	heap_init(&h);
	for (size_t i = 0; i < NODES; i++)
		heap_node_init(&nodes[i]);
	for (int round = 0; round < 1500; round++) {
		struct heap_node *n = &nodes[next_random(&seed) % NODES];
		if (next_random(&seed) % 3)
			ck_assert_int_eq(heap_set(&h, n, next_random(&seed) % 1000), ERR_NONE);
		else
			heap_remove(&h, n);
		uint64_t least = UINT64_MAX;
		size_t held = 0;
		for (size_t i = 0; i < NODES; i++)
			if (heap_holds(&nodes[i])) {
				held++;
				least = nodes[i].key < least ? nodes[i].key : least;
			}
		ck_assert_uint_eq(h.count, held);
		ck_assert_uint_eq(heap_min(&h) ? heap_min(&h)->key : UINT64_MAX, least);
		heap_is_in_order(&h);
	}
	heap_free(&h);
	for (size_t i = 0; i < NODES; i++)
		ck_assert(!heap_holds(&nodes[i]));
}
END_TEST

START_TEST(an_empty_heap_has_no_minimum)
{
	struct heap h;
	struct heap_node n;
	heap_init(&h);
	heap_node_init(&n);
	ck_assert_ptr_null(heap_min(&h));
	heap_remove(&h, &n);
	ck_assert_int_eq(heap_set(&h, &n, 5), ERR_NONE);
	heap_remove(&h, &n);
	heap_remove(&h, &n);
	ck_assert_ptr_null(heap_min(&h));
	heap_free(&h);
}
END_TEST

SUITE_MAIN("heap", the_smallest_comes_first_whatever_happened_before, an_empty_heap_has_no_minimum)
