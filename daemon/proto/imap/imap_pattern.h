/* imap_pattern - mailbox patterns of LIST: '*' matches anything, '%' anything but the separator.
 *
 * One pass over a name tells for each of its levels whether the name up to there matches: LIST also
 * answers with superiors that exist only because something is below them. The work is the length
 * of the name times the length of the pattern, whatever the wildcards. Memory is the arena's. */
#ifndef PROTO_IMAP_PATTERN_H
#define PROTO_IMAP_PATTERN_H

#include "base/arena.h"

struct imap_pattern {
	struct slice text; /* runs of wildcards made one */
	bool *now, *next;  /* which places of the text are reached */
	bool is_hopeless;  /* longer than any name */
};

/* reference and pattern are simply joined (RFC 9051 6.3.9). ERR_NOMEM: the arena is full. */
MUST_CHECK enum err imap_pattern_init(struct imap_pattern *p, struct slice reference,
                                      struct slice pattern, struct arena *arena);
/* Bit n: the first n + 1 levels of the name match. INBOX matches in any case. */
uint64_t imap_pattern_levels(struct imap_pattern *p, struct slice name);

#endif
