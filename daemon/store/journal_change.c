#include "store/journal_change.h"

#include <stdlib.h>

#include "store/journal_group.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

void pick_free(struct pick *pick)
{
	free(pick->list);
	free(pick->uids);
	*pick = (struct pick){0};
}

enum err pick_all(struct pick *pick, const struct jbox *box, const uint32_t *uids, size_t count)
{
	*pick = (struct pick){.list = malloc((count + 1) * sizeof(*pick->list)),
			      .uids = malloc((count + 1) * sizeof(*pick->uids))};
	if (!pick->list || !pick->uids) {
		pick_free(pick);
		return ERR_NOMEM;
	}
	uint32_t at = count ? index_position(box->index, uids[0]) : 0;
	for (size_t i = 0; i < count; i++) {
		while (at < box->visible && box->index->at[at].uid < uids[i])
			at++;
		if (at >= box->visible || box->index->at[at].uid != uids[i])
			continue;
		const struct entry *e = &box->index->at[at];
		pick->list[pick->count] = (struct picked){at, e->uid, e->size, e->flags, i};
		pick->uids[pick->count++] = e->uid;
	}
	return ERR_NONE;
}

static void change_announce(struct mailbox *box, enum box_event_kind kind, const struct pick *pick,
			    const void *origin)
{
	struct box_event event = {.kind = kind,
				  .uids = pick->uids,
				  .count = pick->count,
				  .modseq = box->highest_modseq,
				  .origin = origin};
	mailbox_announce(box, &event);
}

/* --- flags ------------------------------------------------------------------------------------------------ */

static flags_t flags_kept(const struct msg_change *c)
{
	return c->op == FLAGS_SET && c->keep_system ? FLAG_SYSTEM_ALL : 0;
}

static flags_t flags_after(flags_t before, const struct msg_change *c)
{
	flags_t keep = flags_kept(c);
	return (before & keep) | (flags_apply(before, c->op, c->flags) & ~keep);
}

static void tally_flags(struct tally *t, flags_t before, flags_t after)
{
	t->unseen += !(after & FLAG_SEEN);
	t->unseen -= !(before & FLAG_SEEN);
	t->deleted += (after & FLAG_DELETED) != 0;
	t->deleted -= (before & FLAG_DELETED) != 0;
}

/* Leaves in the pick what really changes. */
static void flags_narrow(struct pick *pick, const struct jbox *box, struct msg_change *c)
{
	size_t n = 0;
	for (size_t i = 0; i < pick->count; i++) {
		struct message m;
		index_get(box->index, pick->list[i].at, &m);
		if (m.modseq > c->unchanged_since)
			continue;
		if (c->uids_out)
			c->uids_out[pick->list[i].from] = m.uid;
		if (flags_after(m.flags, c) == m.flags)
			continue;
		pick->list[n] = pick->list[i];
		pick->uids[n++] = m.uid;
	}
	pick->count = n;
}

static enum err flags_log(struct journal *j, struct jbox *box, const struct msg_change *c,
			  const struct pick *pick)
{
	struct pack *p = &j->unit;
	unit_begin(j);
	unit_keywords(j, box);
	struct tally *draft = unit_draft(j, box);
	for (size_t i = 0; i < pick->count; i++)
		tally_flags(draft, pick->list[i].flags, flags_after(pick->list[i].flags, c));
	pack_open_box(p, RECORD_FLAGS, box->number);
	pack_tally(p, draft);
	pack_u(p, draft->modseq);
	pack_u(p, c->op);
	pack_u(p, c->flags);
	pack_u(p, flags_kept(c));
	pack_uids(p, pick->uids, pick->count);
	pack_close(p);
	return unit_commit(j, ROOM_VITAL);
}

static enum err change_flags(struct journal *j, struct mailbox *public, struct msg_change *c,
			     struct pick *pick, uint64_t *ticket_out)
{
	struct jbox *box = public->backend;
	flags_narrow(pick, box, c);
	if (pick->count == 0)
		return ERR_NONE;
	enum err err = flags_log(j, box, c, pick);
	if (err)
		return err;
	for (size_t i = 0; i < pick->count; i++) {
		flags_t before = pick->list[i].flags;
		mailbox_count_flags(public, pick->uids[i], before, flags_after(before, c));
	}
	c->modseq_out = public->highest_modseq = box->tally.modseq;
	if (j->store->config.flag_delay_ms == 0)
		*ticket_out = jlog_ticket(j);
	else
		jlog_delay(j);
	change_announce(public, BOX_EVENT_FLAGS, pick, c->origin);
	return ERR_NONE;
}

/* --- expunge ---------------------------------------------------------------------------------------------- */

void expunge_pack(struct journal *j, struct jbox *box, const struct pick *pick)
{
	struct tally *draft = unit_draft(j, box);
	for (size_t i = 0; i < pick->count; i++) {
		struct message m;
		index_get(box->index, pick->list[i].at, &m);
		usage_add_message(j, &m, -1);
		draft->messages--;
		draft->size_bytes -= m.size;
		tally_flags(draft, m.flags, FLAG_SEEN);
	}
	pack_open_box(&j->unit, RECORD_EXPUNGE, box->number);
	pack_tally(&j->unit, draft);
	pack_uids(&j->unit, pick->uids, pick->count);
	pack_close(&j->unit);
}

/* The list has changed already; now the public side. */
void expunge_done(struct mailbox *public, const struct pick *pick, const void *origin)
{
	struct jbox *box = public->backend;
	for (size_t i = 0; i < pick->count; i++) {
		struct msg_info info = {.uid = pick->list[i].uid,
					.size = pick->list[i].size,
					.flags = pick->list[i].flags};
		mailbox_count_remove(public, &info);
		account_discharge(public->account, info.size, 1);
	}
	public->highest_modseq = box->tally.modseq;
	box->visible = index_position(box->index, public->uid_next);
	change_announce(public, BOX_EVENT_EXPUNGED, pick, origin);
}

static enum err change_expunge(struct journal *j, struct mailbox *public, struct msg_change *c,
			       const struct pick *pick)
{
	unit_begin(j);
	expunge_pack(j, public->backend, pick);
	enum err err = unit_commit(j, ROOM_VITAL);
	if (err)
		return err;
	for (size_t i = 0; c->uids_out && i < pick->count; i++)
		c->uids_out[pick->list[i].from] = pick->list[i].uid;
	expunge_done(public, pick, c->origin);
	c->modseq_out = public->highest_modseq;
	return ERR_NONE;
}

enum err journal_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	struct journal *j = store_journal(box->account->store);
	struct pick pick;
	enum err err = pick_all(&pick, box->backend, c->uids, c->count);
	if (err)
		return err;
	if (c->kind == CHANGE_FLAGS)
		err = change_flags(j, box, c, &pick, ticket_out);
	else if (pick.count && c->kind == CHANGE_EXPUNGE)
		err = change_expunge(j, box, c, &pick);
	else if (pick.count)
		err = change_copy(j, box, c, &pick);
	if (!err && pick.count && c->kind != CHANGE_FLAGS)
		*ticket_out = jlog_ticket(j);
	pick_free(&pick);
	return err;
}
