/* match - substring search for SEARCH keys: several needles, one pass, any chunking.
 *
 * Feed UTF-8 (charset.h makes it); both sides are folded (fold.h). State is carried across chunks,
 * also in the middle of a character. Linear time in text times needles (Knuth-Morris-Pratt), a fast
 * skip while nothing matches. The needles live in the caller's arena; a matcher owns nothing. */
#ifndef MAIL_MATCH_H
#define MAIL_MATCH_H

#include "base/arena.h"

enum { MATCH_MAX_NEEDLES = 64, MATCH_NEEDLE_MAX_BYTES = 8 * 1024 };

struct match_needle {
	const uint8_t *bytes;   /* folded UTF-8 */
	const uint16_t *border; /* KMP failure function */
	uint16_t len;
	uint16_t at;            /* bytes matched so far */
	bool is_found;
};

struct matcher {
	struct arena *arena;
	struct match_needle needles[MATCH_MAX_NEEDLES];
	uint32_t count, found;
	uint8_t held[4]; /* start of a character that the last chunk did not end */
	uint8_t held_len;
	bool is_active;   /* some needle has begun to match */
	bool starts[256]; /* folded first bytes of needles still sought */
};

void match_init(struct matcher *m, struct arena *arena);
/* Adds a needle given as UTF-8; *id_out counts from 0. An empty needle is found at once (RFC 3501
 * 6.4.4: matches everything). ERR_LIMIT: too many or too long. ERR_NOMEM: the arena is full. */
MUST_CHECK enum err match_add(struct matcher *m, struct slice needle, uint32_t *id_out);

/* Forgets what was found: a new message begins. */
void match_reset(struct matcher *m);
/* A border that no match may cross: the end of a header field or body part. */
void match_break(struct matcher *m);
/* True when all needles have been found: the caller may stop reading. */
bool match_push(struct matcher *m, struct slice utf8);
bool match_found(const struct matcher *m, uint32_t id);

#endif
