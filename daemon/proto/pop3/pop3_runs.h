/* pop3_runs - a set of UIDs as ascending, disjoint runs, each with what is known of it.
 *
 * Downloads come in order, so a few runs stand for tens of thousands of messages. Zeroed is empty.
 * Calls that fail (ERR_NOMEM) leave the set as it was. Pure data: knows no mailbox. */
#ifndef PROTO_POP3_RUNS_H
#define PROTO_POP3_RUNS_H

#include "base/slice.h"

enum pop3_waits { /* bits: what happens to the message once every device is done with it */
	POP3_WAITS_FOLLOW = 1, /* what the policy says of downloaded mail */
	POP3_WAITS_DELETE = 2,
};

struct pop3_run {
	uint32_t first, last; /* UIDs, both of them inside */
	uint32_t day;   /* since 1970, UTC; 0: the clock was not sane, counts as the latest of all */
	uint32_t waits; /* of enum pop3_waits */
};

struct pop3_runs {
	struct pop3_run *at;
	uint32_t count, cap;
};

void pop3_runs_free(struct pop3_runs *r);
/* Behind all others: run.first is above every UID of the set. Joined to the last run when it goes
 * on where that ends and knows the same. */
MUST_CHECK enum err pop3_runs_push(struct pop3_runs *r, struct pop3_run run);
/* The run that holds this UID, or NULL; it dies with the next change. */
const struct pop3_run *pop3_runs_find(const struct pop3_runs *r, uint32_t uid);
/* Index of the first run that ends at this UID or behind it; r->count when there is none. */
uint32_t pop3_runs_at(const struct pop3_runs *r, uint32_t uid);

/* r becomes what is in either, or what is in both. Where both have it: the later day and the waits
 * of both, as mail may go too late but never too early. */
MUST_CHECK enum err pop3_runs_unite(struct pop3_runs *r, const struct pop3_runs *other);
MUST_CHECK enum err pop3_runs_intersect(struct pop3_runs *r, const struct pop3_runs *other);

/* A day that was not known becomes this one. True when there was any. */
bool pop3_runs_set_day(struct pop3_runs *r, uint32_t day);
/* Runs that touch become one, whatever their days: the later day stands for all of it. Runs that
 * wait for different things stay apart. */
void pop3_runs_blur(struct pop3_runs *r);

#endif
