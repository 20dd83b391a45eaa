#include "store/journal_blob.h"

#include <stdlib.h>

#include "base/array.h"

#include "store/journal_deflate.h"
#include "store/journal_group.h"
#include "store/journal_segment.h"

static const uint32_t row_deflated = 0x80000000u;

/* --- bytes of head, rows and blocks ------------------------------------------------------------------ */

static uint32_t blob_seed(uint64_t salt, uint64_t serial, uint32_t what)
{
	return group_seed(salt, serial, what);
}

static void blob_head_put(uint8_t *bytes, const struct blob_head *h)
{
	put_u64(bytes + 4, h->serial);
	put_u32(bytes + 12, h->size);
	put_u32(bytes + 16, h->summary_len);
	put_u32(bytes + 20, h->body_rows);
	put_u32(bytes + 24, h->summary_rows);
	put_u32(bytes + 28, h->block_bytes);
	put_u32(bytes + 32, h->summary_crc);
}

bool blob_head_get(const uint8_t *bytes, size_t n, struct blob_head *h_out)
{
	if (n < BLOB_RECORD_HEAD + BLOB_HEAD_BYTES || bytes[0] != RECORD_BLOB)
		return false;
	bytes += BLOB_RECORD_HEAD;
	*h_out = (struct blob_head){
		.serial = get_u64(bytes + 4),
		.size = get_u32(bytes + 12),
		.summary_len = get_u32(bytes + 16),
		.body_rows = get_u32(bytes + 20),
		.summary_rows = get_u32(bytes + 24),
		.block_bytes = get_u32(bytes + 28),
		.summary_crc = get_u32(bytes + 32),
	};
	uint64_t block = h_out->block_bytes;
	return block >= MEDIUM_SECTOR && block <= SEGMENT_BYTES_MAX &&
	       h_out->body_rows == (h_out->size + block - 1) / block &&
	       (h_out->summary_rows == 0 ||
		h_out->summary_rows == (h_out->summary_len + block - 1) / block) &&
	       blob_table_end(h_out) <= SEGMENT_BYTES_MAX;
}

static uint32_t blob_table_crc(const uint8_t *bytes, const struct blob_head *h, uint64_t salt)
{
	uint32_t seed = blob_seed(salt, h->serial, UINT32_MAX);
	size_t n = (size_t)blob_table_end(h) - BLOB_RECORD_HEAD - 4;
	return crc32c(seed, bytes + BLOB_RECORD_HEAD + 4, n);
}

bool blob_table_is_whole(const uint8_t *bytes, const struct blob_head *h, uint64_t salt)
{
	return blob_table_crc(bytes, h, salt) == get_u32(bytes + BLOB_RECORD_HEAD);
}

static void blob_row_put(uint8_t *bytes, const struct blob_row *row)
{
	put_u32(bytes, row->slot);
	put_u32(bytes + 4, row->offset);
	put_u32(bytes + 8, row->len | (row->is_deflated ? row_deflated : 0));
	put_u32(bytes + 12, row->crc);
}

void blob_row_get(const uint8_t *bytes, uint32_t index, struct blob_row *row_out)
{
	bytes += BLOB_RECORD_HEAD + BLOB_HEAD_BYTES + (size_t)index * BLOB_ROW_BYTES;
	uint32_t len = get_u32(bytes + 8);
	*row_out = (struct blob_row){
		.slot = get_u32(bytes),
		.offset = get_u32(bytes + 4),
		.len = len & ~row_deflated,
		.crc = get_u32(bytes + 12),
		.is_deflated = len & row_deflated,
	};
}

uint32_t blob_block_len(const struct blob_head *h, uint32_t index)
{
	bool in_body = index < h->body_rows;
	uint32_t total = in_body ? h->size : h->summary_len;
	uint32_t rows = in_body ? h->body_rows : h->summary_rows;
	uint32_t at = in_body ? index : index - h->body_rows;
	return at + 1 < rows ? h->block_bytes : total - at * h->block_bytes;
}

uint32_t blob_block_crc(uint64_t salt, const struct blob_head *h, uint32_t index,
			const uint8_t *stored, size_t n)
{
	return crc32c(blob_seed(salt, h->serial, index), stored, n);
}

