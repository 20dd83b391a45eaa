/* imap_search - SEARCH and UID SEARCH: the keys, and how they are looked at (RFC 9051 6.4.4).
 *
 * For the files imap_search*.c. The keys form a tree. A message is judged with what is cheap first:
 * its entry in the index, then the header fields in its summary, then its whole header, then its
 * body. A key whose answer is not known yet says so, and the tree as a whole often knows its answer
 * without it: FLAGGED TEXT x reads only flagged messages.
 *
 * Strings are compared without regard to case, in UTF-8, after encoded words, transfer encodings and
 * charsets have been decoded. HEADER keys match within the value of one field. Dates: the internal
 * date in UTC, as INTERNALDATE shows it; the Date field in the zone its writer used. A message
 * without a readable Date field counts with its internal date (RFC 5256 2.2 does so for SORT). */
#ifndef PROTO_IMAP_SEARCH_H
#define PROTO_IMAP_SEARCH_H

#include "mail/charset.h"
#include "mail/match.h"
#include "mail/transfer.h"
#include "proto/imap/imap_summary.h"

enum { SEARCH_KEYS_MAX = 2000 };

enum search_kind {
	SEARCH_ALL,
	SEARCH_NONE,       /* a keyword that the mailbox does not know */
	SEARCH_AND,        /* of the children */
	SEARCH_FLAGS,      /* (flags & mask) == value */
	SEARCH_RECENT,
	SEARCH_SEQ,        /* set */
	SEARCH_UID,        /* from here on an argument stands behind the word */
	SEARCH_OR,
	SEARCH_NOT,
	SEARCH_KEYWORD,    /* becomes FLAGS, ALL or NONE when it is read */
	SEARCH_DAY,        /* internal date, by its day */
	SEARCH_SAVE_DAY,   /* RFC 8514 */
	SEARCH_YOUNGER,    /* RFC 5032; number is the moment, in seconds since 1970 */
	SEARCH_OLDER,
	SEARCH_LARGER,
	SEARCH_SMALLER,
	SEARCH_MODSEQ,     /* at least this */
	SEARCH_EMAILID,    /* RFC 8474; needle as typed */
	SEARCH_SENT_DAY,   /* from here on the message, or its summary, must be read */
	SEARCH_HEADER,
	SEARCH_BODY,
	SEARCH_TEXT,
};
enum search_order { DAY_BEFORE, DAY_ON, DAY_SINCE };

struct search_key {
	enum search_kind kind;
	enum search_order order;
	struct search_key *children, *next;
	flags_t mask, value;
	struct imap_seqset set;
	int64_t number;
	struct slice name, needle;      /* HEADER: the needle is folded */
	uint32_t needle_id;             /* BODY, TEXT: in the program's matcher */
	struct search_key *next_header; /* list of all HEADER keys */
	bool is_found;                  /* HEADER: in the message in hand */
};

enum search_option {
	OPTION_MIN = 1,
	OPTION_MAX = 2,
	OPTION_ALL = 4,
	OPTION_COUNT = 8,
	OPTION_SAVE = 16,
};

/* What the keys refer to outside the message. Borrowed during the parse. */
struct search_env {
	uint32_t count, last_uid;        /* of the view: "*" */
	const struct keywords *keywords;
	const struct imap_seqset *saved; /* "$": UIDs */
	int64_t now_s;
};

struct search_program {
	struct search_key *root;
	struct search_key *headers;
	uint32_t key_count;
	struct matcher *body, *text;     /* NULL without such keys */
	bool has_return, has_modseq, is_bad_charset;
	unsigned options;                /* of RETURN */
};

/* Behind "SEARCH" and its space, up to the end. All in the lexer's arena. False: the lexer tells why,
 * unless is_bad_charset (NO [BADCHARSET]). */
bool search_parse(struct imap_lex *lex, const struct search_env *env,
                  struct search_program *program_out);

/* ---- judging one message ---- */

enum search_verdict { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN };

/* What is known about the message in hand. */
struct search_facts {
	struct msg_info info;
	uint32_t seq;
	bool is_recent;
	bool knows_fields;   /* the summary's fields were looked at */
	bool knows_header;   /* the whole header was */
	bool knows_text;     /* the body was */
	int32_t sent_day;    /* with knows_fields */
	const struct summary_part *message; /* with knows_fields: part 0 */
};

void search_forget(struct search_program *program); /* a new message begins */
enum search_verdict search_judge(const struct search_program *program,
                                 const struct search_facts *facts);
/* Offers one header field of the message to the HEADER keys. The buffers are scratch. */
void search_offer_field(struct search_program *program, const struct header_field *field,
                        struct buf *decoded, struct buf *folded);
/* Takes the summary's fields in: knows_fields. */
enum err search_read_fields(struct search_program *program, struct search_facts *facts,
                            const struct summary_part *message, struct arena *arena,
                            struct buf *decoded, struct buf *folded);

/* ---- reading a message ---- */

struct search_text {
	struct search_program *program;
	struct summary_cursor cursor;
	struct summary_part part;
	enum { TEXT_NEXT_PART, TEXT_HEADER, TEXT_BODY, TEXT_DONE } phase;
	bool headers_only;           /* for HEADER keys: the body is not needed */
	bool feeds_body;             /* this header is inside the body: BODY keys see it */
	uint64_t at, end;            /* of the message: what is left of this header or body */
	struct header_parser parser; /* in TEXT_HEADER */
	struct transfer_decoder transfer;
	struct charset_decoder charset;
	bool has_parser, has_charset;
	struct buf decoded, utf8;
};

void search_text_init(struct search_text *t, struct search_program *program);
void search_text_free(struct search_text *t); /* fine on a zeroed one */
void search_text_begin(struct search_text *t, const struct summary *summary, bool headers_only);
/* Reads on. ERR_NONE: the keys know. ERR_AGAIN: call again. */
MUST_CHECK enum err search_text_run(struct imap_session *s, struct search_text *t,
                                    const struct msg_info *info);

#endif
