/* pop3_window - what people order about the state that POP3 keeps with each mailbox: "only mail from
 * now on", "offer again what was downloaded", "forget this device".
 *
 * Each order is a piece of work of its own that walks over all mailboxes of those it is for, in turns
 * of the loop, and waits where accounts must be loaded; it is an errand, so that it ends in order
 * when the daemon stops. An order that a power cut interrupts is carried out for some mailboxes; a
 * window then counts by date where it is not noted (proto/pop3/pop3_show.c). All calls: ERR_NOMEM.
 * Owned by the appliance; in effect at the latest for the session that logs in after it. */
#ifndef APP_POP3_WINDOW_H
#define APP_POP3_WINDOW_H

#include "app/appliance.h"

/* What is there now is not shown while pop3.access is "from-now-on"; the policy has its date in
 * pop3.from already. user NULL: the house, all who have no date of their own. */
MUST_CHECK enum err pop3_window_begin(struct appliance *a, const char *user);
/* Downloaded and hidden mail is offered once more, to all devices of this user. */
MUST_CHECK enum err pop3_window_reset(struct appliance *a, const char *user);
/* Nobody waits for this device any more; if it comes back it is a new one. "": the client that does
 * not say which it is. */
MUST_CHECK enum err pop3_device_forget(struct appliance *a, const char *user, const char *device);

#endif
