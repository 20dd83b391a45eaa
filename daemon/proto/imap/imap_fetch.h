/* imap_fetch - FETCH and UID FETCH: which items, in which order (RFC 9051 6.4.5, RFC 7162 3.1.4).
 *
 * For the files imap_fetch*.c. The request is parsed into a list of items, which lives in the
 * command's arena. It is then answered message by message: what an answer needs is made ready
 * before its first octet is written, so that a message that cannot be read is left out whole. Only a
 * body that fails in the middle of its literal cannot be taken back: the connection ends there. */
#ifndef PROTO_IMAP_FETCH_H
#define PROTO_IMAP_FETCH_H

#include "proto/imap/imap_section.h"

enum fetch_kind {
	FETCH_FLAGS,
	FETCH_UID,
	FETCH_INTERNALDATE,
	FETCH_SIZE,
	FETCH_ENVELOPE,
	FETCH_BODY,          /* the structure without extension data */
	FETCH_BODYSTRUCTURE,
	FETCH_MODSEQ,
	FETCH_EMAILID,       /* RFC 8474 */
	FETCH_THREADID,
	FETCH_SAVEDATE,      /* RFC 8514 */
	FETCH_SECTION,       /* BODY[...], RFC822, RFC822.HEADER, RFC822.TEXT */
	FETCH_BINARY,        /* RFC 3516 */
	FETCH_BINARY_SIZE,
};

enum { FETCH_ITEMS_MAX = 256 };

struct fetch_item {
	enum fetch_kind kind;
	const char *alias;           /* "RFC822": what a section is called instead of BODY[] */
	struct slice name;           /* of a section, as each response repeats it */
	struct imap_section section; /* of SECTION, BINARY, BINARY_SIZE */
};

struct fetch_request {
	struct fetch_item *items;
	uint32_t count;
	uint32_t kinds;         /* 1 << kind of every item */
	bool sets_seen;         /* a body without PEEK is asked for */
	bool needs_summary;
	bool has_changed_since, vanished;
	uint64_t changed_since;
};

/* Behind the set and its space: the items and the modifiers, up to the end of the command. With
 * is_uid, UID is an item in any case. False: the lexer tells why. */
bool fetch_request_parse(struct imap_lex *lex, bool is_uid, struct fetch_request *request_out);

#endif
