/* journal_deflate - blocks of messages, deflated one by one.
 *
 * A build without CONFIG_STORE_DEFLATE stores all of them plain; a message that another build has
 * deflated it keeps and moves, but cannot read: ERR_UNSUPPORTED, and the log says why. */
#ifndef STORE_JOURNAL_DEFLATE_H
#define STORE_JOURNAL_DEFLATE_H

#include "store/journal.h"

/* ERR_CORRUPT: not exactly plain_len octets come out. */
MUST_CHECK enum err blob_inflate(struct slice stored, uint8_t *plain, uint32_t plain_len);
/* The bytes to store for a block: deflated when that saves a sixteenth. Good until the next call. */
struct slice blob_pack_block(struct journal *j, struct slice plain, bool wants_deflate,
                             bool *is_deflated_out);
void deflater_free(struct deflater **d);

#endif