enum err blob_unpack(const struct blob_row *row, const uint8_t *stored, uint8_t *plain,
		     uint32_t plain_len)
{
	if (!row->is_deflated) {
		if (row->len != plain_len)
			return ERR_CORRUPT;
		memcpy(plain, stored, plain_len);
		return ERR_NONE;
	}
	return blob_inflate(slice_of(stored, row->len), plain, plain_len);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

enum err blob_new(struct journal *j, bool deflate, struct blob_writer **writer_out)
{
	struct blob_writer *b = calloc(1, sizeof(*b));
	if (!b)
		return ERR_NOMEM;
	b->journal = j;
	b->serial = j->boxes.next_serial++;
	b->wants_deflate = deflate;
	buf_init(&b->plain, j->spill_bytes);
	*writer_out = b;
	return ERR_NONE;
}

void blob_free(struct blob_writer **writer)
{
	struct blob_writer *b = *writer;
	*writer = NULL;
	if (!b)
		return;
	for (uint32_t i = 0; i < b->slot_count; i++)
		segment_unpin(b->journal, b->slots[i]);
	buf_free(&b->plain);
	free(b->slots);
	free(b->rows);
	free(b);
}

static enum err blob_reserve_slots(struct blob_writer *b, size_t n)
{
	uint32_t *slots = array_reserve(b->slots, &b->slot_cap, b->slot_count + n, sizeof(*slots));
	if (!slots)
		return ERR_NOMEM;
	b->slots = slots;
	return ERR_NONE;
}

enum err blob_note_slot(struct blob_writer *b, uint32_t slot)
{
	for (uint32_t i = b->slot_count; i-- > 0;)
		if (b->slots[i] == slot)
			return ERR_NONE;
	if (b->slot_count == MESSAGE_SLOTS_MAX)
		return ERR_LIMIT;
	enum err err = blob_reserve_slots(b, 1);
	if (err)
		return err;
	b->slots[b->slot_count++] = slot;
	segment_pin(b->journal, slot);
	return ERR_NONE;
}

enum err blob_reserve_rows(struct blob_writer *b, uint32_t n)
{
	uint64_t end =
		BLOB_RECORD_HEAD + BLOB_HEAD_BYTES + ((uint64_t)b->row_count + n) * BLOB_ROW_BYTES;
	if (end + 3 * (uint64_t)b->journal->block_bytes > jlog_piece_max(b->journal))
		return ERR_LIMIT;
	struct blob_row *rows =
		array_reserve(b->rows, &b->row_cap, (size_t)b->row_count + n, sizeof(*rows));
	if (!rows)
		return ERR_NOMEM;
	b->rows = rows;
	return ERR_NONE;
}

/* One block as a group of its own. */
static enum err blob_put_block(struct blob_writer *b, struct slice plain, uint32_t index,
			       enum room_class class)
{
	struct journal *j = b->journal;
	struct blob_head h = {.serial = b->serial};
	struct blob_row row = {0};
	struct place place;
	enum err err = blob_reserve_rows(b, 1);
	if (err)
		return err;
	struct slice stored = blob_pack_block(j, plain, b->wants_deflate, &row.is_deflated);
	err = jlog_put(j, GROUP_DATA, &stored, 1, class, &place);
	if (!err)
		err = blob_note_slot(b, place.slot);
	if (err)
		return err;
	row.slot = place.slot;
	row.offset = place.offset;
	row.len = (uint32_t)stored.len;
	row.crc = blob_block_crc(j->root.salt, &h, index, stored.ptr, stored.len);
	b->has_deflated |= row.is_deflated;
	b->rows[b->row_count++] = row;
	return ERR_NONE;
}

static enum err blob_spill(struct blob_writer *b, enum room_class class)
{
	uint32_t block = b->journal->block_bytes;
	while (b->plain.len >= block) {
		struct slice plain = slice_upto(buf_view(&b->plain), block);
		enum err err = blob_put_block(b, plain, b->row_count, class);
		if (err)
			return err;
		buf_consume(&b->plain, block);
	}
	return ERR_NONE;
}

/* Memory for all that writing n bytes can need, so that none of them are taken or all. */
static enum err blob_set_aside(struct blob_writer *b, size_t n)
{
	struct journal *j = b->journal;
	uint8_t *room;
	enum err err = blob_reserve_rows(b, (uint32_t)(n / j->block_bytes) + 2);
	if (!err)
		err = blob_reserve_slots(b, n / (j->segment_bytes / 2) + 3);
	if (!err && buf_left(&b->plain))
		err = buf_reserve(&b->plain, buf_left(&b->plain), &room);
	if (!err)
		err = jlog_set_aside(j, n + b->plain.len, j->block_bytes);
	return err;
}

static enum err blob_take(struct blob_writer *b, struct slice bytes, enum room_class class)
{
	enum err err = ERR_NONE;
	while (!err && bytes.len) {
		size_t part = buf_left(&b->plain) < bytes.len ? buf_left(&b->plain) : bytes.len;
		err = buf_add(&b->plain, bytes.ptr, part);
		bytes = slice_from(bytes, part);
		if (!err && bytes.len)
			err = blob_spill(b, class);
	}
	return err;
}

enum err blob_write(struct blob_writer *b, struct slice bytes, enum room_class class)
{
	enum err err = ERR_NONE;
	bool fits = bytes.len <= buf_left(&b->plain);
	if (!fits)
		err = blob_set_aside(b, bytes.len);
	if (!err) {
		err = blob_take(b, bytes, class);
		/* A part may have been taken, though memory and room were there: it cannot go on. */
		b->is_broken |= err && !fits;
	}
	jlog_drop_spare(b->journal);
	b->size += err ? 0 : (uint32_t)bytes.len;
	return err;
}

size_t blob_bytes_left(const struct blob_writer *b, size_t summary_len)
{
	return b->plain.len + summary_len + BLOB_RECORD_HEAD + BLOB_HEAD_BYTES +
	       ((size_t)b->row_count + 4 + summary_len / b->journal->block_bytes) * BLOB_ROW_BYTES;
}

/* Everything that stands before the summary. */
static void blob_make_table(struct blob_writer *b, const struct blob_head *h, size_t body,
			    size_t blocks_at, uint8_t *bytes)
{
	bytes[0] = RECORD_BLOB;
	bytes[1] = (uint8_t)(body | 0x80);
	bytes[2] = (uint8_t)(body >> 7 | 0x80);
	bytes[3] = (uint8_t)(body >> 14);
	blob_head_put(bytes + BLOB_RECORD_HEAD, h);
	for (uint32_t i = 0; i < b->row_count; i++) {
		struct blob_row row = b->rows[i];
		if (row.slot == 0)
			row.offset += (uint32_t)blocks_at;
		blob_row_put(bytes + BLOB_RECORD_HEAD + BLOB_HEAD_BYTES + i * BLOB_ROW_BYTES, &row);
	}
	put_u32(bytes + BLOB_RECORD_HEAD, blob_table_crc(bytes, h, b->journal->root.salt));
}

enum err blob_put_record(struct blob_writer *b, struct blob_head *h, struct slice summary,
			 const struct buf *left, enum room_class class)
{
	struct journal *j = b->journal;
	struct slice beside = h->summary_rows ? SLICE_EMPTY : summary;
	size_t table_bytes = (size_t)blob_table_end(h);
	size_t body = table_bytes - BLOB_RECORD_HEAD + beside.len + left->len;
	if (body >= (size_t)1 << 21)
		return ERR_LIMIT;
	uint8_t *table = malloc(table_bytes);
	if (!table)
		return ERR_NOMEM;
	h->summary_crc =
		crc32c(blob_seed(j->root.salt, h->serial, UINT32_MAX - 1), beside.ptr, beside.len);
	blob_make_table(b, h, body, table_bytes + beside.len, table);
	struct slice parts[] = {slice_of(table, table_bytes), beside, buf_view(left)};
	enum err err = jlog_put(j, GROUP_LOG, parts, 3, class, &b->place);
	free(table);
	return err ? err : blob_note_slot(b, b->place.slot);
}

/* Blocks that stay with the record are gathered in `left`; their rows count from its beginning. */
static enum err blob_gather(struct blob_writer *b, struct slice plain, struct buf *left)
{
	struct journal *j = b->journal;
	struct blob_head h = {.serial = b->serial};
	enum err err = ERR_NONE;
	while (plain.len && !err) {
		struct blob_row row = {.offset = (uint32_t)left->len};
		struct slice block = slice_upto(plain, j->block_bytes);
		struct slice stored = blob_pack_block(j, block, b->wants_deflate, &row.is_deflated);
		row.len = (uint32_t)stored.len;
		row.crc = blob_block_crc(j->root.salt, &h, b->row_count, stored.ptr, stored.len);
		err = blob_reserve_rows(b, 1);
		if (!err)
			err = buf_add_slice(left, stored);
		if (!err)
			b->rows[b->row_count++] = row;
		b->has_deflated |= row.is_deflated;
		plain = slice_from(plain, block.len);
	}
	return err;
}

static enum err blob_put_summary(struct blob_writer *b, struct slice summary, enum room_class class)
{
	enum err err = ERR_NONE;
	while (summary.len && !err) {
		struct slice block = slice_upto(summary, b->journal->block_bytes);
		err = blob_put_block(b, block, b->row_count, class);
		summary = slice_from(summary, block.len);
	}
	return err;
}

enum err blob_place(struct blob_writer *b, struct slice summary, enum room_class class)
{
	struct journal *j = b->journal;
	struct buf left;
	uint32_t rows_before = b->row_count;
	if (b->is_broken)
		return ERR_NOMEM;
	if (b->is_placed)
		return ERR_NONE;
	buf_init(&left, 2 * (size_t)j->spill_bytes);
	struct blob_head h = {.serial = b->serial,
			      .size = b->size,
			      .summary_len = (uint32_t)summary.len,
			      .block_bytes = j->block_bytes};
	enum err err = summary.len > UINT32_MAX / 2 ? ERR_LIMIT : ERR_NONE;
	if (!err)
		err = blob_gather(b, buf_view(&b->plain), &left);
	h.body_rows = b->row_count;
	if (!err && summary.len > j->block_bytes / 2) {
		err = blob_put_summary(b, summary, class);
		h.summary_rows = b->row_count - h.body_rows;
	}
	if (!err)
		err = blob_put_record(b, &h, summary, &left, class);
	if (err)
		b->row_count = rows_before;
	b->is_placed = !err;
	buf_free(&left);
	return err;
}

void blob_describe(struct blob_writer *b, struct message *m)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < b->slot_count; i++)
		if (b->slots[i] != b->place.slot)
			b->slots[n++] = b->slots[i];
	m->slot = b->place.slot;
	m->offset = b->place.offset;
	m->slot_count = n;
	m->slots = b->slots;
	m->bits |= (n ? ENTRY_EXTRA : 0) | (b->has_deflated ? ENTRY_DEFLATED : 0);
	if (n < b->slot_count)
		b->slots[n] = b->place.slot; /* still pinned, and let go by blob_free */
}
