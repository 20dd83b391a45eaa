#include "store/journal_index.h"

#include <stdlib.h>

#include "base/array.h"

enum { PLACE_MAX = 0xFFFFFF }; /* of a slot, and of an offset in it */

_Static_assert(sizeof(struct entry) == 40, "40 bytes for each message of an open mailbox");

/* --- entries ----------------------------------------------------------------------------------- */

static void put_bytes(uint8_t *dst, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_bytes(const uint8_t *src, size_t n)
{
	uint64_t value = 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)src[i] << (8 * i);
	return value;
}

static int64_t clamp_date(int64_t date)
{
	const int64_t limit = (int64_t)1 << 38;
	return date < -limit ? -limit : date >= limit ? limit - 1 : date;
}

static void entry_set(struct entry *e, const struct message *m)
{
	e->uid = m->uid;
	e->flags = m->flags;
	e->size = m->size;
	e->save_date = m->save_date < 0            ? 0
		       : m->save_date > UINT32_MAX ? UINT32_MAX
						   : (uint32_t)m->save_date;
	put_bytes(e->modseq, m->modseq, sizeof(e->modseq));
	put_bytes(e->internal_date, (uint64_t)clamp_date(m->internal_date),
		  sizeof(e->internal_date));
	put_bytes(e->serial, m->serial, sizeof(e->serial));
	put_bytes(e->slot, m->slot, sizeof(e->slot));
	put_bytes(e->offset, m->offset, sizeof(e->offset));
	e->bits = m->bits;
}

static void entry_get(const struct entry *e, struct message *m)
{
	uint64_t date = get_bytes(e->internal_date, sizeof(e->internal_date));
	*m = (struct message){
		.uid = e->uid,
		.flags = e->flags,
		.size = e->size,
		.save_date = e->save_date,
		.modseq = get_bytes(e->modseq, sizeof(e->modseq)),
		.internal_date = (int64_t)(date << 24) >> 24,
		.serial = get_bytes(e->serial, sizeof(e->serial)),
		.slot = (uint32_t)get_bytes(e->slot, sizeof(e->slot)),
		.offset = (uint32_t)get_bytes(e->offset, sizeof(e->offset)),
		.bits = e->bits,
	};
}

/* --- what stands aside -------------------------------------------------------------------------- */

