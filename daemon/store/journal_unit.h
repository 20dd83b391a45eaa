/* journal_unit - units that add, change and take away messages.
 *
 * Making a unit has four steps: begin, pack records, commit, end. Tallies are drafted while packing,
 * so that each record tells the counters after the whole unit; nothing changes before the commit. */
#ifndef STORE_JOURNAL_UNIT_H
#define STORE_JOURNAL_UNIT_H

#include "store/journal.h"
#include "store/journal_box.h"

/* Messages that a unit adds, one by one: box and all of *m but UID and modseq. */
struct added {
	size_t count;
	void (*get)(const struct added *a, size_t i, struct jbox **box_out, struct message *m_out);
	void (*was_given)(const struct added *a, size_t i, uint32_t uid); /* after the commit */
	const void *from;  /* for get */
	void *to;          /* for was_given */
};

void unit_begin(struct journal *j, struct pack *p);
struct tally *unit_draft(struct jbox *box); /* the tally after the unit; modseq already raised */
/* Names of keywords that were added since the last time. */
MUST_CHECK enum err unit_keywords(struct journal *j, struct pack *p, struct jbox *box);
/* Draft and records for new messages; their usage. */
MUST_CHECK enum err unit_add(struct journal *j, struct pack *p, const struct added *a);
/* After the commit: UIDs are given, quota charged, and the messages shown when they are durable. */
void unit_added(struct journal *j, const struct added *a, uint64_t number);
/* The usage gathered in j->usage; then everything is logged and applied. */
MUST_CHECK enum err unit_commit(struct journal *j, struct pack *p, enum room_class class,
                                uint64_t *number_out);
void unit_end(struct journal *j); /* in any case */

/* --- journal_append.c ------------------------------------------------------------------------------ */
MUST_CHECK enum err journal_append_write(struct append *a, struct slice bytes, struct waiter *w);
MUST_CHECK enum err journal_append_commit(struct append *const *a, size_t n, uint64_t *ticket_out,
                                          struct waiter *w);
void journal_append_end(struct append *a);

/* --- journal_change.c -------------------------------------------------------------------------------- */
MUST_CHECK enum err journal_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out);
/* As CHANGE_MOVE of everything visible, as a part of the unit that p makes. The events and counters
 * of `from` follow in change_move_all_done. */
struct move_all;
MUST_CHECK enum err change_move_all(struct journal *j, struct pack *p, struct mailbox *from,
                                    struct mailbox *into, struct move_all **move_out);
void change_move_all_done(struct journal *j, struct move_all **move, uint64_t number);
void change_move_all_drop(struct move_all **move);

/* --- journal_names.c --------------------------------------------------------------------------------- */
MUST_CHECK enum err journal_account_load(struct account *a, bool create, uint64_t *ticket_out,
                                         struct waiter *w);
void journal_account_unload(struct account *a);
MUST_CHECK enum err journal_account_remove(struct store *st, struct slice name,
                                           uint64_t *ticket_out);
MUST_CHECK enum err journal_box_change(struct account *a, const struct box_plan *plan,
                                       uint64_t *ticket_out);
MUST_CHECK enum err journal_box_open(struct mailbox *box, struct waiter *w);
void journal_box_close(struct mailbox *box);
/* Writes how far messages were announced, when that has moved. */
void journal_note_recent(struct journal *j);

#endif
