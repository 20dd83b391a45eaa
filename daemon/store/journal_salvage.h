/* journal_salvage - mailboxes and their lists from whatever records the segments still hold.
 *
 * Without a checkpoint to begin with: all records of all segments, oldest first. Lists come out as
 * complete as they can: what was deleted so long ago that its record was overwritten may be in them
 * again; what cannot be read any more is not. */
#ifndef STORE_JOURNAL_SALVAGE_H
#define STORE_JOURNAL_SALVAGE_H

#include "store/journal.h"

struct salvage {
	uint64_t groups, segments;
	uint64_t last_seq, last_number, last_generation;
};
/* Fills the tables of j, which has nothing but its medium and its segments, and all lists. */
MUST_CHECK enum err salvage_collect(struct journal *j, struct salvage *s_out);
/* Reads one message whole. ERR_CORRUPT, ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err salvage_read_message(struct journal *j, const struct message *m);
/* Counters as the list tells them; UIDs and mod-sequences never below what was ever logged. */
void salvage_count(struct jbox *box);
/* What each segment is referred to by, counted from all lists, which must be in memory. Returns how
 * many segments were said to be otherwise. */
uint64_t salvage_count_segments(struct journal *j, bool correct);
/* After a list was changed by hand: it is written whole, and what was logged of it forgotten. */
MUST_CHECK enum err salvage_rewrite(struct journal *j, struct jbox *box);
/* Opens a store like store_journal_ops, from the segments alone, as one with a checkpoint of its own;
 * closing it leaves it whole. ERR_NOT_FOUND: there is nothing; ERR_FULL: no room for a checkpoint. */
MUST_CHECK enum err salvage_open(struct store *st, const struct store_config *config);

#endif
