#include "store/journal_list.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/journal_box.h"
#include "store/journal_group.h"
#include "store/journal_segment.h"

enum {
	LIST_LINGER_MS = 10 * 1000,
	FOLD_DELTAS = 32, /* more chunks than this are put together */
	FOLD_BYTES_MIN = 4096,
	FOLD_ALONE_BYTES = 128 * 1024, /* of deltas: worth reading a list for */
};

/* What a list is read from; the job's own copy. */
struct loading {
	struct job job;
	struct journal *journal;
	uint32_t box, version;
	struct chunk *chunks;
	uint32_t chunk_count;
	struct index *index;
	enum err err;
};

/* --- reading -------------------------------------------------------------------------------------------- */

enum err list_apply_records(struct index *ix, struct slice records)
{
	struct record r;
	while (records.len) {
		struct tally tally;
		enum err err = record_next(&records, &r);
		if (err)
			return err;
		struct unpack u = {.rest = r.body};
		unpack_u32(&u); /* the box */
		if (r.type != RECORD_MOVED)
			unpack_tally(&u, &tally);
		err = u.is_bad ? ERR_SYNTAX : index_apply(ix, (enum record_type)r.type, u.rest);
		if (err)
			return err;
	}
	return ERR_NONE;
}

static enum err chunk_apply(const struct chunk *chunk, uint32_t box, struct slice bytes,
			    struct index *ix)
{
	struct record r;
	if (crc32c(0, bytes.ptr, bytes.len) != chunk->crc || record_next(&bytes, &r) || bytes.len)
		return ERR_CORRUPT;
	struct unpack u = {.rest = r.body};
	uint32_t number = unpack_u32(&u), is_base = unpack_u32(&u);
	if (u.is_bad || number != box || is_base != chunk->is_base)
		return ERR_CORRUPT;
	enum err err =
		is_base ? index_apply(ix, RECORD_ENTRIES, u.rest) : list_apply_records(ix, u.rest);
	return err == ERR_SYNTAX ? ERR_CORRUPT : err;
}

enum err chunk_read(struct medium *m, const struct chunk *chunk, uint32_t box, struct index *ix)
{
	uint8_t *bytes = malloc(chunk->bytes);
	if (!bytes)
		return ERR_NOMEM;
	enum err err = medium_hooks(m)->read(m, chunk->place.slot, chunk->place.offset, bytes,
					     chunk->bytes, true);
	if (!err)
		err = chunk_apply(chunk, box, slice_of(bytes, chunk->bytes), ix);
	free(bytes);
	return err;
}

static void loading_run(struct job *job)
{
	struct loading *l = list_owner(job, struct loading, job);
	for (uint32_t i = 0; i < l->chunk_count && !l->err; i++)
		l->err = chunk_read(l->journal->medium, &l->chunks[i], l->box, l->index);
}

static void loading_free(struct loading *l)
{
	if (l && l->index)
		index_free(l->index);
	if (l) {
		free(l->index);
		free(l->chunks);
	}
	free(l);
}

static enum err loading_finish(struct loading *l, struct jbox *box)
{
	enum err err = l->err;
	if (!err)
		err = list_apply_records(l->index, buf_view(&box->saved));
	if (!err)
		err = list_apply_records(l->index, buf_view(&box->pending));
	if (!err && l->index->count != box->tally.messages && !box->is_short)
		err = ERR_CORRUPT;
	if (err)
		return err == ERR_SYNTAX ? ERR_CORRUPT : err;
	box->index = l->index;
	l->index = NULL;
	uint32_t uid_next = box->public ? box->public->uid_next : box->tally.uid_next;
	box->visible = index_position(box->index, uid_next);
	box->idle_since_ms = clock_mono_ms();
	return ERR_NONE;
}

