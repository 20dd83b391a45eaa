/* expiry - mail that goes by its age: downloaded by POP3 (pop3.delete_after_days), or long in Trash
 * or Junk (trash.empty_days, junk.empty_days).
 *
 * A job in the background of the loop: every hour, and soon after the start and after a change of
 * the policy. It looks at some messages a turn and lets everybody else go first, opens no mailbox
 * that has nothing in it, and no account before something in it can be due. Nothing is deleted while
 * the clock is not sane (base/clock.h). A message that POP3 has downloaded goes when it was
 * downloaded, by all known devices where each has its own state, so many days ago; with
 * pop3.delete_since = arrival when it came into this mailbox so many days ago. Flagged ones stay.
 * What lies in Trash and Junk goes by the day it came there. A user whose maildrop is open is left
 * for the next time. Each mailbox that lost something is one line in the log. */
#ifndef APP_EXPIRY_H
#define APP_EXPIRY_H

#include "app/appliance.h"

MUST_CHECK enum err expiry_start(struct appliance *a);
/* The policy has changed, or time has: looks at everybody again in some seconds. Harmless before
 * expiry_start and after expiry_stop. */
void expiry_soon(struct appliance *a);
void expiry_stop(struct appliance *a);

struct expiry_count {
	uint64_t messages, bytes;
};
struct expiry_preview;
/* What would go at once under this policy: for one user, or for all (user NULL: `policy` is then
 * the house's, and what an owner has set for himself stays his). Both are copied. Nothing is
 * changed. Tells its count by a sane clock only: ERR_STATE. ERR_NOT_FOUND: no such user. */
MUST_CHECK enum err expiry_preview_new(struct appliance *a, const char *user,
                                       const struct policy *policy,
                                       struct expiry_preview **preview_out);
/* STEP_MORE: call again, at once when the waiter is not waiting (waiter_is_waiting), else after its
 * wake. STEP_DONE: *count_out is final. STEP_BAD: it could not be read, or the user was deleted. */
enum step expiry_preview_run(struct expiry_preview *p, struct waiter *w,
                             struct expiry_count *count_out);
void expiry_preview_free(struct expiry_preview **p); /* stores NULL */

#endif
