/* ports - opens the ports of every protocol that was built in and is switched on. */
#ifndef APP_PORTS_H
#define APP_PORTS_H

#include "app/appliance.h"

bool port_is_enabled(const struct settings *settings, enum service service);
/* Opens every enabled port on every address. One that cannot be opened is logged; it is a failure
 * only when nothing at all could be opened. */
MUST_CHECK enum err ports_open(struct appliance *a);
void ports_close(struct appliance *a);

#endif
