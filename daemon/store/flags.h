/* flags - message flags as one 32-bit word: five system flags, then the mailbox's keywords.
 *
 * Bit n >= FLAG_KEYWORD_FIRST means "keyword number n - FLAG_KEYWORD_FIRST of this mailbox"; the
 * names stand in struct keywords. A word is therefore meaningful for one mailbox only; a copy to
 * another mailbox translates it by name. RFC 3501 2.3.2, RFC 9051 2.3.2. */
#ifndef STORE_FLAGS_H
#define STORE_FLAGS_H

#include "base/slice.h"

typedef uint32_t flags_t;

enum {
	FLAG_SEEN = 1 << 0,
	FLAG_ANSWERED = 1 << 1,
	FLAG_FLAGGED = 1 << 2,
	FLAG_DELETED = 1 << 3,
	FLAG_DRAFT = 1 << 4,
	FLAG_SYSTEM_ALL = 31,
	FLAG_KEYWORD_FIRST = 5, /* bit number */
	KEYWORDS_MAX = 27,      /* keywords one mailbox can know */
	KEYWORD_MAX_BYTES = 64,
};

enum flags_op { FLAGS_SET, FLAGS_ADD, FLAGS_REMOVE };

static inline flags_t flags_apply(flags_t old, enum flags_op op, flags_t with)
{
	return op == FLAGS_SET ? with : op == FLAGS_ADD ? old | with : old & ~with;
}

/* Keyword names of one mailbox, in bit order. They are never removed or renumbered while the
 * mailbox lives. Owns the strings. */
struct keywords {
	char *names[KEYWORDS_MAX];
	uint32_t count;
};
void keywords_free(struct keywords *k);
/* Looks a keyword up without regard to ASCII case; 0 when unknown. */
flags_t keywords_find(const struct keywords *k, struct slice name);
/* The same, but adds it. ERR_LIMIT: table full or name too long; ERR_SYNTAX: not an atom. */
MUST_CHECK enum err keywords_add(struct keywords *k, struct slice name, flags_t *flag_out);
/* "\Seen", "$Junk"; NULL for a bit without meaning. */
const char *flags_name(const struct keywords *k, flags_t single);

#endif
