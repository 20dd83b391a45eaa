/* check_session - `surel check` while the daemon runs: reads every octet of every message.
 *
 * The store verifies what it reads, so this finds what `surel check` finds in messages; the rest of
 * the store is checked with the daemon stopped. A bounded piece of work a turn: clients notice little.
 * Answers like any other command (app/control.h). */
#ifndef APP_CHECK_SESSION_H
#define APP_CHECK_SESSION_H

#include "app/control.h"
#include "app/long_session.h"

extern const struct long_command long_check;

#endif
