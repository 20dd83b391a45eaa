#include <stdlib.h>

#include "base/clock.h"
#include "store/journal_change.h"
#include "store/journal_unit.h"

struct copying {
	const struct jbox *from;
	struct jbox *to;
	const struct pick *pick;
	struct keyword_map map;
	uint64_t first_serial;
	bool is_move;
	uint32_t *uids_out; /* of the change, may be NULL */
};

static void copying_get(const struct added *a, size_t i, struct jbox **box_out,
			struct message *m_out)
{
	const struct copying *c = a->from;
	const struct picked *picked = &c->pick->list[i];
	*box_out = c->to;
	index_get(c->from->index, picked->at, m_out);
	m_out->flags = keyword_map_flags(&c->map, picked->flags);
	m_out->save_date = clock_wall_s();
	m_out->serial = c->first_serial + i;
	m_out->id = NULL;
	m_out->bits &= c->is_move ? ENTRY_OWNER | ENTRY_DEFLATED : ENTRY_DEFLATED;
	m_out->bits |= m_out->slot_count ? ENTRY_EXTRA : 0;
}

static void copying_was_given(const struct added *a, size_t i, uint32_t uid)
{
	const struct copying *c = a->from;
	if (c->uids_out)
		c->uids_out[c->pick->list[i].from] = uid;
}

static enum err copying_begin(struct journal *j, struct copying *c, struct mailbox *from,
			      struct mailbox *to, const struct pick *pick)
{
	flags_t used = 0;
	for (size_t i = 0; i < pick->count; i++)
		used |= pick->list[i].flags;
	c->from = from->backend;
	c->to = to->backend;
	c->pick = pick;
	c->first_serial = j->boxes.next_serial;
	j->boxes.next_serial += pick->count;
	return keyword_map_make(&c->map, &from->keywords, &to->keywords, used);
}

enum err change_copy(struct journal *j, struct mailbox *public, struct msg_change *c,
		     const struct pick *pick)
{
	struct copying copying = {.is_move = c->kind == CHANGE_MOVE, .uids_out = c->uids_out};
	struct added added = {pick->count, copying_get, copying_was_given, &copying};
	enum err err = copying_begin(j, &copying, public, c->target, pick);
	if (err)
		return err;
	unit_begin(j);
	unit_add(j, &added);
	if (copying.is_move)
		expunge_pack(j, public->backend, pick);
	err = unit_commit(j, copying.is_move ? ROOM_VITAL : ROOM_NORMAL);
	if (err)
		return err;
	unit_added(j, &added);
	if (copying.is_move) {
		expunge_done(public, pick, c->origin);
		c->modseq_out = public->highest_modseq;
	}
	return ERR_NONE;
}

/* --- everything at once: a rename of INBOX ---------------------------------------------------------------------- */

struct move_all {
	struct mailbox *from;
	struct pick pick;
	struct copying copying;
	struct added added;
};

static enum err move_all_pack(struct journal *j, struct move_all *move, struct mailbox *into)
{
	const struct jbox *box = move->from->backend;
	uint32_t *uids = malloc((box->visible + 1) * sizeof(*uids));
	if (!uids)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < box->visible; i++)
		uids[i] = box->index->at[i].uid;
	enum err err = pick_all(&move->pick, box, uids, box->visible);
	free(uids);
	if (!err)
		err = copying_begin(j, &move->copying, move->from, into, &move->pick);
	if (err || move->pick.count == 0)
		return err;
	move->copying.is_move = true;
	move->added =
		(struct added){move->pick.count, copying_get, copying_was_given, &move->copying};
	unit_add(j, &move->added);
	expunge_pack(j, move->from->backend, &move->pick);
	return ERR_NONE;
}

enum err change_move_all(struct journal *j, struct mailbox *from, struct mailbox *into,
			 struct move_all **move_out)
{
	struct move_all *move = calloc(1, sizeof(*move));
	if (!move)
		return ERR_NOMEM;
	move->from = from;
	*move_out = move;
	return move_all_pack(j, move, into);
}

void change_move_all_done(struct journal *j, struct move_all **move)
{
	struct move_all *m = *move;
	if (m && m->pick.count) {
		unit_added(j, &m->added);
		expunge_done(m->from, &m->pick, NULL);
	}
	change_move_all_drop(move);
}

void change_move_all_drop(struct move_all **move)
{
	if (*move)
		pick_free(&(*move)->pick);
	free(*move);
	*move = NULL;
}
