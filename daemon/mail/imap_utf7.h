/* imap_utf7 - mailbox names on the wire: modified UTF-7 (RFC 3501 5.1.3, RFC 9051 appendix A).
 *
 * Inside the daemon names are UTF-8. Decoding is strict: each name has exactly one spelling, so
 * two clients never see one mailbox under two names. */
#ifndef MAIL_IMAP_UTF7_H
#define MAIL_IMAP_UTF7_H

#include "base/arena.h"
#include "base/buf.h"

/* A name without '&' comes back as it is, borrowed; others as a copy in the arena. ERR_SYNTAX: not
 * modified UTF-7 (8-bit, controls, wrong padding, a printable character in base64, null shifts, half
 * a surrogate pair). ERR_NOMEM: the arena is full. */
MUST_CHECK enum err imap_utf7_decode(struct slice utf7, struct arena *arena, struct slice *utf8_out);
/* Appends. What is not UTF-8 or a control becomes U+FFFD, so the result is always printable ASCII. */
MUST_CHECK enum err imap_utf7_encode(struct slice utf8, struct buf *dst);

#endif
