#include "store/journal_salvage.h"

#include <stdlib.h>

#include "store/journal_box.h"
#include "store/journal_checkpoint.h"
#include "store/journal_group.h"
#include "store/journal_hooks.h"
#include "store/journal_list.h"
#include "store/journal_mount.h"
#include "store/journal_read.h"
#include "store/journal_rescue.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

enum { MODSEQ_JUMP = 1 << 20 };

struct collecting {
	struct journal *journal;
	struct salvage *result;
	uint32_t last_slot;
};

/* --- mailboxes --------------------------------------------------------------------------------------------- */

/* One that no record has named gets a name of its own, in an account of its own. */
static struct jbox *salvage_box(struct journal *j, uint32_t number)
{
	char name[32] = "Recovered";
	struct jbox *box = box_find(j, number);
	if (!box) {
		if (!jaccount_find_name(j, SLICE_LIT("recovered")) &&
		    jaccount_make(j, j->boxes.next_account, SLICE_LIT("recovered")))
			return NULL;
		size_t at = strlen(name);
		for (uint32_t n = number; n && at + 1 < sizeof(name); n /= 10)
			name[at++] = (char)('0' + n % 10);
		if (box_make(j, number, slice_of(name, at), &box))
			return NULL;
		box->account = jaccount_find_name(j, SLICE_LIT("recovered"))->number;
		box->exists = true;
		box->uid_validity = number;
		box->mailbox_id = number;
	}
	if (!box->index)
		box->index = calloc(1, sizeof(*box->index));
	return box->index ? box : NULL;
}

static void salvage_raise(struct jbox *box, const struct tally *tally)
{
	if (tally->uid_next > box->tally.uid_next)
		box->tally.uid_next = tally->uid_next;
	if (tally->modseq > box->tally.modseq)
		box->tally.modseq = tally->modseq;
}

void salvage_count(struct jbox *box)
{
	struct tally *t = &box->tally;
	*t = (struct tally){.uid_next = t->uid_next, .modseq = t->modseq};
	for (uint32_t i = 0; i < box->index->count; i++) {
		struct message m;
		index_get(box->index, i, &m);
		tally_add(t, &m);
		if (m.uid >= t->uid_next)
			t->uid_next = m.uid + 1;
		if (m.modseq > t->modseq)
			t->modseq = m.modseq;
	}
}

/* --- records ------------------------------------------------------------------------------------------------- */

static void note_serials_of(struct journal *j, const struct index *ix)
{
	for (uint32_t i = 0; i < ix->count; i++) {
		struct message m;
		index_get(ix, i, &m);
		if (m.serial >= j->boxes.next_serial)
			j->boxes.next_serial = m.serial + 1;
	}
}

/* A base chunk is all there was between the chunk before it and its last message. */
static enum err salvage_base(struct jbox *box, struct slice entries)
{
	struct index chunk = {0};
	enum err err = index_apply(&chunk, RECORD_ENTRIES, entries);
	if (!err && chunk.count) {
		uint32_t first = chunk.at[0].uid, last = chunk.at[chunk.count - 1].uid;
		uint32_t from = first > box->tail_first_uid ? box->tail_first_uid + 1 : 1;
		for (uint32_t i = index_position(box->index, from);
		     i < box->index->count && box->index->at[i].uid <= last;) {
			uint32_t at, uid = box->index->at[i].uid;
			if (index_has(&chunk, uid, &at))
				i++;
			else
				index_drop(box->index, i);
		}
		box->tail_first_uid = last;
		err = index_apply(box->index, RECORD_ENTRIES, entries);
	}
	index_free(&chunk);
	return err;
}

static enum err salvage_chunk(struct journal *j, struct unpack *u)
{
	struct jbox *box = salvage_box(j, unpack_u32(u));
	uint32_t is_base = unpack_u32(u);
	if (u->is_bad || !box)
		return u->is_bad ? ERR_SYNTAX : ERR_NOMEM;
	return is_base ? salvage_base(box, u->rest) : list_apply_records(box->index, u->rest);
}

static enum err salvage_messages(struct journal *j, const struct record *r, struct unpack *u)
{
	struct jbox *box = salvage_box(j, unpack_u32(u));
	struct tally tally = {0};
	if (r->type != RECORD_MOVED)
		unpack_tally(u, &tally);
	if (u->is_bad || !box)
		return u->is_bad ? ERR_SYNTAX : ERR_NOMEM;
	salvage_raise(box, &tally);
	return index_apply(box->index, (enum record_type)r->type, u->rest);
}

