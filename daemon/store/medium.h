/* medium - the journal's only door to flash: numbered areas of fixed size, written in sectors.
 *
 * Slot 0 is the root area, every other slot is a segment. An area exists from `create` (all zero
 * bytes, allocated, and durable when the call returns) until `remove`. Writes are whole sectors;
 * they are durable when a later `sync` of that slot has returned ERR_NONE, not before, and may reach
 * flash in any order until then, torn at sector borders. A sector that is not written to never
 * changes. After a failed sync nothing may be concluded about the writes before it.
 *
 * All calls may be made from several threads at once, but not two writes to one slot. They block,
 * except `read` with may_block == false. Errors: ERR_NOT_FOUND (no such slot), ERR_FULL (create: no
 * space left; nothing changed), ERR_IO, ERR_AGAIN (a read that may not block would), ERR_IN_USE
 * (open: another process has it), ERR_NOMEM. */
#ifndef STORE_MEDIUM_H
#define STORE_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	MEDIUM_SECTOR = 512,
	MEDIUM_ROOT_SLOT = 0,
	MEDIUM_SLOT_MAX = (1 << 24) - 1,
};

struct medium;
struct medium_ops {
	enum err (*create)(struct medium *m, uint32_t slot, uint32_t bytes);
	enum err (*remove)(struct medium *m, uint32_t slot);
	/* Exactly n bytes, at any offset. Past the end of the area: ERR_IO. */
	enum err (*read)(struct medium *m, uint32_t slot, uint32_t offset, uint8_t *dst, size_t n,
	                 bool may_block);
	enum err (*write)(struct medium *m, uint32_t slot, uint32_t offset, const uint8_t *src,
	                  size_t n);
	enum err (*sync)(struct medium *m, uint32_t slot);
	/* Calls found() for every slot that exists, in no order. */
	enum err (*list)(struct medium *m, void (*found)(void *arg, uint32_t slot), void *arg);
	/* Space of the whole medium and what `create` could still take of it. */
	void (*space)(struct medium *m, uint64_t *total_out, uint64_t *free_out);
	void (*close)(struct medium *m);
};

struct medium {
	const struct medium_ops *ops;
	uint32_t segment_bytes; /* what a new store is made with here; 0: the default */
};
/* What to call a medium by. Where there are files and nothing else the compiler knows which it is. */
const struct medium_ops *medium_hooks(const struct medium *m);
extern const struct medium_ops medium_file_ops;
void medium_file_bind(struct medium *m);

/* Areas as files in a directory, which is made when it is missing (its parent must exist). Holds a
 * lock until closed: it goes when the process goes, so none is ever stale. */
MUST_CHECK enum err medium_file_open(const char *path, bool read_only, struct medium **medium_out);
void medium_close(struct medium **medium); /* stores NULL */

/* Reads, writes and syncs of files that the device failed, and bytes that were not what had been
 * written, since start; for people. medium_note_error counts one of the latter. */
uint32_t medium_io_errors(void);
void     medium_note_error(void);

#endif
