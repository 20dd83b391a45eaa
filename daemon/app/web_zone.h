/* web_zone - time zones to choose from, and what the setting time.zone wants to have for them.
 *
 * A small box has no zone database, so a zone is a POSIX rule (IEEE 1003.1, "TZ"). Common ones are
 * offered; whoever lives elsewhere sets a rule of his own. */
#ifndef APP_WEB_ZONE_H
#define APP_WEB_ZONE_H

#include "app/web.h"

/* The zones as choices of a field (field_select), with the system's own first. A value that is
 * chosen already but none of them becomes a choice of its own. */
void web_zone_choices(struct model *field, enum lang lang);

#endif
