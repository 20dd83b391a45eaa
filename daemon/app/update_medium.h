/* update_medium - where an update lies: a file, or the raw device of a slot. Small enough for tests
 * to put one in its place that fails or loses its power.
 *
 * All calls block, and belong on a worker or in a tool. */
#ifndef APP_UPDATE_MEDIUM_H
#define APP_UPDATE_MEDIUM_H

#include "base/slice.h"

struct update_medium;
struct update_medium_ops {
	/* Exactly n bytes. ERR_NOT_FOUND: it ends before; ERR_IO. */
	enum err (*read)(struct update_medium *m, uint64_t offset, uint8_t *dst, size_t n);
	enum err (*write)(struct update_medium *m, uint64_t offset, struct slice bytes);
	/* What was written is durable then, and is read again from the device itself. */
	enum err (*sync)(struct update_medium *m);
};
struct update_medium {
	const struct update_medium_ops *ops;
	uint64_t size; /* in octets */
	int fd;
};

/* An existing file or block device. ERR_NOT_FOUND, ERR_DENIED, ERR_READ_ONLY, ERR_IO. */
MUST_CHECK enum err update_medium_open(const char *path, bool for_writing, struct update_medium *out);
static inline bool update_medium_is_open(const struct update_medium *m)
{
	return m->ops && m->fd >= 0;
}
void update_medium_close(struct update_medium *m); /* harmless on one that failed to open */

#endif
