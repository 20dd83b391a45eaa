#include "store/journal_read.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/journal_group.h"
#include "store/journal_segment.h"

enum {
	PIECES = 8,
	PIECE_HEAD = -1,
	HEAD_FIRST_BYTES = 1024, /* mostly all of table and summary */
	PIECE_IDLE_MS = 3000,
};

enum piece_state { PIECE_EMPTY, PIECE_LOADING, PIECE_READY, PIECE_FAILED };
struct piece {
	struct job job;
	struct journal *journal;
	uint64_t seq; /* of the record's segment */
	struct place place;
	int32_t index; /* of the block; PIECE_HEAD */
	enum piece_state state;
	bool is_taken;
	enum err err;
	uint64_t used_ms, use;
	uint8_t *bytes;
	size_t len;
	struct blob_head head;
	struct blob_row row;
};
struct block_cache {
	struct piece pieces[PIECES];
	struct list waiters;
	uint64_t uses;
	bool is_warm;
};

/* --- straight from the medium ------------------------------------------------------------------------- */

static enum err source_read(const struct blob_source *src, uint32_t slot, uint32_t offset,
			    uint8_t *dst, size_t n)
{
	struct place place = {slot, offset};
	if (src->journal && jlog_read_memory(src->journal, place, dst, n))
		return ERR_NONE;
	enum err err =
		medium_hooks(src->medium)->read(src->medium, slot, offset, dst, n, src->may_block);
	return err == ERR_NOT_FOUND ? ERR_IO : err;
}

static enum err head_check(const struct blob_source *src, const struct blob_head *h,
			   const uint8_t *bytes, size_t len)
{
	size_t table = (size_t)blob_table_end(h);
	uint32_t seed = group_seed(src->salt, h->serial, UINT32_MAX - 1);
	if (!blob_table_is_whole(bytes, h, src->salt) ||
	    crc32c(seed, bytes + table, len - table) != h->summary_crc)
		return ERR_CORRUPT;
	return ERR_NONE;
}

/* The first piece read tells how long the whole is. */
enum err blob_read_head(const struct blob_source *src, struct blob_head *h_out, uint8_t **bytes_out,
			size_t *len_out)
{
	size_t room = src->segment_bytes - src->place.offset, done = 0;
	uint64_t need = room < HEAD_FIRST_BYTES ? room : HEAD_FIRST_BYTES;
	uint8_t *bytes = NULL;
	enum err err;
	do {
		size_t part = (size_t)need - done;
		uint8_t *more = realloc(bytes, (size_t)need + 1);
		bytes = more ? more : bytes;
		err = more ? source_read(src, src->place.slot, src->place.offset + (uint32_t)done,
					 bytes + done, part)
			   : ERR_NOMEM;
		done += part;
		if (!err && !blob_head_get(bytes, done, h_out))
			err = ERR_CORRUPT;
		if (!err)
			need = blob_table_end(h_out) +
			       (h_out->summary_rows ? 0 : h_out->summary_len);
		if (!err && need > room)
			err = ERR_CORRUPT;
	} while (!err && done < need);
	if (!err)
		err = head_check(src, h_out, bytes, (size_t)need);
	if (err) {
		free(bytes);
		return err;
	}
	*bytes_out = bytes;
	*len_out = (size_t)need;
	return ERR_NONE;
}

enum err blob_read_stored(const struct blob_source *src, const struct blob_head *h,
			  const struct blob_row *row, uint32_t index, uint8_t *dst)
{
	uint32_t slot = row->slot ? row->slot : src->place.slot;
	uint64_t offset = (uint64_t)row->offset + (row->slot ? 0 : src->place.offset);
	if (offset + row->len > src->segment_bytes)
		return ERR_CORRUPT;
	enum err err = source_read(src, slot, (uint32_t)offset, dst, row->len);
	if (!err && blob_block_crc(src->salt, h, index, dst, row->len) != row->crc)
		err = ERR_CORRUPT;
	return err;
}

