/* quota_watch - tells owners that their mailboxes fill up, before mail is refused: a short message
 * at 80, 90 and 95 % of their quota (octets or messages, whichever is fuller), each once until use
 * has fallen below it. The store as a whole is the first user's affair.
 *
 * What was told is in memory. After a start the first look at a user takes his use as told, so that
 * a restart repeats nothing; look before his mail grows. */
#ifndef APP_QUOTA_WATCH_H
#define APP_QUOTA_WATCH_H

#include "app/appliance.h"

/* 0, 80, 90, 95: the threshold that use has reached. 0 as well when there is no quota. */
unsigned quota_level(uint64_t used, uint64_t quota);
/* Per cent, at most 100; 0 when there is no quota. */
unsigned quota_percent(uint64_t used, uint64_t quota);

/* The account is open and has its quota set. */
void quota_watch_see(struct appliance *a, const char *user, const struct account *account);
/* Something may have come in. */
void quota_watch_check(struct appliance *a, const char *user, const struct account *account);

#endif