static void loading_done(struct job *job)
{
	struct loading *l = list_owner(job, struct loading, job);
	struct journal *j = l->journal;
	struct jbox *box = box_find(j, l->box);
	j->jobs_busy--;
	if (box) {
		box->loading = NULL;
		/* When a checkpoint has replaced the chunks meanwhile, whoever asked asks again. */
		if (l->version == box->chunks_version) {
			box->load_err = loading_finish(l, box);
			if (box->load_err == ERR_CORRUPT)
				log_error(0,
					  "journal: the list of mailbox %s is damaged; surel check"
					  " --repair can put it together again",
					  box->name);
		}
		store_wake(j->store, &box->load_waiters);
		store_schedule(j->store, 0);
	}
	loading_free(l);
}

static enum err list_load(struct journal *j, struct jbox *box)
{
	struct loading *l = calloc(1, sizeof(*l));
	if (!l)
		return ERR_NOMEM;
	l->index = calloc(1, sizeof(*l->index));
	l->chunks = malloc((box->chunks.count + 1) * sizeof(struct chunk));
	if (!l->index || !l->chunks) {
		loading_free(l);
		return ERR_NOMEM;
	}
	*l = (struct loading){.journal = j,
			      .box = box->number,
			      .version = box->chunks_version,
			      .chunks = l->chunks,
			      .chunk_count = box->chunks.count,
			      .index = l->index};
	if (l->chunk_count)
		memcpy(l->chunks, box->chunks.at, l->chunk_count * sizeof(struct chunk));
	if (index_reserve(l->index, box->tally.messages)) {
		loading_free(l);
		return ERR_NOMEM;
	}
	box->loading = l;
	journal_job(j, &l->job, loading_run, loading_done);
	return ERR_NONE;
}

enum err list_open(struct journal *j, struct jbox *box, struct waiter *w)
{
	enum err err = ERR_NONE;
	if (!box->load_err && !box->index && !box->loading)
		err = list_load(j, box);
	if (!err) { /* how it ended: earlier, or just now when the job ran at once */
		err = box->load_err;
		box->load_err = ERR_NONE;
	}
	if (!err && !box->index) {
		err = ERR_AGAIN;
		store_sleep(&box->load_waiters, w);
	}
	box->index_users += !err;
	return err;
}

void list_close(struct journal *j, struct jbox *box)
{
	if (--box->index_users)
		return;
	box->idle_since_ms = clock_mono_ms();
	store_schedule(j->store, LIST_LINGER_MS);
}

void list_drop(struct jbox *box)
{
	if (box->index)
		index_free(box->index);
	free(box->index);
	box->index = NULL;
}

void list_sweep(struct journal *j)
{
	uint64_t now = clock_mono_ms();
	for (uint32_t i = 0; i < j->boxes.count; i++) {
		struct jbox *box = j->boxes.at[i];
		if (!box->index || box->index_users)
			continue;
		if (now - box->idle_since_ms < LIST_LINGER_MS) {
			store_schedule(j->store, LIST_LINGER_MS);
			continue;
		}
		if (list_should_fold(box) && !j->read_only && !j->has_failed &&
		    j->checkpoint.state == CHECKPOINT_NONE && list_write(j, box, true, ROOM_BULK))
			box->wants_base = false; /* no room for it now */
		list_drop(box);
	}
}

/* A list that nobody opens grows by deltas only, which take longer to read. */
bool list_fold_one(struct journal *j)
{
	if (j->checkpoint.state != CHECKPOINT_NONE)
		return false;
	for (uint32_t i = 0; i < j->boxes.count; i++) {
		struct jbox *box = j->boxes.at[i];
		const struct chunks *c = box->has_next ? &box->next : &box->chunks;
		if (box->is_gone || box->index || box->loading ||
		    c->delta_bytes < FOLD_ALONE_BYTES || !list_should_fold(box) ||
		    !jlog_has_room(j, c->delta_bytes, j->record_soft * 2, ROOM_BULK))
			continue;
		enum err err = list_open(j, box, NULL);
		if (!err)
			list_close(j, box); /* list_sweep folds it */
		return err == ERR_NONE || err == ERR_AGAIN;
	}
	return false;
}

/* --- writing ---------------------------------------------------------------------------------------------- */

