#include "store/box_plan.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/secret.h"
#include "store/account.h"
#include "store/mailbox_name.h"

enum { SPECIAL_USE_ALL_BITS = 255 };

static void box_plan_free(struct box_plan *plan, bool applied)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct box_step *step = &plan->steps[i];
		if (step->kind == BOX_STEP_MAKE && !applied)
			mailbox_free(step->box);
		free(step->new_name);
	}
	free(plan->nothing.new_name);
	free(plan->steps);
	*plan = (struct box_plan){0};
}

/* The first error sticks: from then on nothing is added any more. */
static void plan_fail(struct box_plan *plan, enum err err)
{
	if (!plan->err)
		plan->err = err;
}

static struct box_step *plan_add(struct box_plan *plan, enum box_step_kind kind,
				 struct mailbox *box)
{
	struct box_step *step = &plan->nothing, *steps = NULL;
	if (!plan->err)
		steps = array_reserve(plan->steps, &plan->cap, plan->count + 1, sizeof(*steps));
	if (steps) {
		plan->steps = steps;
		step = &steps[plan->count++];
	} else {
		plan_fail(plan, ERR_NOMEM);
	}
	*step = (struct box_step){.kind = kind,
				  .box = box,
				  .is_subscribed = box->is_subscribed,
				  .special_use = box->special_use};
	return step;
}

/* A new entry of the table; NULL when the plan has failed. One that stands for a subscription only has
 * neither ids nor uses. */
static struct mailbox *plan_make(struct box_plan *plan, struct slice name, bool exists)
{
	struct mailbox *box = plan->err ? NULL : mailbox_new(plan->account, name, exists);
	if (!box) {
		plan_fail(plan, ERR_NOMEM);
		return NULL;
	}
	if (exists) {
		box->uid_validity = account_new_uid_validity(plan->account);
		box->mailbox_id = secret_random_u64();
	} else {
		box->is_subscribed = true;
	}
	if (plan_add(plan, BOX_STEP_MAKE, box) == &plan->nothing) {
		mailbox_free(box);
		return NULL;
	}
	return box;
}

static void plan_subscription(struct box_plan *plan, struct slice name)
{
	plan_make(plan, name, false);
}

/* A mailbox for a name that has none; NULL when the plan has failed. A subscription that waited for it
 * becomes its own. */
static struct mailbox *plan_make_name(struct box_plan *plan, struct slice name)
{
	struct mailbox *waiting = account_lookup(plan->account, name);
	if (waiting)
		plan_add(plan, BOX_STEP_DROP, waiting);
	struct mailbox *box = plan_make(plan, name, true);
	if (box)
		box->is_subscribed = waiting && waiting->is_subscribed;
	return box;
}

static bool account_has(const struct account *a, struct slice name)
{
	const struct mailbox *box = account_lookup(a, name);
	return box && box->exists;
}

/* RFC 9051 6.3.4: the server SHOULD create any superior hierarchical names that are needed. */
static void plan_superiors(struct box_plan *plan, struct slice name)
{
	for (size_t i = 1; i < name.len; i++)
		if (name.ptr[i] == MAILBOX_SEPARATOR &&
		    !account_has(plan->account, slice_upto(name, i)))
			plan_make_name(plan, slice_upto(name, i));
}

/* A use belongs to one mailbox: it leaves the one that has it now (RFC 6154 3). */
static void plan_take_use(struct box_plan *plan, uint32_t use, const struct mailbox *taker)
{
	struct account *a = plan->account;
	for (size_t i = 0; use && i < a->box_count; i++) {
		struct mailbox *box = a->boxes[i];
		if (box != taker && box->special_use & use)
			plan_add(plan, BOX_STEP_MARK, box)->special_use = box->special_use & ~use;
	}
}

static void plan_create(struct box_plan *plan, const struct box_change *change, struct slice name)
{
	if (account_has(plan->account, name)) {
		plan_fail(plan, ERR_EXISTS);
		return;
	}
	plan_superiors(plan, name);
	plan_take_use(plan, change->special_use, NULL);
	struct mailbox *box = plan_make_name(plan, name);
	if (box)
		box->special_use = change->special_use;
}