static enum err salvage_ckpt_box(struct journal *j, struct unpack *u)
{
	struct jbox *box = salvage_box(j, unpack_u32(u));
	struct tally tally;
	unpack_tally(u, &tally);
	uint32_t recent = unpack_u32(u);
	if (u->is_bad || !box)
		return u->is_bad ? ERR_SYNTAX : ERR_NOMEM;
	salvage_raise(box, &tally);
	box->recent_from = recent > box->recent_from ? recent : box->recent_from;
	return ERR_NONE;
}

static enum err salvage_record(struct collecting *c, const struct record *r, uint64_t number)
{
	struct journal *j = c->journal;
	struct unpack u = {.rest = r->body};
	switch (r->type) {
	case RECORD_ENTRIES:
	case RECORD_FLAGS:
	case RECORD_EXPUNGE:
	case RECORD_RAISE:
	case RECORD_MOVED: return salvage_messages(j, r, &u);
	case RECORD_CHUNK: return salvage_chunk(j, &u);
	case RECORD_CKPT_BOX: return salvage_ckpt_box(j, &u);
	case RECORD_CKPT_BEGIN: {
		uint64_t generation = unpack_u(&u);
		if (generation > c->result->last_generation)
			c->result->last_generation = generation;
		return ERR_NONE;
	}
	case RECORD_USAGE:
	case RECORD_RECENT: return ERR_NONE;
	case RECORD_KEYWORDS:
	case RECORD_BOX_GONE:
		return salvage_box(j, unpack_u32(&u)) ? box_apply(j, r, number) : ERR_NOMEM;
	case RECORD_BOX_FREED:
	case RECORD_NOTE: return box_find(j, unpack_u32(&u)) ? box_apply(j, r, number) : ERR_NONE;
	default: return box_apply(j, r, number);
	}
}

static enum err salvage_group(void *arg, struct scan *s, uint32_t slot)
{
	struct collecting *c = arg;
	struct slice records = s->records;
	struct record r;
	c->result->groups++;
	if (slot != c->last_slot) {
		c->result->segments++;
		segment_set_used(c->journal, slot, s->seq);
	}
	c->last_slot = slot;
	if (s->seq > c->result->last_seq)
		c->result->last_seq = s->seq;
	if (s->head.number > c->result->last_number)
		c->result->last_number = s->head.number;
	while (s->head.kind == GROUP_LOG && records.len && !record_next(&records, &r)) {
		/* A record that does not fit what was found so far is passed over. */
		enum err err = salvage_record(c, &r, s->head.number);
		if (err == ERR_NOMEM)
			return err;
	}
	return ERR_NONE;
}

enum err salvage_collect(struct journal *j, struct salvage *s_out)
{
	struct collecting c = {.journal = j, .result = s_out};
	*s_out = (struct salvage){0};
	j->boxes = (struct boxes){.next_account = 1, .next_box = 1, .next_serial = 1};
	enum err err = rescue_walk(j, salvage_group, &c);
	for (uint32_t i = 0; i < j->boxes.count && !err; i++) {
		struct jbox *box = salvage_box(j, j->boxes.at[i]->number);
		if (!box)
			return ERR_NOMEM;
		buf_clear(&box->pending);
		salvage_count(box);
		box->tally.modseq += MODSEQ_JUMP;
		box->tail_first_uid = 0;
		note_serials_of(j, box->index);
	}
	return err;
}

/* --- messages -------------------------------------------------------------------------------------------------- */

enum err salvage_read_message(struct journal *j, const struct message *m)
{
	struct blob_source src = {.medium = j->medium,
				  .salt = j->root.salt,
				  .segment_bytes = j->segment_bytes,
				  .place = {m->slot, m->offset},
				  .may_block = true};
	struct blob_head h;
	uint8_t *table = NULL;
	size_t len;
	if (m->offset >= j->segment_bytes)
		return ERR_CORRUPT;
	enum err err = blob_read_head(&src, &h, &table, &len);
	if (!err && h.size != m->size)
		err = ERR_CORRUPT;
	for (uint32_t i = 0; !err && i < h.body_rows + h.summary_rows; i++) {
		struct blob_row row;
		uint8_t *bytes = NULL;
		blob_row_get(table, i, &row);
		err = blob_read_block(&src, &h, &row, i, &bytes);
		if (!err)
			free(bytes);
	}
	free(table);
	return err;
}

