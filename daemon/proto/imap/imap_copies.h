/* imap_copies - which messages of a mailbox are the last copies in their account.
 *
 * A search looks once through the other mailboxes of the account, for many messages at a time, and in
 * bounded steps. What it found is good only while the mailbox where the copy lay has not changed:
 * in doubt, a message is the last copy. For proto/imap only. */
#ifndef PROTO_IMAP_COPIES_H
#define PROTO_IMAP_COPIES_H

#include "proto/imap/imap_session.h"

struct copies;

/* A search for copies of these messages of the selected mailbox; ERR_NOMEM. The caller frees it, with
 * the session still there. */
MUST_CHECK enum err copies_begin(struct imap_session *s, const uint32_t *uids, uint32_t count,
                                 struct copies **copies_out);
void copies_free(struct copies **copies); /* stores NULL */
/* ERR_AGAIN: call again, after a wake-up or in the next slice. ERR_NONE: it knows what it can. */
MUST_CHECK enum err copies_search(struct copies *copies);
/* After the search. True when a copy was found, and is still where it was at the last copies_recheck. */
void copies_recheck(struct copies *copies);
bool copies_has_other(const struct copies *copies, uint32_t uid);

#endif
