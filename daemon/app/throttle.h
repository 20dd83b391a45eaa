/* throttle - password failures slow their sender down; nobody is ever locked out.
 *
 * Failures are counted per address prefix (v4 /32, v6 /64) and per user name in tables of fixed
 * size; when a table is full the entry that rested longest is forgotten. An address that failed
 * often waits before each further attempt is looked at, right or wrong, so that parallel guessing
 * gains nothing; a name that failed often only makes wrong answers slower, so that a phone with an
 * old password does not lock the family out. Counts halve every ten minutes. */
#ifndef APP_THROTTLE_H
#define APP_THROTTLE_H

#include "net/stream.h"

enum {
	THROTTLE_ENTRIES = 256,
	THROTTLE_FREE_FAILURES = 5,    /* of an address, before attempts wait */
	THROTTLE_MAX_DELAY_MS = 15000,
	THROTTLE_FAILURE_MS = 1000,    /* a wrong answer takes at least this long */
	THROTTLE_HALF_LIFE_MS = 600000,
};

struct throttle_entry {
	uint64_t key; /* 0: free */
	uint64_t touched_ms;
	uint32_t failures;
};
struct throttle {
	struct throttle_entry addresses[THROTTLE_ENTRIES], names[THROTTLE_ENTRIES];
	uint64_t seed;
};

void throttle_init(struct throttle *t);
/* How long an attempt from here has to wait before it is looked at. */
uint32_t throttle_before_ms(struct throttle *t, const struct net_address *from);
/* Counts a failure and says how long to hold back the answer. */
uint32_t throttle_failed_ms(struct throttle *t, const struct net_address *from, struct slice name);
void throttle_succeeded(struct throttle *t, const struct net_address *from, struct slice name);

#endif
