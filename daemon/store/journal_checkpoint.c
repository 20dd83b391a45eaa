#include "store/journal_checkpoint.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/journal_box.h"
#include "store/journal_group.h"
#include "store/journal_list.h"
#include "store/journal_note.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

enum {
	CHECKPOINT_LOG_BYTES = 2 * 1024 * 1024, /* so much log is read at a start, at most */
	CHECKPOINT_SHARE = 16, /* and a checkpoint is at most this part of what is written */
	TXN_KEEP_BYTES = 64 * 1024,
};

/* --- making one ----------------------------------------------------------------------------------------- */

static void pack_begin(struct journal *j, uint64_t generation)
{
	struct pack *p = &j->unit;
	pack_open(p, RECORD_CKPT_BEGIN);
	pack_u(p, generation);
	pack_u(p, j->is_closing);
	pack_u(p, j->boxes.next_serial);
	pack_u(p, j->boxes.next_account);
	pack_u(p, j->boxes.next_box);
	pack_i(p, clock_wall_s());
	pack_close(p);
}

static void pack_chunks(struct journal *j, const struct jbox *box)
{
	struct pack *p = &j->unit;
	const struct chunks *c = box->has_next ? &box->next : &box->chunks;
	for (uint32_t i = 0; i < c->count;) {
		pack_open_box(p, RECORD_CKPT_CHUNKS, box->number);
		for (; i < c->count && pack_len(p) < j->record_soft; i++) {
			pack_u(p, c->at[i].place.slot);
			pack_u(p, c->at[i].place.offset);
			pack_u(p, c->at[i].bytes);
			pack_u(p, c->at[i].crc);
			pack_u(p, c->at[i].is_base);
		}
		pack_close(p);
	}
}

static void pack_one_box(struct journal *j, const struct jbox *box)
{
	struct pack *p = &j->unit;
	pack_box(p, box);
	if (box->keywords.count)
		pack_keywords(p, box, &box->keywords, 0);
	if (box->note.len)
		pack_note(j, box, slice_of(box->note.bytes, box->note.len));
	pack_open_box(p, RECORD_CKPT_BOX, box->number);
	pack_tally(p, &box->tally);
	pack_u(p, box->recent_from);
	pack_u(p, box->is_gone);
	pack_close(p);
	pack_chunks(j, box);
}

static void pack_segments(struct journal *j)
{
	struct pack *p = &j->unit;
	const struct segments *s = &j->segments;
	for (uint32_t slot = 1; slot < s->count;) {
		pack_open(p, RECORD_CKPT_USAGE);
		for (; slot < s->count && pack_len(p) < j->record_soft; slot++) {
			if (s->at[slot].state != SEGMENT_USED)
				continue;
			pack_u(p, slot);
			pack_u(p, s->at[slot].seq);
			pack_u(p, s->at[slot].refs);
			pack_u(p, (uint64_t)s->at[slot].bytes);
		}
		pack_close(p);
	}
}

static enum err checkpoint_pack(struct journal *j, uint64_t generation)
{
	unit_begin(j);
	pack_begin(j, generation);
	for (uint32_t i = 0; i < j->boxes.account_count; i++)
		pack_account(&j->unit, j->boxes.accounts[i]);
	for (uint32_t i = 0; i < j->boxes.count; i++)
		pack_one_box(j, j->boxes.at[i]);
	pack_segments(j);
	pack_open(&j->unit, RECORD_CKPT_END);
	pack_close(&j->unit);
	return j->unit.err;
}

/* Lists first: the checkpoint says where they are. What fails here leaves only dead bytes behind. */
static enum err checkpoint_write_lists(struct journal *j)
{
	/* Each delta holds on to its segment: a whole list lets go of all of them. */
	bool is_low = j->segments.free < journal_reserve_segments(j);
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < j->boxes.count && !err; i++) {
		struct jbox *box = j->boxes.at[i];
		bool is_short = box->chunks.base_bytes < j->segment_bytes / 4;
		bool is_whole = box->index && (list_should_fold(box) || (is_low && is_short));
		if (box->pending.len)
			err = list_write(j, box, is_whole, ROOM_CHECKPOINT);
	}
	return err;
}

enum err checkpoint_log(struct journal *j)
{
	struct checkpoint *c = &j->checkpoint;
	enum err err = checkpoint_write_lists(j);
	if (!err)
		err = jlog_fresh_group(j, j->record_soft + 1024, ROOM_CHECKPOINT);
	/* The table of segments has to include the one in which the checkpoint begins. */
	if (!err)
		err = checkpoint_pack(j, j->root.generation + 1);
	if (err)
		return err;
	c->root = j->root;
	c->root.version = JOURNAL_VERSION;
	c->root.generation = j->root.generation + 1;
	struct place place = jlog_place(j, &c->root.seq, &c->root.number);
	c->root.slot = place.slot;
	c->root.offset = place.offset;
	c->root.chain = j->log.chain;
	err = jlog_unit(j, buf_view(&j->txn), ROOM_CHECKPOINT, &c->number);
	if (err)
		return err;
	c->last_bytes = j->txn.len;
	if (j->txn.cap > TXN_KEEP_BYTES)
		buf_free(&j->txn);
	c->state = CHECKPOINT_LOGGED;
	c->is_wanted = false;
	j->log.bytes_since_checkpoint = 0;
	jlog_ticket(j);
	return ERR_NONE;
}

/* --- the root ------------------------------------------------------------------------------------------------ */

static void root_run(struct job *job)
{
	struct checkpoint *c = list_owner(job, struct checkpoint, job);
	struct medium *m = c->journal->medium;
	uint32_t offset = c->root.generation & 1 ? ROOT_AREA_BYTES / 2 : 0;
	c->err = medium_hooks(m)->write(m, MEDIUM_ROOT_SLOT, offset, c->block, ROOT_BLOCK_BYTES);
	if (!c->err)
		c->err = medium_hooks(m)->sync(m, MEDIUM_ROOT_SLOT);
}

