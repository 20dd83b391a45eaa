#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 1024 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) uint8_t bytes[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
	*a = (struct arena){.max_bytes = max_bytes};
}

static struct arena_block *arena_new_block(struct arena *a, size_t need)
{
	size_t size = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;
	struct arena_block *block = a->spare;
	if (block && size == ARENA_BLOCK_BYTES)
		a->spare = NULL;
	else
		block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block->next = a->blocks;
	a->blocks = block;
	return block;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t align = alignof(max_align_t);
	if (n > SIZE_MAX - align)
		return NULL;
	size_t need = (n + align - 1) / align * align;
	if (need > a->max_bytes || a->used_bytes > a->max_bytes - need)
		return NULL;
	struct arena_block *block = a->blocks;
	if (!block || block->size - block->used < need)
		block = arena_new_block(a, need);
	if (!block)
		return NULL;
	void *room = block->bytes + block->used;
	block->used += need;
	a->used_bytes += need;
	return room;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes = 0;
	return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(a, bytes);
}

char *arena_str(struct arena *a, struct slice s)
{
	char *copy = arena_alloc(a, s.len + 1);
	if (copy && s.len)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

enum err arena_copy(struct arena *a, struct slice s, struct slice *copy_out)
{
	char *copy = arena_str(a, s);
	if (!copy)
		return ERR_NOMEM;
	*copy_out = slice_of(copy, s.len);
	return ERR_NONE;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->blocks, a->blocks ? a->blocks->used : 0, a->used_bytes};
}

static void arena_drop_block(struct arena *a)
{
	struct arena_block *block = a->blocks;
	a->blocks = block->next;
	if (a->spare || block->size != ARENA_BLOCK_BYTES) {
		free(block);
		return;
	}
	memset(block->bytes, 0, block->used);
	block->used = 0;
	a->spare = block;
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->blocks != mark.block)
		arena_drop_block(a);
	if (mark.block) {
		memset(mark.block->bytes + mark.block_used, 0, mark.block->used - mark.block_used);
		mark.block->used = mark.block_used;
	}
	a->used_bytes = mark.used_bytes;
}

void arena_reset(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *next = a->blocks->next;
		free(a->blocks);
		a->blocks = next;
	}
	free(a->spare);
	a->spare = NULL;
	a->used_bytes = 0;
}
