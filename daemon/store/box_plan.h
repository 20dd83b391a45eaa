/* box_plan - turns a change of mailbox names into elementary steps, and applies them.
 *
 * A plan is made whole or not at all and owns everything in it: the structs of mailboxes to be
 * made, new names, and room in the table. It is handed to the backend; when that succeeds applying
 * cannot fail. RFC 9051 6.3.4 to 6.3.8. */
#ifndef STORE_BOX_PLAN_H
#define STORE_BOX_PLAN_H

#include "store/store_backend.h"

/* Makes the mailboxes of a new account. *ticket is left alone when there is nothing to do.
 * ERR_UNSUPPORTED: this build makes none. */
MUST_CHECK enum err box_plan_first(struct account *a, uint64_t *ticket);

#endif
