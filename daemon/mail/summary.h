/* summary - what clients ask first, taken from a message once, on arrival (DESIGN.md, J4).
 *
 * A summary is a compact blob that the store keeps beside the message. It answers ENVELOPE, BODY,
 * BODYSTRUCTURE, RFC822.SIZE, the byte range of every section (BODY[1.2.MIME], BODY[3.TEXT],
 * BINARY[2]) and BODY[HEADER.FIELDS (...)] for the fields that clients ask for on a first sync, so
 * that none of these touches the message. It holds, for each part, its place and the raw bytes of
 * the header fields in question, in their order; parsing values is left to address.h, param.h and
 * date.h when they are asked for. About 1 KiB for an ordinary message.
 *
 * Blob, version 1 (varints as in base/codec.h; the store adds its own checksum):
 *   byte     version, 1
 *   byte     flags: SUMMARY_REDUCED ...
 *   varint   message size in bytes
 *   varint   number of parts
 *   parts in preorder, each:
 *     byte     kind (2 bits) and flags
 *     varint   header start, relative to the parent's body start (the message: 0)
 *     varint   header length, with the empty line
 *     varint   body length
 *     varint   body lines (line feeds)
 *     varint   number of children (containers only)
 *     varint   length of fields, or absent when the flag says "same as the part before"
 *     bytes    raw header fields, whole, in order
 * Readers refuse a version they do not know with ERR_UNSUPPORTED: the caller makes the summary
 * anew. */
#ifndef MAIL_SUMMARY_H
#define MAIL_SUMMARY_H

#include "base/arena.h"
#include "mail/address.h"
#include "mail/mime.h"
#include "mail/param.h"

enum {
	SUMMARY_VERSION = 1,
	SUMMARY_MAX_BYTES = 256 * 1024,       /* of a blob; an ordinary one has 1 KiB */
	SUMMARY_PART_FIELDS_MAX = 8 * 1024,   /* raw fields kept per inner part */
	SUMMARY_FIELDS_MAX = 160 * 1024,      /* raw fields kept in all */
};

/* ---- making one ---- */

struct summary_builder;
MUST_CHECK enum err summary_new(struct summary_builder **builder_out);
void summary_free(struct summary_builder **builder); /* then stores NULL */
MUST_CHECK enum err summary_push(struct summary_builder *b, struct slice bytes);
/* Appends the blob; dst must take SUMMARY_MAX_BYTES. When the whole tree does not fit, a reduced
 * summary is made: the message as one opaque part (summary.is_reduced). ERR_NOMEM, ERR_LIMIT (4
 * GiB). */
MUST_CHECK enum err summary_finish(struct summary_builder *b, struct buf *dst);

/* ---- reading one: no allocation; slices point into the blob, which must outlive them ---- */

struct summary {
	struct slice parts; /* encoded */
	uint32_t size;      /* bytes of the message: RFC822.SIZE */
	uint32_t part_count;
	bool is_reduced;    /* parts were too many: only the outermost is described */
	bool has_8bit;      /* some byte is above 127 */
	bool has_nul;       /* some byte is NUL, which an IMAP literal may not carry */
};

struct summary_part {
	uint32_t index;        /* preorder, 0 is the message */
	uint32_t depth;        /* 0 is the message */
	uint32_t children;     /* how many follow, each with all that is inside it */
	enum mime_kind kind;
	bool is_text;          /* BODYSTRUCTURE wants lines */
	bool has_type;         /* has a usable Content-Type; otherwise the default type counts */
	bool default_is_message; /* the default type is message/rfc822 (in multipart/digest) */
	bool is_root;          /* the message, or one inside message/rfc822: has an envelope */
	bool is_trimmed;       /* some of its fields did not fit and are missing here */
	bool is_opaque;        /* not looked into, because of limits */
	uint32_t header_start, header_len; /* header_len holds the empty line */
	uint32_t body_start, body_len, body_lines;
	struct slice fields;   /* raw header fields: use header_next, header_find */
};

/* Checks every length in the blob once. ERR_CORRUPT, ERR_UNSUPPORTED (other version). */
MUST_CHECK enum err summary_open(struct slice blob, struct summary *summary_out);

/* Preorder walk. A writer of BODYSTRUCTURE recurses over `children` with one shared cursor. */
struct summary_cursor {
	struct slice rest;        /* parts not yet read */
	struct slice last_fields; /* of the part before, for "same as" */
	uint32_t size;            /* of the message: no offset lies beyond */
	uint32_t next_index;
	uint32_t stack_depth;
	struct summary_level {
		uint32_t children_left;
		uint32_t body_start;
		bool is_message, is_digest;
	} stack[MIME_MAX_DEPTH + 2];
};
void summary_rewind(const struct summary *s, struct summary_cursor *c);
/* ERR_NOT_FOUND behind the last part; ERR_CORRUPT cannot happen after summary_open said
 * ERR_NONE. */
MUST_CHECK enum err summary_next(struct summary_cursor *c, struct summary_part *part_out);

/* ---- sections (RFC 9051 6.4.5.1) ---- */

enum summary_section { SECTION_WHOLE, SECTION_HEADER, SECTION_TEXT, SECTION_MIME };
struct summary_range { uint32_t start, len; };

/* The part that a path such as {1,2} names; path_len 0 is the message. A message without multipart
 * has one part, 1: itself. ERR_NOT_FOUND when there is no such part. */
MUST_CHECK enum err summary_find(const struct summary *s, const uint32_t *path, size_t path_len,
                                 struct summary_part *part_out);
/* The bytes that BODY[path.section] stands for. SECTION_WHOLE is the body of the part (for an empty
 * path the message), SECTION_MIME its own MIME header; HEADER and TEXT need an empty path or one
 * that names a message/rfc822 part. *part_out (may be NULL) is the part whose fields belong to the
 * bytes: with HEADER and TEXT the root of the message inside. ERR_NOT_FOUND. */
MUST_CHECK enum err summary_locate(const struct summary *s, const uint32_t *path, size_t path_len,
                                   enum summary_section section, struct summary_range *range_out,
                                   struct summary_part *part_out);

/* ---- fields ---- */

/* True when every field of this name of the *message's own* header is in parts[0].fields, byte for
 * byte, or is known to be absent: HEADER.FIELDS can be answered from the summary. `message` is part
 * 0. */
bool summary_has_field(const struct summary_part *message, struct slice name);
/* The fields of an ENVELOPE, in its order: a list for lexical_word. */
extern const char summary_envelope_names[];
/* The value of the first field of that name, unfolded and trimmed, in the arena. A missing field
 * gives a NULL slice (NIL), an empty one a non-NULL slice of length 0. */
MUST_CHECK enum err summary_text(const struct summary_part *part, const char *name,
                                 struct arena *arena, struct slice *text_out);
/* The values of all fields of that name, joined by ", ": as ENVELOPE wants them when a sender wrote
 * two To fields. NULL slice when there is none. Ready for address_init. */
MUST_CHECK enum err summary_addresses(const struct summary_part *part, const char *name,
                                      struct arena *arena, struct slice *value_out);
/* Content-Type with the defaults put in: text/plain, message/rfc822 inside a digest. For message
 * parts that could be looked into the type is what it says it is; for opaque and unreadable ones
 * application/octet-stream. */
MUST_CHECK enum err summary_type(const struct summary_part *part, struct arena *arena,
                                 struct param_list *type_out);
/* A parsed field such as Content-Disposition; count 0 and a NULL value when it is missing. */
MUST_CHECK enum err summary_params(const struct summary_part *part, const char *name,
                                   struct arena *arena, struct param_list *list_out);

#endif
