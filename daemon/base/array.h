/* array - room in tables that grow: any struct with a pointer, a count and a cap. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* Room for `need` entries of `size` bytes (need > 0) in the array `at` of *cap entries, which is NULL
 * when that is 0. Returns where they are now; the new ones are not cleared. NULL: no memory, and the
 * array is as it was. Grows to twice its size, so that adding one by one stays cheap. */
void *array_reserve(void *at, uint32_t *cap, size_t need, size_t size);

/* Of `count` entries that begin with a uint32_t and ascend by it, the first with one that is not below
 * `key`; count when there is none. */
size_t array_position(const void *at, size_t count, size_t size, uint32_t key);

#endif
