/* imap_status - the items of STATUS, also as LIST returns them (RFC 9051 6.3.11, RFC 5819). */
#ifndef PROTO_IMAP_STATUS_H
#define PROTO_IMAP_STATUS_H

#include "proto/imap/imap_session.h"

/* "(MESSAGES UNSEEN)" to bits. Asking for HIGHESTMODSEQ enables CONDSTORE (RFC 7162 3.1). */
bool imap_status_read(struct imap_session *s, unsigned *items_out);
/* One untagged STATUS. STEP_MORE: the mailbox is being opened; look it up again and call again. */
enum step imap_status_put(struct imap_session *s, struct mailbox *box, unsigned items);
/* Forgets a count under way; when a command is over. */
void imap_status_end(struct imap_session *s);

#endif
