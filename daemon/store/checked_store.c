#include "store/checked_mirror.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/codec.h"

/* A wrapper is one row: a vtable that knows whom it wraps. The hooks find it by store->ops. */
struct checked_ops {
	struct store_ops ops;
	const struct store_ops *inner;
	char name[48];
};
enum { CHECKED_WRAPPERS_MAX = 8 };

static const struct store_ops *inner_of(const struct store *st)
{
	const struct checked_ops *wrapper = (const struct checked_ops *)(const void *)st->ops;
	return wrapper->inner;
}

void checked_fail(const char *file, int line, const char *promise)
{
	fprintf(stderr, "%s:%d: the store broke a promise: %s\n", file, line, promise);
	abort();
}

/* --- around every hook ------------------------------------------------------------------------ */

/* What must not move when a call fails or has to wait. */
struct checked_before {
	uint64_t events, given;
};

static struct checked_before checked_enter(struct store *st)
{
	struct checker *checker = st->checker;
	return (struct checked_before){checker->events, st->tickets_given};
}

static void checked_tickets(struct store *st)
{
	struct checker *checker = st->checker;
	PROMISE(st->tickets_given >= checker->last_given);
	PROMISE(st->tickets_durable >= checker->last_durable);
	PROMISE(st->tickets_durable <= st->tickets_given);
	PROMISE(!st->failure || st->status.is_read_only);
	PROMISE(!checker->had_failed || st->tickets_durable == checker->last_durable);
	checker->last_given = st->tickets_given;
	checker->last_durable = st->tickets_durable;
	checker->had_failed = st->failure != ERR_NONE;
}

