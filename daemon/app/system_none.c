/* What stands in for the board's own system in a build without it (CONFIG_SYSTEM). */
#include <stdio.h>

#include "app/cli_commands.h"

int cli_system(const struct cli *cli)
{
	(void)cli;
	fputs("surel: this build is not for a board's own system\n", stderr);
	return EXIT_FAILED;
}
