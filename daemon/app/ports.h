/* ports - the ports of every protocol that was built in and is switched on. */
#ifndef APP_PORTS_H
#define APP_PORTS_H

#include "app/appliance.h"

bool port_is_enabled(const struct settings *settings, enum service service);
/* The number that `port` has here. */
uint16_t port_number(const struct appliance *a, const struct protocol_port *port);
/* Opens what should be open on every address and is not: the ports for mail once there is a user,
 * the page's always. To be called whenever that may have changed. One port that cannot be opened is logged; it is a failure only when nothing at
 * all could be opened. */
MUST_CHECK enum err ports_open(struct appliance *a);
/* Closes what was switched off, and ends its sessions. */
void ports_close_unwanted(struct appliance *a);
void ports_close(struct appliance *a);

#endif
