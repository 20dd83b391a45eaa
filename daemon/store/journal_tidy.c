#include "store/journal_tidy.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/journal_blob.h"
#include "store/journal_box.h"
#include "store/journal_checkpoint.h"
#include "store/journal_group.h"
#include "store/journal_list.h"
#include "store/journal_move.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

enum {
	VICTIMS_MAX = 4,
	STEPS_PER_TURN = 8,   /* messages, or mailboxes looked through */
	LOOK_MS = 1000,       /* how often victims are looked for */
	PAUSE_MS = 60 * 1000, /* after a pass that did not empty them all */
	PAUSE_MAX_MS = 24 * 3600 * 1000,
	KEEP_FREE_MIN = 8, /* free segments beyond these and a part of those used are given back */
	URGENT_LIVE_PERCENT = 85, /* a segment this full is not worth emptying even then */
};

/* A message that was moved in this pass, for others that share its bytes. */
struct moved {
	struct place from, to;
	uint32_t *slots, slot_count;
	uint8_t bits;
};

struct tidy {
	uint32_t victims[VICTIMS_MAX], victim_count; /* none: no pass under way */
	uint32_t box, uid;                           /* where the walk is */
	bool has_list;                               /* of `box`, as a user */
	bool has_unread;                             /* a list of this pass cannot be read */
	struct move *move;                           /* of message `uid` */
	struct place move_from;
	struct moved *moved;
	uint32_t moved_count, moved_cap;
	uint64_t look_at_ms, pause_ms;
};

static bool tidy_leaves(void *arg, uint32_t slot)
{
	const struct tidy *t = arg;
	for (uint32_t i = 0; i < t->victim_count; i++)
		if (t->victims[i] == slot)
			return true;
	return false;
}

/* --- mailboxes that were deleted ------------------------------------------------------------------------ */

static enum err grave_clear(struct journal *j, struct jbox *box)
{
	unit_begin(j);
	if (box->index)
		usage_add_list(j, box->index, -1);
	pack_box_alone(&j->unit, RECORD_BOX_FREED, box->number);
	enum err err = unit_commit(j, ROOM_TIDY);
	if (!err)
		jlog_delay(j);
	return err;
}

/* One that nobody looks at any more. Its list tells what its messages refer to; when that cannot be
 * read, the space stays taken until a repair. */
static bool tidy_graves(struct journal *j)
{
	for (uint32_t i = 0; i < j->boxes.count; i++) {
		struct jbox *box = j->boxes.at[i];
		if (!box->is_gone || box->index_users || box->unrevealed || box->public)
			continue;
		enum err err = list_open(j, box, NULL);
		if (err == ERR_AGAIN)
			return true;
		if (!err)
			box->index_users--;
		if (!err || err == ERR_CORRUPT || err == ERR_IO)
			err = grave_clear(j, box);
		return err == ERR_NONE;
	}
	return false;
}

/* --- victims ------------------------------------------------------------------------------------------------ */

/* What emptying each segment of list chunks would write: the whole lists. The caller frees. */
static uint64_t *chunk_costs(const struct journal *j)
{
	uint64_t *costs = calloc(j->segments.count + 1u, sizeof(*costs));
	for (uint32_t i = 0; costs && i < j->boxes.count; i++) {
		const struct chunks *c = &j->boxes.at[i]->chunks;
		for (uint32_t k = 0; k < c->count; k++)
			costs[c->at[k].place.slot] += c->base_bytes + c->delta_bytes;
	}
	return costs;
}

static bool victim_is_possible(const struct journal *j, uint32_t slot)
{
	const struct segment *g = &j->segments.at[slot];
	return g->state == SEGMENT_USED && g->seq < j->root.seq && slot != j->log.slot &&
	       !g->is_stuck;
}

