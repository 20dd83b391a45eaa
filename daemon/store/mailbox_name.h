/* mailbox_name - the rules of mailbox names (RFC 9051 5.1, RFC 5198).
 *
 * Names are UTF-8 with MAILBOX_SEPARATOR between levels. The first level INBOX, in any case, is
 * always written "INBOX", also as the superior of other names; the rest is compared by bytes. */
#ifndef STORE_MAILBOX_NAME_H
#define STORE_MAILBOX_NAME_H

#include "store/store.h"

#define MAILBOX_INBOX SLICE_LIT("INBOX")

/* Copies the name with its first level folded. ERR_LIMIT when it is longer than a name may be. */
struct mailbox_name {
	uint8_t bytes[MAILBOX_NAME_MAX_BYTES];
	size_t len;
};
MUST_CHECK enum err mailbox_name_fold(struct mailbox_name *folded, struct slice name);
static inline struct slice mailbox_name_view(const struct mailbox_name *folded)
{
	return slice_of(folded->bytes, folded->len);
}

/* True for "a/b" and "a/b/c" with the superior "a". */
bool mailbox_name_is_inferior(struct slice name, struct slice superior);
/* The name one level up; empty for a name at the top. */
struct slice mailbox_name_superior(struct slice name);
/* True when a name is UTF-8 without control characters (C0, DEL, C1, U+2028, U+2029). */
bool name_is_printable(struct slice name);

#endif
