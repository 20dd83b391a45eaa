/* What stands in for the board's own system in a build without it (CONFIG_SYSTEM). */
#include <stdio.h>

#include "app/cli_commands.h"
#include "app/system.h"
#include "app/web.h"

const bool system_is_built_in = false;
const struct http_site *const rescue_site = NULL;
const struct http_routes web_system_routes = {NULL, 0};

void system_setup_code_read(const char *dir, char *dst, size_t dst_size)
{
	(void)dir, (void)dst_size;
	dst[0] = 0;
}

void system_put_status(struct model *o, const struct appliance *a)
{
	(void)o, (void)a;
}

int cli_system(const struct cli *cli)
{
	(void)cli;
	fputs("surel: this build is not for a board's own system\n", stderr);
	return EXIT_FAILED;
}