static uint32_t extra_position(const struct index *ix, uint32_t uid)
{
	uint32_t low = 0, high = ix->extra_count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (ix->extras[mid]->uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void extra_drop(struct index *ix, uint32_t uid)
{
	uint32_t at = extra_position(ix, uid);
	if (at == ix->extra_count || ix->extras[at]->uid != uid)
		return;
	free(ix->extras[at]);
	ix->extra_count--;
	memmove(ix->extras + at, ix->extras + at + 1,
		(ix->extra_count - at) * sizeof(struct extra *));
}

static enum err extra_reserve(struct index *ix, uint32_t n)
{
	struct extra **extras = array_reserve(ix->extras, &ix->extra_cap,
					      (size_t)ix->extra_count + n, sizeof(*extras));
	if (!extras)
		return ERR_NOMEM;
	ix->extras = extras;
	return ERR_NONE;
}

static struct extra *extra_new(uint32_t slots)
{
	struct extra *x = malloc(sizeof(*x) + slots * sizeof(uint32_t));
	if (x)
		x->slot_cap = slots;
	return x;
}

enum err index_reserve_extra(struct index *ix, uint32_t slots)
{
	uint32_t spare = 1;
	for (const struct extra *x = ix->spare; x; x = x->next)
		spare++;
	if (extra_reserve(ix, spare))
		return ERR_NOMEM;
	struct extra *x = extra_new(slots);
	if (!x)
		return ERR_NOMEM;
	x->next = ix->spare;
	ix->spare = x;
	return ERR_NONE;
}

static struct extra *extra_take(struct index *ix, uint32_t slots)
{
	for (struct extra **at = &ix->spare; *at; at = &(*at)->next) {
		struct extra *x = *at;
		if (x->slot_cap < slots)
			continue;
		*at = x->next;
		return x;
	}
	return extra_new(slots);
}

static enum err extra_put(struct index *ix, const struct message *m)
{
	if (extra_reserve(ix, 1))
		return ERR_NOMEM;
	struct extra *x = extra_take(ix, m->slot_count);
	if (!x)
		return ERR_NOMEM;
	x->uid = m->uid;
	x->slot_count = m->slot_count;
	x->has_id = m->id != NULL;
	if (m->id)
		x->id = *m->id;
	if (m->slot_count)
		memcpy(x->slots, m->slots, m->slot_count * sizeof(uint32_t));
	extra_drop(ix, m->uid);
	uint32_t at = extra_position(ix, m->uid);
	memmove(ix->extras + at + 1, ix->extras + at,
		(ix->extra_count - at) * sizeof(struct extra *));
	ix->extras[at] = x;
	ix->extra_count++;
	return ERR_NONE;
}

static void extra_get(const struct index *ix, struct message *m)
{
	uint32_t at = extra_position(ix, m->uid);
	if (at == ix->extra_count || ix->extras[at]->uid != m->uid)
		return;
	const struct extra *x = ix->extras[at];
	m->slot_count = x->slot_count;
	m->slots = x->slots;
	m->id = x->has_id ? &x->id : NULL;
}

/* --- the list ----------------------------------------------------------------------------------- */

void index_free(struct index *ix)
{
	for (uint32_t i = 0; i < ix->extra_count; i++)
		free(ix->extras[i]);
	while (ix->spare) {
		struct extra *x = ix->spare;
		ix->spare = x->next;
		free(x);
	}
	free(ix->extras);
	free(ix->at);
	*ix = (struct index){0};
}

enum err index_reserve(struct index *ix, uint32_t n)
{
	if (n <= ix->cap - ix->count)
		return ERR_NONE;
	if (n > UINT32_MAX / 2 - ix->count)
		return ERR_LIMIT;
	uint32_t cap = ix->count + n + (ix->count + n) / 32 + 8;
	struct entry *at = realloc(ix->at, (size_t)cap * sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	ix->at = at;
	ix->cap = cap;
	return ERR_NONE;
}

uint32_t index_position(const struct index *ix, uint32_t uid)
{
	return (uint32_t)array_position(ix->at, ix->count, sizeof(*ix->at), uid);
}

bool index_has(const struct index *ix, uint32_t uid, uint32_t *position_out)
{
	*position_out = index_position(ix, uid);
	return *position_out < ix->count && ix->at[*position_out].uid == uid;
}

void index_get(const struct index *ix, uint32_t position, struct message *m_out)
{
	entry_get(&ix->at[position], m_out);
	if (m_out->bits & ENTRY_EXTRA)
		extra_get(ix, m_out);
}

enum err index_put(struct index *ix, const struct message *m)
{
	uint32_t at;
	enum err err = index_reserve(ix, 1);
	if (!err && m->bits & ENTRY_EXTRA)
		err = extra_put(ix, m);
	if (err)
		return err;
	if (!(m->bits & ENTRY_EXTRA))
		extra_drop(ix, m->uid);
	if (ix->count == 0 || ix->at[ix->count - 1].uid < m->uid) {
		at = ix->count++; /* the usual case: they come in order */
	} else if (!index_has(ix, m->uid, &at)) {
		memmove(ix->at + at + 1, ix->at + at, (ix->count - at) * sizeof(*ix->at));
		ix->count++;
	}
	entry_set(&ix->at[at], m);
	return ERR_NONE;
}

void index_drop(struct index *ix, uint32_t position)
{
	if (ix->at[position].bits & ENTRY_EXTRA)
		extra_drop(ix, ix->at[position].uid);
	ix->count--;
	memmove(ix->at + position, ix->at + position + 1, (ix->count - position) * sizeof(*ix->at));
}

/* --- applying records ----------------------------------------------------------------------------- */

/* Or, when moved, the same messages at other places: those that have gone since stay gone. */
static enum err apply_entries(struct index *ix, struct unpack *u, bool is_moved)
{
	struct message_reader r;
	uint32_t at;
	enum err err = ERR_NONE;
	message_reader_init(&r);
	while (!err && u->rest.len) {
		if (!unpack_message(u, &r))
			return ERR_SYNTAX;
		struct message m = r.m;
		if (is_moved) {
			if (!index_has(ix, m.uid, &at))
				continue;
			m.flags = ix->at[at].flags;
			m.modseq = get_bytes(ix->at[at].modseq, sizeof(ix->at[at].modseq));
		}
		err = index_put(ix, &m);
	}
	return err;
}

/* A new modseq, and when the flags change those. */
static enum err apply_flags(struct index *ix, struct unpack *u, bool is_raise)
{
	uint64_t modseq = unpack_u(u);
	uint64_t op = is_raise ? FLAGS_ADD : unpack_u(u);
	flags_t with = is_raise ? 0 : unpack_u32(u), keep = is_raise ? 0 : unpack_u32(u);
	struct uid_reader r;
	uint32_t first, last;
	if (op > FLAGS_REMOVE)
		return ERR_SYNTAX;
	uid_reader_init(&r, u);
	while (uid_reader_next(&r, &first, &last))
		for (uint32_t i = index_position(ix, first); i < ix->count && ix->at[i].uid <= last;
		     i++) {
			struct entry *e = &ix->at[i];
			e->flags = (e->flags & keep) |
				   (flags_apply(e->flags, (enum flags_op)op, with) & ~keep);
			put_bytes(e->modseq, modseq, sizeof(e->modseq));
		}
	return u->is_bad ? ERR_SYNTAX : ERR_NONE;
}

/* Ranges ascend, so that one pass closes all the gaps. */
static enum err apply_expunge(struct index *ix, struct unpack *u)
{
	struct uid_reader r;
	uint32_t first, last, from = 0, to = 0;
	uid_reader_init(&r, u);
	while (uid_reader_next(&r, &first, &last)) {
		uint32_t cut = index_position(ix, first);
		if (cut < from)
			cut = from;
		if (to != from)
			memmove(ix->at + to, ix->at + from, (cut - from) * sizeof(*ix->at));
		to += cut - from;
		for (from = cut; from < ix->count && ix->at[from].uid <= last; from++)
			if (ix->at[from].bits & ENTRY_EXTRA)
				extra_drop(ix, ix->at[from].uid);
		if (from == ix->count)
			break;
	}
	if (to != from && ix->count > from)
		memmove(ix->at + to, ix->at + from, (ix->count - from) * sizeof(*ix->at));
	ix->count -= from - to;
	return u->is_bad ? ERR_SYNTAX : ERR_NONE;
}

enum err index_apply(struct index *ix, enum record_type type, struct slice body)
{
	struct unpack u = {.rest = body};
	if (type == RECORD_ENTRIES || type == RECORD_MOVED)
		return apply_entries(ix, &u, type == RECORD_MOVED);
	if (type == RECORD_FLAGS || type == RECORD_RAISE)
		return apply_flags(ix, &u, type == RECORD_RAISE);
	return type == RECORD_EXPUNGE ? apply_expunge(ix, &u) : ERR_SYNTAX;
}

/* --- encoding ----------------------------------------------------------------------------------- */

static int64_t difference(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b);
}

void pack_message(struct pack *p, struct message *last, const struct message *m)
{
	pack_u(p, m->uid - last->uid);
	pack_u(p, m->bits);
	pack_u(p, m->flags);
	pack_i(p, difference(m->modseq, last->modseq));
	pack_i(p, difference((uint64_t)m->internal_date, (uint64_t)last->internal_date));
	pack_i(p, difference((uint64_t)m->save_date, (uint64_t)last->save_date));
	pack_u(p, m->size);
	pack_i(p, difference(m->serial, last->serial));
	pack_i(p, (int64_t)m->slot - (int64_t)last->slot);
	pack_i(p, (int64_t)m->offset - (int64_t)last->offset);
	if (m->bits & ENTRY_EXTRA) {
		pack_u(p, m->slot_count);
		for (uint32_t i = 0; i < m->slot_count; i++)
			pack_u(p, m->slots[i]);
		pack_text(p, m->id ? slice_of(m->id->bytes, sizeof(m->id->bytes)) : SLICE_EMPTY);
	}
	*last = *m;
}

static void unpack_extra(struct unpack *u, struct message_reader *r)
{
	struct message *m = &r->m;
	m->slot_count = unpack_u32(u);
	m->slots = r->slots;
	if (m->slot_count > MESSAGE_SLOTS_MAX)
		u->is_bad = true;
	for (uint32_t i = 0; !u->is_bad && i < m->slot_count; i++)
		r->slots[i] = unpack_u32(u);
	struct slice id = unpack_text(u);
	if (id.len == sizeof(r->id.bytes)) {
		memcpy(r->id.bytes, id.ptr, id.len);
		m->id = &r->id;
	} else if (id.len) {
		u->is_bad = true;
	}
}

/* The next value of a field of which differences are written. */
static uint64_t unpack_sum(struct unpack *u, uint64_t base, uint64_t max)
{
	uint64_t sum = base + (uint64_t)unpack_i(u);
	if (sum > max)
		u->is_bad = true;
	return sum;
}

bool unpack_message(struct unpack *u, struct message_reader *r)
{
	struct message *m = &r->m;
	uint64_t uid = (uint64_t)m->uid + unpack_u32(u);
	uint64_t bits = unpack_u(u);
	m->uid = (uint32_t)uid;
	m->bits = (uint8_t)bits;
	m->flags = unpack_u32(u);
	m->modseq = unpack_sum(u, m->modseq, UINT64_MAX);
	m->internal_date = (int64_t)unpack_sum(u, (uint64_t)m->internal_date, UINT64_MAX);
	m->save_date = (int64_t)unpack_sum(u, (uint64_t)m->save_date, UINT64_MAX);
	m->size = unpack_u32(u);
	m->serial = unpack_sum(u, m->serial, UINT64_MAX);
	m->slot = (uint32_t)unpack_sum(u, m->slot, PLACE_MAX);
	m->offset = (uint32_t)unpack_sum(u, m->offset, PLACE_MAX);
	m->slot_count = 0;
	m->id = NULL;
	if (bits & ENTRY_EXTRA)
		unpack_extra(u, r);
	if (uid == 0 || uid >= UINT32_MAX || bits > 7)
		u->is_bad = true;
	return !u->is_bad;
}
