/* lexical - the lexical bits that all structured header fields share (RFC 5322 3.2).
 *
 * All of them take a slice and a position inside it and never look beyond its end, whatever is
 * missing there: a comment may end in a lone backslash, a quoted string may never end. */
#ifndef MAIL_LEXICAL_H
#define MAIL_LEXICAL_H

#include "base/slice.h"

/* More levels than this are read as if they were this level: no recursion, no state per level. */
enum { LEXICAL_COMMENT_MAX_DEPTH = 1000 };

static inline bool lexical_is_space(uint8_t c) /* folding white space, without regard to lines */
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int lexical_hex_value(uint8_t c); /* -1: no hexadecimal digit */
/* The octet that two of them at the front of text stand for; -1: they do not. */
int lexical_hex_pair(struct slice text);

bool lexical_take_byte(struct slice *s, uint8_t byte); /* takes it off the front when it is there */
void lexical_skip_blanks(struct slice *s);             /* and comments */
size_t lexical_comment_end(struct slice s, size_t open); /* behind the comment that begins there */
size_t lexical_quoted_end(struct slice s, size_t open);  /* behind the quoted string */

/* Lists of words as one literal, "date\0" "from\0": a table of pointers would be as large again. The
 * word's place in the list, its case does not matter; SIZE_MAX: it is none of them. */
size_t      lexical_word_find(const char *words, struct slice word);
const char *lexical_word(const char *words, size_t place); /* the place must be in the list */

#endif
