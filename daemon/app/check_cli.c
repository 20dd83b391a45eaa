#include "app/cli_commands.h"

int cli_check(const struct cli *cli)
{
	return cli_usage(cli);
}
