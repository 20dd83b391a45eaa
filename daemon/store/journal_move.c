#include "store/journal_move.h"

#include <stdlib.h>

#include "store/journal_deflate.h"
#include "store/journal_group.h"
#include "store/journal_read.h"

struct move {
	struct job job;
	struct journal *journal;
	struct blob_source source;
	bool (*leaves)(void *arg, uint32_t slot);
	void *arg;
	struct blob_writer *writer;
	struct blob_head head;
	uint8_t *table; /* as read, with the inline summary */
	size_t table_len;
	struct buf left; /* blocks that go with the record */
	uint8_t *block;  /* the one that is being moved, as stored */
	uint32_t next;   /* its index */
	bool is_busy, has_block, is_dropped;
	enum err err;
};

static bool move_wants(const struct move *m, const struct blob_row *row)
{
	return row->slot == 0 || m->leaves(m->arg, row->slot);
}

/* --- reading ------------------------------------------------------------------------------------------ */

static void move_run(struct job *job)
{
	struct move *m = list_owner(job, struct move, job);
	struct blob_row row;
	if (!m->table) {
		m->err = blob_read_head(&m->source, &m->head, &m->table, &m->table_len);
		return;
	}
	blob_row_get(m->table, m->next, &row);
	m->err = blob_read_stored(&m->source, &m->head, &row, m->next, m->block);
	m->has_block = !m->err;
}

static void move_done(struct job *job)
{
	struct move *m = list_owner(job, struct move, job);
	m->is_busy = false;
	m->journal->jobs_busy--;
	store_schedule(m->journal->store, 0);
	if (m->is_dropped)
		move_free(&m);
}

/* Where the next piece is: a job may read it unless it has yet to be written. */
static bool move_is_in_memory(const struct move *m)
{
	struct place place = m->source.place;
	struct blob_row row = {.slot = 0};
	uint8_t byte;
	if (m->table)
		blob_row_get(m->table, m->next, &row);
	if (row.slot)
		place = (struct place){row.slot, row.offset};
	return jlog_read_memory(m->journal, place, &byte, 1);
}

static void move_fetch(struct move *m)
{
	struct job_runner *runner = m->journal->store->config.runner;
	bool here = move_is_in_memory(m);
	m->source.journal = here ? m->journal : NULL;
	m->is_busy = true;
	m->job = (struct job){.run = move_run, .done = move_done};
	m->journal->jobs_busy++;
	job_submit(here ? &job_inline : runner, &m->job);
}

/* --- writing --------------------------------------------------------------------------------------------- */

static enum err move_keep_block(struct move *m, struct blob_row *row, struct slice stored)
{
	row->offset = (uint32_t)m->left.len;
	return buf_add_slice(&m->left, stored);
}

static enum err move_put_block(struct move *m, struct blob_row *row, struct slice stored)
{
	struct place place;
	if (!jlog_has_room(m->journal, stored.len, stored.len, ROOM_TIDY))
		return ERR_FULL;
	enum err err = jlog_put(m->journal, GROUP_DATA, &stored, 1, ROOM_TIDY, &place);
	if (err)
		return err;
	row->slot = place.slot;
	row->offset = place.offset;
	return blob_note_slot(m->writer, place.slot);
}

/* Plain blocks are deflated on the way when the store is so configured. */
static enum err move_take_block(struct move *m)
{
	struct journal *j = m->journal;
	struct blob_row *row = &m->writer->rows[m->next];
	struct slice stored = slice_of(m->block, row->len);
	bool deflated = row->is_deflated;
	if (!deflated && j->store->config.deflate >= 1)
		stored = blob_pack_block(j, stored, true, &deflated);
	enum err err =
		row->slot == 0 ? move_keep_block(m, row, stored) : move_put_block(m, row, stored);
	if (err)
		return err;
	row->is_deflated = deflated;
	row->len = (uint32_t)stored.len;
	row->crc = blob_block_crc(j->root.salt, &m->head, m->next, stored.ptr, stored.len);
	m->writer->has_deflated |= deflated;
	m->has_block = false;
	m->next++;
	return ERR_NONE;
}

/* What stays where it is goes into the new table as it is. */
static enum err move_begin_rows(struct move *m)
{
	uint32_t n = m->head.body_rows + m->head.summary_rows;
	enum err err = blob_reserve_rows(m->writer, n + 1);
	m->block = malloc(m->head.block_bytes);
	if (!err && !m->block)
		err = ERR_NOMEM;
	for (uint32_t i = 0; i < n && !err; i++) {
		struct blob_row *row = &m->writer->rows[i];
		blob_row_get(m->table, i, row);
		if (row->len > m->head.block_bytes)
			err = ERR_CORRUPT;
		else if (!move_wants(m, row))
			err = blob_note_slot(m->writer, row->slot);
		m->writer->has_deflated |= row->is_deflated;
	}
	m->writer->row_count = n;
	m->writer->serial = m->head.serial;
	m->writer->size = m->head.size;
	return err;
}

static enum err move_finish(struct move *m)
{
	size_t table = (size_t)blob_table_end(&m->head);
	struct slice summary = slice_of(m->table + table, m->table_len - table);
	size_t n = m->table_len + m->left.len;
	if (!jlog_has_room(m->journal, n, n, ROOM_TIDY))
		return ERR_FULL;
	enum err err = blob_put_record(m->writer, &m->head, summary, &m->left, ROOM_TIDY);
	m->writer->is_placed = !err;
	return err;
}

enum err move_step(struct move *m)
{
	while (!m->is_busy) {
		if (m->err)
			return m->err;
		if (m->table && !m->block)
			m->err = move_begin_rows(m);
		if (!m->err && m->has_block)
			m->err = move_take_block(m);
		if (m->err)
			return m->err;
		while (m->block && m->next < m->writer->row_count &&
		       !move_wants(m, &m->writer->rows[m->next]))
			m->next++;
		if (m->block && m->next == m->writer->row_count)
			return move_finish(m);
		move_fetch(m);
	}
	return ERR_AGAIN;
}

/* --- life ------------------------------------------------------------------------------------------------- */

enum err move_new(struct journal *j, struct place place, bool (*leaves)(void *arg, uint32_t slot),
		  void *arg, struct move **move_out)
{
	struct move *m = calloc(1, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	*m = (struct move){.journal = j,
			   .source = {.medium = j->medium,
				      .salt = j->root.salt,
				      .segment_bytes = j->segment_bytes,
				      .place = place,
				      .may_block = true},
			   .leaves = leaves,
			   .arg = arg};
	buf_init(&m->left, j->segment_bytes);
	enum err err = blob_new(j, false, &m->writer);
	if (err) {
		free(m);
		return err;
	}
	*move_out = m;
	return ERR_NONE;
}

struct blob_writer *move_writer(struct move *m)
{
	return m->writer;
}

void move_free(struct move **move)
{
	struct move *m = *move;
	*move = NULL;
	if (!m)
		return;
	if (m->is_busy) {
		m->is_dropped = true;
		return;
	}
	blob_free(&m->writer);
	buf_free(&m->left);
	free(m->table);
	free(m->block);
	free(m);
}
