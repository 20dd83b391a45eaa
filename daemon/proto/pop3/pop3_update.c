#include <stdlib.h>

#include "base/array.h"
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
	bool is_own;      /* each device has a state of its own */
	bool has_news;    /* for the note */
	enum pop3_after after;
	struct pop3_state state;
	struct pop3_device *device;
	struct pop3_runs downloaded, hidden;  /* by this session */
	struct update_uids deleted, followed; /* followed: read or moved, as `after` says */
};

static enum err uids_add(struct update_uids *uids, uint32_t uid)
{
	uint32_t *at = array_reserve(uids->at, &uids->cap, uids->count + 1, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	uids->at = at;
	uids->at[uids->count++] = uid;
	return ERR_NONE;
}

static void update_free(struct update *u)
{
	pop3_state_free(&u->state);
	pop3_runs_free(&u->downloaded);
	pop3_runs_free(&u->hidden);
	free(u->deleted.at);
	free(u->followed.at);
}

/* --- what is to be done ----------------------------------------------------------------------- */

/* What was downloaded, or is dealt with as if it had been. */
static enum err update_follow(struct update *u, uint32_t uid)
{
	if (u->after == POP3_AFTER_KEEP)
		return ERR_NONE;
	return uids_add(u->after == POP3_AFTER_DELETE ? &u->deleted : &u->followed, uid);
}

/* One message that was sent whole, or marked, or both. Notes are made of all of them: those of what
 * leaves the mailbox are pruned before they are written. */
static enum err update_message(struct update *u, uint32_t uid, bool is_sent, bool is_marked)
{
	enum pop3_dele dele = (enum pop3_dele)u->d->login->policy.pop3_dele;
	bool is_deleting = is_marked && dele == POP3_DELE_DELETE;
	bool is_following = !is_deleting && (is_sent || (is_marked && dele == POP3_DELE_FOLLOW));
	bool is_leaving = is_deleting || (is_following && u->after >= POP3_AFTER_ARCHIVE);
	struct pop3_run run = {uid, uid, pop3_today(), 0};
	enum err err = ERR_NONE;
	log_debug(u->session, "pop3: UID %u of %s: %s%s", (unsigned)uid, u->b->box->name,
		  is_sent ? "downloaded" : "", is_marked ? " DELE" : "");
	if (is_leaving && u->is_own) /* not before all devices are done with it */
		run.waits = is_deleting ? POP3_WAITS_DELETE : POP3_WAITS_FOLLOW;
	else if (is_deleting)
		err = uids_add(&u->deleted, uid);
	else if (is_following)
		err = update_follow(u, uid);
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

static enum err update_marks(struct update *u)
{
	struct pop3_drop *d = u->d;
	enum err err = ERR_NONE;
	for (uint32_t number = 1; number <= d->count && !err; number++) {
		struct msg_info info;
		bool is_marked = pop3_drop_is_deleted(d, number);
		bool is_sent = pop3_drop_is_retrieved(d, number) && !d->login->is_recent;
		/* What another session expunged has no info. */
		if ((is_marked || is_sent) && pop3_drop_box(d, number) == u->b &&
		    !pop3_drop_look(d, number, &info))
			err = update_message(u, info.uid, is_sent, is_marked);
	}
	return err;
}

/* Takes this session's part into the state. A device that has ended a session is waited for. */
static enum err update_state(struct update *u)
{
	const char *label = pop3_drop_device(u->d);
	bool has_marks = u->downloaded.count || u->hidden.count;
	if (!has_marks && (!u->is_own || u->d->login->is_recent))
		return ERR_NONE;
	enum err err = pop3_state_add(&u->state, label, &u->device);
	if (!err)
		err = pop3_runs_unite(&u->device->downloaded, &u->downloaded);
	if (!err)
		err = pop3_runs_unite(&u->device->hidden, &u->hidden);
	if (err)
		return err;
	u->has_news = u->has_news || has_marks || !u->device->is_known;
	u->device->is_known = u->device->is_known || u->is_own;
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
			err = update_follow(u, info.uid);
	}
	return err;
}

/* Own devices: what all of them are done with, and at least one wanted out of the mailbox. */
static enum err update_complete(struct update *u)
{
	struct pop3_runs done = {.at = NULL};
	enum err err = ERR_NONE;
	if (!u->is_own || (u->d->login->is_recent && !u->hidden.count))
		return err;
	err = pop3_state_done(&u->state, true, &done);
	uint32_t wanted = POP3_WAITS_DELETE;
	if (u->after >= POP3_AFTER_ARCHIVE)
		wanted |= POP3_WAITS_FOLLOW;
	for (uint32_t i = 0; i < done.count && !err; i++)
		if (done.at[i].waits & wanted)
			err = update_complete_run(u, &done.at[i]);
	pop3_runs_free(&done);
	u->has_news = u->has_news || u->deleted.count || u->followed.count;
	return err;
}

static enum err update_prepare(struct update *u, struct pop3_drop *d, struct pop3_box *b,
			       uint32_t session)
{
	uint32_t today = pop3_today();
	*u = (struct update){.d = d, .b = b, .session = session};
	if (b->box->is_gone)
		return ERR_NONE;
	u->is_own = d->login->policy.pop3_devices == POP3_DEVICES_OWN;
	u->after = pop3_drop_after(d, b->box);
	enum err err = pop3_note_read(b->box, &u->state);
	if (!err && today && pop3_state_set_day(&u->state, today))
		u->has_news = true;
	if (!err)
		err = update_marks(u);
	if (!err)
		err = update_state(u);
	return err ? err : update_complete(u);
}

/* --- doing it --------------------------------------------------------------------------------- */

/* The last ticket is the one to wait for; 0: the store had nothing to do. */
static enum err update_done(struct update *u, enum err err, uint64_t ticket)
{
	if (!err && ticket) {
		u->d->ticket = ticket > u->d->ticket ? ticket : u->d->ticket;
		u->d->has_changed = true;
	}
	return err;
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
	u->d->has_changed = u->d->has_changed || !err;
	*tally += err ? 0 : uids->count;
	return update_done(u, err, ticket);
}

static enum err update_delete(struct update *u)
{
	struct msg_change change = {.kind = CHANGE_EXPUNGE};
	return update_change(u, &change, &u->deleted, &u->d->tally.deleted);
}

static enum err update_followed(struct update *u)
{
	struct msg_change change = {.kind = CHANGE_FLAGS, .op = FLAGS_ADD, .flags = FLAG_SEEN};
	uint64_t ticket = 0;
	if (u->after == POP3_AFTER_MARK_READ || !u->followed.count)
		return update_change(u, &change, &u->followed, &u->d->tally.marked_read);
	change = (struct msg_change){.kind = CHANGE_MOVE};
	enum err err = pop3_drop_make_target(u->d, &change.target, &ticket);
	err = update_done(u, err, ticket);
	return err ? err : update_change(u, &change, &u->followed, &u->d->tally.moved);
}

static enum err update_note(struct update *u)
{
	uint64_t ticket = 0;
	if (!u->has_news || u->b->box->is_gone)
		return ERR_NONE;
	pop3_note_prune(u->b->box, &u->state);
	enum err err = pop3_note_write(u->b->box, &u->state, u->device, &ticket);
	return update_done(u, err, ticket);
}

static enum err update_all(struct pop3_drop *d, struct update *updates)
{
	static enum err (*const steps[])(struct update *u) = {update_delete, update_followed,
							      update_note};
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
			err = update_prepare(&updates[i], d, &d->boxes[i], s->id);
		if (!err)
			err = update_all(d, updates);
		for (uint32_t i = 0; i < d->box_count; i++)
			update_free(&updates[i]);
		d->is_updated = true;
	}
	return err ? err : store_wait(d->login->account->store, d->ticket, &s->waiter);
}