static void plan_delete(struct box_plan *plan, struct mailbox *box)
{
	if (slice_eq_str(MAILBOX_INBOX, box->name))
		plan_fail(plan, ERR_DENIED);
	plan_add(plan, BOX_STEP_DROP, box);
	if (box->is_subscribed)
		plan_subscription(plan, slice_str(box->name));
}

static void plan_subscribe(struct box_plan *plan, struct slice name, bool subscribed)
{
	struct mailbox *box = account_lookup(plan->account, name);
	if (!box && subscribed)
		plan_subscription(plan, name);
	else if (box && box->is_subscribed != subscribed)
		plan_add(plan, box->exists ? BOX_STEP_MARK : BOX_STEP_DROP, box)->is_subscribed =
			subscribed;
}

static void plan_set_use(struct box_plan *plan, struct mailbox *box, uint32_t use)
{
	if (box->special_use == use)
		return;
	plan_take_use(plan, use, box);
	plan_add(plan, BOX_STEP_MARK, box)->special_use = use;
}

static void plan_set_note(struct box_plan *plan, struct mailbox *box, struct slice note)
{
	if (note.len > MAILBOX_NOTE_MAX_BYTES)
		plan_fail(plan, ERR_LIMIT);
	else if (!slice_eq(note, box->note))
		plan_add(plan, BOX_STEP_NOTE, box)->note = note;
}

/* --- rename ----------------------------------------------------------------------------------- */

struct renaming {
	struct box_plan *plan;
	struct slice from, to;
};

static bool rename_moves(const struct renaming *r, const struct mailbox *box)
{
	struct slice name = slice_str(box->name);
	return box->exists && (slice_eq(name, r->from) || mailbox_name_is_inferior(name, r->from));
}

/* "prefix" followed by what follows `cut` in the name. ERR_LIMIT when it grows too long. */
static enum err rename_prefix(struct mailbox_name *result, struct slice name, struct slice cut,
			      struct slice prefix)
{
	struct slice tail = slice_from(name, cut.len);
	if (prefix.len + tail.len > sizeof(result->bytes))
		return ERR_LIMIT;
	memcpy(result->bytes, prefix.ptr, prefix.len);
	if (tail.len)
		memcpy(result->bytes + prefix.len, tail.ptr, tail.len);
	result->len = prefix.len + tail.len;
	return mailbox_name_check(mailbox_name_view(result));
}

/* True when some mailbox has this name after the renaming. */
static bool rename_fills(const struct renaming *r, struct slice name)
{
	struct mailbox_name source;
	if (!slice_eq(name, r->to) && !mailbox_name_is_inferior(name, r->to))
		return false;
	if (rename_prefix(&source, name, r->to, r->from))
		return false;
	return account_has(r->plan->account, mailbox_name_view(&source));
}

static enum err rename_one(const struct renaming *r, struct mailbox *box)
{
	struct slice name = slice_str(box->name);
	struct mailbox_name target;
	enum err err = rename_prefix(&target, name, r->from, r->to);
	if (err)
		return err;
	struct mailbox *there = account_lookup(r->plan->account, mailbox_name_view(&target));
	if (there && there->exists && !rename_moves(r, there))
		return ERR_EXISTS;
	if (there && !there->exists)
		plan_add(r->plan, BOX_STEP_DROP, there);
	char *new_name = strndup((const char *)target.bytes, target.len);
	if (!new_name)
		return ERR_NOMEM;
	struct box_step *step = plan_add(r->plan, BOX_STEP_NAME, box);
	step->is_subscribed = there && there->is_subscribed;
	step->new_name = new_name;
	/* Subscriptions are to names: they stay where they were (RFC 9051 6.3.6). */
	if (box->is_subscribed && !rename_fills(r, name))
		plan_subscription(r->plan, name);
	return ERR_NONE;
}

