/* journal_check - `surel check [--repair]`: is everything there that should be, and what can be saved.
 *
 * Works on a store that nobody has open (ERR_IN_USE). Checking writes nothing. It reads every list
 * and every octet of every message, and compares what the segments are said to hold with what refers
 * to them. Repairing also
 *   - puts lists that cannot be read together again, from the records in all segments; messages
 *     deleted long ago may come back, none that is there is lost;
 *   - takes messages out of the lists whose octets are damaged, and names them;
 *   - corrects the counts of what refers to each segment;
 *   - makes a new root, and if need be everything, from the segments alone. */
#ifndef STORE_JOURNAL_CHECK_H
#define STORE_JOURNAL_CHECK_H

#include "store/store.h"

struct journal_check {
	uint64_t segments, groups;        /* that could be read, and whole groups in them */
	uint64_t accounts, mailboxes, messages, bytes;
	uint64_t damaged_mailboxes, damaged_messages, damaged_segments; /* counts of references */
	uint64_t lost_groups;             /* acknowledged changes that are unreadable */
	bool was_lost;                    /* no checkpoint could be found */
	bool is_repaired;                 /* everything found has been dealt with */
};
/* `say` gets one line for each finding, without LF. ERR_NONE: the check was made, see *found_out.
 * ERR_CORRUPT: there is nothing to go by; repair may help. ERR_NOT_FOUND: there is no store. */
MUST_CHECK enum err journal_check(const struct store_config *config, bool repair,
                                  void (*say)(void *arg, const char *line), void *arg,
                                  struct journal_check *found_out);

#endif
