/* What stands in for the board's own system in a build without it (CONFIG_SYSTEM). */
#include "app/system.h"
#include "app/web.h"

const bool system_is_built_in = false;
const struct http_site *const rescue_site = NULL;

void system_put_status(struct model *o, const struct appliance *a)
{
	(void)o, (void)a;
}
