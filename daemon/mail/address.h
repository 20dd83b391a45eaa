/* address - mailbox and group lists of From, To and their kin (RFC 5322 3.4, obsolete forms 4.4).
 *
 * An iterator: it reads the unfolded or still folded value once, from left to right, in linear
 * time, and gives one element per call, in the shape that an IMAP ENVELOPE needs (RFC 9051 7.5.2):
 *
 *   mailbox      name NIL or text; adl NIL or the source route "@a,@b"; mailbox; host
 *   group start  mailbox = display name of the group, all else NIL
 *   group end    all NIL
 *
 * NIL is a slice with a NULL pointer; an empty string is a non-NULL pointer with length 0. Quotes
 * and backslashes are taken off, comments are dropped (the old form "user@host (Name)" gives Name
 * as the name), encoded words and 8-bit bytes stay as they are. A NIL host would read as a group,
 * so a mailbox without "@host" gets ADDRESS_NO_HOST and one without a local part
 * ADDRESS_NO_MAILBOX: the words that Dovecot uses, which clients know. Damaged input never fails;
 * whatever can be told apart at commas is reported. */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/arena.h"

#define ADDRESS_NO_HOST    "MISSING_DOMAIN"
#define ADDRESS_NO_MAILBOX "MISSING_MAILBOX"

enum address_kind { ADDRESS_MAILBOX, ADDRESS_GROUP_START, ADDRESS_GROUP_END };

struct address {
	enum address_kind kind;
	struct slice name, adl, mailbox, host;
};

struct address_parser {
	struct slice rest;
	struct arena *arena;
	bool in_group;
};

/* `value` must outlive the parser; text handed out lives in the arena. The arena needs about as
 * many bytes as the value has, and 100 per address. */
void address_init(struct address_parser *p, struct slice value, struct arena *arena);
/* ERR_NONE with an element, ERR_NOT_FOUND at the end, ERR_NOMEM when the arena is full. */
MUST_CHECK enum err address_next(struct address_parser *p, struct address *address_out);

#endif
