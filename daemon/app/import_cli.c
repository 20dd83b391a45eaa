#include "app/cli_commands.h"

int cli_import(const struct cli *cli)
{
	return cli_usage(cli);
}

int cli_check(const struct cli *cli)
{
	return cli_usage(cli);
}
