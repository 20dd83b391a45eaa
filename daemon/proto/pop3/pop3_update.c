#include <stdlib.h>

#include "base/log.h"
#include "proto/pop3/pop3_drop.h"
#include "proto/pop3/pop3_note.h"

/* UPDATE (RFC 1939 6). Order of changes: what gives room first, so that a full store can do it; the
 * notes last, so that nothing is noted that was not done. A cut in between offers a message once
 * more, and loses none. */

struct update_uids { /* ascending */
	uint32_t *at;
	uint32_t count, cap;
};

/* What becomes of one mailbox. */
struct update {
	struct pop3_drop *d;
	struct pop3_box *b;
	uint32_t session; /* for the log */
	struct pop3_state state;
	struct pop3_device *device;
	struct pop3_runs downloaded, hidden; /* by this session */
	struct update_uids deleted, moved, read;
	bool has_news; /* for the note */
};

static enum err uids_add(struct update_uids *uids, uint32_t uid)
{
	if (uids->count == uids->cap) {
		uint32_t cap = uids->cap ? 2 * uids->cap : 16;
		uint32_t *at = realloc(uids->at, cap * sizeof(*at));
		if (!at)
			return ERR_NOMEM;
		uids->at = at;
		uids->cap = cap;
	}
	uids->at[uids->count++] = uid;
	return ERR_NONE;
}

static void update_free(struct update *u)
{
	pop3_state_free(&u->state);
	pop3_runs_free(&u->downloaded);
	pop3_runs_free(&u->hidden);
	free(u->deleted.at);
	free(u->moved.at);
	free(u->read.at);
}

/* --- where mail moves to ---------------------------------------------------------------------- */

static enum special_use update_use(const struct policy *policy)
{
	return policy->pop3_after == POP3_AFTER_ARCHIVE ? USE_ARCHIVE : USE_TRASH;
}

struct mailbox *pop3_drop_target(const struct pop3_drop *d)
{
	struct account *account = d->login->account;
	enum special_use use = update_use(&d->login->policy);
	struct mailbox *box = account_find_use(account, use);
	if (!box || !box->exists)
		box = account_find(account, slice_str(use == USE_ARCHIVE ? "Archive" : "Trash"));
	return box && box->exists ? box : NULL;
}

/* Made when it is missing. */
static enum err update_make_target(const struct pop3_drop *d, struct mailbox **box_out,
				   uint64_t *ticket_out)
{
	enum special_use use = update_use(&d->login->policy);
	struct box_change change = {
		.kind = BOX_CREATE,
		.name = slice_str(use == USE_ARCHIVE ? "Archive" : "Trash"),
		.special_use = use,
	};
	*box_out = pop3_drop_target(d);
	if (*box_out)
		return ERR_NONE;
	enum err err = account_change_box(d->login->account, &change, ticket_out);
	*box_out = err ? NULL : pop3_drop_target(d);
	return err || *box_out ? err : ERR_GONE;
}

/* Mail that is where it would move to stays, and what stays may be read at most. */
static enum pop3_after update_after(const struct update *u)
{
	enum pop3_after after = (enum pop3_after)u->d->login->policy.pop3_after;
	bool moves = after == POP3_AFTER_ARCHIVE || after == POP3_AFTER_TRASH;
	return moves && pop3_drop_target(u->d) == u->b->box ? POP3_AFTER_KEEP : after;
}

/* --- what is to be done ----------------------------------------------------------------------- */

static bool update_is_own(const struct update *u)
{
	return u->d->login->policy.pop3_devices == POP3_DEVICES_OWN;
}

/* What was downloaded, or is dealt with as if it had been. */
static enum err update_follow(struct update *u, uint32_t uid, bool is_own)
{
	switch (update_after(u)) {
	case POP3_AFTER_KEEP: return ERR_NONE;
	case POP3_AFTER_MARK_READ: return uids_add(&u->read, uid);
	case POP3_AFTER_ARCHIVE:
	case POP3_AFTER_TRASH: return is_own ? ERR_NONE : uids_add(&u->moved, uid);
	case POP3_AFTER_DELETE: return is_own ? ERR_NONE : uids_add(&u->deleted, uid);
	}
	return ERR_STATE;
}

