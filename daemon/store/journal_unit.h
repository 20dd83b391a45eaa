/* journal_unit - units: what is done as a whole, or not at all.
 *
 * Making one has three steps: begin, pack records into j->unit, commit. The first error of a step sticks,
 * and the commit tells it. Tallies are drafted while packing, so that each record tells the counters after
 * the whole unit; nothing changes before the commit. There is one at a time. */
#ifndef STORE_JOURNAL_UNIT_H
#define STORE_JOURNAL_UNIT_H

#include "store/journal.h"
#include "store/journal_box.h"

/* Messages that a unit adds, one by one: box and all of *m but UID and modseq. */
struct added {
	size_t count;
	void (*get)(const struct added *a, size_t i, struct jbox **box_out, struct message *m_out);
	void (*was_given)(const struct added *a, size_t i, uint32_t uid); /* after the commit */
	const void *from;  /* for both */
};

void unit_begin(struct journal *j);
/* The tally after the unit; modseq already raised. Good until the next unit begins. */
struct tally *unit_draft(struct journal *j, struct jbox *box);
/* Draft and records for new messages; their usage. */
void unit_add(struct journal *j, const struct added *a);
/* After the commit, before any other unit: UIDs are given, quota charged, and the messages shown when they
 * are durable. */
void unit_added(struct journal *j, const struct added *a);
/* The usage gathered in j->usage; then everything is prepared, logged and applied. Nothing happens when
 * it fails. */
MUST_CHECK enum err unit_commit(struct journal *j, enum room_class class);

/* --- journal_append.c ------------------------------------------------------------------------------ */
MUST_CHECK enum err journal_append_write(struct append *a, struct slice bytes, struct waiter *w);
MUST_CHECK enum err journal_append_commit(struct append *const *a, size_t n, uint64_t *ticket_out,
                                          struct waiter *w);
void journal_append_end(struct append *a);

/* --- journal_change.c -------------------------------------------------------------------------------- */
MUST_CHECK enum err journal_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out);

/* --- journal_names.c --------------------------------------------------------------------------------- */
MUST_CHECK enum err journal_account_load(struct account *a, bool create, uint64_t *ticket_out,
                                         struct waiter *w);
void journal_account_unload(struct account *a);
MUST_CHECK enum err journal_box_open(struct mailbox *box, struct waiter *w);
void journal_box_close(struct mailbox *box);

/* --- journal_plan.c ---------------------------------------------------------------------------------- */
/* Into the unit: names of keywords that were added since the last time. */
void unit_keywords(struct journal *j, struct jbox *box);
/* Without mailboxes, as a unit of its own. */
MUST_CHECK enum err journal_account_make(struct account *a, uint64_t *ticket_out);
MUST_CHECK enum err journal_account_remove(struct store *st, struct slice name,
                                           uint64_t *ticket_out);
MUST_CHECK enum err journal_box_change(struct account *a, const struct box_plan *plan,
                                       uint64_t *ticket_out);

/* --- journal_reveal.c -------------------------------------------------------------------------------- */
/* Room for n new messages behind those that wait to be durable. */
MUST_CHECK enum err box_reserve_reveals(struct journal *j, size_t n);
void box_reveal_durable(struct journal *j);
/* Writes how far messages of the account were announced, when that has moved. */
void journal_note_recent(struct journal *j, struct account *a);

#endif