enum err blob_read_block(const struct blob_source *src, const struct blob_head *h,
			 const struct blob_row *row, uint32_t index, uint8_t **bytes_out)
{
	uint32_t plain_len = blob_block_len(h, index);
	if (row->len > plain_len || plain_len > h->block_bytes)
		return ERR_CORRUPT;
	uint8_t *plain = malloc(plain_len + 1u);
	uint8_t *stored = row->is_deflated ? malloc(row->len + 1u) : plain;
	enum err err = plain && stored ? ERR_NONE : ERR_NOMEM;
	if (!err)
		err = blob_read_stored(src, h, row, index, stored);
	if (!err && row->is_deflated)
		err = blob_unpack(row, stored, plain, plain_len);
	else if (!err && row->len != plain_len)
		err = ERR_CORRUPT;
	if (stored != plain)
		free(stored);
	if (err) {
		free(plain);
		return err;
	}
	*bytes_out = plain;
	return ERR_NONE;
}

/* --- pieces ------------------------------------------------------------------------------------------------ */

static struct blob_source piece_source(const struct piece *p, bool may_block, bool is_job)
{
	return (struct blob_source){.medium = p->journal->medium,
				    .salt = p->journal->root.salt,
				    .segment_bytes = p->journal->segment_bytes,
				    .place = p->place,
				    .may_block = may_block,
				    .journal = is_job ? NULL : p->journal};
}

static enum err piece_fetch(struct piece *p, bool may_block, bool is_job)
{
	struct blob_source src = piece_source(p, may_block, is_job);
	if (p->index == PIECE_HEAD)
		return blob_read_head(&src, &p->head, &p->bytes, &p->len);
	p->len = blob_block_len(&p->head, (uint32_t)p->index);
	return blob_read_block(&src, &p->head, &p->row, (uint32_t)p->index, &p->bytes);
}

static void piece_run(struct job *job)
{
	struct piece *p = list_owner(job, struct piece, job);
	p->err = piece_fetch(p, true, true);
}

static void piece_done(struct job *job)
{
	struct piece *p = list_owner(job, struct piece, job);
	struct journal *j = p->journal;
	j->jobs_busy--;
	p->state = p->err ? PIECE_FAILED : PIECE_READY;
	p->used_ms = clock_mono_ms();
	store_wake(j->store, &j->cache->waiters);
}

static void piece_clear(struct piece *p)
{
	free(p->bytes);
	p->bytes = NULL;
	p->state = PIECE_EMPTY;
}

/* One that may be given up: an empty one, else the oldest that its reader has taken, else the oldest
 * that waits to be taken. Giving up the last kind costs its reader another read, mostly from the page
 * cache; keeping it for ever would let readers who hold a block and want its head wait for each
 * other. While something is being loaded, whose end wakes everybody, nobody's is taken away. */
static struct piece *piece_victim(struct block_cache *c)
{
	struct piece *taken = NULL, *untaken = NULL;
	bool is_loading = false;
	for (size_t i = 0; i < PIECES; i++) {
		struct piece *p = &c->pieces[i];
		struct piece **oldest = p->is_taken ? &taken : &untaken;
		if (p->state == PIECE_EMPTY)
			return p;
		if (p->state == PIECE_LOADING)
			is_loading = true;
		else if (!*oldest || p->use < (*oldest)->use)
			*oldest = p;
	}
	return taken ? taken : is_loading ? NULL : untaken;
}

/* Of the same message. */
static bool piece_is_beside(const struct piece *p, const struct piece *want)
{
	return p->state != PIECE_EMPTY && p->seq == want->seq &&
	       p->place.slot == want->place.slot && p->place.offset == want->place.offset;
}

static struct piece *piece_find(struct block_cache *c, const struct piece *want)
{
	for (size_t i = 0; i < PIECES; i++)
		if (piece_is_beside(&c->pieces[i], want) && c->pieces[i].index == want->index)
			return &c->pieces[i];
	return NULL;
}

