#include "store/box_plan.h"
#include "store/quota.h"

/* In place of what adds mailboxes and messages: of all changes of mailboxes only notes are left. */

enum err box_plan_first(struct account *a, uint64_t *ticket)
{
	(void)a;
	(void)ticket;
	return ERR_UNSUPPORTED;
}

enum err quota_check_copy(struct mailbox *box, const struct msg_change *change)
{
	(void)box;
	(void)change;
	return ERR_UNSUPPORTED;
}

enum err account_change_box(struct account *a, const struct box_change *change,
			    uint64_t *ticket_out)
{
	struct box_step step = {.kind = BOX_STEP_NOTE, .box = change->box, .note = change->note};
	struct box_plan plan = {.account = a, .steps = &step, .count = 1};
	uint64_t ticket = 0;
	if (store_is_read_only(a->store))
		return ERR_READ_ONLY;
	if (change->kind != BOX_SET_NOTE)
		return ERR_UNSUPPORTED;
	if (!step.box || step.box->account != a || !step.box->exists)
		return ERR_STATE;
	if (step.note.len > MAILBOX_NOTE_MAX_BYTES)
		return ERR_LIMIT;
	if (slice_eq(step.note, step.box->note))
		return ERR_NONE;
	enum err err = store_hooks(a->store)->box_change(a, &plan, &ticket);
	if (!err && ticket_out)
		*ticket_out = ticket;
	return err;
}
