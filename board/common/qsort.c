/* qsort for a board: a heap sort, in a quarter of what musl's smoothsort takes. No memory, never worse than
 * n log n, and what compares as equal ends up in any order, as with musl's. */
#include <stddef.h>
#include <stdlib.h>

struct heap {
	char *base;
	size_t count, width;
	int (*compare)(const void *a, const void *b);
};

static char *heap_at(const struct heap *h, size_t i)
{
	return h->base + i * h->width;
}

static void heap_swap(const struct heap *h, size_t i, size_t j)
{
	char *a = heap_at(h, i), *b = heap_at(h, j);
	for (size_t n = h->width; n; n--) {
		char c = *a;
		*a++ = *b;
		*b++ = c;
	}
}

/* Lets what stands at i sink to its place below. */
static void heap_sink(const struct heap *h, size_t i)
{
	for (size_t child; (child = 2 * i + 1) < h->count; i = child) {
		if (child + 1 < h->count &&
		    h->compare(heap_at(h, child), heap_at(h, child + 1)) < 0)
			child++;
		if (h->compare(heap_at(h, i), heap_at(h, child)) >= 0)
			return;
		heap_swap(h, i, child);
	}
}

void qsort(void *base, size_t count, size_t width, int (*compare)(const void *a, const void *b))
{
	struct heap h = {base, count, width, compare};
	/* First all become a heap, then the largest goes to the end again and again. */
	for (size_t left = count / 2; h.count > 1;) {
		if (left)
			left--;
		else
			heap_swap(&h, 0, --h.count);
		heap_sink(&h, left);
	}
}