/* The emptiest first; of two alike the older one, which has been written less often of late. */
static void victims_choose(struct journal *j, struct tidy *t, const uint64_t *costs,
			   uint64_t live_max)
{
	uint64_t total = 0;
	while (t->victim_count < VICTIMS_MAX) {
		uint32_t best = 0;
		uint64_t best_live = live_max;
		for (uint32_t slot = 1; slot < j->segments.count; slot++) {
			const struct segment *g = &j->segments.at[slot];
			uint64_t live = (uint64_t)g->bytes + costs[slot];
			/* Without either an append under way has to end first. */
			bool has_something = g->refs || costs[slot];
			if (!victim_is_possible(j, slot) || !has_something ||
			    tidy_leaves(t, slot) || live > best_live ||
			    (best && live == best_live && g->seq >= j->segments.at[best].seq))
				continue;
			best = slot;
			best_live = live;
		}
		total += best_live;
		if (!best || !jlog_has_room(j, total, j->spill_bytes, ROOM_TIDY))
			return;
		/* Kept out of use until the pass is over: places in it must mean one thing only. */
		segment_pin(j, best);
		t->victims[t->victim_count++] = best;
	}
}

static void tidy_look(struct journal *j, struct tidy *t)
{
	uint64_t now = clock_mono_ms(), half = j->segment_bytes / 2;
	if ((now < t->look_at_ms && !j->tidy_is_urgent) || j->checkpoint.is_wanted ||
	    j->checkpoint.state != CHECKPOINT_NONE)
		return;
	t->look_at_ms = now + LOOK_MS;
	uint64_t *costs = chunk_costs(j);
	if (!costs)
		return;
	victims_choose(j, t, costs, half);
	if (!t->victim_count && j->tidy_is_urgent)
		victims_choose(j, t, costs, (uint64_t)j->segment_bytes * URGENT_LIVE_PERCENT / 100);
	free(costs);
	t->box = t->uid = 0;
	if (!t->victim_count)
		j->tidy_is_urgent = false;
}

/* --- one message ---------------------------------------------------------------------------------------------- */

static struct moved *moved_find(struct tidy *t, struct place from)
{
	for (uint32_t i = 0; i < t->moved_count; i++)
		if (t->moved[i].from.slot == from.slot && t->moved[i].from.offset == from.offset)
			return &t->moved[i];
	return NULL;
}

/* Its new segments are pinned until the pass is over: whoever shares the bytes may come when the
 * one that was moved first is gone again. */
