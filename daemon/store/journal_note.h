/* journal_note - the notes of mailboxes: as records, and in memory with their jbox.
 *
 * A note is written in pieces that fit into any segment, all in one unit. box->note is what was
 * logged, and what the public struct shows. */
#ifndef STORE_JOURNAL_NOTE_H
#define STORE_JOURNAL_NOTE_H

#include "store/journal.h"

/* Records for a note of this box; one without bytes says that there is none. */
void pack_note(struct journal *j, const struct jbox *box, struct slice note);
/* A part of the unit that is being made: the box shall have this note. Memory for it is set aside, so that
 * applying it cannot fail; note_undo gives it back when the unit fails. ERR_FULL: it would grow, and
 * with it the next checkpoint, on a store that is nearly full. */
MUST_CHECK enum err note_set(struct journal *j, struct jbox *box, struct slice note);
void note_undo(struct jbox *box);
/* What one record says, behind the number of its box. ERR_SYNTAX: it does not continue the piece
 * before it, or is too long. */
MUST_CHECK enum err note_apply(struct jbox *box, struct unpack *u);
void note_free(struct jbox *box);

#endif
