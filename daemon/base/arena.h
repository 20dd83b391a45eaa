/* arena - scratch memory of one command: many small allocations, one reset.
 *
 * Owns all blocks it hands out. Nothing is freed alone; arena_reset frees everything at once. The
 * ceiling counts the bytes handed out, rounded up for alignment; blocks waste less than that again.
 * Allocations are aligned for any type and zeroed. NULL means ceiling or out of memory. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_block;
struct arena {
	struct arena_block *blocks;
	struct arena_block *spare; /* one that a rewind has emptied, for the next round */
	size_t used_bytes, max_bytes;
};

void  arena_init(struct arena *a, size_t max_bytes); /* allocates nothing */
void *arena_alloc(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t count, size_t size); /* overflow gives NULL */
char *arena_str(struct arena *a, struct slice s);              /* NUL-terminated copy */
MUST_CHECK enum err arena_copy(struct arena *a, struct slice s, struct slice *copy_out);
void  arena_reset(struct arena *a); /* frees everything; the arena can be used again */

/* A place to go back to: arena_rewind frees what was handed out since the mark was taken. Marks nest;
 * a reset or a rewind to an earlier mark ends the later ones. For loops that need scratch memory
 * in each round while the arena holds what must outlive them. */
struct arena_mark {
	struct arena_block *block;
	size_t block_used, used_bytes;
};
struct arena_mark arena_mark(const struct arena *a);
void              arena_rewind(struct arena *a, struct arena_mark mark);

#endif