static enum err moved_add(struct journal *j, struct tidy *t, struct place from,
			  struct blob_writer *b)
{
	struct message m = {0};
	blob_describe(b, &m);
	struct moved *at = array_reserve(t->moved, &t->moved_cap, t->moved_count + 1u, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	t->moved = at;
	uint32_t *slots = NULL;
	if (m.slot_count) {
		slots = malloc(m.slot_count * sizeof(*slots));
		if (!slots)
			return ERR_NOMEM;
		memcpy(slots, m.slots, m.slot_count * sizeof(*slots));
	}
	t->moved[t->moved_count++] =
		(struct moved){from, {m.slot, m.offset}, slots, m.slot_count, m.bits};
	segment_pin(j, m.slot);
	for (uint32_t i = 0; i < m.slot_count; i++)
		segment_pin(j, slots[i]);
	return ERR_NONE;
}

static void moved_forget(struct journal *j, struct tidy *t)
{
	for (uint32_t i = 0; i < t->moved_count; i++) {
		struct moved *moved = &t->moved[i];
		segment_unpin(j, moved->to.slot);
		for (uint32_t k = 0; k < moved->slot_count; k++)
			segment_unpin(j, moved->slots[k]);
		free(moved->slots);
	}
	free(t->moved);
	t->moved = NULL;
	t->moved_count = t->moved_cap = 0;
}

/* The entry of a message gets its new place. The first to be moved owns the bytes from now on. */
static enum err entry_move(struct journal *j, struct jbox *box, const struct message *m,
			   const struct moved *to, bool is_first)
{
	struct message last = {0}, now = *m;
	now.slot = to->to.slot;
	now.offset = to->to.offset;
	now.slot_count = to->slot_count;
	now.slots = to->slots;
	now.bits = (uint8_t)((is_first ? ENTRY_OWNER : 0) | (to->bits & ENTRY_DEFLATED) |
			     (to->slot_count || m->id ? ENTRY_EXTRA : 0));
	unit_begin(j);
	usage_add_message(j, m, -1);
	usage_add_message(j, &now, 1);
	pack_open_box(&j->unit, RECORD_MOVED, box->number);
	pack_message(&j->unit, &last, &now);
	pack_close(&j->unit);
	enum err err =
		now.bits & ENTRY_EXTRA ? index_reserve_extra(box->index, now.slot_count) : ERR_NONE;
	if (!err)
		err = unit_commit(j, ROOM_TIDY);
	if (!err)
		jlog_delay(j);
	return err;
}

static bool message_is_in_victim(const struct tidy *t, const struct message *m)
{
	for (uint32_t i = 0; i < m->slot_count; i++)
		if (tidy_leaves((void *)(uintptr_t)t, m->slots[i]))
			return true;
	return tidy_leaves((void *)(uintptr_t)t, m->slot);
}

/* A message that cannot be read keeps its segment from being used again. */
static void message_is_stuck(struct journal *j, struct tidy *t, const struct jbox *box,
			     const struct message *m)
{
	log_error(0, "journal: message %u of mailbox %s is damaged", (unsigned)m->uid, box->name);
	for (uint32_t i = 0; i < t->victim_count; i++)
		j->segments.at[t->victims[i]].is_stuck = true;
}

static enum err tidy_message(struct journal *j, struct tidy *t, struct jbox *box,
			     const struct message *m)
{
	struct place from = {m->slot, m->offset};
	struct moved *known = moved_find(t, from);
	enum err err = ERR_NONE;
	if (known)
		return entry_move(j, box, m, known, false);
	if (!t->move)
		err = move_new(j, from, tidy_leaves, t, &t->move);
	if (!err)
		err = move_step(t->move);
	if (!err)
		err = moved_add(j, t, from, move_writer(t->move));
	if (!err)
		err = entry_move(j, box, m, &t->moved[t->moved_count - 1], true);
	if (err != ERR_AGAIN)
		move_free(&t->move);
	if (err != ERR_CORRUPT && err != ERR_IO)
		return err;
	message_is_stuck(j, t, box, m);
	return ERR_NONE;
}

/* --- the walk ---------------------------------------------------------------------------------------------------- */

static bool box_has_chunks_in_victims(const struct tidy *t, const struct jbox *box)
{
	const struct chunks *c = box->has_next ? &box->next : &box->chunks;
	for (uint32_t i = 0; i < c->count; i++)
		if (tidy_leaves((void *)(uintptr_t)t, c->at[i].place.slot))
			return true;
	return false;
}

/* Goes through the rest of one list. ERR_NONE: it is through. */
static enum err walk_list(struct journal *j, struct tidy *t, struct jbox *box, uint32_t *steps)
{
	uint32_t at = index_position(box->index, t->uid);
	for (; at < box->index->count; at++) {
		struct message m;
		index_get(box->index, at, &m);
		if (t->uid != m.uid)
			move_free(&t->move); /* the one it was for is gone */
		t->uid = m.uid;
		if (!message_is_in_victim(t, &m))
			continue;
		enum err err = *steps ? tidy_message(j, t, box, &m) : ERR_AGAIN;
		if (err)
			return err;
		t->uid = m.uid + 1;
		--*steps;
	}
	move_free(&t->move);
	if (!box_has_chunks_in_victims(t, box))
		return ERR_NONE;
	if (j->checkpoint.state != CHECKPOINT_NONE)
		return ERR_AGAIN;
	return list_write(j, box, true, ROOM_TIDY);
}

static struct jbox *walk_next_box(const struct journal *j, uint32_t number)
{
	for (uint32_t i = 0; i < j->boxes.count; i++)
		if (j->boxes.at[i]->number >= number && !j->boxes.at[i]->is_gone)
			return j->boxes.at[i];
	return NULL;
}

/* The list of the mailbox the walk is at. ERR_NOT_FOUND: there are no more mailboxes. */
static enum err walk_enter(struct journal *j, struct tidy *t, struct jbox **box_out)
{
	struct jbox *box = walk_next_box(j, t->box);
	if (t->has_list && (!box || box->number != t->box)) { /* deleted meanwhile */
		struct jbox *left = box_find(j, t->box);
		if (left)
			list_close(j, left);
		t->has_list = false;
	}
	if (!box)
		return ERR_NOT_FOUND;
	if (box->number != t->box)
		t->uid = 0;
	t->box = box->number;
	*box_out = box;
	enum err err = t->has_list ? ERR_NONE : list_open(j, box, NULL);
	t->has_list = !err;
	return err;
}

static void walk_leave(struct journal *j, struct tidy *t, struct jbox *box)
{
	if (t->has_list)
		list_close(j, box);
	if (box->index && !box->index_users)
		list_drop(box); /* nobody but us wanted it */
	t->has_list = false;
	t->box = box->number + 1;
	t->uid = 0;
}

static void tidy_end_pass(struct journal *j, struct tidy *t)
{
	if (t->has_list) {
		struct jbox *box = box_find(j, t->box);
		if (box)
			list_close(j, box);
		t->has_list = false;
	}
	bool is_left = t->has_unread;
	t->has_unread = false;
	for (uint32_t i = 0; i < t->victim_count; i++) {
		const struct segment *g = &j->segments.at[t->victims[i]];
		segment_unpin(j, t->victims[i]);
		is_left |= g->refs != 0;
		j->checkpoint.is_wanted |= g->refs == 0 && g->pins;
	}
	/* Copied while we looked elsewhere, or never accounted for: later, and ever more seldom. */
	t->pause_ms = !is_left ? 0 : t->pause_ms ? t->pause_ms * 2 : PAUSE_MS;
	if (t->pause_ms > PAUSE_MAX_MS)
		t->pause_ms = PAUSE_MAX_MS;
	t->look_at_ms = clock_mono_ms() + t->pause_ms;
	moved_forget(j, t);
	t->victim_count = 0;
	move_free(&t->move);
}

/* ERR_NONE: there is more to do. ERR_AGAIN: later. ERR_NOT_FOUND: through. */
static enum err tidy_walk(struct journal *j, struct tidy *t)
{
	for (uint32_t steps = STEPS_PER_TURN; steps; steps--) {
		struct jbox *box;
		enum err err = walk_enter(j, t, &box);
		if (err == ERR_CORRUPT || err == ERR_IO) {
			t->box++; /* what it refers to stays, and so does the list */
			t->has_unread = true;
			continue;
		}
		if (!err)
			err = walk_list(j, t, box, &steps);
		if (!steps)
			return ERR_NONE;
		if (err)
			return err;
		walk_leave(j, t, box);
	}
	return ERR_NONE;
}

void tidy_turn(struct journal *j, bool is_idle)
{
	if (j->has_failed || j->read_only)
		return;
	if (!j->tidy)
		j->tidy = calloc(1, sizeof(*j->tidy));
	struct tidy *t = j->tidy;
	if (!t || tidy_graves(j) || (!is_idle && !j->tidy_is_urgent))
		return;
	if (!t->victim_count)
		tidy_look(j, t);
	if (!t->victim_count && is_idle)
		list_fold_one(j);
	if (!t->victim_count)
		return;
	enum err err = tidy_walk(j, t);
	if (err && err != ERR_AGAIN) {
		if (err != ERR_NOT_FOUND)
			log_warn(0, "journal: tidying put off: %s", err_text(err));
		tidy_end_pass(j, t);
		if (err != ERR_NOT_FOUND)
			j->tidy_is_urgent = false;
	}
	store_schedule(j->store, err ? LOOK_MS : 0);
}

void tidy_free(struct journal *j)
{
	if (!j->tidy)
		return;
	j->tidy->has_list = false;
	tidy_end_pass(j, j->tidy);
	free(j->tidy);
	j->tidy = NULL;
}

void tidy_shrink(struct journal *j)
{
	uint32_t keep = journal_reserve_segments(j) + KEEP_FREE_MIN + j->segments.used / 16;
	if (j->segments.free <= keep)
		return;
	uint32_t slot = j->segments.count - 1;
	while (slot && j->segments.at[slot].state != SEGMENT_FREE)
		slot--;
	if (slot && !medium_hooks(j->medium)->remove(j->medium, slot))
		segment_set_absent(j, slot);
}
