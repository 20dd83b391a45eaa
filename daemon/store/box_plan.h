/* box_plan - turns a change of mailbox names into elementary steps, and applies them.
 *
 * A plan is made whole or not at all and owns everything in it: the structs of mailboxes to be
 * made, new names, and room in the table. box_plan_carry_out hands it to the backend; when that
 * succeeds applying cannot fail. RFC 9051 6.3.4 to 6.3.8. */
#ifndef STORE_BOX_PLAN_H
#define STORE_BOX_PLAN_H

#include "store/store_backend.h"

/* The plan for one change. A plan may be empty: there is nothing to do. */
MUST_CHECK enum err box_plan_make(struct box_plan *plan, struct account *a,
                                  const struct box_change *change);
/* The plan for the mailboxes of a new account. */
MUST_CHECK enum err box_plan_first(struct box_plan *plan, struct account *a);
/* Backend, table, events; frees the plan in any case. *ticket is left alone by an empty plan. */
MUST_CHECK enum err box_plan_carry_out(struct box_plan *plan, uint64_t *ticket);

#endif
