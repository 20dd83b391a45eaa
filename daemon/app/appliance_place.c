/* What the box is called, and which time is told there. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/appliance_settings.h"
#include "base/log.h"

static void apply_hostname(struct appliance *a)
{
	char system[SETTING_TEXT_MAX] = "";
	gethostname(system, sizeof(system) - 1);
	const char *name = *a->settings.hostname ? a->settings.hostname
			   : *system             ? system
						 : "surel.local";
	snprintf(a->hostname, sizeof(a->hostname), "%s", name);
	a->host.hostname = a->hostname;
}

/* The C library's idea of local time. What the environment said before is the system's zone. */
static void apply_time_zone(struct appliance *a)
{
	const char *before = getenv("TZ");
	if (!a->has_system_zone)
		snprintf(a->system_zone, sizeof(a->system_zone), "%s", before ? before : "");
	a->has_system_zone = true;
	const char *zone = *a->settings.time_zone ? a->settings.time_zone : a->system_zone;
	if (*zone ? setenv("TZ", zone, 1) : unsetenv("TZ"))
		log_warn(0, "the time zone cannot be set");
	tzset();
}

void appliance_apply_place(struct appliance *a)
{
	apply_hostname(a);
	apply_time_zone(a);
}
