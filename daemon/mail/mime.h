/* mime - the tree of body parts, from a byte stream, in one pass (RFC 2045, RFC 2046).
 *
 * Push the message in any chunks; every part's place is known at the end, in offsets from the first
 * byte. Line ends may be CRLF or LF. The rules are those that IMAP servers share:
 *
 * - A header ends behind the first empty line; inside a multipart also in front of a boundary line.
 * - A boundary line is "--" and the boundary at the start of a line; what follows on the line does
 *   not matter (RFC 2046 5.1.1), except "--", which closes the multipart. Of several open
 *   boundaries the innermost that is all of the line wins, else the longest that fits. An outer
 *   boundary closes everything inside it.
 * - The line end in front of a boundary line belongs to the boundary, not to the part.
 * - Preamble and epilogue belong to the body of the multipart, not to any of its parts.
 * - A body ends at the end of the input when its boundary never comes.
 * - message/rfc822 and message/global have one child: the message inside, whose header starts where
 *   the body of the part starts. RFC 2046 5.2.1 forbids to encode them, so nothing is decoded.
 * - The default type is text/plain, inside multipart/digest message/rfc822. Of several Content-Type
 *   fields the first counts. A multipart without a usable boundary has no parts, only a body.
 *
 * Time is linear in the bytes. Memory is bounded by the limits: a part beyond them is not looked
 * into (it becomes a leaf, is_opaque), and offsets of the others stay right. */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "mail/header.h"

enum {
	MIME_MAX_DEPTH = 100,          /* of nested multipart and message parts */
	MIME_MAX_PARTS = 10000,        /* in one message */
	MIME_BOUNDARY_MAX_BYTES = 990, /* RFC 2046 says 70, a line has 998; longer: none */
};
#define MIME_NO_PARENT UINT32_MAX

enum mime_kind { MIME_LEAF, MIME_MULTIPART, MIME_MESSAGE };

struct mime_part {
	uint32_t parent;       /* index, or MIME_NO_PARENT */
	uint32_t header_start; /* offsets from the start of the message */
	uint32_t body_start;   /* header_start..body_start holds the empty line too */
	uint32_t body_end;
	uint32_t body_lines;   /* line feeds in the body */
	uint32_t children;     /* how many */
	uint16_t depth;        /* 0: the message itself */
	uint8_t kind;          /* enum mime_kind */
	bool is_text;          /* text/..., declared or by default: BODYSTRUCTURE counts lines */
	bool has_type;         /* it has a Content-Type field of its own that could be read */
	bool is_digest;        /* multipart/digest */
	bool is_opaque;        /* a limit kept us from looking into it */
};

/* Called for every header field of every part, in order of appearance. `field->start` counts from
 * the start of the message. `part` is the index of the part that the field belongs to. */
typedef void mime_field_fn(void *owner, uint32_t part, const struct header_field *field);

struct mime_parser;

/* `fn` may be NULL. Owned by the caller until mime_free. ERR_NOMEM. */
MUST_CHECK enum err mime_new(mime_field_fn *fn, void *owner, struct mime_parser **parser_out);
void mime_free(struct mime_parser **parser); /* then stores NULL; fine on NULL */
/* Lower limits than the defaults, for tests and small boards; before the first push. */
void mime_set_limits(struct mime_parser *p, uint32_t max_depth, uint32_t max_parts);

/* ERR_NOMEM, ERR_LIMIT (message of 4 GiB): final, the parser can only be freed. */
MUST_CHECK enum err mime_push(struct mime_parser *p, struct slice bytes);
MUST_CHECK enum err mime_finish(struct mime_parser *p);

/* After mime_finish: all parts, parents before children, siblings in order (preorder). parts[0] is
 * the message itself. Valid until mime_free. */
const struct mime_part *mime_parts(const struct mime_parser *p, uint32_t *count_out);
uint32_t mime_size(const struct mime_parser *p); /* bytes pushed so far */
/* Whether any byte so far was above 127, or NUL. */
bool mime_has_8bit(const struct mime_parser *p);
bool mime_has_nul(const struct mime_parser *p);

#endif
