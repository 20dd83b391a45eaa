/* imap_change - STORE, COPY, MOVE, EXPUNGE: what clients do to messages (RFC 9051 6.4.3, 6.4.6-6.4.9).
 *
 * For proto/imap only. Every tagged OK waits until the change is durable. Expunged messages that the
 * client has not been told of are passed over when it names UIDs (RFC 9051 6.4.9) and answered with
 * NO [EXPUNGEISSUED] when it counts (RFC 2180 4.2 and 4.4, RFC 5530 3). */
#ifndef PROTO_IMAP_CHANGE_H
#define PROTO_IMAP_CHANGE_H

#include "proto/imap/imap_session.h"

/* Messages that one COPY or MOVE takes: all or nothing needs the list of them in memory. */
enum { IMAP_COPY_MAX = 500000 };

/* Appends "1:3,7" for the UIDs that are not 0; they ascend. With `keep` (may be NULL) only those whose
 * entry there is not 0: COPYUID names only what was copied. */
MUST_CHECK enum err imap_print_uids(struct buf *dst, const uint32_t *uids, const uint32_t *keep,
                                    size_t count);

#endif
