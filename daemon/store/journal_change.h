/* journal_change - what changes of messages have in common with those that copy and move.
 *
 * A change picks the visible messages that it is about, packs its records into the unit that is being made,
 * and when that is committed shows the outcome to the common part. */
#ifndef STORE_JOURNAL_CHANGE_H
#define STORE_JOURNAL_CHANGE_H

#include "store/journal.h"

/* The visible messages that a change is about, as they are before it. */
struct picked {
	uint32_t at, uid, size; /* at: position in the list before the change */
	flags_t flags;
	size_t from; /* which entry of change->uids it was */
};
struct pick {
	struct picked *list;
	uint32_t *uids;
	size_t count;
};

/* Those of `uids` that are there. ERR_NOMEM; otherwise pick_free follows. */
MUST_CHECK enum err pick_all(struct pick *pick, const struct jbox *box, const uint32_t *uids, size_t count);
void pick_free(struct pick *pick);

void expunge_pack(struct journal *j, struct jbox *box, const struct pick *pick);
/* After the commit: counters, quota, events. */
void expunge_done(struct mailbox *public, const struct pick *pick, const void *origin);

/* --- journal_copy.c --------------------------------------------------------------------------------- */
/* CHANGE_COPY and CHANGE_MOVE of what was picked, as one unit. */
MUST_CHECK enum err change_copy(struct journal *j, struct mailbox *public, struct msg_change *c,
                                const struct pick *pick);
/* As CHANGE_MOVE of everything visible, as a part of the unit that is being made. The events and counters
 * of `from` follow in change_move_all_done. */
struct move_all;
MUST_CHECK enum err change_move_all(struct journal *j, struct mailbox *from, struct mailbox *into,
                                    struct move_all **move_out);
void change_move_all_done(struct journal *j, struct move_all **move);
void change_move_all_drop(struct move_all **move);

#endif
