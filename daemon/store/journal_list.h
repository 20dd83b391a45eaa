/* journal_list - message lists between memory and flash.
 *
 * A list on flash is a row of chunks: whole ones (base) and the records since (delta). Memory holds
 * what came after them: `saved` (in box->next already, for a checkpoint that is not durable yet) and
 * `pending`. At any time   list = chunks + saved + pending = next + pending. */
#ifndef STORE_JOURNAL_LIST_H
#define STORE_JOURNAL_LIST_H

#include "store/journal.h"

/* Brings the list into memory and counts a user. ERR_AGAIN, ERR_CORRUPT (its mailbox cannot be
 * opened until `surel check --repair` has put the list together again), ERR_NOMEM, ERR_IO. */
MUST_CHECK enum err list_open(struct journal *j, struct jbox *box, struct waiter *w);
void list_close(struct journal *j, struct jbox *box); /* it stays for a while when unused */
void list_drop(struct jbox *box);                     /* now */
/* Drops lists that nobody has used for a while; folds those that need it. */
void list_sweep(struct journal *j);

/* Brings in one list that should be folded, and that nobody has opened. false: there is none. */
bool list_fold_one(struct journal *j);

/* Writes the whole list (which must be in memory) as chunks, or what is pending as more of them; takes
 * effect at the next checkpoint. Not while a checkpoint is on its way. ERR_FULL, ERR_NOMEM: nothing
 * happened. */
MUST_CHECK enum err list_write(struct journal *j, struct jbox *box, bool is_whole,
                               enum room_class class);
bool list_should_fold(const struct jbox *box);
/* The checkpoint with box->next in it is durable. */
void list_adopt_next(struct journal *j, struct jbox *box);

/* Reads one chunk from the medium (blocking) and does what it says. */
MUST_CHECK enum err chunk_read(struct medium *m, const struct chunk *chunk, uint32_t box,
                               struct index *ix);
/* The records in `saved`, `pending` or a delta chunk. */
MUST_CHECK enum err list_apply_records(struct index *ix, struct slice records);

#endif
