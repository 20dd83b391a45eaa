#include "store/journal_group.h"

#include <stdlib.h>

#include "store/journal_segment.h"

enum {
	GROUP_SOFT_BYTES = 64 * 1024, /* a group that has reached this is closed */
};

/* --- room ----------------------------------------------------------------------------------------------- */

uint32_t jlog_piece_max(const struct journal *j)
{
	return j->segment_bytes - SEGMENT_HEADER_BYTES - SEGMENT_LINK_BYTES - GROUP_HEADER_BYTES;
}

/* Where the next byte goes, and how many fit there before the room of the link. */
static uint32_t log_end(const struct journal *j)
{
	const struct log_writer *w = &j->log;
	return w->open ? w->open->offset + w->open->len : w->offset + GROUP_HEADER_BYTES;
}

static bool log_fits(const struct journal *j, uint64_t n)
{
	return log_end(j) + n <= j->segment_bytes - SEGMENT_LINK_BYTES;
}

bool jlog_has_room(const struct journal *j, uint64_t n, size_t piece, enum room_class class)
{
	const size_t overhead = MEDIUM_SECTOR + GROUP_HEADER_BYTES;
	const uint64_t max = jlog_piece_max(j), groups = n / GROUP_SOFT_BYTES + 2;
	if (log_fits(j, n + groups * overhead))
		return true;
	if (n <= piece)
		return n <= max && segments_usable(j, class) > 0;
	uint64_t lost = piece + 2 * overhead; /* at most, at the end of every segment */
	return lost < max && n + groups * overhead <= segments_usable(j, class) * (max - lost);
}

/* --- groups ---------------------------------------------------------------------------------------------- */

static void group_free(struct group *g)
{
	if (g)
		free(g->bytes);
	free(g);
}

static struct group *group_new(uint32_t cap)
{
	struct group *g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->cap = sector_round(cap);
	g->bytes = malloc(g->cap);
	if (!g->bytes) {
		free(g);
		return NULL;
	}
	return g;
}

static bool group_grow(struct group *g, size_t n)
{
	if (n <= g->cap - g->len)
		return true;
	uint32_t cap = sector_round((uint32_t)(g->len + n));
	if (cap < g->cap * 2)
		cap = g->cap * 2;
	uint8_t *bytes = realloc(g->bytes, cap);
	if (!bytes)
		return false;
	g->bytes = bytes;
	g->cap = cap;
	return true;
}

static void log_enqueue(struct journal *j, struct group *g)
{
	struct log_writer *w = &j->log;
	uint32_t padded = sector_round(g->len);
	memset(g->bytes + g->len, 0, padded - g->len);
	g->len = padded;
	if (w->last)
		w->last->next = g;
	else
		w->first = g;
	w->last = g;
	w->waiting_bytes += padded;
	w->bytes_since_checkpoint += padded;
}

/* The header is made now: from here on the group does not change. */
static void log_seal(struct journal *j, struct group *g)
{
	struct log_writer *w = &j->log;
	uint64_t lag = g->number - w->durable;
	struct group_head head = {
		.len = g->len,
		.kind = g->kind,
		.flags = g->flags,
		.number = g->number,
		.lag = lag > UINT32_MAX ? UINT32_MAX : (uint32_t)lag,
		.chain = w->chain,
	};
	group_seal(g->bytes, &head, group_seed(j->root.salt, g->seq, g->offset));
	w->chain = head.crc;
	w->offset = g->offset + sector_round(g->len);
	log_enqueue(j, g);
}

static void log_close_group(struct journal *j, uint8_t flags)
{
	struct group *g = j->log.open;
	if (!g)
		return;
	j->log.open = NULL;
	g->flags = flags;
	log_seal(j, g);
}

/* From the spare ones, or new with room for n bytes. */
static struct group *log_new_group(struct journal *j, size_t n)
{
	struct group *g = j->log.spare;
	if (!g)
		return group_new((uint32_t)n);
	j->log.spare = g->next;
	g->next = NULL;
	if (group_grow(g, n))
		return g;
	group_free(g);
	return NULL;
}

static bool log_open_group(struct journal *j, enum group_kind kind, size_t n)
{
	struct log_writer *w = &j->log;
	struct group *g = log_new_group(j, n + GROUP_HEADER_BYTES);
	if (!g)
		return false;
	g->kind = (uint8_t)kind;
	g->len = GROUP_HEADER_BYTES;
	g->slot = w->slot;
	g->seq = w->seq;
	g->offset = w->offset;
	g->number = w->next_number++;
	w->open = g;
	return true;
}

/* --- from one segment to the next ------------------------------------------------------------------------- */

