/* header - header fields of a message or body part, from a stream or from memory.
 *
 * A header is a run of fields up to the first empty line (RFC 5322 2.1). Lines end in CRLF or in a
 * bare LF; a bare CR is an ordinary byte. A line that starts with SP or HTAB continues the field
 * before it. A line without a colon is garbage: it is reported as a field with an empty name and
 * does not end the header, so that the border between header and body is where every IMAP server
 * puts it: behind the first empty line, or at the end of the input when there is none.
 *
 * Nothing here decodes: 8-bit bytes, NULs and encoded words come out as they went in. */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/buf.h"

/* One field keeps this much; what is longer is reported cut, with its true length. */
enum { HEADER_FIELD_MAX_BYTES = 64 * 1024 };

struct header_field {
	struct slice raw;   /* all kept bytes, the last line end included when it was there */
	struct slice name;  /* before the colon, blanks at its end cut off; empty: no colon */
	struct slice value; /* behind the colon, still folded, the last line end cut off */
	uint32_t start;     /* offset of the first byte, counted from the parser's start */
	uint32_t len;       /* true length in the input; larger than raw.len: the field was cut */
};

/* ---- streaming ---- */

/* Called once per field, in order. The field's slices die when the call returns. */
typedef void header_field_fn(void *owner, const struct header_field *field);

/* Lives in the caller's memory. Between header_init and header_free it may own one buffer of at
 * most `field_max_bytes`. Positions are 32 bit: more than 4 GiB of header is cut short as
 * ERR_LIMIT. */
struct header_parser {
	header_field_fn *on_field;
	void *owner;
	struct buf field;     /* bytes of the field that is being collected */
	uint32_t field_start; /* where it began */
	uint32_t pos;         /* bytes consumed so far */
	bool in_field;        /* a field is being collected */
	bool at_line_start;
	bool line_is_cr;      /* the current line is, so far, a single CR */
	bool is_done;
};

void header_init(struct header_parser *p, size_t field_max_bytes, header_field_fn *fn, void *owner);
/* Takes bytes from the front of *src. STEP_DONE: the empty line has been taken too, *src now starts
 * with the body. STEP_MORE: all was taken. STEP_BAD: out of memory or beyond 4 GiB. */
enum step header_push(struct header_parser *p, struct slice *src);
/* The input ends here: reports a field that has no line end. */
MUST_CHECK enum err header_finish(struct header_parser *p);
void     header_free(struct header_parser *p);

/* ---- a header block in memory ---- */

/* Takes the next field off the front of *block. False at the empty line (which stays in *block) and
 * at the end. field_out->start is 0: the caller knows where its block lies. */
bool header_next(struct slice *block, struct header_field *field_out);
/* The first field of that name (ASCII case does not matter) at or behind *block; *block moves
 * behind it, so a second call finds the next one. */
bool header_find(struct slice *block, const char *name, struct header_field *field_out);

/* Writes the value without its folding to dst, which has room for value.len bytes, and returns the
 * length: line ends are removed, the blanks behind them stay (RFC 5322 2.2.3), blanks at both ends
 * go. Bare CR and NUL become a space, so that the result can be sent as an IMAP string. */
size_t header_unfold_into(struct slice value, uint8_t *dst);
/* Text that people read, on one line: how it was folded and spaced is no part of it, so each run of
 * blanks becomes one space, at the ends none. dst has room for text.len bytes and may be the text
 * itself; returns the length. */
size_t header_one_line(struct slice text, uint8_t *dst);
/* As header_unfold_into, appended to a buffer. ERR_LIMIT: it does not fit, nothing was added. */
MUST_CHECK enum err header_unfold(struct slice value, struct buf *dst);

#endif