static void root_done(struct job *job)
{
	struct checkpoint *c = list_owner(job, struct checkpoint, job);
	struct journal *j = c->journal;
	j->jobs_busy--;
	c->state = CHECKPOINT_NONE;
	if (c->err) {
		journal_fail(j, c->err);
		return;
	}
	j->store->status.bytes_written += ROOT_BLOCK_BYTES;
	j->store->status.syncs++;
	j->root = c->root;
	for (uint32_t i = 0; i < j->boxes.count; i++)
		list_adopt_next(j, j->boxes.at[i]);
	j->segments.may_collect = true;
	segments_collect(j);
	store_wake(j->store, &j->room_waiters);
	store_schedule(j->store, 0);
}

static void checkpoint_write_root(struct journal *j)
{
	struct checkpoint *c = &j->checkpoint;
	c->state = CHECKPOINT_ROOT;
	c->journal = j;
	c->err = ERR_NONE;
	root_put(c->block, &c->root);
	journal_job(j, &c->job, root_run, root_done);
}

bool checkpoint_is_due(const struct journal *j)
{
	uint64_t limit = j->checkpoint.last_bytes * CHECKPOINT_SHARE;
	if (limit < CHECKPOINT_LOG_BYTES)
		limit = CHECKPOINT_LOG_BYTES;
	if (limit > 4 * (uint64_t)j->segment_bytes && j->segment_bytes < CHECKPOINT_LOG_BYTES / 4)
		limit = 4 * (uint64_t)j->segment_bytes;
	/* On a full store the log's own segments have to come back before the reserve is used up. */
	if (j->segments.free < journal_reserve_segments(j) && limit > j->segment_bytes / 2)
		limit = j->segment_bytes / 2;
	return j->checkpoint.is_wanted || j->log.bytes_since_checkpoint >= limit;
}

void checkpoint_turn(struct journal *j)
{
	struct checkpoint *c = &j->checkpoint;
	if (j->has_failed || j->read_only || c->state == CHECKPOINT_ROOT)
		return;
	if (c->state == CHECKPOINT_NONE && checkpoint_is_due(j)) {
		enum err err = checkpoint_log(j);
		if (err)
			log_warn(0, "journal: checkpoint put off: %s", err_text(err));
		/* Not at every turn: more log has to come first. */
		j->log.bytes_since_checkpoint = 0;
		c->is_wanted = false;
	}
	if (c->state == CHECKPOINT_LOGGED && j->log.durable >= c->number)
		checkpoint_write_root(j);
}

/* --- recovery -------------------------------------------------------------------------------------------------- */

static enum err apply_begin(struct journal *j, struct unpack *u, bool *is_clean_out)
{
	unpack_u(u);
	*is_clean_out = unpack_u(u) != 0;
	j->boxes.next_serial = unpack_u(u);
	j->boxes.next_account = unpack_u32(u);
	j->boxes.next_box = unpack_u32(u);
	clock_raise_floor(unpack_i(u));
	return u->is_bad ? ERR_SYNTAX : ERR_NONE;
}

static enum err apply_ckpt_box(struct journal *j, struct unpack *u)
{
	struct jbox *box = box_find(j, unpack_u32(u));
	struct tally tally;
	unpack_tally(u, &tally);
	uint32_t recent = unpack_u32(u), is_gone = unpack_u32(u);
	if (u->is_bad || !box)
		return ERR_SYNTAX;
	box->tally = tally;
	box->recent_from = recent;
	box->is_gone = is_gone;
	return ERR_NONE;
}

static enum err apply_ckpt_chunks(struct journal *j, struct unpack *u)
{
	struct jbox *box = box_find(j, unpack_u32(u));
	if (!box)
		return ERR_SYNTAX;
	while (u->rest.len) {
		struct chunk c;
		c.place.slot = unpack_u32(u);
		c.place.offset = unpack_u32(u);
		c.bytes = unpack_u32(u);
		c.crc = unpack_u32(u);
		c.is_base = unpack_u32(u);
		if (u->is_bad || c.bytes > j->segment_bytes)
			return ERR_SYNTAX;
		enum err err = segment_know(j, c.place.slot);
		if (!err)
			err = chunks_add(j, &box->chunks, &c);
		if (err)
			return err;
	}
	return ERR_NONE;
}

static enum err apply_ckpt_usage(struct journal *j, struct unpack *u)
{
	while (u->rest.len) {
		uint32_t slot = unpack_u32(u);
		uint64_t seq = unpack_u(u);
		uint32_t refs = unpack_u32(u);
		uint64_t bytes = unpack_u(u);
		enum err err = u->is_bad ? ERR_SYNTAX : segment_know(j, slot);
		if (err)
			return err;
		segment_set_used(j, slot, seq);
		j->segments.at[slot].refs = refs;
		j->segments.at[slot].bytes = (int64_t)(bytes & INT64_MAX);
	}
	return ERR_NONE;
}

enum err checkpoint_apply(struct journal *j, const struct record *r, bool *is_clean_out)
{
	struct unpack u = {.rest = r->body};
	switch (r->type) {
	case RECORD_CKPT_BEGIN: return apply_begin(j, &u, is_clean_out);
	case RECORD_CKPT_BOX: return apply_ckpt_box(j, &u);
	case RECORD_CKPT_CHUNKS: return apply_ckpt_chunks(j, &u);
	case RECORD_CKPT_USAGE: return apply_ckpt_usage(j, &u);
	default: return box_apply(j, r, 0);
	}
}