static uint32_t update_waits(const struct update *u, bool is_deleting, bool is_following)
{
	if (!update_is_own(u))
		return 0;
	if (is_deleting)
		return POP3_WAITS_DELETE;
	return is_following && update_after(u) >= POP3_AFTER_ARCHIVE ? POP3_WAITS_FOLLOW : 0;
}

/* One message that was sent whole, or marked, or both. Notes are made of all of them: those of what
 * leaves the mailbox are pruned before they are written. */
static enum err update_message(struct update *u, uint32_t uid, bool is_sent, bool is_marked)
{
	enum pop3_dele dele = (enum pop3_dele)u->d->login->policy.pop3_dele;
	bool is_deleting = is_marked && dele == POP3_DELE_DELETE;
	bool is_following = !is_deleting && (is_sent || (is_marked && dele == POP3_DELE_FOLLOW));
	bool is_own = update_is_own(u);
	struct pop3_run run = {uid, uid, pop3_today(), update_waits(u, is_deleting, is_following)};
	enum err err = ERR_NONE;
	log_debug(u->session, "pop3: UID %u of %s: %s%s", (unsigned)uid, u->b->box->name,
		  is_sent ? "downloaded" : "", is_marked ? " DELE" : "");
	if (is_deleting && !is_own)
		err = uids_add(&u->deleted, uid);
	if (is_following)
		err = update_follow(u, uid, is_own);
	if (!err && (is_sent || is_following))
		err = pop3_runs_push(&u->downloaded, run);
	/* Whoever says DELE does not get it again, wherever it stays: else his client would download
	 * it for ever. */
	if (!err && is_marked)
		err = pop3_runs_push(&u->hidden, run);
	u->d->tally.downloaded += is_sent;
	u->d->tally.hidden += is_marked && dele != POP3_DELE_DELETE;
	return err;
}

static enum err update_marks(struct update *u, uint32_t box)
{
	struct pop3_drop *d = u->d;
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < d->spans.count && (d->deleted_bits || d->retrieved_bits); i++) {
		const struct pop3_span *span = &d->spans.at[i];
		if (span->box != box)
			continue;
		for (uint32_t j = 0; j < span->count && !err; j++) {
			struct msg_info info;
			uint32_t number = span->number + j;
			bool is_marked = pop3_drop_is_deleted(d, number);
			bool is_sent = pop3_drop_is_retrieved(d, number) && !d->login->is_recent;
			if (!is_marked && !is_sent)
				continue;
			if (view_info(&u->b->view, view_uid(&u->b->view, span->seq + j), &info))
				continue; /* another session expunged it */
			err = update_message(u, info.uid, is_sent, is_marked);
		}
	}
	return err;
}

/* Takes this session's part into the state. A device that has ended a session is waited for. */
static enum err update_state(struct update *u)
{
	const char *label = pop3_drop_device(u->d);
	bool has_marks = u->downloaded.count || u->hidden.count;
	if (!has_marks && (!update_is_own(u) || u->d->login->is_recent))
		return ERR_NONE;
	enum err err = pop3_state_add(&u->state, label, &u->device);
	if (!err)
		err = pop3_runs_unite(&u->device->downloaded, &u->downloaded);
	if (!err)
		err = pop3_runs_unite(&u->device->hidden, &u->hidden);
	if (err)
		return err;
	u->has_news = has_marks || (update_is_own(u) && !u->device->is_known);
	u->device->is_known = u->device->is_known || update_is_own(u);
	return ERR_NONE;
}

static enum err update_complete_run(struct update *u, const struct pop3_run *run)
{
	struct mailbox *box = u->b->box;
	struct msg_info info;
	uint32_t position = mailbox_position(box, run->first);
	enum err err = ERR_NONE;
	for (; !err && position < box->messages; position++) {
		if (mailbox_info(box, position, &info) || info.uid > run->last)
			break;
		if (run->waits & POP3_WAITS_DELETE)
			err = uids_add(&u->deleted, info.uid);
		else
			err = update_follow(u, info.uid, false);
	}
	return err;
}

