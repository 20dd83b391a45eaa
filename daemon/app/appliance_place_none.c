#include "app/appliance_settings.h"

/* In place of appliance_place.c where nobody is told a name or a local time. */
void appliance_apply_place(struct appliance *a)
{
	a->host.hostname = a->settings.hostname;
}
