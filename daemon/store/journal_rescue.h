/* journal_rescue - finding what there is in the segments when nothing leads to it. */
#ifndef STORE_JOURNAL_RESCUE_H
#define STORE_JOURNAL_RESCUE_H

#include "store/journal.h"
#include "store/journal_scan.h"

/* Replays from the newest checkpoint that is whole in any segment. ERR_NOT_FOUND: there is none. */
MUST_CHECK enum err rescue_find_checkpoint(struct journal *j);
/* ERR_NONE: no segment holds anything; the store was never made, or not to the end. ERR_EXISTS. */
MUST_CHECK enum err rescue_check_blank(struct journal *j);
/* Calls `found` for every whole group in every segment, oldest segment first. */
MUST_CHECK enum err rescue_walk(struct journal *j,
                                enum err (*found)(void *arg, struct scan *s, uint32_t slot),
                                void *arg);

#endif
