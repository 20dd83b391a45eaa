#include "support/emu_medium.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct emu_area {
	uint32_t slot, len;
	uint8_t *now, *durable; /* as read; as after a cut */
	unsigned *dirty;        /* by sector: number of the write that is not durable, or 0 */
};

struct emu_medium {
	struct medium base;
	struct emu_area *areas;
	uint32_t count, slots_max;
	struct emu_counts counts;
	unsigned cut_step, seed;
	enum emu_cut cut_kind;
	bool is_cut, is_slow;
	unsigned fail_in, fail_calls;
	enum err fail_err;
	bool fail_stays, has_failed;
};

static struct emu_medium *emu_of(struct medium *m)
{
	return (struct emu_medium *)(void *)m;
}

struct medium *emu_base(struct emu_medium *e)
{
	return &e->base;
}

static struct emu_area *emu_find(struct emu_medium *e, uint32_t slot)
{
	for (uint32_t i = 0; i < e->count; i++)
		if (e->areas[i].slot == slot)
			return &e->areas[i];
	return NULL;
}

static unsigned emu_random(struct emu_medium *e)
{
	e->seed = e->seed * 1664525u + 1013904223u;
	return e->seed >> 16;
}

/* --- failing ----------------------------------------------------------------------------------- */

/* True when this call has to fail; *err_out says how. */
static bool emu_fails(struct emu_medium *e, enum emu_call call, enum err *err_out)
{
	*err_out = ERR_IO;
	if (e->is_cut)
		return true;
	if (!(e->fail_calls & call) || e->fail_in == 0)
		return false;
	if (e->fail_in > 1) {
		e->fail_in--;
		return false;
	}
	if (!e->fail_stays)
		e->fail_in = 0;
	e->has_failed = true;
	*err_out = e->fail_err;
	return true;
}

/* Counts a step; true when the power fails at it. */
static bool emu_step(struct emu_medium *e)
{
	return ++e->counts.steps == e->cut_step;
}

static void sector_persist(struct emu_area *a, uint32_t sector)
{
	memcpy(a->durable + sector * MEDIUM_SECTOR, a->now + sector * MEDIUM_SECTOR, MEDIUM_SECTOR);
	a->dirty[sector] = 0;
}

static void area_settle(struct emu_area *a)
{
	memcpy(a->now, a->durable, a->len);
	memset(a->dirty, 0, a->len / MEDIUM_SECTOR * sizeof(*a->dirty));
}

/* The oldest write of which something is not durable. */
static unsigned emu_oldest_write(const struct emu_medium *e)
{
	unsigned oldest = 0;
	for (uint32_t i = 0; i < e->count; i++)
		for (uint32_t s = 0; s < e->areas[i].len / MEDIUM_SECTOR; s++) {
			unsigned n = e->areas[i].dirty[s];
			if (n && (!oldest || n < oldest))
				oldest = n;
		}
	return oldest;
}

/* Decides what of the unsynced sectors has arrived. */
static void emu_cut(struct emu_medium *e)
{
	unsigned oldest = emu_oldest_write(e);
	e->is_cut = true;
	for (uint32_t i = 0; i < e->count; i++) {
		struct emu_area *a = &e->areas[i];
		for (uint32_t s = 0; s < a->len / MEDIUM_SECTOR; s++) {
			bool arrives = e->cut_kind == EMU_TORN ||
				       (e->cut_kind == EMU_HEADLESS && a->dirty[s] != oldest) ||
				       (e->cut_kind == EMU_REORDERED && emu_random(e) % 2);
			if (a->dirty[s] && arrives)
				sector_persist(a, s);
		}
		area_settle(a);
	}
}

/* --- the medium ---------------------------------------------------------------------------------- */

static void area_free(struct emu_area *a)
{
	free(a->now);
	free(a->durable);
	free(a->dirty);
}

static void emu_add(struct emu_medium *e, uint32_t slot, uint32_t bytes)
{
	struct emu_area *a = emu_find(e, slot);
	if (!a) {
		struct emu_area *areas = realloc(e->areas, (e->count + 1) * sizeof(*areas));
		if (!areas)
			abort();
		e->areas = areas;
		a = &e->areas[e->count++];
	} else {
		area_free(a);
	}
	*a = (struct emu_area){.slot = slot, .len = bytes};
	a->now = calloc(1, bytes);
	a->durable = calloc(1, bytes);
	a->dirty = calloc(bytes / MEDIUM_SECTOR, sizeof(*a->dirty));
	assert(a->now && a->durable && a->dirty);
}