static void log_put_segment_head(struct journal *j, struct group *g)
{
	struct segment_head head = {
		.instance = j->root.instance,
		.salt = j->root.salt,
		.seq = j->log.seq,
		.slot = j->log.slot,
		.segment_bytes = j->segment_bytes,
	};
	segment_head_put(g->bytes, &head);
	g->kind = 0;
	g->len = SEGMENT_HEADER_BYTES;
	g->slot = j->log.slot;
	g->offset = 0;
	log_enqueue(j, g);
}

static void log_put_link(struct journal *j, struct group *g, uint32_t slot, uint64_t seq)
{
	g->kind = GROUP_LINK;
	g->slot = j->log.slot;
	g->seq = j->log.seq;
	g->offset = j->log.offset;
	g->number = j->log.next_number++;
	put_u32(g->bytes + GROUP_HEADER_BYTES, slot);
	put_u64(g->bytes + GROUP_HEADER_BYTES + 4, seq);
	g->len = GROUP_HEADER_BYTES + 12;
	log_seal(j, g);
}

static void log_enter_segment(struct journal *j, uint32_t slot, uint64_t seq, struct group *head)
{
	j->log.slot = slot;
	j->log.seq = seq;
	log_put_segment_head(j, head);
	j->log.offset = SEGMENT_HEADER_BYTES;
	j->segments.may_collect = true;
}

/* The open group is closed, and the log goes on in another segment. There must be a free one. */
static bool log_switch(struct journal *j, uint8_t flags)
{
	struct group *link = log_new_group(j, MEDIUM_SECTOR);
	struct group *head = log_new_group(j, SEGMENT_HEADER_BYTES);
	if (!link || !head) {
		group_free(link);
		group_free(head);
		return false;
	}
	log_close_group(j, flags);
	uint64_t seq = j->log.seq + 1;
	uint32_t slot = segment_take(j, seq);
	log_put_link(j, link, slot, seq);
	log_enter_segment(j, slot, seq, head);
	return true;
}

/* --- putting ------------------------------------------------------------------------------------------------ */

/* Makes the open group one of this kind with room for n bytes more. */
static enum err log_make_room(struct journal *j, enum group_kind kind, size_t n, uint8_t flags,
			      enum room_class class)
{
	struct group *g = j->log.open;
	if (n > jlog_piece_max(j))
		return ERR_LIMIT;
	if (g && (g->kind != kind || kind == GROUP_DATA || g->len >= GROUP_SOFT_BYTES)) {
		log_close_group(j, flags);
		g = NULL;
	}
	if (!log_fits(j, n)) {
		if (segments_usable(j, class) == 0)
			return ERR_FULL;
		if (!log_switch(j, flags))
			return ERR_NOMEM;
		g = NULL;
	}
	if (g)
		return group_grow(g, n) ? ERR_NONE : ERR_NOMEM;
	return log_open_group(j, kind, n) ? ERR_NONE : ERR_NOMEM;
}

static struct place group_add(struct group *g, struct slice bytes)
{
	struct place place = {g->slot, g->offset + g->len};
	if (bytes.len)
		memcpy(g->bytes + g->len, bytes.ptr, bytes.len);
	g->len += (uint32_t)bytes.len;
	return place;
}

enum err jlog_put(struct journal *j, enum group_kind kind, const struct slice *parts, size_t count,
		  enum room_class class, struct place *place_out)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		n += parts[i].len;
	enum err err = log_make_room(j, kind, n, 0, class);
	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		struct place place = group_add(j->log.open, parts[i]);
		if (i == 0)
			*place_out = place;
	}
	if (kind == GROUP_DATA)
		log_close_group(j, 0);
	return ERR_NONE;
}

enum err jlog_fresh_group(struct journal *j, size_t n, enum room_class class)
{
	log_close_group(j, 0);
	return log_make_room(j, GROUP_LOG, n, 0, class);
}

/* --- units ------------------------------------------------------------------------------------------------- */

static enum err log_add_spare(struct journal *j, size_t groups, size_t cap)
{
	for (; groups; groups--) {
		struct group *g = group_new((uint32_t)cap);
		if (!g)
			return ERR_NOMEM;
		g->next = j->log.spare;
		j->log.spare = g;
	}
	return ERR_NONE;
}

void jlog_drop_spare(struct journal *j)
{
	while (j->log.spare) {
		struct group *g = j->log.spare;
		j->log.spare = g->next;
		group_free(g);
	}
}

enum err jlog_set_aside(struct journal *j, size_t n, size_t piece)
{
	size_t switches = n / (jlog_piece_max(j) - piece) + 2;
	return log_add_spare(j, n / piece + 2 + 2 * switches,
			     piece + GROUP_HEADER_BYTES + MEDIUM_SECTOR);
}

/* Memory for all groups that a unit can need, also those that lead into the next segments, so that
 * it cannot fail half way. */