/* --- a store again ----------------------------------------------------------------------------------------------- */

enum err salvage_rewrite(struct journal *j, struct jbox *box)
{
	buf_clear(&box->pending);
	buf_clear(&box->saved);
	return list_write(j, box, true, ROOM_CHECKPOINT);
}

uint64_t salvage_count_segments(struct journal *j, bool correct)
{
	const struct usage *usage = &j->usage;
	uint64_t wrong = 0;
	unit_begin(j);
	for (uint32_t i = 0; i < j->boxes.count; i++)
		if (j->boxes.at[i]->index)
			usage_add_list(j, j->boxes.at[i]->index, 1);
	for (uint32_t slot = 1, at = 0; slot < j->segments.count && !j->unit.err; slot++) {
		struct segment *g = &j->segments.at[slot];
		while (at < usage->count && usage->at[at].slot < slot)
			at++;
		bool is_used = at < usage->count && usage->at[at].slot == slot;
		uint32_t refs = is_used ? (uint32_t)usage->at[at].refs : 0;
		wrong += g->state == SEGMENT_USED && g->refs != refs;
		if (!correct)
			continue;
		g->refs = refs;
		g->bytes = is_used ? usage->at[at].bytes : 0;
		j->segments.may_collect = true;
	}
	return j->unit.err ? UINT64_MAX : wrong;
}

static void salvage_bury(struct journal *j)
{
	for (uint32_t i = j->boxes.count; i-- > 0;)
		if (j->boxes.at[i]->is_gone)
			box_forget(j, j->boxes.at[i]);
}

/* Free segments for all lists and a checkpoint: new ones, for nothing old may be overwritten yet. */
static enum err salvage_make_room(struct journal *j)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < j->boxes.count; i++)
		bytes += 2048 + (uint64_t)j->boxes.at[i]->index->count * sizeof(struct entry);
	uint64_t wanted = 3 * (bytes / (j->segment_bytes / 2)) + 3;
	enum err err = ERR_NONE;
	for (uint32_t slot = 1; j->segments.free < wanted && !err; slot++) {
		err = segment_know(j, slot);
		if (err || j->segments.at[slot].state != SEGMENT_ABSENT)
			continue;
		err = medium_hooks(j->medium)->create(j->medium, slot, j->segment_bytes);
		if (!err)
			segment_set_there(j, slot);
	}
	return err == ERR_FULL && j->segments.free >= 2 ? ERR_NONE : err;
}

static enum err salvage_begin_log(struct journal *j, const struct salvage *s)
{
	enum err err =
		medium_hooks(j->medium)->create(j->medium, MEDIUM_ROOT_SLOT, ROOT_AREA_BYTES);
	if (!err)
		err = salvage_make_room(j);
	if (err)
		return err;
	j->root.version = JOURNAL_VERSION;
	j->root.segment_bytes = j->segment_bytes;
	j->root.generation = s->last_generation + 1;
	j->log.seq = s->last_seq;
	j->log.next_number = s->last_number + 1;
	j->log.durable = s->last_number;
	return jlog_begin_segment(j);
}

static enum err salvage_mount(struct journal *j)
{
	struct salvage s;
	bool has_root;
	enum err err = journal_list_segments(j, &has_root);
	if (!err)
		err = salvage_collect(j, &s);
	if (!err && s.groups == 0)
		err = ERR_NOT_FOUND;
	if (err)
		return err;
	salvage_bury(j);
	err = salvage_count_segments(j, true) == UINT64_MAX ? ERR_NOMEM : ERR_NONE;
	if (!err)
		err = salvage_begin_log(j, &s);
	for (uint32_t i = 0; i < j->boxes.count && !err; i++)
		err = salvage_rewrite(j, j->boxes.at[i]);
	/* Twice, so that both root blocks are good. */
	if (!err)
		err = journal_checkpoint_now(j);
	return err ? err : journal_checkpoint_now(j);
}

enum err salvage_open(struct store *st, const struct store_config *config)
{
	return journal_open_by(st, config, salvage_mount);
}
