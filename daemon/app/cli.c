#include "app/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "base/log.h"

int cli_complain(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	dprintf(STDERR_FILENO, "surel: ");
	vdprintf(STDERR_FILENO, fmt, args);
	dprintf(STDERR_FILENO, "\n");
	va_end(args);
	return EXIT_FAILED;
}

const struct cli_command *cli_find(const char *name)
{
	const struct cli_command *const *c = cli_commands;
	while (*c && strcmp((*c)->name, name) != 0)
		c++;
	return *c;
}

/* --- options ------------------------------------------------------------------------------------ */

static void cli_drop(struct cli *cli, size_t at, size_t n)
{
	cli->count -= n;
	/* With the NULL at the end. */
	memmove(&cli->args[at], &cli->args[at + n], (cli->count - at + 1) * sizeof(cli->args[0]));
}

const char *cli_value(struct cli *cli, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; cli->args[i]; i++) {
		const char *arg = cli->args[i];
		bool is_whole = strcmp(arg, name) == 0;
		if (!is_whole && (strncmp(arg, name, len) != 0 || arg[len] != '='))
			continue;
		const char *value = is_whole ? cli->args[i + 1] : arg + len + 1;
		if (value && (!is_whole || strncmp(value, "--", 2) != 0)) {
			cli_drop(cli, i, is_whole ? 2 : 1);
			return value;
		}
		cli_complain("%s needs a value behind it", name);
		return NULL;
	}
	return NULL;
}

bool cli_flag(struct cli *cli, const char *name)
{
	for (size_t i = 0; cli->args[i]; i++)
		if (strcmp(cli->args[i], name) == 0) {
			cli_drop(cli, i, 1);
			return true;
		}
	return false;
}

int cli_usage(const struct cli *cli)
{
	const struct cli_command *c = cli_find(cli->args[0]);
	/* Who knows no command is told of the last one: help, where there is that. */
	for (const struct cli_command *const *last = cli_commands; !c; last++)
		c = last[1] ? NULL : *last;
	dprintf(STDERR_FILENO, "usage: surel %s\n", c->usage);
	return EXIT_USAGE;
}

int cli_main(int argc, char **argv)
{
	const char *env = getenv("SUREL_DATA"), *slash = strrchr(argv[0], '/');
	bool is_sureld = strcmp(slash ? slash + 1 : argv[0], "sureld") == 0;
	/* Where no command is said, the place of the program's name takes it. */
	const char **named = (const char **)argv;
	struct cli cli = {.args = named + !is_sureld, .count = (size_t)argc - !is_sureld};
	if (is_sureld)
		*named = "daemon";
	cli.data_dir = cli_value(&cli, "--data");
	cli.config_path = cli_value(&cli, "--config");
	if (!cli.data_dir)
		cli.data_dir = env && *env ? env : DEFAULT_DATA_DIR;
	bool is_nothing = !cli.args[0];
	if (is_nothing) {
		*named = "help";
		cli.args = named;
		cli.count = 1;
	}
	cli_turn_to_help(&cli);
	const struct cli_command *c = cli_find(cli.args[0]);
	log_open(LOG_TO_STDERR, c == &tool_daemon ? LOG_LEVEL_INFO : LOG_LEVEL_WARN);
	if (!c)
		cli_complain("no command %s", cli.args[0]);
	int exit_code = c ? c->run(&cli) : cli_usage(&cli);
	return is_nothing ? EXIT_USAGE : exit_code;
}
