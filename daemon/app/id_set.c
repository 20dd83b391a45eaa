#include "app/id_set.h"

#include <stdlib.h>

#include "base/codec.h"

enum { ID_SET_FIRST_CAP = 256 };

/* Both halves count: the ids of copies differ in one of them only. */
static uint64_t id_key(const struct msg_id *id)
{
	uint64_t key = (get_u64(id->bytes) ^ get_u64(id->bytes + 8) * 0x9e3779b97f4a7c15u) *
		       0xff51afd7ed558ccdu;
	key ^= key >> 32;
	return key ? key : 1;
}

static size_t id_place(const struct id_set *set, uint64_t key)
{
	size_t at = (size_t)key & (set->cap - 1);
	while (set->keys[at] && set->keys[at] != key)
		at = (at + 1) & (set->cap - 1);
	return at;
}

static enum err id_set_grow(struct id_set *set)
{
	struct id_set bigger = {.count = set->count,
				.cap = set->cap ? set->cap * 2 : ID_SET_FIRST_CAP};
	bigger.keys = calloc(bigger.cap, sizeof(*bigger.keys));
	if (!bigger.keys)
		return ERR_NOMEM;
	for (size_t i = 0; i < set->cap; i++)
		if (set->keys[i])
			bigger.keys[id_place(&bigger, set->keys[i])] = set->keys[i];
	free(set->keys);
	*set = bigger;
	return ERR_NONE;
}

enum err id_set_add(struct id_set *set, const struct msg_id *id)
{
	uint64_t key = id_key(id);
	if (set->count + 1 > set->cap / 3 * 2 && id_set_grow(set))
		return ERR_NOMEM;
	size_t at = id_place(set, key);
	set->count += !set->keys[at];
	set->keys[at] = key;
	return ERR_NONE;
}

bool id_set_has(const struct id_set *set, const struct msg_id *id)
{
	return set->cap && set->keys[id_place(set, id_key(id))];
}

void id_set_free(struct id_set *set)
{
	free(set->keys);
	*set = (struct id_set){0};
}
