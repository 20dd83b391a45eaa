/* imap_fetch - FETCH and UID FETCH: which items, in which order (RFC 9051 6.4.5, RFC 7162 3.1.4).
 *
 * For the files imap_fetch*.c. The request is parsed into a list of items, which lives in the
 * command's arena. It is then answered message by message: what an answer needs is made ready
 * before its first octet is written, so that a message that cannot be read is left out whole. Only a
 * body that fails in the middle of its literal cannot be taken back: the connection ends there. */
#ifndef PROTO_IMAP_FETCH_H
#define PROTO_IMAP_FETCH_H

#include "proto/imap/imap_binary.h"
#include "proto/imap/imap_section.h"
#include "proto/imap/imap_structure.h"

enum fetch_kind {
	FETCH_FLAGS,
	FETCH_UID,
	FETCH_INTERNALDATE,
	FETCH_SIZE,
	FETCH_MODSEQ,
	FETCH_EMAILID,       /* RFC 8474 */
	FETCH_THREADID,
	FETCH_SAVEDATE,      /* RFC 8514 */
	FETCH_ENVELOPE,      /* from here on the summary is needed */
	FETCH_BODY,          /* the structure without extension data */
	FETCH_BODYSTRUCTURE,
	FETCH_SECTION,       /* BODY[...], RFC822, RFC822.HEADER, RFC822.TEXT */
	FETCH_BINARY,        /* RFC 3516 */
	FETCH_BINARY_SIZE,
};
/* Their names up to FETCH_BODYSTRUCTURE, then the old ones for sections: a list for lexical_word. */
extern const char fetch_words[];

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

/* ---- a FETCH on its way: imap_fetch.c picks the messages, imap_fetch_send.c answers ---- */

enum { SEEN_BATCH = 64 }; /* messages marked as read in one change */

enum fetch_phase {
	PICK_MESSAGE,
	LOAD_MESSAGE,
	WRITE_ITEM,
	COUNT_SECTION,
	SEND_SECTION,
	SEND_PARTS
};

/* What a phase says to the loop around it. */
enum fetch_next {
	FETCH_GO_ON,
	FETCH_WAIT,     /* for the store, or for the next slice */
	FETCH_ALL_DONE, /* no message is left */
	FETCH_BROKEN,   /* a promised octet cannot be sent: the connection must end */
};

struct fetch {
	struct fetch_request request;
	struct imap_seqset set;
	struct imap_summary summary;
	struct imap_structure *structure; /* in the arena, when asked for */
	struct imap_extract extract;
	struct imap_binary binary;
	/* The message in hand. */
	enum fetch_phase phase;
	uint32_t uid, seq, item;
	struct msg_info info;
	size_t response_at; /* where its response starts in the reply */
	bool is_intact;     /* none of it has been sent: it can be taken back */
	/* \Seen of the messages up to seen_up_to is settled; these were changed by us. */
	uint32_t seen_uids[SEEN_BATCH], seen_done[SEEN_BATCH], seen_count, seen_up_to;
	/* For the tagged reply. */
	bool some_gone;
	enum err failure;
};

static inline bool fetch_wants(const struct fetch *f, enum fetch_kind kind)
{
	return f->request.kinds & 1u << kind;
}

/* The names of sections are the same in every response: made once, in the arena. */
MUST_CHECK enum err fetch_print_names(struct imap_session *s, struct fetch_request *request);
/* Each does one phase, or a piece of it. */
enum fetch_next fetch_write_item(struct imap_session *s, struct fetch *f);
enum fetch_next fetch_count_section(struct imap_session *s, struct fetch *f);
enum fetch_next fetch_send_section(struct imap_session *s, struct fetch *f);
enum fetch_next fetch_send_parts(struct imap_session *s, struct fetch *f);
void            fetch_end_response(struct imap_session *s, struct fetch *f);
/* Takes a response back, or says NIL where it has begun to leave. */
enum fetch_next fetch_item_failed(struct imap_session *s, struct fetch *f, enum err err);

#endif
