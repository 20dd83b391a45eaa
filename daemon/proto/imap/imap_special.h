/* imap_special - names of the special uses of mailboxes (RFC 6154 2, RFC 8457). */
#ifndef PROTO_IMAP_SPECIAL_H
#define PROTO_IMAP_SPECIAL_H

#include "proto/imap/imap_write.h"
#include "store/store.h"

enum {
	SPECIAL_USE_UNKNOWN = 1 << 16, /* no bit of enum special_use */
	/* What an ordinary mailbox can be made for. */
	SPECIAL_USE_CREATABLE = USE_ARCHIVE | USE_DRAFTS | USE_JUNK | USE_SENT | USE_TRASH,
};

uint32_t special_use_find(struct slice name); /* "\Drafts" in any case; 0 when unknown */
/* The names with spaces between them, and `separator` before the first. */
void special_use_write(struct imap_out *o, const char *separator, uint32_t uses);

#endif
