/* imap_write - the one quoting writer: nothing else puts untrusted text into a response.
 *
 * It can emit no bare CR, LF or NUL outside a literal, whatever it is given. */
#ifndef PROTO_IMAP_WRITE_H
#define PROTO_IMAP_WRITE_H

#include "base/buf.h"

struct imap_out { /* where responses are built; flushed to the session's stream */
	struct buf *buf;
	bool utf8;     /* UTF8=ACCEPT or rev2: quoted strings and mailbox names may be UTF-8 */
	enum err err;  /* first failure; sticky */
};

void out_bytes(struct imap_out *o, struct slice s);         /* our own words, or written before */
static inline void out_str(struct imap_out *o, const char *literal_text) /* our own words only */
{
	out_bytes(o, slice_of(literal_text, strlen(literal_text)));
}
void out_number(struct imap_out *o, uint64_t number);       /* decimal */
void out_fmt(struct imap_out *o, const char *fmt, ...) PRINTF_LIKE(2, 3); /* numbers, own words */
void out_string(struct imap_out *o, struct slice s);        /* quoted when it can be, else literal */
void out_nstring(struct imap_out *o, const struct slice *s); /* NULL: NIL */
void out_astring(struct imap_out *o, struct slice s);
void out_mailbox(struct imap_out *o, struct slice utf8_name); /* modified UTF-7 unless utf8 */
void out_text(struct imap_out *o, struct slice s);          /* resp-text: controls become '?' */
void out_date_time(struct imap_out *o, int64_t seconds);    /* "17-Jul-1996 02:44:25 +0000" quoted */
struct keywords;
void out_flags(struct imap_out *o, const struct keywords *k, uint32_t flags, bool is_recent);

#endif
