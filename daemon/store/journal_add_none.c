#include <stdlib.h>

#include "base/log.h"
#include "store/journal_change.h"
#include "store/journal_group.h"
#include "store/journal_list.h"
#include "store/journal_note.h"
#include "store/journal_tidy.h"
#include "store/journal_unit.h"

/* In place of what adds accounts, mailboxes and messages. What others have written is kept as it is, and
 * what they began, such as a mailbox whose space has yet to be given back, is theirs to end. */

enum err journal_append_write(struct append *a, struct slice bytes, struct waiter *w)
{
	(void)a;
	(void)bytes;
	(void)w;
	return ERR_UNSUPPORTED;
}

enum err journal_append_commit(struct append *const *a, size_t n, uint64_t *ticket_out,
			       struct waiter *w)
{
	(void)a;
	(void)n;
	(void)ticket_out;
	(void)w;
	return ERR_UNSUPPORTED;
}

void journal_append_end(struct append *a)
{
	(void)a;
}

enum err change_copy(struct journal *j, struct mailbox *public, struct msg_change *c,
		     const struct pick *pick)
{
	(void)j;
	(void)public;
	(void)c;
	(void)pick;
	return ERR_UNSUPPORTED;
}

enum err journal_account_make(struct account *a, uint64_t *ticket_out)
{
	(void)a;
	(void)ticket_out;
	return ERR_UNSUPPORTED;
}

enum err journal_account_remove(struct store *st, struct slice name, uint64_t *ticket_out)
{
	(void)st;
	(void)name;
	(void)ticket_out;
	return ERR_UNSUPPORTED;
}

/* Nothing but a note comes here. */
enum err journal_box_change(struct account *a, const struct box_plan *plan, uint64_t *ticket_out)
{
	struct journal *j = store_journal(a->store);
	struct jbox *box = plan->steps->box->backend;
	unit_begin(j);
	enum err err = note_set(j, box, plan->steps->note);
	if (!err)
		err = unit_commit(j, ROOM_VITAL);
	if (err)
		note_undo(box);
	else
		*ticket_out = jlog_ticket(j);
	return err;
}

/* Nobody adds any. */
void unit_keywords(struct journal *j, struct jbox *box)
{
	(void)j;
	(void)box;
}

/* --- new messages -------------------------------------------------------------------------------------------- */

void box_reveal_durable(struct journal *j)
{
	(void)j;
}

void journal_note_recent(struct journal *j, struct account *a)
{
	(void)j;
	(void)a;
}

/* --- tidying -------------------------------------------------------------------------------------------------- */

/* Messages stay where they are. When segments get short and many are there for their chunks only, all
 * lists are written again, close together. */
struct tidy {
	uint32_t at;   /* of the mailboxes */
	uint64_t held; /* segments that the last pass could not do without */
	bool has_ended;
};

/* False when the lists take no more segments than they may after a pass, or no more than the last pass left
 * them, because a list cannot be read or there is no room: there would be no end. */
static bool lists_are_spread(const struct journal *j, struct tidy *t)
{
	uint64_t bytes = 0, held = 0;
	for (uint32_t i = 0; i < j->boxes.count; i++)
		bytes += j->boxes.at[i]->chunks.base_bytes + j->boxes.at[i]->chunks.delta_bytes;
	for (uint32_t slot = 1; slot < j->segments.count; slot++)
		held += j->segments.at[slot].pins && !j->segments.at[slot].refs;
	if (t->has_ended || held < t->held)
		t->held = held;
	t->has_ended = false;
	return held > t->held && held > 2 * (bytes / j->segment_bytes + 1);
}

static enum err list_rewrite(struct journal *j, struct jbox *box)
{
	enum err err = list_open(j, box, NULL);
	if (err)
		return err;
	err = list_write(j, box, true, ROOM_TIDY);
	list_close(j, box);
	return err;
}

void tidy_turn(struct journal *j, bool is_idle)
{
	(void)is_idle;
	if (!j->tidy)
		j->tidy = calloc(1, sizeof(*j->tidy));
	struct tidy *t = j->tidy;
	if (!t || !j->tidy_is_urgent || j->checkpoint.state != CHECKPOINT_NONE)
		return;
	if (t->at == 0 && !lists_are_spread(j, t)) {
		j->tidy_is_urgent = false;
		return;
	}
	struct jbox *box = j->boxes.at[t->at];
	enum err err = list_rewrite(j, box);
	if (err == ERR_AGAIN)
		return;
	if (err)
		log_warn(0, "journal: list of mailbox %s: %s", box->name, err_text(err));
	store_schedule(j->store, 0);
	if (++t->at < j->boxes.count)
		return;
	t->at = 0;
	t->has_ended = true;
	j->tidy_is_urgent = false;
	j->checkpoint.is_wanted = true;
}

void tidy_free(struct journal *j)
{
	free(j->tidy);
}

/* Others will want them again. */
void tidy_shrink(struct journal *j)
{
	(void)j;
}
