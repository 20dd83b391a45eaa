#include "app/cli_commands.h"

/* In place of cli_help.c where there is one command to know. */
void cli_turn_to_help(struct cli *cli)
{
	(void)cli;
}
