/* line - CRLF lines out of a stream's input, with a ceiling (RFC 5321 2.3.8, RFC 1939 3).
 *
 * The line is a view into the stream's input without its line ending; it dies when line_done (or
 * any other call on the stream) is made. A bare LF ends a line too where `lf_too` says so (POP3 and
 * SMTP commands typed by hand); it never does in message data. */
#ifndef PROTO_LINE_H
#define PROTO_LINE_H

#include "net/stream.h"

struct line {
	struct slice text;
	size_t whole; /* octets with the ending */
};
/* STEP_DONE: a line is there. STEP_MORE: not yet. STEP_BAD: longer than max_bytes (ending counted);
 * the octets seen so far were consumed, and call again until STEP_DONE to skip to its end. That
 * STEP_DONE brings an empty text while is_skipping is still true; line_done ends it. The stream must
 * be allowed to hold max_bytes of input. */
struct line_reader {
	size_t scanned;
	bool is_skipping;
};
enum step line_next(struct line_reader *r, struct stream *s, size_t max_bytes, bool lf_too,
                    struct line *line_out);
void line_done(struct line_reader *r, struct stream *s, const struct line *line);

#endif