static enum err log_set_aside(struct journal *j, size_t n, size_t piece)
{
	size_t per_group = jlog_piece_max(j) - piece / 2;
	if (per_group > GROUP_SOFT_BYTES)
		per_group = GROUP_SOFT_BYTES;
	size_t cap = (n < GROUP_SOFT_BYTES ? n : GROUP_SOFT_BYTES) + piece + MEDIUM_SECTOR;
	if (log_add_spare(j, 3 * (n / per_group + 2), cap))
		return ERR_NOMEM;
	if (j->log.open && !group_grow(j->log.open, cap))
		return ERR_NOMEM;
	return ERR_NONE;
}

static size_t longest_record(struct slice records)
{
	struct record r;
	size_t longest = 0;
	while (records.len && record_next(&records, &r) == ERR_NONE)
		longest = r.all.len > longest ? r.all.len : longest;
	return longest;
}

static enum err log_put_records(struct journal *j, struct slice records, enum room_class class)
{
	struct record r;
	uint8_t flags = 0;
	while (records.len) {
		enum err err = record_next(&records, &r);
		if (!err)
			err = log_make_room(j, GROUP_LOG, r.all.len, flags, class);
		if (err)
			return err;
		group_add(j->log.open, r.all);
		flags = GROUP_MORE; /* a group that ends here has only a part of the unit */
	}
	return ERR_NONE;
}

static enum err log_put_long_unit(struct journal *j, struct slice records, enum room_class class)
{
	size_t longest = longest_record(records);
	if (!jlog_has_room(j, records.len, longest, class))
		return ERR_FULL;
	enum err err = log_set_aside(j, records.len, longest);
	if (!err)
		err = log_put_records(j, records, class);
	jlog_drop_spare(j);
	return err;
}

enum err jlog_unit(struct journal *j, struct slice records, enum room_class class,
		   uint64_t *number_out)
{
	enum err err;
	if (records.len <= GROUP_SOFT_BYTES && log_fits(j, records.len)) {
		err = log_make_room(j, GROUP_LOG, records.len, 0, class);
		if (!err)
			group_add(j->log.open, records);
	} else {
		err = log_put_long_unit(j, records, class);
	}
	*number_out = j->log.next_number - 1;
	return err;
}

/* --- the rest ------------------------------------------------------------------------------------------------ */

struct place jlog_place(const struct journal *j, uint64_t *seq_out, uint64_t *number_out)
{
	const struct log_writer *w = &j->log;
	*seq_out = w->seq;
	*number_out = w->open ? w->open->number : w->next_number;
	return (struct place){w->slot, w->open ? w->open->offset : w->offset};
}

enum err jlog_begin_segment(struct journal *j)
{
	struct group *head = group_new(SEGMENT_HEADER_BYTES);
	if (!head)
		return ERR_NOMEM;
	uint64_t seq = j->log.seq + 1;
	log_enter_segment(j, segment_take(j, seq), seq, head);
	return ERR_NONE;
}

enum err jlog_renew_segment_head(struct journal *j)
{
	struct group *head = group_new(SEGMENT_HEADER_BYTES);
	if (!head)
		return ERR_NOMEM;
	log_put_segment_head(j, head);
	return ERR_NONE;
}

static bool group_read(const struct group *g, struct place place, uint8_t *dst, size_t n)
{
	if (g->slot != place.slot || place.offset < g->offset || place.offset >= g->offset + g->len)
		return false;
	size_t skip = place.offset - g->offset;
	size_t there = n < g->len - skip ? n : g->len - skip;
	memcpy(dst, g->bytes + skip, there);
	memset(dst + there, 0, n - there);
	return true;
}

bool jlog_read_memory(const struct journal *j, struct place place, uint8_t *dst, size_t n)
{
	const struct group *const lists[] = {j->log.open, j->log.first, j->log.flight.groups};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct group *g = lists[i]; g; g = g->next)
			if (group_read(g, place, dst, n))
				return true;
	return false;
}

struct group *jlog_take_waiting(struct journal *j)
{
	struct group *groups = j->log.first;
	j->log.first = j->log.last = NULL;
	j->log.waiting_bytes = 0;
	return groups;
}

void jlog_close_open(struct journal *j)
{
	log_close_group(j, 0);
}

void groups_free(struct group *g)
{
	while (g) {
		struct group *next = g->next;
		group_free(g);
		g = next;
	}
}

void jlog_free(struct journal *j)
{
	jlog_drop_spare(j);
	group_free(j->log.open);
	groups_free(j->log.first);
	groups_free(j->log.flight.groups);
	free(j->log.flight.slots);
	free(j->log.dirty);
	j->log = (struct log_writer){0};
}
