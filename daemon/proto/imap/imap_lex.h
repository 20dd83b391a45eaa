/* imap_lex - reads tokens off one whole command (RFC 9051 9, RFC 3501 9).
 *
 * A command is gathered first: its lines and the literals in them, as sent, in one bounded buffer
 * ("A1 LOGIN {3}\r\nbob secret", without the final CRLF). The lexer is a cursor over it. Each
 * lex_* takes one token and moves on, or returns false and records ERR_SYNTAX (or ERR_LIMIT) once
 * in `err` with a text for the client; after that all of them return false. Strings come out
 * decoded: quoted pairs undone (into the arena when there were any), literals as slices. */
#ifndef PROTO_IMAP_LEX_H
#define PROTO_IMAP_LEX_H

#include "base/arena.h"

struct imap_lex {
	struct slice rest;
	struct arena *arena;
	enum err err;
	const char *why; /* for the BAD response; static text */
	bool utf8;       /* UTF8=ACCEPT or IMAP4rev2 is enabled: 8-bit allowed in quoted strings */
};

void lex_init(struct imap_lex *lex, struct slice command, struct arena *arena, bool utf8);
bool lex_fail(struct imap_lex *lex, const char *why); /* returns false */
bool lex_at_end(const struct imap_lex *lex);
bool lex_end(struct imap_lex *lex);                   /* nothing but the end may follow */
uint8_t lex_peek(const struct imap_lex *lex);         /* next octet, 0 at the end */
bool lex_try(struct imap_lex *lex, char c);           /* takes c when it is next; never fails */
bool lex_try_word(struct imap_lex *lex, const char *word); /* case-insensitive, whole atom */
/* The same for a list of words (mail/lexical.h): the place of the one that was taken, or SIZE_MAX. */
size_t lex_try_words(struct imap_lex *lex, const char *words);
bool lex_char(struct imap_lex *lex, char c);
bool lex_space(struct imap_lex *lex);                 /* exactly one SP (several are forgiven) */
/* "(" and, behind an element, the space before the next one: false when ")" comes next, to be taken
 * with lex_char. Blanks inside the parentheses are forgiven at both ends. */
bool lex_list_begin(struct imap_lex *lex);
bool lex_list_next(struct imap_lex *lex);
bool lex_atom(struct imap_lex *lex, struct slice *atom_out);     /* 1*ATOM-CHAR */
bool lex_astring(struct imap_lex *lex, struct slice *string_out); /* atom with ], or string */
bool lex_string(struct imap_lex *lex, struct slice *string_out);  /* quoted or literal */
bool lex_nstring(struct imap_lex *lex, bool *is_nil_out, struct slice *string_out);
bool lex_list_mailbox(struct imap_lex *lex, struct slice *pattern_out); /* with % and *; UTF-8 */
/* A mailbox name as UTF-8: modified UTF-7 is decoded (RFC 3501 5.1.3) unless utf8 is set; INBOX in any
 * case, also as first level, comes out as INBOX; one separator at the end is dropped. A string that
 * no mailbox can have as its name (mailbox_name_check) is no error of syntax: `err` is ERR_DENIED
 * then, and imap_bad_lex answers NO [CANNOT]. */
bool lex_mailbox(struct imap_lex *lex, struct slice *name_out);
bool lex_number(struct imap_lex *lex, uint64_t max, uint64_t *number_out);
bool lex_nz_number(struct imap_lex *lex, uint32_t *number_out);
struct imap_seqset;
bool lex_seqset(struct imap_lex *lex, struct imap_seqset *set_out); /* 1:3,7,* or $ */
bool lex_flag(struct imap_lex *lex, struct slice *flag_out);      /* "\Seen" or keyword */
bool lex_date_time(struct imap_lex *lex, int64_t *seconds_out);   /* quoted date-time */
bool lex_date(struct imap_lex *lex, int64_t *day_out);            /* days since 1970 */

#endif
