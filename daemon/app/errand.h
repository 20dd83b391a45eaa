/* errand - a piece of work that goes on for long beside the sessions, in turns of the loop: an import, a
 * notice, a look at everybody's mail.
 *
 * Lives in its owner. Between errand_begin and errand_leave it is in the appliance's list, so that it
 * ends in order when its user is deleted or the daemon stops. Its waiter is for what says ERR_AGAIN:
 * whoever wakes it is in the middle of other work, so `run` is called in a later turn. */
#ifndef APP_ERRAND_H
#define APP_ERRAND_H

#include "base/job.h"
#include "net/loop.h"

struct appliance;

struct errand { /* zeroed: it has not begun */
	struct list link;
	struct appliance *app;
	const char *owner; /* the user whose mailboxes it has open; "" for nobody */
	struct waiter waiter;
	struct deferred again;
	void (*run)(struct errand *errand); /* one turn of it */
	/* Says why, closes, frees; unlinks itself. */
	void (*end)(struct errand *errand, const char *why);
};

/* run and end are set; owner NULL is "". `run` is called in the next turn. */
void errand_begin(struct errand *errand, struct appliance *a);
void errand_go_on(struct errand *errand); /* calls `run` again, when others have had their turn */
void errand_leave(struct errand *errand); /* harmless twice, and before it has begun */

/* Ends the errands that have this user's mailboxes open, all of them when NULL: what they have not
 * committed is forgotten. */
void errands_end(struct appliance *a, const char *user, const char *why);

#endif
