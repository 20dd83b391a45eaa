/* page_door - how the page is reached: its ports, and its part of all connections. */
#ifndef APP_PAGE_DOOR_H
#define APP_PAGE_DOOR_H

#include "app/appliance.h"

bool page_door_is(enum service service); /* this is the page */
/* The number that was asked for this port; 0: none. */
uint16_t page_door_number(const struct appliance *a, const struct protocol_port *port);
/* The page's own port, with or without TLS; 0: none. Asked by the page alone. */
uint16_t port_of_page(const struct appliance *a, bool is_tls);

/* Makes its table of connections, within the one of all. */
MUST_CHECK enum err page_door_open(struct appliance *a);
/* All have another limit. */
void page_door_limit(struct appliance *a);
/* A few browsers that hold their connections open would keep everybody else from the page: above three
 * quarters of its ceiling the one that has been idle for longest goes. */
void page_door_make_room(struct appliance *a);

#endif
