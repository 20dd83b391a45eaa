/* ingest - one message into the store, parsed once on its way in.
 *
 * Feeds the same bytes to an append and to the summary builder, so that IMAP APPEND, delivery and
 * import all leave the same summary beside the message. Owns both; bounded memory. */
#ifndef PROTO_INGEST_H
#define PROTO_INGEST_H

#include "store/store.h"

struct ingest;

MUST_CHECK enum err ingest_begin(struct store *store, const struct append_meta *meta,
                                 struct ingest **ingest_out);
/* ERR_AGAIN: nothing was taken. Takes all or nothing. */
MUST_CHECK enum err ingest_write(struct ingest *in, struct slice bytes, struct waiter *w);
/* Closes the message; the append then waits for ingest_commit. */
MUST_CHECK enum err ingest_seal(struct ingest *in);
struct append *ingest_append(struct ingest *in); /* size, id, uid_out of the targets */
/* All of them or none, as append_commit. ERR_AGAIN: call again. */
MUST_CHECK enum err ingest_commit(struct ingest *const *ingests, size_t count,
                                  uint64_t *ticket_out, struct waiter *w);
void ingest_end(struct ingest **in); /* forgets whatever was not committed; stores NULL */

#endif