static void checked_leave(struct store *st, struct checked_before before, enum err err,
			  uint64_t ticket, const struct waiter *w)
{
	struct checker *checker = st->checker;
	checked_tickets(st);
	PROMISE(ticket <= st->tickets_given);
	if (err)
		PROMISE(checker->events == before.events && ticket == 0);
	if (err == ERR_AGAIN && w)
		PROMISE(waiter_is_waiting(w));
	checker_recount_some(checker);
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum err checked_open(struct store *st, const struct store_config *config)
{
	struct checker *checker = calloc(1, sizeof(*checker));
	if (!checker)
		return ERR_NOMEM;
	list_init(&checker->mirrors);
	checker->inner = inner_of(st);
	st->checker = checker;
	enum err err = checker->inner->open(st, config);
	PROMISE(err != ERR_AGAIN);
	if (err)
		free(checker);
	else
		checked_tickets(st);
	return err;
}

static void checked_close(struct store *st)
{
	struct checker *checker = st->checker;
	PROMISE(list_is_empty(&checker->mirrors)); /* the caller's: mailboxes are closed before */
	inner_of(st)->close(st);
	PROMISE(st->failure || st->tickets_durable == st->tickets_given);
	free(checker);
}

static void checked_turn(struct store *st, bool is_idle)
{
	inner_of(st)->turn(st, is_idle);
	checked_tickets(st);
	checker_recount_some(st->checker);
}

/* --- accounts and mailboxes ------------------------------------------------------------------- */

static void checked_loaded_account(const struct account *a)
{
	uint64_t bytes = 0, messages = 0;
	for (size_t i = 0; i < a->box_count; i++) {
		const struct mailbox *box = a->boxes[i];
		PROMISE(i == 0 ||
			slice_cmp(slice_str(a->boxes[i - 1]->name), slice_str(box->name)) < 0);
		PROMISE(box->account == a && box->open_count == 0);
		PROMISE(box->exists || box->is_subscribed);
		PROMISE(!box->exists || (box->uid_validity && box->mailbox_id));
		PROMISE(box->uid_validity <= a->last_uid_validity);
		PROMISE(box->uid_next > 0 && box->recent_from <= box->uid_next);
		PROMISE(box->unseen <= box->messages && box->deleted <= box->messages);
		PROMISE(box->messages < box->uid_next);
		PROMISE(box->note.len <= MAILBOX_NOTE_MAX_BYTES);
		PROMISE(box->exists || box->note.len == 0);
		bytes += box->size_bytes;
		messages += box->messages;
	}
	PROMISE(a->used_bytes == bytes && a->used_messages == messages);
}

static enum err checked_account_load(struct account *a, bool create, uint64_t *ticket_out,
				     struct waiter *w)
{
	struct store *st = a->store;
	struct checked_before before = checked_enter(st);
	enum err err = inner_of(st)->account_load(a, create, ticket_out, w);
	checked_leave(st, before, err, *ticket_out, w);
	PROMISE(err != ERR_NOT_FOUND || !create);
	if (!err)
		checked_loaded_account(a);
	return err;
}

static void checked_account_unload(struct account *a)
{
	for (size_t i = 0; i < a->box_count; i++)
		PROMISE(a->boxes[i]->open_count == 0);
	inner_of(a->store)->account_unload(a);
	checked_tickets(a->store);
}

static enum err checked_account_remove(struct store *st, struct slice name, uint64_t *ticket_out)
{
	struct checked_before before = checked_enter(st);
	enum err err = inner_of(st)->account_remove(st, name, ticket_out);
	checked_leave(st, before, err, *ticket_out, NULL);
	PROMISE(err != ERR_AGAIN && (err || *ticket_out));
	return err;
}

/* What is given may be a part of the note before, which is no more after the call: sums do. */
static uint32_t checked_note_sum(const struct box_plan *plan)
{
	bool is_note = plan->count && plan->steps[0].kind == BOX_STEP_NOTE;
	struct slice note = is_note ? plan->steps[0].note : SLICE_EMPTY;
	return crc32c(0, note.ptr, note.len);
}

static void checked_note(const struct box_step *step, uint32_t sum)
{
	struct slice shown = step->box->note;
	PROMISE(shown.len == step->note.len && crc32c(0, shown.ptr, shown.len) == sum);
	PROMISE(shown.len == 0 || shown.ptr != step->note.ptr);
}

static enum err checked_box_change(struct account *a, const struct box_plan *plan,
				   uint64_t *ticket_out)
{
	struct store *st = a->store;
	struct checked_before before = checked_enter(st);
	size_t boxes = a->box_count;
	uint32_t note_sum = checked_note_sum(plan);
	enum err err = inner_of(st)->box_change(a, plan, ticket_out);
	for (size_t i = 0; !err && i < plan->count; i++)
		if (plan->steps[i].kind == BOX_STEP_DROP)
			mirror_give_up(st->checker, plan->steps[i].box);
	checked_leave(st, before, err, *ticket_out, NULL);
	PROMISE(err != ERR_AGAIN && (err || *ticket_out));
	PROMISE(a->box_count == boxes); /* the table is store.c's */
	for (size_t i = 0; i < plan->count; i++) {
		const struct box_step *step = &plan->steps[i];
		if (step->kind == BOX_STEP_MAKE && err)
			PROMISE(step->box->backend == NULL);
		if (step->kind == BOX_STEP_DROP && !err)
			PROMISE(step->box->open_count || step->box->backend == NULL);
		if (step->kind == BOX_STEP_NOTE && !err)
			checked_note(step, note_sum);
		if (step->kind == BOX_STEP_MOVE_ALL && !err)
			PROMISE(step->box->messages == 0);
	}
	return err;
}

static enum err checked_box_open(struct mailbox *box, struct waiter *w)
{
	struct store *st = box->account->store;
	struct checked_before before = checked_enter(st);
	PROMISE(box->open_count == 0);
	enum err err = inner_of(st)->box_open(box, w);
	checked_leave(st, before, err, 0, w);
	if (err || !(err = mirror_open(st->checker, box)))
		return err;
	inner_of(st)->box_close(box);
	return err;
}

static void checked_box_close(struct mailbox *box)
{
	struct store *st = box->account->store;
	mirror_close(st->checker, box);
	inner_of(st)->box_close(box);
	checked_tickets(st);
}

static enum err checked_info(struct mailbox *box, uint32_t position, struct msg_info *info_out)
{
	PROMISE(box->open_count && position < box->messages);
	enum err err = inner_of(box->account->store)->info(box, position, info_out);
	PROMISE(err == ERR_NONE || err == ERR_CORRUPT);
	if (!err)
		checker_promise_info(box, info_out);
	return err;
}

static uint32_t checked_position(struct mailbox *box, uint32_t uid)
{
	struct msg_info info;
	uint32_t at = inner_of(box->account->store)->position(box, uid);
	PROMISE(box->open_count && at <= box->messages);
	if (at < box->messages && !checked_info(box, at, &info))
		PROMISE(info.uid >= uid);
	if (at > 0 && !checked_info(box, at - 1, &info))
		PROMISE(info.uid < uid);
	return at;
}

/* --- messages --------------------------------------------------------------------------------- */

static enum err checked_append_write(struct append *a, struct slice bytes, struct waiter *w)
{
	struct checked_before before = checked_enter(a->store);
	uint64_t size = a->size;
	enum err err = inner_of(a->store)->append_write(a, bytes, w);
	checked_leave(a->store, before, err, 0, w);
	PROMISE(a->size == size); /* store.c counts */
	return err;
}

/* Visible exactly when durable; ascending where one mailbox comes several times. */
static void checked_new_uid(const struct store *st, const struct mailbox *box, uint32_t uid,
			    uint64_t ticket)
{
	PROMISE(uid > 0);
	if (ticket <= st->tickets_durable)
		PROMISE(uid < box->uid_next);
	else
		PROMISE(uid >= box->uid_next);
}

static enum err checked_append_commit(struct append *const *a, size_t n, uint64_t *ticket_out,
				      struct waiter *w)
{
	struct store *st = a[0]->store;
	struct checked_before before = checked_enter(st);
	enum err err = inner_of(st)->append_commit(a, n, ticket_out, w);
	checked_leave(st, before, err, *ticket_out, w);
	if (err)
		return err;
	PROMISE(*ticket_out);
	const struct mailbox *last_box = NULL;
	uint32_t last_uid = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < a[i]->target_count; k++) {
			const struct append_target *t = &a[i]->targets[k];
			checked_new_uid(st, t->box, t->uid_out, *ticket_out);
			PROMISE(t->box != last_box || t->uid_out > last_uid);
			last_box = t->box;
			last_uid = t->uid_out;
		}
	}
	return ERR_NONE;
}

