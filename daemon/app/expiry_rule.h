/* expiry_rule - which messages of one mailbox are due to go, by one policy, at one moment. */
#ifndef APP_EXPIRY_RULE_H
#define APP_EXPIRY_RULE_H

#include "proto/policy.h"
#include "store/store.h"

#define EXPIRY_NEVER INT64_MAX

struct expiry_downloads;

struct expiry_rule {
	int64_t now_s;
	int64_t age_s;                      /* of all messages here (Trash, Junk); 0: no such rule */
	struct expiry_downloads *downloads; /* what POP3 has downloaded; NULL: no such rule */
	int64_t downloaded_s;               /* that goes after so long */
	bool since_arrival;
};

/* Fills it in. False: nothing can be due in this mailbox, which need not be open for that. Reads the
 * mailbox's note. may_write: days that were not known, as the clock was not sane, become this one. */
bool expiry_rule_make(struct expiry_rule *rule, struct mailbox *box, const struct policy *policy,
                      int64_t now_s, bool may_write);
void expiry_rule_free(struct expiry_rule *rule);
/* True: it goes now. Else *due_s_out is when to look again at the earliest, in all cases less than
 * EXPIRY_NEVER when a rule holds here. */
bool expiry_is_due(const struct expiry_rule *rule, const struct msg_info *info, int64_t *due_s_out);
/* A policy by which nothing ever goes needs no account loaded. */
bool expiry_policy_is_idle(const struct policy *policy);
/* The shortest time after which anything that comes in now can be due. */
int64_t expiry_policy_least_s(const struct policy *policy);

/* --- expiry_pop3.c, or expiry_pop3_none.c in a build without POP3 ------------------------------- */
/* NULL: nothing was downloaded, or it cannot be told. */
struct expiry_downloads *expiry_downloads_new(struct mailbox *box, bool each_device, bool may_write);
/* The day (since 1970) when it was downloaded by all who must; 0: not yet. */
uint32_t expiry_downloads_day(const struct expiry_downloads *d, uint32_t uid);
void expiry_downloads_free(struct expiry_downloads **d);

#endif