static void emu_drop(struct emu_medium *e, struct emu_area *a)
{
	area_free(a);
	*a = e->areas[--e->count];
}

static enum err emu_create(struct medium *m, uint32_t slot, uint32_t bytes)
{
	struct emu_medium *e = emu_of(m);
	enum err err;
	if (emu_fails(e, EMU_CREATE, &err))
		return err;
	if (slot && !emu_find(e, slot) && emu_counts(e).slots >= e->slots_max)
		return ERR_FULL;
	e->counts.creates++;
	if (emu_step(e)) {
		/* It may be there or not, but never half: it gets its name when it is whole. */
		if (e->cut_kind != EMU_LOST)
			emu_add(e, slot, bytes);
		emu_cut(e);
		return ERR_IO;
	}
	emu_add(e, slot, bytes);
	return ERR_NONE;
}

static enum err emu_remove(struct medium *m, uint32_t slot)
{
	struct emu_medium *e = emu_of(m);
	struct emu_area *a = emu_find(e, slot);
	if (e->is_cut)
		return ERR_IO;
	e->counts.removes++;
	if (!a)
		return ERR_NOT_FOUND;
	bool is_cut = emu_step(e);
	if (!is_cut || e->cut_kind != EMU_LOST)
		emu_drop(e, a);
	if (is_cut)
		emu_cut(e);
	return is_cut ? ERR_IO : ERR_NONE;
}

static enum err emu_read(struct medium *m, uint32_t slot, uint32_t offset, uint8_t *dst, size_t n,
			 bool may_block)
{
	struct emu_medium *e = emu_of(m);
	struct emu_area *a = emu_find(e, slot);
	enum err err;
	if (emu_fails(e, EMU_READ, &err))
		return err;
	e->counts.reads++;
	if (!a)
		return ERR_NOT_FOUND;
	if (offset > a->len || n > a->len - offset)
		return ERR_IO;
	if (e->is_slow && !may_block)
		return ERR_AGAIN;
	memcpy(dst, a->now + offset, n);
	return ERR_NONE;
}

static void area_write(struct emu_area *a, unsigned number, uint32_t offset, const uint8_t *src,
		       size_t n)
{
	memcpy(a->now + offset, src, n);
	for (size_t done = 0; done < n; done += MEDIUM_SECTOR)
		a->dirty[(offset + done) / MEDIUM_SECTOR] = number;
}

static enum err emu_write(struct medium *m, uint32_t slot, uint32_t offset, const uint8_t *src,
			  size_t n)
{
	struct emu_medium *e = emu_of(m);
	struct emu_area *a = emu_find(e, slot);
	enum err err;
	assert(offset % MEDIUM_SECTOR == 0 && n % MEDIUM_SECTOR == 0);
	if (emu_fails(e, EMU_WRITE, &err))
		return err;
	e->counts.writes++;
	if (!a)
		return ERR_NOT_FOUND;
	assert(offset <= a->len && n <= a->len - offset);
	bool is_cut = emu_step(e);
	if (is_cut && e->cut_kind == EMU_TORN)
		n = emu_random(e) % (n / MEDIUM_SECTOR + 1) * MEDIUM_SECTOR;
	area_write(a, e->counts.writes, offset, src, n);
	e->counts.bytes_written += n;
	if (is_cut)
		emu_cut(e);
	return is_cut ? ERR_IO : ERR_NONE;
}

static enum err emu_sync(struct medium *m, uint32_t slot)
{
	struct emu_medium *e = emu_of(m);
	struct emu_area *a = emu_find(e, slot);
	enum err err;
	if (emu_fails(e, EMU_SYNC, &err))
		return err;
	e->counts.syncs++;
	if (!a)
		return ERR_NOT_FOUND;
	if (emu_step(e)) {
		emu_cut(e);
		return ERR_IO;
	}
	for (uint32_t s = 0; s < a->len / MEDIUM_SECTOR; s++)
		if (a->dirty[s])
			sector_persist(a, s);
	return ERR_NONE;
}

static enum err emu_list(struct medium *m, void (*found)(void *arg, uint32_t slot), void *arg)
{
	struct emu_medium *e = emu_of(m);
	if (e->is_cut)
		return ERR_IO;
	for (uint32_t i = 0; i < e->count; i++)
		found(arg, e->areas[i].slot);
	return ERR_NONE;
}