static void rename_all(const struct renaming *r)
{
	struct account *a = r->plan->account;
	bool found = false;
	for (size_t i = 0; i < a->box_count && !r->plan->err; i++) {
		if (!rename_moves(r, a->boxes[i]))
			continue;
		found = true;
		plan_fail(r->plan, rename_one(r, a->boxes[i]));
	}
	if (!found)
		plan_fail(r->plan, ERR_NOT_FOUND);
}

static void rename_inbox(struct box_plan *plan, struct mailbox *inbox, struct slice to)
{
	if (inbox->open_count == 0)
		plan_fail(plan, ERR_STATE);
	struct mailbox *target = plan_make_name(plan, to);
	plan_add(plan, BOX_STEP_MOVE_ALL, inbox)->into = target;
}

static void plan_rename(struct box_plan *plan, struct mailbox *box, struct slice from,
			struct slice to)
{
	struct renaming r = {plan, from, to};
	bool is_inbox = slice_eq(from, MAILBOX_INBOX);
	if (account_has(plan->account, to))
		plan_fail(plan, ERR_EXISTS);
	if (!is_inbox && (slice_eq(to, from) || mailbox_name_is_inferior(to, from)))
		plan_fail(plan, ERR_DENIED);
	plan_superiors(plan, to);
	if (is_inbox && box)
		rename_inbox(plan, box, to);
	else
		rename_all(&r);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool change_has_no_name(const struct box_change *change)
{
	return change->kind == BOX_DELETE || change->kind == BOX_SET_USE ||
	       change->kind == BOX_SET_NOTE;
}

/* What the kind of change needs of its box: it is there, and it is this account's. */
static enum err change_check_box(const struct account *a, const struct box_change *change)
{
	const struct mailbox *box = change->box;
	bool by_box = change_has_no_name(change) || (change->kind == BOX_RENAME && box);
	if (change->special_use & ~(uint32_t)SPECIAL_USE_ALL_BITS)
		return ERR_STATE;
	if (!by_box)
		return ERR_NONE;
	if (!box || box->account != a)
		return ERR_STATE;
	if (box->is_gone)
		return ERR_GONE;
	return box->exists || change->kind == BOX_RENAME ? ERR_NONE : ERR_NOT_FOUND;
}

static enum err change_fold_name(const struct box_change *change, struct slice name,
				 struct mailbox_name *folded)
{
	*folded = (struct mailbox_name){.len = 0};
	if (change_has_no_name(change))
		return ERR_NONE;
	enum err err = mailbox_name_fold(folded, name);
	/* Any name may be unsubscribed: it may come from before a rule became stricter. */
	return err || change->kind == BOX_UNSUBSCRIBE ? err : mailbox_name_check(name);
}

static void plan_rename_by(struct box_plan *plan, const struct box_change *change, struct slice to)
{
	struct mailbox_name from;
	struct mailbox *box = change->box;
	enum err err = mailbox_name_fold(&from, box ? slice_str(box->name) : change->old_name);
	if (err) {
		plan_fail(plan, err);
		return;
	}
	struct slice old = mailbox_name_view(&from);
	plan_rename(plan, box ? box : account_lookup(plan->account, old), old, to);
}

static void plan_change(struct box_plan *plan, const struct box_change *change, struct slice name)
{
	switch (change->kind) {
	case BOX_CREATE: plan_create(plan, change, name); break;
	case BOX_DELETE: plan_delete(plan, change->box); break;
	case BOX_SUBSCRIBE:
	case BOX_UNSUBSCRIBE: plan_subscribe(plan, name, change->kind == BOX_SUBSCRIBE); break;
	case BOX_SET_USE: plan_set_use(plan, change->box, change->special_use); break;
	case BOX_SET_NOTE: plan_set_note(plan, change->box, change->note); break;
	case BOX_RENAME: plan_rename_by(plan, change, name); break;
	}
}

/* Room in the table for what is made, so that applying the plan cannot fail. */
static enum err plan_finish(struct box_plan *plan)
{
	size_t makes = 0, drops = 0;
	for (size_t i = 0; i < plan->count; i++) {
		makes += plan->steps[i].kind == BOX_STEP_MAKE;
		drops += plan->steps[i].kind == BOX_STEP_DROP;
	}
	if (makes > drops && plan->account->box_count + makes - drops > MAILBOXES_PER_ACCOUNT_MAX)
		plan_fail(plan, ERR_LIMIT);
	plan_fail(plan, account_reserve(plan->account, makes));
	enum err err = plan->err;
	if (err)
		box_plan_free(plan, false);
	return err;
}

static enum err plan_of_change(struct box_plan *plan, struct account *a,
			       const struct box_change *change)
{
	struct mailbox_name name;
	*plan = (struct box_plan){.account = a, .err = change_check_box(a, change)};
	if (!plan->err)
		plan->err = change_fold_name(change, change->name, &name);
	if (!plan->err)
		plan_change(plan, change, mailbox_name_view(&name));
	return plan_finish(plan);
}

static void plan_apply_step(struct account *a, struct box_step *step)
{
	struct mailbox *box = step->box;
	switch (step->kind) {
	case BOX_STEP_MAKE: account_put_in(a, box); break;
	case BOX_STEP_DROP: account_take_out(a, box); break;
	case BOX_STEP_NAME:
		free(box->name);
		box->name = step->new_name;
		step->new_name = NULL;
		box->is_subscribed = step->is_subscribed;
		break;
	case BOX_STEP_MARK:
		box->is_subscribed = step->is_subscribed;
		box->special_use = step->special_use;
		break;
	case BOX_STEP_NOTE: /* the backend has shown it */
	case BOX_STEP_MOVE_ALL: break;
	}
}

/* New names first disturb the order of the table; what is put in after the sort keeps it. Listeners
 * are told when the table is whole again. */
static void plan_apply(struct box_plan *plan)
{
	struct box_event gone = {.kind = BOX_EVENT_GONE};
	bool renamed = false;
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].kind == BOX_STEP_MAKE)
			continue;
		plan_apply_step(plan->account, &plan->steps[i]);
		renamed |= plan->steps[i].kind == BOX_STEP_NAME;
	}
	if (renamed)
		account_sort(plan->account);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == BOX_STEP_MAKE)
			plan_apply_step(plan->account, &plan->steps[i]);
	for (size_t i = 0; i < plan->count; i++) {
		struct mailbox *box = plan->steps[i].box;
		if (plan->steps[i].kind != BOX_STEP_DROP)
			continue;
		box->is_gone = true;
		box->note = SLICE_EMPTY;
		mailbox_announce(box, &gone);
		mailbox_free_if_unused(box);
	}
}

