/* journal_blob - one message as bytes on flash, written as it comes in.
 *
 * A message is cut into blocks, each deflated by itself when that helps, so that any part can be
 * read without the rest. A short one is one record: head, block table, summary, blocks. Of a long one
 * the blocks go ahead as groups of their own while it still arrives, so that memory holds two blocks
 * at most; the record with the table follows at the end. */
#ifndef STORE_JOURNAL_BLOB_H
#define STORE_JOURNAL_BLOB_H

#include "store/journal.h"

enum {
	BLOB_RECORD_HEAD = 4, /* type and length */
	BLOB_HEAD_BYTES = 36, /* behind them; then the rows */
	BLOB_ROW_BYTES = 16,
};

struct blob_head {
	uint64_t serial;
	uint32_t size, summary_len, body_rows, summary_rows, block_bytes, summary_crc;
};
struct blob_row {
	uint32_t slot, offset; /* slot 0: offset from the beginning of the record */
	uint32_t len, crc;     /* as stored */
	bool is_deflated;
};
/* Bytes of type, length, head and rows; what stands behind is summary and blocks. */
static inline uint64_t blob_table_end(const struct blob_head *h)
{
	return BLOB_RECORD_HEAD + BLOB_HEAD_BYTES +
	       ((uint64_t)h->body_rows + h->summary_rows) * BLOB_ROW_BYTES;
}
/* Reads the head at the beginning of a record, without its checksum. false: is none. */
bool blob_head_get(const uint8_t *bytes, size_t n, struct blob_head *h_out);
/* `bytes` holds at least blob_table_end. */
bool blob_table_is_whole(const uint8_t *bytes, const struct blob_head *h, uint64_t salt);
void blob_row_get(const uint8_t *bytes, uint32_t index, struct blob_row *row_out);
/* Plain length of block `index` (summary blocks come after those of the body). */
uint32_t blob_block_len(const struct blob_head *h, uint32_t index);
uint32_t blob_block_crc(uint64_t salt, const struct blob_head *h, uint32_t index,
                        const uint8_t *stored, size_t n);
/* Stored bytes of a block into plain ones. ERR_CORRUPT. */
MUST_CHECK enum err blob_unpack(const struct blob_row *row, const uint8_t *stored, uint8_t *plain,
                                uint32_t plain_len);

/* --- writing ------------------------------------------------------------------------------------- */
struct blob_writer {
	struct journal *journal;
	uint64_t serial;
	struct buf plain;            /* came in and is not written yet; at most two blocks */
	struct blob_row *rows;
	uint32_t row_count, row_cap;
	uint32_t *slots;             /* segments with its pieces; pinned */
	uint32_t slot_count, slot_cap;
	uint32_t size;
	bool has_deflated, wants_deflate, is_placed, is_broken;
	struct place place;          /* of the record, once placed */
};
MUST_CHECK enum err blob_new(struct journal *j, bool deflate, struct blob_writer **writer_out);
void blob_free(struct blob_writer **writer); /* unpins what was written */
/* Takes all bytes or none; the caller has asked for room. ERR_FULL, ERR_NOMEM. */
MUST_CHECK enum err blob_write(struct blob_writer *b, struct slice bytes, enum room_class class);
/* Writes what is left and the record. Calling it again after a failure goes on. */
MUST_CHECK enum err blob_place(struct blob_writer *b, struct slice summary, enum room_class class);
/* For moving: the record from rows that are complete and blocks that stay with it (in `left`, their
 * rows count from its beginning and have slot 0); a slot's pin. */
MUST_CHECK enum err blob_put_record(struct blob_writer *b, struct blob_head *h, struct slice summary,
                                    const struct buf *left, enum room_class class);
MUST_CHECK enum err blob_note_slot(struct blob_writer *b, uint32_t slot);
MUST_CHECK enum err blob_reserve_rows(struct blob_writer *b, uint32_t n);
/* Room that placing may take. */
size_t blob_bytes_left(const struct blob_writer *b, size_t summary_len);
/* The message's segments besides that of its record: fills slot_count and slots (borrowed). */
void blob_describe(struct blob_writer *b, struct message *m);

#endif
