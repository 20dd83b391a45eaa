/* imap_dispose - what becomes of messages that are marked \Deleted and taken away: by EXPUNGE, UID
 * EXPUNGE, CLOSE, or at once by STORE (imap.auto_expunge).
 *
 * By the owner's policy (imap.last_copy) the last copy of a message goes to Trash or Archive, without
 * \Deleted; all other copies, and whatever lies in Trash or Junk, go for good. For the client of the
 * mailbox both are expunges. A cut of the power never loses a last copy: it is moved in one piece.
 * For proto/imap only. */
#ifndef PROTO_IMAP_DISPOSE_H
#define PROTO_IMAP_DISPOSE_H

#include "proto/imap/imap_session.h"

struct copies;

enum { DISPOSE_BATCH = 1024 };

struct imap_dispose {
	uint32_t uids[DISPOSE_BATCH], count; /* the caller's: of the selected mailbox, ascending */
	struct copies *copies;               /* of a search under way */
};

/* Takes away those of d->uids that are there and marked \Deleted. ERR_AGAIN: call again with the same
 * ones. Else it is over, with or without success: d->count is 0. */
MUST_CHECK enum err imap_dispose(struct imap_session *s, struct imap_dispose *d);
void imap_dispose_end(struct imap_dispose *d); /* at any time */

#endif
