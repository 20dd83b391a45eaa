/* dot - message text between protocol lines: stuffed with dots, ended by a line with one dot
 * (RFC 5321 4.5.2, RFC 1939 3).
 *
 * Going out, a dot is put before every dot that starts a line. A line starts after CRLF, and also
 * after a bare LF, because many clients read by LF and would else take "\n.\r\n" for the end. What
 * a message lacks at its end is put there: a CRLF when it does not end in one, unless it is empty.
 *
 * Coming in, only CRLF "." CRLF ends the text and only a dot after CRLF is taken away: whoever
 * accepts less can be made to read two messages where the sender wrote one. What is not allowed in
 * the text (CR or LF alone, NUL) is noted and passed on; the caller refuses at the end. Both sides
 * keep their state between calls, so text may be cut anywhere. */
#ifndef PROTO_DOT_H
#define PROTO_DOT_H

#include "base/slice.h"

/* --- out --- */
struct dot_writer {
	bool has_begun;
	uint8_t last, before_last; /* octets written */
};
/* Writes in.len to 2 * in.len octets to dst, and returns how many. */
size_t dot_write(struct dot_writer *w, struct slice in, uint8_t *dst);
/* The end: "\r\n.\r\n" or ".\r\n". */
struct slice dot_write_end(const struct dot_writer *w);

/* --- in --- */
enum dot_state {
	DOT_LINE_START,
	DOT_IN_LINE,
	DOT_AFTER_CR,
	DOT_AFTER_DOT,    /* a dot at the start of a line, held back */
	DOT_AFTER_DOT_CR, /* ... and a CR behind it */
	DOT_END,
};
struct dot_reader {
	enum dot_state state;
	bool has_bare_cr, has_bare_lf, has_nul;
};
/* Takes octets from the front of *in, writes text to dst: at most in->len + 2 octets, what was held
 * back included. Stops behind the end: STEP_DONE; STEP_MORE: *in is empty and the end is not
 * there. */
enum step dot_read(struct dot_reader *r, struct slice *in, uint8_t *dst, size_t *len_out);
/* The same for text whose length is known (BDAT): nothing is taken away, CR, LF and NUL are noted.
 * Call it with is_last for the last piece, which may be empty. */
void dot_inspect(struct dot_reader *r, struct slice in, bool is_last);

#endif
