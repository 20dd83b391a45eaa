#include <stdlib.h>

#include "store/journal_change.h"
#include "store/journal_group.h"
#include "store/journal_note.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

/* --- accounts --------------------------------------------------------------------------------------------- */

/* An account without mailboxes: one unit of its own. */
enum err journal_account_make(struct account *a, uint64_t *ticket_out)
{
	struct journal *j = store_journal(a->store);
	uint32_t id = j->boxes.next_account;
	enum err err = jaccount_make(j, id, slice_str(a->name));
	if (err)
		return err;
	unit_begin(j);
	pack_account(&j->unit, jaccount_find(j, id));
	err = unit_commit(j, ROOM_NORMAL);
	if (err) {
		jaccount_forget(j, id);
		return err;
	}
	*ticket_out = jlog_ticket(j);
	return ERR_NONE;
}

/* --- dropping ----------------------------------------------------------------------------------------------- */

/* The list is in memory, nobody looks at it, and nothing waits to be revealed. */
static bool box_is_accountable(const struct jbox *box)
{
	return box->index && !box->index_users && !box->unrevealed;
}

/* What the messages of a mailbox refer to goes with it: at once when the list is in memory, else
 * when there is time to look (tidy). */
static void box_pack_drop(struct journal *j, const struct jbox *box)
{
	pack_box_alone(&j->unit, RECORD_BOX_GONE, box->number);
	if (box_is_accountable(box))
		usage_add_list(j, box->index, -1);
}

enum err journal_account_remove(struct store *st, struct slice name, uint64_t *ticket_out)
{
	struct journal *j = store_journal(st);
	const struct jaccount *ja = jaccount_find_name(j, name);
	if (!ja)
		return ERR_NOT_FOUND;
	unit_begin(j);
	for (uint32_t i = 0; i < j->boxes.count; i++) {
		const struct jbox *box = j->boxes.at[i];
		if (box->account != ja->number || box->is_gone)
			continue;
		pack_box_alone(&j->unit, RECORD_BOX_GONE, box->number);
	}
	pack_open(&j->unit, RECORD_ACCOUNT_GONE);
	pack_u(&j->unit, ja->number);
	pack_close(&j->unit);
	enum err err = unit_commit(j, ROOM_VITAL);
	if (err)
		return err;
	*ticket_out = jlog_ticket(j);
	return ERR_NONE;
}

/* --- plans ---------------------------------------------------------------------------------------------------- */

static enum err plan_make_box(struct journal *j, struct mailbox *m)
{
	const struct jaccount *ja = m->account->backend;
	struct jbox *box;
	enum err err = box_make(j, j->boxes.next_box, slice_str(m->name), &box);
	if (err)
		return err;
	box->account = ja->number;
	box->exists = m->exists;
	box->is_subscribed = m->is_subscribed;
	box->special_use = m->special_use;
	box->uid_validity = m->uid_validity;
	box->mailbox_id = m->mailbox_id;
	box->public = m;
	m->backend = box;
	m->highest_modseq = box->tally.modseq;
	pack_box(&j->unit, box);
	return ERR_NONE;
}

/* The record tells the new state; the box has it when the record is applied. */
static enum err plan_change_box(struct journal *j, const struct box_step *step)
{
	struct jbox *box = step->box->backend, after = *box;
	after.is_subscribed = step->is_subscribed;
	if (step->kind == BOX_STEP_MARK)
		after.special_use = step->special_use;
	if (step->kind == BOX_STEP_NAME) {
		char *name = strdup(step->new_name);
		if (!name)
			return ERR_NOMEM;
		free(box->new_name);
		box->new_name = after.new_name = name;
	}
	pack_box(&j->unit, &after);
	return ERR_NONE;
}

static enum err plan_pack_step(struct journal *j, const struct box_step *step,
			       struct move_all **move)
{
	switch (step->kind) {
	case BOX_STEP_MAKE: return plan_make_box(j, step->box);
	case BOX_STEP_DROP: box_pack_drop(j, step->box->backend); return ERR_NONE;
	case BOX_STEP_NAME:
	case BOX_STEP_MARK: return plan_change_box(j, step);
	case BOX_STEP_NOTE: return note_set(j, step->box->backend, step->note);
	case BOX_STEP_MOVE_ALL: break;
	}
	return change_move_all(j, step->box, step->into, move);
}

static void plan_undo(struct journal *j, const struct box_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct box_step *step = &plan->steps[i];
		struct jbox *box = step->box->backend;
		if (!box)
			continue;
		free(box->new_name);
		box->new_name = NULL;
		note_undo(box);
		if (step->kind != BOX_STEP_MAKE)
			continue;
		box_forget(j, box);
		step->box->backend = NULL;
	}
}

static enum err plan_pack(struct journal *j, const struct box_plan *plan, struct move_all **move)
{
	enum err err = ERR_NONE;
	struct jaccount after = *(struct jaccount *)plan->account->backend;
	if (after.last_uid_validity != plan->account->last_uid_validity) {
		after.last_uid_validity = plan->account->last_uid_validity;
		pack_account(&j->unit, &after);
	}
	for (size_t i = 0; i < plan->count && !err; i++)
		err = plan_pack_step(j, &plan->steps[i], move);
	for (size_t i = 0; i < plan->count && !err; i++) {
		const struct jbox *box = plan->steps[i].box->backend;
		if (plan->steps[i].kind == BOX_STEP_DROP && box_is_accountable(box))
			pack_box_alone(&j->unit, RECORD_BOX_FREED, box->number);
	}
	return err;
}

/* Whoever has the mailbox open keeps its list until journal_box_close. */
static void plan_dropped(struct mailbox *m)
{
	account_discharge(m->account, m->size_bytes, m->messages);
	if (m->open_count == 0)
		m->backend = NULL;
}

/* Before the commit, for then the box may be no more; undone when the commit fails. */
static void plan_detach(const struct box_plan *plan, bool is_undo)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct mailbox *m = plan->steps[i].box;
		struct jbox *box = m->backend;
		if (plan->steps[i].kind != BOX_STEP_DROP)
			continue;
		if (m->open_count == 0)
			box->public = is_undo ? m : NULL;
	}
}

enum err journal_box_change(struct account *a, const struct box_plan *plan, uint64_t *ticket_out)
{
	struct journal *j = store_journal(a->store);
	struct move_all *move = NULL;
	unit_begin(j);
	enum err err = plan_pack(j, plan, &move);
	plan_detach(plan, false);
	if (!err)
		err = unit_commit(j, ROOM_VITAL);
	if (err) {
		plan_detach(plan, true);
		change_move_all_drop(&move);
		plan_undo(j, plan);
		return err;
	}
	change_move_all_done(j, &move);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == BOX_STEP_DROP)
			plan_dropped(plan->steps[i].box);
	*ticket_out = jlog_ticket(j);
	return ERR_NONE;
}

/* --- keywords --------------------------------------------------------------------------------------------------- */

/* They join the box's own names at once; a unit that fails leaves them there, not logged. */
void unit_keywords(struct journal *j, struct jbox *box)
{
	const struct keywords *now = box->public ? &box->public->keywords : &box->keywords;
	if (now->count <= box->keywords_logged)
		return;
	for (uint32_t i = box->keywords.count; i < now->count && !j->unit.err; i++) {
		flags_t flag;
		j->unit.err = keywords_add(&box->keywords, slice_str(now->names[i]), &flag);
	}
	pack_keywords(&j->unit, box, now, box->keywords_logged);
}
