/* journal_segment - which segments there are, what refers to them, and which are free.
 *
 * A segment is free for use again when nothing refers to it, the group that took the last reference
 * is durable, and recovery does not need it: it lies before the durable checkpoint. */
#ifndef STORE_JOURNAL_SEGMENT_H
#define STORE_JOURNAL_SEGMENT_H

#include "store/journal.h"

/* Makes the slot known. ERR_NOMEM, ERR_SYNTAX for a slot that cannot be. */
MUST_CHECK enum err segment_know(struct journal *j, uint32_t slot);
void segment_set_there(struct journal *j, uint32_t slot); /* found or made: free, when not used */
void segment_set_free(struct journal *j, uint32_t slot);  /* absent, when it is not there */
void segment_set_used(struct journal *j, uint32_t slot, uint64_t seq);
void segment_set_absent(struct journal *j, uint32_t slot);
/* NULL: no such slot. */
struct segment *segment_at(struct journal *j, uint32_t slot);
/* How many free segments this class of writer may take. */
uint32_t segments_usable(const struct journal *j, enum room_class class);
/* Takes the next free one in turn, so that all wear alike. There must be one. */
uint32_t segment_take(struct journal *j, uint64_t seq);
/* Free ones that have become so; true: there are more than before. */
bool segments_collect(struct journal *j);
/* Used ones that wait for a checkpoint, or for a commit, and nothing else. */
uint32_t segments_about_to_be_free(struct journal *j);
void segment_pin(struct journal *j, uint32_t slot);
void segment_unpin(struct journal *j, uint32_t slot);

/* Keeps at least the reserve and one more ready; makes a new one in the background if need be. */
void segments_grow(struct journal *j);
bool segments_may_grow(const struct journal *j);
void segments_count(const struct journal *j, struct store_status *s); /* space, used and free */

/* What one message or all of a list refer to, added (sign 1) to the unit's usage or taken away (-1).
 * ERR_NOMEM sticks in the unit. */
void usage_add_message(struct journal *j, const struct message *m, int sign);
void usage_add_list(struct journal *j, const struct index *ix, int sign);
void pack_usage(struct journal *j);
/* Does what a RECORD_USAGE says; `number` is its group. ERR_SYNTAX. */
MUST_CHECK enum err usage_apply(struct journal *j, struct slice body, uint64_t number);

#endif
