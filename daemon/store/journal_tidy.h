/* journal_tidy - giving space back, a step at a time.
 *
 * Segments that nothing refers to need no tidying. Others are emptied when more than half of them is
 * dead and there is time, or when mail was refused for want of room: the mailboxes are looked
 * through, one a step, for messages that lie in them, which are written again at the log's end. */
#ifndef STORE_JOURNAL_TIDY_H
#define STORE_JOURNAL_TIDY_H

#include "store/journal.h"

void tidy_turn(struct journal *j, bool is_idle);
void tidy_free(struct journal *j);
/* Gives a free segment back to the medium when there are many. */
void tidy_shrink(struct journal *j);

#endif
