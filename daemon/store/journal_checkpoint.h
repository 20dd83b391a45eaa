/* journal_checkpoint - what a start needs, gathered at one place of the log.
 *
 * A checkpoint is one unit of records: accounts, mailboxes, where their chunks are, and what each
 * segment is referred to by. When it is durable the root block is pointed at it; from then on what
 * lies before it is no longer read at a start, and segments that nothing refers to become free. */
#ifndef STORE_JOURNAL_CHECKPOINT_H
#define STORE_JOURNAL_CHECKPOINT_H

#include "store/journal.h"

/* Takes the next step when there is one: log, wait until durable, root. */
void checkpoint_turn(struct journal *j);
bool checkpoint_is_due(const struct journal *j);
/* Puts the records of a checkpoint into the log. ERR_FULL, ERR_NOMEM: nothing happened. */
MUST_CHECK enum err checkpoint_log(struct journal *j);

/* Recovery: does what a record of the checkpoint itself says. */
MUST_CHECK enum err checkpoint_apply(struct journal *j, const struct record *r, bool *is_clean_out);

#endif
