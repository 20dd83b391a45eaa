#include "store/journal_segment.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/journal_tidy.h"

enum {
	RESERVE_MIN = 4,
	GROW_RETRY_MS = 5000,
	NOMEM_RETRY_MS = 100,
	USAGE_RECORD_BYTES = 2048,
};

/* --- the table ------------------------------------------------------------------------------------ */

struct segment *segment_at(struct journal *j, uint32_t slot)
{
	return slot && slot < j->segments.count ? &j->segments.at[slot] : NULL;
}

enum err segment_know(struct journal *j, uint32_t slot)
{
	struct segments *s = &j->segments;
	if (slot == MEDIUM_ROOT_SLOT || slot > MEDIUM_SLOT_MAX)
		return ERR_SYNTAX;
	struct segment *at = array_reserve(s->at, &s->cap, slot + 1u, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	s->at = at;
	while (s->count <= slot)
		at[s->count++] = (struct segment){0};
	return ERR_NONE;
}

static void segment_set_state(struct journal *j, uint32_t slot, enum segment_state state)
{
	struct segments *s = &j->segments;
	struct segment *g = &s->at[slot];
	s->free -= g->state == SEGMENT_FREE;
	s->used -= g->state == SEGMENT_USED;
	g->state = (uint8_t)state;
	s->free += state == SEGMENT_FREE;
	s->used += state == SEGMENT_USED;
}

void segment_set_free(struct journal *j, uint32_t slot)
{
	bool is_there = j->segments.at[slot].is_there;
	segment_set_state(j, slot, is_there ? SEGMENT_FREE : SEGMENT_ABSENT);
}

void segment_set_there(struct journal *j, uint32_t slot)
{
	j->segments.at[slot].is_there = true;
	if (j->segments.at[slot].state == SEGMENT_ABSENT)
		segment_set_free(j, slot);
}

void segment_set_absent(struct journal *j, uint32_t slot)
{
	j->segments.at[slot].is_there = false;
	segment_set_state(j, slot, SEGMENT_ABSENT);
}

void segment_set_used(struct journal *j, uint32_t slot, uint64_t seq)
{
	struct segment *g = &j->segments.at[slot];
	segment_set_state(j, slot, SEGMENT_USED);
	g->seq = seq;
	g->refs = 0;
	g->bytes = 0;
	g->released = 0;
	g->is_stuck = false;
}

void segment_pin(struct journal *j, uint32_t slot)
{
	struct segment *g = segment_at(j, slot);
	if (g)
		g->pins++;
}

void segment_unpin(struct journal *j, uint32_t slot)
{
	struct segment *g = segment_at(j, slot);
	if (g && g->pins && --g->pins == 0)
		j->segments.may_collect = true;
}

/* --- what is free ----------------------------------------------------------------------------------- */

uint32_t journal_reserve_segments(const struct journal *j)
{
	uint64_t wanted = j->store->config.reserve_bytes / j->segment_bytes;
	uint64_t needed = RESERVE_MIN + 2 * (j->checkpoint.last_bytes / j->segment_bytes);
	uint64_t n = wanted > needed ? wanted : needed;
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The last segment is the checkpoint's, which frees others; one each is kept for tidying, which
 * frees others too, and for deleting; the rest of the reserve stays out of the way of new mail. */
uint32_t segments_usable(const struct journal *j, enum room_class class)
{
	uint32_t kept = class == ROOM_BULK     ? journal_reserve_segments(j)
			: class == ROOM_NORMAL ? journal_reserve_segments(j) - 1
			: class == ROOM_VITAL  ? 2
			: class == ROOM_TIDY   ? 1
					       : 0;
	return j->segments.free > kept ? j->segments.free - kept : 0;
}

uint32_t segment_take(struct journal *j, uint64_t seq)
{
	struct segments *s = &j->segments;
	uint32_t slot = s->last_taken;
	do {
		slot = slot + 1 < s->count ? slot + 1 : 1;
	} while (s->at[slot].state != SEGMENT_FREE);
	s->last_taken = slot;
	segment_set_used(j, slot, seq);
	return slot;
}

static bool segment_is_unreferenced(const struct journal *j, uint32_t slot)
{
	const struct segment *g = &j->segments.at[slot];
	return g->state == SEGMENT_USED && g->refs == 0 && g->pins == 0 && slot != j->log.slot;
}

static bool segment_is_collectable(const struct journal *j, uint32_t slot)
{
	const struct segment *g = &j->segments.at[slot];
	return segment_is_unreferenced(j, slot) && g->seq < j->root.seq &&
	       g->released <= j->log.durable;
}

bool segments_collect(struct journal *j)
{
	bool found = false;
	if (!j->segments.may_collect)
		return false;
	j->segments.may_collect = false;
	for (uint32_t slot = 1; slot < j->segments.count; slot++) {
		if (!segment_is_collectable(j, slot))
			continue;
		segment_set_free(j, slot);
		found = true;
	}
	return found;
}

uint32_t segments_about_to_be_free(struct journal *j)
{
	uint32_t n = 0;
	for (uint32_t slot = 1; slot < j->segments.count; slot++)
		n += segment_is_unreferenced(j, slot);
	return n;
}

/* --- growing and shrinking ----------------------------------------------------------------------------- */

static void grow_run(struct job *job)
{
	struct grow *g = list_owner(job, struct grow, job);
	struct medium *m = g->journal->medium;
	g->err = medium_hooks(m)->create(m, g->slot, g->journal->segment_bytes);
}

static void grow_done(struct job *job)
{
	struct grow *g = list_owner(job, struct grow, job);
	struct journal *j = g->journal;
	g->is_busy = false;
	j->jobs_busy--;
	if (g->err) {
		/* No space is no failure: nothing was promised yet. Other errors are no worse here. */
		if (g->err != g->last_err)
			log_warn(0, "journal: no new segment: %s", err_text(g->err));
		g->is_refused = g->err == ERR_FULL;
		g->retry_at_ms = clock_mono_ms() + (g->is_refused ? GROW_RETRY_MS : NOMEM_RETRY_MS);
	} else {
		g->is_refused = false;
		segment_set_there(j, g->slot);
	}
	g->last_err = g->err;
	store_wake(j->store, &j->room_waiters);
	store_schedule(j->store, 0);
}

static uint32_t segment_absent_slot(const struct journal *j)
{
	for (uint32_t slot = 1; slot < j->segments.count; slot++)
		if (j->segments.at[slot].state == SEGMENT_ABSENT)
			return slot;
	return j->segments.count ? j->segments.count : 1;
}

bool segments_may_grow(const struct journal *j)
{
	return !j->read_only && !j->has_failed && !j->is_closing &&
	       clock_mono_ms() >= j->grow.retry_at_ms;
}

void segments_grow(struct journal *j)
{
	struct grow *g = &j->grow;
	if (g->is_busy || !segments_may_grow(j))
		return;
	if (j->segments.free > journal_reserve_segments(j) + 1) {
		tidy_shrink(j);
		return;
	}
	g->slot = segment_absent_slot(j);
	if (segment_know(j, g->slot))
		return;
	g->is_busy = true;
	g->journal = j;
	journal_job(j, &g->job, grow_run, grow_done);
}

void segments_count(const struct journal *j, struct store_status *s)
{
	uint64_t total = 0, free = 0;
	medium_hooks(j->medium)->space(j->medium, &total, &free);
	uint32_t reserve = journal_reserve_segments(j);
	uint64_t ready = j->segments.free > reserve ? j->segments.free - reserve : 0;
	uint64_t can_grow = free / j->segment_bytes;
	uint64_t lacking = j->segments.free < reserve ? reserve - j->segments.free : 0;
	can_grow = can_grow > lacking ? can_grow - lacking : 0;
	if (j->grow.is_refused)
		can_grow = 0;
	s->bytes_used = (uint64_t)j->segments.used * j->segment_bytes;
	s->bytes_free = (ready + can_grow) * j->segment_bytes;
	if (j->log.slot && j->segment_bytes > j->log.offset)
		s->bytes_free += j->segment_bytes - j->log.offset;
	s->bytes_total = s->bytes_used + s->bytes_free + (uint64_t)reserve * j->segment_bytes;
	s->is_full = j->grow.is_refused && ready == 0;
}

/* --- usage ------------------------------------------------------------------------------------------------ */

static void usage_add(struct journal *j, uint32_t slot, int32_t refs, int64_t bytes)
{
	struct usage *u = &j->usage;
	size_t low = array_position(u->at, u->count, sizeof(*u->at), slot);
	if (low == u->count || u->at[low].slot != slot) {
		struct usage_row *at = array_reserve(u->at, &u->cap, u->count + 1u, sizeof(*at));
		if (!at) {
			j->unit.err = ERR_NOMEM;
			return;
		}
		u->at = at;
		memmove(u->at + low + 1, u->at + low, (u->count - low) * sizeof(*u->at));
		u->at[low] = (struct usage_row){.slot = slot};
		u->count++;
	}
	u->at[low].refs += refs;
	u->at[low].bytes += bytes;
}

/* A message in several segments is taken to be spread evenly. A copy refers and occupies nothing. */
void usage_add_message(struct journal *j, const struct message *m, int sign)
{
	int64_t bytes = m->bits & ENTRY_OWNER ? (int64_t)m->size + 512 : 0;
	if (m->bits & ENTRY_DEFLATED)
		bytes /= 2;
	int64_t share = sign * (bytes / (m->slot_count + 1));
	usage_add(j, m->slot, sign, share);
	for (uint32_t i = 0; i < m->slot_count; i++)
		usage_add(j, m->slots[i], sign, share);
}

void usage_add_list(struct journal *j, const struct index *ix, int sign)
{
	for (uint32_t i = 0; i < ix->count; i++) {
		struct message m;
		index_get(ix, i, &m);
		usage_add_message(j, &m, sign);
	}
}

void pack_usage(struct journal *j)
{
	struct pack *p = &j->unit;
	uint32_t last = 0;
	pack_open(p, RECORD_USAGE);
	for (uint32_t i = 0; i < j->usage.count; i++) {
		const struct usage_row *row = &j->usage.at[i];
		if (!row->refs && !row->bytes)
			continue;
		pack_u(p, row->slot - last);
		pack_i(p, row->refs);
		pack_i(p, row->bytes);
		last = row->slot;
		if (pack_len(p) >= USAGE_RECORD_BYTES) {
			pack_close(p);
			pack_open(p, RECORD_USAGE);
			last = 0;
		}
	}
	pack_close(p);
}

enum err usage_apply(struct journal *j, struct slice body, uint64_t number)
{
	struct unpack u = {.rest = body};
	uint64_t slot = 0;
	while (u.rest.len) {
		slot += unpack_u32(&u);
		int64_t refs = unpack_i(&u), bytes = unpack_i(&u);
		struct segment *g = slot <= MEDIUM_SLOT_MAX ? segment_at(j, (uint32_t)slot) : NULL;
		if (u.is_bad || !g || refs < -(int64_t)g->refs ||
		    refs > UINT32_MAX - (int64_t)g->refs)
			return ERR_SYNTAX;
		g->refs = (uint32_t)(g->refs + refs);
		g->bytes += bytes;
		if (g->bytes < 0)
			g->bytes = 0;
		if (g->refs == 0) {
			g->bytes = 0;
			g->released = number;
			j->segments.may_collect = true;
		}
	}
	return ERR_NONE;
}
