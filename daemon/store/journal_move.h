/* journal_move - one message's bytes, written again at the end of the log.
 *
 * Read by jobs, a few blocks at a time, so that a long message takes no more memory than a short
 * one. Pieces that lie in segments that are to stay are not copied, only referred to. */
#ifndef STORE_JOURNAL_MOVE_H
#define STORE_JOURNAL_MOVE_H

#include "store/journal_blob.h"

struct move;
/* From the record at `place`. `leaves` tells which segments have to be left. */
MUST_CHECK enum err move_new(struct journal *j, struct place place,
                             bool (*leaves)(void *arg, uint32_t slot), void *arg,
                             struct move **move_out);
/* The next step. ERR_NONE: the record is written, see move_writer. ERR_AGAIN: store_turn is asked for
 * when there is more to do. ERR_CORRUPT, ERR_IO: it cannot be read; ERR_FULL, ERR_NOMEM. */
MUST_CHECK enum err move_step(struct move *m);
struct blob_writer *move_writer(struct move *m); /* for blob_describe */
/* While a job runs it frees itself later. */
void move_free(struct move **move);

#endif
