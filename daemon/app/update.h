/* update - one update on its way from the page into the free slot.
 *
 *	update_new(app, &u);
 *	while (bytes.len && !update_write(u, &bytes, waiter)) ...
 *	while (update_finish(u, waiter) == ERR_AGAIN) wait;
 *	update_result(u)->fault tells; update_free(&u);
 *
 * One at a time. Nothing of the slot is touched before the header's signature, board and size are
 * right. Pieces of UPDATE_PIECE_BYTES are written by a thread of its own while the loop goes on;
 * what is refused takes no more, and says so at once, so that the rest can be read and dropped.
 * Freed in the middle it leaves an empty slot. */
#ifndef APP_UPDATE_H
#define APP_UPDATE_H

#include "app/system.h"

enum { UPDATE_PIECE_BYTES = 32 * 1024 };

struct update_result {
	enum update_fault fault;
	struct update_head head; /* once the header was right */
	enum system_slot slot;
};

/* ERR_IN_USE: there is one already; ERR_NOMEM. */
MUST_CHECK enum err update_new(struct appliance *a, struct update **out);
/* Takes what it can off the front of *bytes. ERR_AGAIN: w is woken when there is room again. */
MUST_CHECK enum err update_write(struct update *u, struct slice *bytes, struct waiter *w);
/* That was all. ERR_AGAIN; ERR_NONE: it is in its slot, or refused. */
MUST_CHECK enum err update_finish(struct update *u, struct waiter *w);
const struct update_result *update_result(const struct update *u);
uint64_t update_bytes(const struct update *u); /* that came so far */
/* At any time: a worker that is at it goes on to the end of its piece. */
void update_free(struct update **u); /* harmless on NULL */

#endif
