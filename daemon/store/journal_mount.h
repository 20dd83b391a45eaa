/* journal_mount - from flash to memory: finds the newest checkpoint, and does what came after it.
 *
 * A new store is made where there is none. When the root blocks are lost or lead nowhere, the newest
 * checkpoint is looked for in the segments themselves. */
#ifndef STORE_JOURNAL_MOUNT_H
#define STORE_JOURNAL_MOUNT_H

#include "store/journal.h"

/* ERR_CORRUPT: there is a store, but no checkpoint can be found in it (`surel check --repair`).
 * ERR_UNSUPPORTED: a later version wrote it; nothing in it was touched. */
MUST_CHECK enum err journal_mount(struct journal *j);
/* While jobs run at once, as when mounting and closing: writes and syncs all that was put so far, before it
 * returns. */
MUST_CHECK enum err journal_flush(struct journal *j);
/* The same for a checkpoint and the root that leads to it. No other may be under way. */
MUST_CHECK enum err journal_checkpoint_now(struct journal *j);

/* Everything from the checkpoint at `root` to the end of the log. For mounting and for checking.
 * ERR_NOT_FOUND: there is no whole checkpoint. The tables are emptied first. */
MUST_CHECK enum err journal_replay(struct journal *j, const struct root_block *root);
/* Makes known all areas of the medium. */
MUST_CHECK enum err journal_list_segments(struct journal *j, bool *has_root_out);
void journal_set_geometry(struct journal *j, uint32_t segment_bytes);
/* After a replay: where writing goes on, and a new life's first group. */
MUST_CHECK enum err journal_begin_life(struct journal *j);
MUST_CHECK enum err journal_format(struct journal *j);

#endif
