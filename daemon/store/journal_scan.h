/* journal_scan - the reading end of the log: one whole group after the other, in order.
 *
 * The log ends where the next group is not there whole. What lies behind is ignored, with one
 * exception: a later group that says that the missing one was durable when it was written. Then the
 * missing one is a bad block, which costs what was in it and nothing else, and reading goes on. */
#ifndef STORE_JOURNAL_SCAN_H
#define STORE_JOURNAL_SCAN_H

#include "store/journal.h"

struct scan {
	struct journal *journal;
	uint32_t slot, offset;   /* of the next group; at the end: where writing may go on */
	uint64_t seq, number;    /* expected */
	uint32_t chain;
	uint8_t *window;         /* bytes of the slot from window_offset on */
	uint32_t window_slot, window_offset, window_len, window_cap;
	struct group_head head;  /* of the group found */
	uint32_t group_slot, group_offset;
	struct slice records;    /* of the group found; until the next call */
	uint32_t lost;           /* acknowledged groups that are not there */
	bool jumped;             /* the group found does not follow the one before */
	bool ends_here;          /* the store was closed in order: nothing is missing behind it */
};

void scan_init(struct scan *s, struct journal *j, const struct root_block *from);
void scan_free(struct scan *s);
/* The next group: GROUP_LOG, GROUP_DATA or GROUP_LINK (already followed). ERR_NOT_FOUND: the end. */
MUST_CHECK enum err scan_next(struct scan *s);
/* Reads again what was found before, whole. */
MUST_CHECK enum err scan_again(struct scan *s, uint32_t slot, uint32_t offset, uint64_t seq);
/* The first whole group at or behind the offset, whatever its number. ERR_NOT_FOUND: none. */
MUST_CHECK enum err scan_any(struct scan *s, uint32_t slot, uint64_t seq, uint32_t offset);

#endif