static enum err piece_take(struct block_cache *c, struct piece *p, struct waiter *w)
{
	if (p->state == PIECE_LOADING) {
		store_sleep(&c->waiters, w);
		return ERR_AGAIN;
	}
	enum err err = p->state == PIECE_FAILED ? p->err : ERR_NONE;
	p->is_taken = true;
	p->use = ++c->uses;
	p->used_ms = clock_mono_ms();
	if (err)
		piece_clear(p);
	return err;
}

/* `want` says which; a block's needs its head and row filled in. The piece is valid until the next
 * call that gets one. */
static enum err piece_get(struct journal *j, const struct piece *want, bool may_block,
			  struct piece **piece_out, struct waiter *w)
{
	struct block_cache *c = j->cache;
	struct piece *p = piece_find(c, want);
	if (!p && !(p = piece_victim(c))) {
		store_sleep(&c->waiters, w);
		return ERR_AGAIN;
	}
	*piece_out = p;
	c->is_warm = true;
	if (p->state == PIECE_EMPTY || piece_find(c, want) != p) {
		piece_clear(p);
		*p = *want;
		p->journal = j;
		p->use = ++c->uses;
		p->err = piece_fetch(p, may_block, false);
		p->state = p->err ? PIECE_FAILED : PIECE_READY;
		if (p->err == ERR_AGAIN) {
			p->state = PIECE_LOADING;
			journal_job(j, &p->job, piece_run, piece_done);
		}
	}
	return piece_take(c, p, w);
}

enum err cache_init(struct journal *j)
{
	j->cache = calloc(1, sizeof(*j->cache));
	if (!j->cache)
		return ERR_NOMEM;
	list_init(&j->cache->waiters);
	return ERR_NONE;
}

void cache_free(struct journal *j)
{
	for (size_t i = 0; j->cache && i < PIECES; i++)
		piece_clear(&j->cache->pieces[i]);
	free(j->cache);
	j->cache = NULL;
}

void cache_sweep(struct journal *j)
{
	struct block_cache *c = j->cache;
	uint64_t now = clock_mono_ms();
	if (!c->is_warm)
		return;
	c->is_warm = false;
	for (size_t i = 0; i < PIECES; i++) {
		struct piece *p = &c->pieces[i];
		if (p->state == PIECE_LOADING || now - p->used_ms < PIECE_IDLE_MS)
			c->is_warm |= p->state != PIECE_EMPTY;
		else
			piece_clear(p);
	}
	if (c->is_warm)
		store_schedule(j->store, PIECE_IDLE_MS);
}

/* --- messages ------------------------------------------------------------------------------------------------ */

uint64_t journal_place_of(const struct journal *j, const struct message *m)
{
	const struct segments *s = &j->segments;
	uint64_t seq = m->slot < s->count ? s->at[m->slot].seq : 0;
	return (uint64_t)m->slot | (uint64_t)m->offset << 24 | (seq & 0xFFFF) << 48;
}

/* Where the message is now. When it is still listed it may have been moved since; when it is not,
 * its old place serves as long as the segment has not been used again. */
static enum err read_locate(struct journal *j, const struct mailbox *box,
			    const struct msg_info *info, struct piece *want)
{
	const struct jbox *b = box->backend;
	uint64_t place = info->place;
	uint32_t at;
	if (b->index && index_has(b->index, info->uid, &at)) {
		struct message m;
		index_get(b->index, at, &m);
		place = journal_place_of(j, &m);
	}
	want->place.slot = place & 0xFFFFFF;
	want->place.offset = place >> 24 & 0xFFFFFF;
	const struct segment *g = segment_at(j, want->place.slot);
	if (!g || g->state != SEGMENT_USED || (g->seq & 0xFFFF) != place >> 48)
		return ERR_GONE;
	want->seq = g->seq;
	return want->place.offset < j->segment_bytes ? ERR_NONE : ERR_CORRUPT;
}

/* A block knows its blob's head. Whoever comes back for a block that a job has brought needs the table
 * no more, so that no reader needs two pieces at once. */
