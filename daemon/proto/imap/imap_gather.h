/* imap_gather - brings a command together from a stream: its lines and the literals in them.
 *
 * A command is gathered into s->command as it was sent, without the last line ending, so that the
 * lexer sees it as a whole: "A1 LOGIN {3}\r\nbob secret". Lines end with CRLF; a bare LF is taken too,
 * for commands typed by hand. Literals are announced at the end of a line as {5}, {5+} (RFC 7888) or
 * ~{5} (RFC 3516). What was refused but is on its way already is skipped here, so that its bytes
 * are never read as commands. For the engine and for handlers that read on (APPEND, AUTHENTICATE,
 * IDLE). */
#ifndef PROTO_IMAP_GATHER_H
#define PROTO_IMAP_GATHER_H

#include "base/slice.h"

enum {
	IMAP_COMMAND_MAX_BYTES = 64 * 1024, /* gathered command with its literals, after login */
	IMAP_COMMAND_MAX_BEFORE_LOGIN = 8 * 1024,
	IMAP_LITERAL_MAX_BEFORE_LOGIN = 4 * 1024,
	GATHER_TAIL_BYTES = 32,
};

struct imap_gather {
	enum { GATHER_LINE, GATHER_LITERAL, GATHER_SKIP_LITERAL, GATHER_SKIP_LINE } state;
	uint64_t literal_left; /* octets of the literal that did not come yet */
	size_t line_start;     /* of the current line in s->command */
	bool is_announced;     /* the command ends where a message is announced, not gathered */
	uint8_t tail[GATHER_TAIL_BYTES], tail_len; /* the end of a line being skipped */
};

struct imap_literal {
	uint64_t size; /* UINT64_MAX: more than that */
	size_t start;  /* where its announcement begins in the line */
	bool is_sync;  /* the client waits for "+" */
	bool is_literal8;
};

struct imap_session;

/* STEP_DONE: a whole command is in s->command, or the line of an APPEND that announces a message.
 * STEP_MORE: it needs more input. What cannot become a command is answered here. */
enum step imap_gather_command(struct imap_session *s);

/* For handlers: the next line, appended to s->command behind what is kept of it. imap_gather_next
 * begins one and drops all but the tag. STEP_BAD: too long; the rest of it is skipped later. */
void      imap_gather_next(struct imap_session *s);
enum step imap_gather_line(struct imap_session *s, struct slice *line_out);
/* True when the line ends by announcing a literal. */
bool imap_gather_find_literal(struct slice line, struct imap_literal *literal_out);
/* The command is refused, but this much of it comes nevertheless: a literal of that many octets and
 * then the rest of the line. Skipped when the command is over. */
void imap_gather_skip(struct imap_session *s, uint64_t literal_left);

#endif