static enum err chunk_put(struct journal *j, struct chunks *c, struct pack *record, bool is_base,
			  enum room_class class)
{
	pack_close(record);
	struct slice bytes = buf_view(record->dst);
	struct chunk chunk = {.bytes = (uint32_t)bytes.len,
			      .crc = crc32c(0, bytes.ptr, bytes.len),
			      .is_base = is_base};
	enum err err = record->err;
	if (!err && !jlog_has_room(j, bytes.len, bytes.len, class))
		err = ERR_FULL;
	if (!err)
		err = jlog_put(j, GROUP_LOG, &bytes, 1, class, &chunk.place);
	return err ? err : chunks_add(j, c, &chunk);
}

static void chunk_open(struct pack *p, const struct jbox *box, bool is_base)
{
	buf_clear(p->dst);
	pack_open(p, RECORD_CHUNK);
	pack_u(p, box->number);
	pack_u(p, is_base);
}

static enum err base_write(struct journal *j, const struct jbox *box, struct chunks *c,
			   struct buf *record, enum room_class class)
{
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < box->index->count && !err;) {
		struct message last = {0}, m;
		struct pack p = {.dst = record};
		chunk_open(&p, box, true);
		for (; i < box->index->count && record->len < j->record_soft; i++) {
			index_get(box->index, i, &m);
			pack_message(&p, &last, &m);
		}
		err = chunk_put(j, c, &p, true, class);
	}
	return err;
}

/* Records are kept whole; a chunk ends behind the one that makes it long enough. */
static enum err delta_write(struct journal *j, const struct jbox *box, struct chunks *c,
			    struct buf *chunk, enum room_class class)
{
	struct slice records = buf_view(&box->pending);
	enum err err = ERR_NONE;
	while (records.len && !err) {
		struct pack p = {.dst = chunk};
		struct record r;
		chunk_open(&p, box, false);
		while (records.len && chunk->len < j->record_soft && !record_next(&records, &r))
			pack_bytes(&p, r.all.ptr, r.all.len);
		err = chunk_put(j, c, &p, false, class);
	}
	return err;
}

/* pending joins saved; the caller has what both say in box->next. */
static enum err pending_save(struct jbox *box)
{
	if (box->saved.len == 0) {
		struct buf empty = box->saved;
		box->saved = box->pending;
		box->pending = empty;
		return ERR_NONE;
	}
	enum err err = buf_add_slice(&box->saved, buf_view(&box->pending));
	if (!err) {
		buf_clear(&box->pending);
		buf_shrink(&box->pending);
	}
	return err;
}

enum err list_write(struct journal *j, struct jbox *box, bool is_whole, enum room_class class)
{
	const struct chunks *before = box->has_next ? &box->next : &box->chunks;
	struct chunks c = {0};
	struct buf record;
	enum err err = ERR_NONE;
	buf_init(&record, j->segment_bytes);
	for (uint32_t i = 0; !is_whole && i < before->count && !err; i++)
		err = chunks_add(j, &c, &before->at[i]);
	if (!err)
		err = (is_whole ? base_write : delta_write)(j, box, &c, &record, class);
	buf_free(&record);
	if (!err)
		err = pending_save(box);
	chunks_free(j, err ? &c : &box->next);
	if (err)
		return err;
	box->next = c;
	box->has_next = true;
	box->wants_base &= !is_whole;
	return ERR_NONE;
}

bool list_should_fold(const struct jbox *box)
{
	const struct chunks *c = box->has_next ? &box->next : &box->chunks;
	uint64_t delta = c->delta_bytes + box->pending.len;
	return box->wants_base || c->count > FOLD_DELTAS + c->base_bytes / 16384 ||
	       delta > c->base_bytes / 2 + FOLD_BYTES_MIN;
}

void list_adopt_next(struct journal *j, struct jbox *box)
{
	if (!box->has_next)
		return;
	chunks_free(j, &box->chunks);
	box->chunks = box->next;
	box->next = (struct chunks){0};
	box->has_next = false;
	box->chunks_version++;
	buf_clear(&box->saved);
	buf_shrink(&box->saved);
}
