#include "base/array.h"

#include <stdlib.h>

enum { ARRAY_FIRST = 4 };

void *array_reserve(void *at, uint32_t *cap, size_t need, size_t size)
{
	size_t bytes, more = *cap < ARRAY_FIRST / 2 ? ARRAY_FIRST : (size_t)*cap * 2;
	if (need <= *cap)
		return at;
	if (more < need)
		more = need;
	if (more > UINT32_MAX || __builtin_mul_overflow(more, size, &bytes))
		return NULL;
	void *moved = realloc(at, bytes);
	if (moved)
		*cap = (uint32_t)more;
	return moved;
}

size_t array_position(const void *at, size_t count, size_t size, uint32_t key)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (*(const uint32_t *)(const void *)((const char *)at + mid * size) < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