static enum err plan_carry_out(struct box_plan *plan, uint64_t *ticket)
{
	struct store *st = plan->account->store;
	uint64_t given = 0;
	enum err err = ERR_NONE;
	if (plan->count) {
		err = store_hooks(st)->box_change(plan->account, plan, &given);
		if (!err)
			plan_apply(plan);
	}
	if (!err && given)
		*ticket = given;
	box_plan_free(plan, !err);
	return err;
}

enum err box_plan_first(struct account *a, uint64_t *ticket)
{
	static const struct {
		const char *name;
		uint32_t use;
	} first[] = {
		{"INBOX", 0},       {"Drafts", USE_DRAFTS}, {"Sent", USE_SENT},
		{"Junk", USE_JUNK}, {"Trash", USE_TRASH},   {"Archive", USE_ARCHIVE},
	};
	struct box_plan plan = {.account = a};
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct slice name = slice_str(first[i].name);
		struct mailbox *box = account_has(a, name) ? NULL : plan_make_name(&plan, name);
		if (!box)
			continue;
		box->is_subscribed = true;
		box->special_use = first[i].use;
	}
	enum err err = plan_finish(&plan);
	return err ? err : plan_carry_out(&plan, ticket);
}

enum err account_change_box(struct account *a, const struct box_change *change,
			    uint64_t *ticket_out)
{
	struct box_plan plan;
	uint64_t ticket = 0;
	if (store_is_read_only(a->store))
		return ERR_READ_ONLY;
	enum err err = plan_of_change(&plan, a, change);
	if (!err)
		err = plan_carry_out(&plan, &ticket);
	if (!err && ticket_out)
		*ticket_out = ticket;
	return err;
}
