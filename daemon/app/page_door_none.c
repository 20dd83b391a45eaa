#include "app/page_door.h"

/* In place of page_door.c where there is no page. */
bool page_door_is(enum service service)
{
	(void)service;
	return false;
}

uint16_t page_door_number(const struct appliance *a, const struct protocol_port *port)
{
	(void)a;
	(void)port;
	return 0;
}

enum err page_door_open(struct appliance *a)
{
	(void)a;
	return ERR_NONE;
}

void page_door_limit(struct appliance *a)
{
	(void)a;
}

void page_door_make_room(struct appliance *a)
{
	(void)a;
}