/* Own devices: what all of them are done with, and at least one wanted out of the mailbox. */
static enum err update_complete(struct update *u)
{
	struct pop3_runs done = {.at = NULL};
	enum err err = ERR_NONE;
	if (!update_is_own(u) || (u->d->login->is_recent && !u->hidden.count))
		return err;
	err = pop3_state_done(&u->state, true, &done);
	uint32_t wanted = POP3_WAITS_DELETE;
	if (update_after(u) >= POP3_AFTER_ARCHIVE)
		wanted |= POP3_WAITS_FOLLOW;
	for (uint32_t i = 0; i < done.count && !err; i++)
		if (done.at[i].waits & wanted)
			err = update_complete_run(u, &done.at[i]);
	pop3_runs_free(&done);
	u->has_news = u->has_news || u->deleted.count || u->moved.count;
	return err;
}

static enum err update_prepare(struct update *u, struct pop3_drop *d, uint32_t box,
			       uint32_t session)
{
	uint32_t today = pop3_today();
	*u = (struct update){.d = d, .b = &d->boxes[box], .session = session};
	if (u->b->box->is_gone)
		return ERR_NONE;
	enum err err = pop3_note_read(u->b->box, &u->state);
	if (!err && today && pop3_state_set_day(&u->state, today))
		u->has_news = true;
	if (!err)
		err = update_marks(u, box);
	if (!err)
		err = update_state(u);
	return err ? err : update_complete(u);
}

/* --- doing it --------------------------------------------------------------------------------- */

static void update_ticket(struct update *u, uint64_t ticket)
{
	if (ticket > u->d->ticket)
		u->d->ticket = ticket;
	u->d->has_changed = true;
}

static enum err update_change(struct update *u, struct msg_change *change,
			      const struct update_uids *uids, uint32_t *tally)
{
	uint64_t ticket = 0;
	if (!uids->count)
		return ERR_NONE;
	change->uids = uids->at;
	change->count = uids->count;
	change->unchanged_since = UINT64_MAX;
	enum err err = mailbox_change(u->b->box, change, &ticket);
	if (err)
		return err;
	*tally += uids->count;
	update_ticket(u, ticket);
	return ERR_NONE;
}

static enum err update_delete(struct update *u)
{
	struct msg_change change = {.kind = CHANGE_EXPUNGE};
	return update_change(u, &change, &u->deleted, &u->d->tally.deleted);
}

static enum err update_read(struct update *u)
{
	struct msg_change change = {.kind = CHANGE_FLAGS, .op = FLAGS_ADD, .flags = FLAG_SEEN};
	return update_change(u, &change, &u->read, &u->d->tally.marked_read);
}

static enum err update_move(struct update *u)
{
	struct msg_change change = {.kind = CHANGE_MOVE};
	uint64_t ticket = 0;
	if (!u->moved.count)
		return ERR_NONE;
	enum err err = update_make_target(u->d, &change.target, &ticket);
	if (err)
		return err;
	if (ticket)
		update_ticket(u, ticket);
	return update_change(u, &change, &u->moved, &u->d->tally.moved);
}

static enum err update_note(struct update *u)
{
	uint64_t ticket = 0;
	if (!u->has_news || u->b->box->is_gone)
		return ERR_NONE;
	pop3_note_prune(u->b->box, &u->state);
	enum err err = pop3_note_write(u->b->box, &u->state, u->device, &ticket);
	if (!err && ticket)
		update_ticket(u, ticket);
	return err;
}

static enum err update_all(struct pop3_drop *d, struct update *updates)
{
	static enum err (*const steps[])(struct update *u) = {update_delete, update_read,
							      update_move, update_note};
	enum err err = ERR_NONE;
	for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++)
		for (uint32_t i = 0; i < d->box_count && !err; i++)
			err = steps[step](&updates[i]);
	return err;
}

enum err pop3_drop_commit(struct pop3_drop *d, struct session *s)
{
	struct update updates[POP3_BOXES_MAX] = {{.d = NULL}};
	enum err err = ERR_NONE;
	if (!d->is_updated) {
		for (uint32_t i = 0; i < d->box_count && !err; i++)
			err = update_prepare(&updates[i], d, i, s->id);
		if (!err)
			err = update_all(d, updates);
		for (uint32_t i = 0; i < d->box_count; i++)
			update_free(&updates[i]);
		d->is_updated = true;
	}
	return err ? err : store_wait(d->login->account->store, d->ticket, &s->waiter);
}