static void checked_append_end(struct append *a)
{
	inner_of(a->store)->append_end(a);
	checked_tickets(a->store);
}

static void checked_change_result(struct mailbox *box, const struct msg_change *c, uint64_t ticket)
{
	struct store *st = box->account->store;
	bool carries = c->kind == CHANGE_COPY || c->kind == CHANGE_MOVE;
	uint32_t last = 0;
	bool done_any = false;
	for (size_t i = 0; c->uids_out && i < c->count; i++) {
		uint32_t uid = c->uids_out[i];
		if (uid == 0)
			continue;
		done_any = true;
		PROMISE(uid > last);
		PROMISE(carries || uid == c->uids[i]);
		if (carries)
			checked_new_uid(st, c->target, uid, ticket);
		last = uid;
	}
	if (done_any && c->kind != CHANGE_FLAGS)
		PROMISE(ticket);
	PROMISE(c->modseq_out <= box->highest_modseq);
}

static enum err checked_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	struct store *st = box->account->store;
	struct checker *checker = st->checker;
	struct checked_before before = checked_enter(st);
	uint64_t modseq = box->highest_modseq;
	checker->changing = c;
	checker->told = 0;
	enum err err = inner_of(st)->change(box, c, ticket_out);
	checker->changing = NULL;
	checked_leave(st, before, err, *ticket_out, NULL);
	PROMISE(err != ERR_AGAIN);
	if (err) {
		PROMISE(box->highest_modseq == modseq);
		return err;
	}
	checked_change_result(box, c, *ticket_out);
	/* Exactly one event when something changed here, and its modseq is the change's. */
	if (c->kind != CHANGE_COPY)
		PROMISE(checker->told == (c->modseq_out ? 1 : 0));
	PROMISE(c->modseq_out == 0 || c->modseq_out > modseq);
	PROMISE(c->kind != CHANGE_COPY || checker->told == 0);
	return ERR_NONE;
}

static enum err checked_read(struct mailbox *box, const struct msg_info *info, enum msg_part part,
			     uint64_t offset, uint8_t *dst, size_t n, size_t *got_out,
			     struct waiter *w)
{
	struct store *st = box->account->store;
	struct checked_before before = checked_enter(st);
	enum err err = inner_of(st)->read(box, info, part, offset, dst, n, got_out, w);
	checked_leave(st, before, err, 0, w);
	PROMISE(*got_out <= n);
	if (!err && part == MSG_BODY && *got_out < n)
		PROMISE(offset + *got_out == info->size);
	return err;
}

static void checked_count(struct store *st)
{
	inner_of(st)->count(st);
}

const struct store_ops *store_checked(const struct store_ops *inner)
{
	static struct checked_ops wrappers[CHECKED_WRAPPERS_MAX];
	static const struct store_ops hooks = {
		.open = checked_open,
		.close = checked_close,
		.turn = checked_turn,
		.count = checked_count,
		.account_load = checked_account_load,
		.account_unload = checked_account_unload,
		.account_remove = checked_account_remove,
		.box_change = checked_box_change,
		.box_open = checked_box_open,
		.box_close = checked_box_close,
		.position = checked_position,
		.info = checked_info,
		.append_write = checked_append_write,
		.append_commit = checked_append_commit,
		.append_end = checked_append_end,
		.change = checked_change,
		.read = checked_read,
	};
	struct checked_ops *w = wrappers;
	while (w->inner && w->inner != inner) {
		w++;
		PROMISE(w < wrappers + CHECKED_WRAPPERS_MAX);
	}
	if (!w->inner) {
		w->inner = inner;
		snprintf(w->name, sizeof(w->name), "checked(%s)", inner->name);
		w->ops = hooks;
		w->ops.name = w->name;
	}
	return &w->ops;
}