static enum err read_head(struct journal *j, const struct piece *want, bool may_block,
			  struct blob_head *h_out, struct waiter *w)
{
	struct piece *head;
	for (size_t i = 0; i < PIECES; i++) {
		const struct piece *p = &j->cache->pieces[i];
		if (p->state == PIECE_READY && p->index != PIECE_HEAD && piece_is_beside(p, want)) {
			*h_out = p->head;
			return ERR_NONE;
		}
	}
	enum err err = piece_get(j, want, may_block, &head, w);
	if (!err)
		*h_out = head->head;
	return err;
}

static enum err read_block(struct journal *j, const struct piece *want_head, uint32_t index,
			   bool may_block, struct piece **piece_out, struct waiter *w)
{
	struct piece want = *want_head, *head;
	want.index = (int32_t)index;
	*piece_out = piece_find(j->cache, &want);
	if (*piece_out)
		return piece_take(j->cache, *piece_out, w);
	enum err err = piece_get(j, want_head, may_block, &head, w);
	if (err)
		return err;
	want.head = head->head;
	blob_row_get(head->bytes, index, &want.row);
	return piece_get(j, &want, may_block, piece_out, w);
}

/* Blocks from `first_row` on hold `total` plain octets. */
static enum err read_rows(struct journal *j, const struct piece *want, const struct blob_head *h,
			  uint32_t first_row, uint64_t total, uint64_t offset, struct slice room,
			  size_t *got_out, struct waiter *w)
{
	uint8_t *dst = (uint8_t *)(uintptr_t)room.ptr;
	size_t done = 0, pieces = 0;
	while (done < room.len && offset + done < total) {
		struct piece *block;
		/* What one call needs must fit into the cache at once; beyond that it waits. */
		bool may_block = ++pieces > PIECES / 2;
		uint32_t index = (uint32_t)((offset + done) / h->block_bytes);
		size_t skip = (size_t)((offset + done) % h->block_bytes);
		enum err err = read_block(j, want, first_row + index, may_block, &block, w);
		if (err)
			return err;
		size_t part = block->len - skip;
		if (part > room.len - done)
			part = room.len - done;
		memcpy(dst + done, block->bytes + skip, part);
		done += part;
	}
	*got_out = done;
	return ERR_NONE;
}

static enum err read_summary(struct journal *j, const struct piece *want, uint64_t offset,
			     struct slice room, size_t *got_out, struct waiter *w)
{
	struct piece *head;
	enum err err = piece_get(j, want, false, &head, w);
	if (err)
		return err;
	const struct blob_head h = head->head;
	if (h.summary_rows)
		return read_rows(j, want, &h, h.body_rows, h.summary_len, offset, room, got_out, w);
	size_t table = (size_t)blob_table_end(&h);
	struct slice rest = slice_from(slice_of(head->bytes + table, head->len - table),
				       offset > SIZE_MAX ? SIZE_MAX : (size_t)offset);
	rest = slice_upto(rest, room.len);
	if (rest.len)
		memcpy((uint8_t *)(uintptr_t)room.ptr, rest.ptr, rest.len);
	*got_out = rest.len;
	return ERR_NONE;
}

enum err journal_read(struct mailbox *box, const struct msg_info *info, enum msg_part part,
		      uint64_t offset, uint8_t *dst, size_t n, size_t *got_out, struct waiter *w)
{
	struct journal *j = store_journal(box->account->store);
	struct piece want = {.index = PIECE_HEAD};
	struct blob_head head;
	struct slice room = slice_of(dst, n);
	enum err err = read_locate(j, box, info, &want);
	if (err)
		return err;
	if (part == MSG_SUMMARY) {
		err = read_summary(j, &want, offset, room, got_out, w);
	} else if (!(err = read_head(j, &want, false, &head, w))) {
		err = head.size == info->size
			      ? read_rows(j, &want, &head, 0, info->size, offset, room, got_out, w)
			      : ERR_CORRUPT;
	}
	/* Not damaged but used again since: it was expunged, and its space is needed. */
	if ((err == ERR_CORRUPT || err == ERR_IO) && read_locate(j, box, info, &want) == ERR_GONE)
		err = ERR_GONE;
	if (err == ERR_CORRUPT)
		medium_note_error();
	return err;
}