static void emu_space(struct medium *m, uint64_t *total_out, uint64_t *free_out)
{
	struct emu_medium *e = emu_of(m);
	uint32_t slots = emu_counts(e).slots;
	*total_out = (uint64_t)e->slots_max * m->segment_bytes;
	*free_out = (uint64_t)(e->slots_max > slots ? e->slots_max - slots : 0) * m->segment_bytes;
}

static void emu_close(struct medium *m)
{
	(void)m;
}

static const struct medium_ops emu_ops = {
	.create = emu_create,
	.remove = emu_remove,
	.read = emu_read,
	.write = emu_write,
	.sync = emu_sync,
	.list = emu_list,
	.space = emu_space,
	.close = emu_close,
};

/* --- for tests ------------------------------------------------------------------------------------ */

struct emu_medium *emu_new(uint32_t segment_bytes, uint32_t slots_max)
{
	struct emu_medium *e = calloc(1, sizeof(*e));
	assert(e);
	e->base.ops = &emu_ops;
	e->base.segment_bytes = segment_bytes;
	e->slots_max = slots_max;
	return e;
}

void emu_free(struct emu_medium *e)
{
	for (uint32_t i = 0; e && i < e->count; i++)
		area_free(&e->areas[i]);
	if (e)
		free(e->areas);
	free(e);
}

struct emu_medium *emu_copy(const struct emu_medium *from)
{
	struct emu_medium *e = emu_new(from->base.segment_bytes, from->slots_max);
	for (uint32_t i = 0; i < from->count; i++) {
		const struct emu_area *a = &from->areas[i];
		emu_add(e, a->slot, a->len);
		struct emu_area *copy = emu_find(e, a->slot);
		memcpy(copy->durable, a->durable, a->len);
		memcpy(copy->now, a->durable, a->len);
	}
	return e;
}

void emu_cut_at(struct emu_medium *e, unsigned step, enum emu_cut kind, unsigned seed)
{
	e->counts = (struct emu_counts){0};
	e->cut_step = step;
	e->cut_kind = kind;
	e->seed = seed * 2654435761u + 1;
}

/* Without a cut everything is settled as a proper shutdown of the machine would. */
bool emu_power_on(struct emu_medium *e)
{
	bool was_cut = e->is_cut;
	for (uint32_t i = 0; i < e->count && !was_cut; i++)
		for (uint32_t s = 0; s < e->areas[i].len / MEDIUM_SECTOR; s++)
			if (e->areas[i].dirty[s])
				sector_persist(&e->areas[i], s);
	e->is_cut = false;
	e->cut_step = 0;
	e->fail_in = 0;
	e->counts = (struct emu_counts){0};
	return was_cut;
}

void emu_fail_at(struct emu_medium *e, unsigned n, unsigned calls, enum err err, bool stays)
{
	e->fail_in = n;
	e->fail_calls = calls;
	e->fail_err = err;
	e->fail_stays = stays;
	e->has_failed = false;
}

bool emu_has_failed(const struct emu_medium *e)
{
	return e->has_failed;
}

void emu_set_slots_max(struct emu_medium *e, uint32_t slots_max)
{
	e->slots_max = slots_max;
}

void emu_damage(struct emu_medium *e, uint32_t slot, uint32_t offset, uint32_t n, unsigned seed)
{
	struct emu_area *a = emu_find(e, slot);
	unsigned state = seed * 2654435761u + 1;
	assert(a && offset + n <= a->len);
	for (uint32_t i = 0; i < n; i++) {
		state = state * 1664525u + 1013904223u;
		a->now[offset + i] = a->durable[offset + i] ^= (uint8_t)(state >> 24 | 1);
	}
}

void emu_forget(struct emu_medium *e, uint32_t slot)
{
	struct emu_area *a = emu_find(e, slot);
	if (a)
		emu_drop(e, a);
}

uint8_t *emu_bytes(struct emu_medium *e, uint32_t slot, uint32_t *len_out)
{
	struct emu_area *a = emu_find(e, slot);
	*len_out = a ? a->len : 0;
	return a ? a->durable : NULL;
}

struct emu_counts emu_counts(const struct emu_medium *e)
{
	struct emu_counts counts = e->counts;
	counts.slots = 0;
	for (uint32_t i = 0; i < e->count; i++)
		counts.slots += e->areas[i].slot != MEDIUM_ROOT_SLOT;
	return counts;
}

void emu_be_slow(struct emu_medium *e, bool slow)
{
	e->is_slow = slow;
}
