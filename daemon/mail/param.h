/* param - Content-Type and Content-Disposition: a value and its parameters (RFC 2045 5.1, RFC
 * 2183).
 *
 * Tolerant of what is sent in practice: missing or doubled semicolons, blanks around "=", quotes
 * that never close, comments, values with bare specials or 8-bit bytes. Continuations of RFC 2231
 * (name*0, name*1*) are joined into one parameter, "name*" when a piece was percent-encoded, so
 * that IMAP clients get what they expect in BODYSTRUCTURE; param_text decodes it for search and
 * display. Joining is linear in the input; pieces out of order or beyond the limits are dropped. */
#ifndef MAIL_PARAM_H
#define MAIL_PARAM_H

#include "base/arena.h"
#include "base/buf.h"

enum { PARAM_MAX_COUNT = 64, PARAM_MAX_PIECES = 256 };

struct param {
	struct slice name;  /* as written; ends in "*" when the value is RFC 2231 encoded */
	struct slice value; /* without quotes; still percent-encoded when the name ends in "*" */
};

/* All text lives in the arena or in the input. */
struct param_list {
	struct slice value;    /* "text/plain", "attachment": trimmed, without comments */
	struct slice type;     /* before the slash; all of value when there is none */
	struct slice subtype;  /* behind the slash; empty when there is none */
	struct param *params;
	uint32_t count;
};

/* `field` may still be folded. Never fails on bad input; ERR_NOMEM when the arena is full. */
MUST_CHECK enum err param_parse(struct slice field, struct arena *arena,
                                struct param_list *list_out);
/* The first parameter of that name (ASCII case does not matter; give it without "*"; an encoded one
 * is preferred). NULL when absent. */
const struct param *param_find(const struct param_list *list, const char *name);
/* Appends the parameter's text as UTF-8: RFC 2231 or, as many programs wrongly send, RFC 2047
 * decoded. ERR_LIMIT when the buffer is full. */
MUST_CHECK enum err param_text(const struct param *param, struct buf *dst);

#endif
