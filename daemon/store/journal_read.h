/* journal_read - reading messages back, through a small cache of checked and inflated pieces.
 *
 * A piece is a blob's table with its inline summary, or one block. What the page cache has is read
 * at once; what it has not is read by a job, and the reader told to come again. A piece that a job
 * has brought is kept until somebody has taken it, so that readers make progress however many. */
#ifndef STORE_JOURNAL_READ_H
#define STORE_JOURNAL_READ_H

#include "store/journal.h"
#include "store/journal_blob.h"

uint64_t journal_place_of(const struct journal *j, const struct message *m); /* for msg_info */
MUST_CHECK enum err journal_read(struct mailbox *box, const struct msg_info *info,
                                 enum msg_part part, uint64_t offset, uint8_t *dst, size_t n,
                                 size_t *got_out, struct waiter *w);
MUST_CHECK enum err cache_init(struct journal *j);
void cache_free(struct journal *j);
void cache_sweep(struct journal *j); /* gives memory back when nobody reads */

/* --- straight from the medium; for jobs and tools ------------------------------------------------ */
struct blob_source {
	struct medium *medium;
	uint64_t salt;
	uint32_t segment_bytes;
	struct place place;
	bool may_block;
	const struct journal *journal; /* on the loop: what is not written yet is read from memory */
};
/* Table and inline summary, checked; the caller frees *bytes_out. */
MUST_CHECK enum err blob_read_head(const struct blob_source *src, struct blob_head *h_out,
                                   uint8_t **bytes_out, size_t *len_out);
/* The stored bytes of one block, checked; `dst` has room for row->len. */
MUST_CHECK enum err blob_read_stored(const struct blob_source *src, const struct blob_head *h,
                                     const struct blob_row *row, uint32_t index, uint8_t *dst);
/* The plain bytes of one block, in a new buffer of blob_block_len. */
MUST_CHECK enum err blob_read_block(const struct blob_source *src, const struct blob_head *h,
                                    const struct blob_row *row, uint32_t index,
                                    uint8_t **bytes_out);

#endif
