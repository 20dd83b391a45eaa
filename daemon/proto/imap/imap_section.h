/* imap_section - which octets of a message BODY[...] stands for (RFC 9051 6.4.5.1, RFC 3516).
 *
 * A section is parsed once, with the command, and lives in its arena. For each message it becomes an
 * imap_extract: ranges of octets, and their exact number, which the literal announces before the
 * first of them is read. HEADER.FIELDS comes out of the summary's kept fields where these are
 * complete; otherwise the header is read in pieces, once to count and once more to send only if its
 * fields are scattered over more places than are remembered. */
#ifndef PROTO_IMAP_SECTION_H
#define PROTO_IMAP_SECTION_H

#include "mail/header.h"
#include "proto/imap/imap_summary.h"

enum {
	SECTION_PATH_MAX = 2 * MIME_MAX_DEPTH,
	SECTION_NAMES_MAX = 500, /* in HEADER.FIELDS */
};

struct imap_section {
	uint32_t *path;              /* {1, 2} for 1.2 */
	uint32_t path_len;
	enum summary_section kind;
	bool has_names, is_not;      /* HEADER.FIELDS, HEADER.FIELDS.NOT */
	struct slice *names;
	uint32_t name_count;
	bool are_kept;               /* a summary that is not trimmed answers for all these names */
	bool is_partial;
	uint64_t partial_start, partial_count;
};

/* Behind "[": up to "]" and the "<0.1024>" behind it. The lexer records errors. */
bool imap_section_parse(struct imap_lex *lex, struct imap_section *section_out);
/* A path alone, as BINARY wants it: "[1.2]" or "[]", and for BINARY[...] the partial. */
bool imap_section_parse_binary(struct imap_lex *lex, bool may_be_partial,
                               struct imap_section *section_out);
/* "[1.2.HEADER.FIELDS (From)]<0>": as a FETCH response repeats it. */
void imap_section_print(const struct imap_section *section, struct imap_out *o);
/* Of `total` octets: how many to pass over, and how many are asked for behind them. */
uint64_t imap_section_clip(const struct imap_section *section, uint64_t total, uint64_t *skip_out);
bool imap_section_wants_field(const struct imap_section *section, struct slice name);

/* ---- the octets ---- */

enum { EXTRACT_WINDOW = 32 };

struct imap_extract {
	const struct imap_section *section;
	struct slice kept;           /* the summary's fields, when they suffice; ranges count in them */
	bool uses_kept;
	struct summary_range whole;  /* what is looked at: a part, or its header */
	struct summary_range window[EXTRACT_WINDOW];
	uint32_t count, next;        /* ranges in the window; the one being sent */
	uint32_t scan_at;            /* where the next window starts; 0: there is none */
	uint64_t total;              /* octets, the empty line of HEADER.FIELDS included */
	uint64_t skip, left;         /* of a partial: still to pass over; still to send */
	bool is_scanning, is_counting;
	struct header_parser parser; /* while scanning */
	uint32_t scan_from, parsed;  /* octets of `whole` where it began; up to where it has read */
};

/* Finds the part. ERR_NOT_FOUND: there is none: NIL. The summary must stay loaded. */
MUST_CHECK enum err imap_extract_begin(struct imap_extract *x, const struct imap_section *section,
                                       const struct summary *summary);
/* Counts: then x->total and x->left are known. ERR_AGAIN: call again. */
MUST_CHECK enum err imap_extract_count(struct imap_session *s, struct imap_extract *x,
                                       const struct msg_info *info);
/* Appends the next octets to dst, 16 KiB at most, until x->left is 0. ERR_AGAIN: call again later. */
MUST_CHECK enum err imap_extract_send(struct imap_session *s, struct imap_extract *x,
                                      const struct msg_info *info, struct buf *dst);
void imap_extract_end(struct imap_extract *x); /* fine on a zeroed one, and twice */

#endif
