#include "app/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/cli_commands.h"
#include "base/log.h"

enum { CLI_WORDS_MAX = 64 };

int cli_complain(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("surel: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
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
		if (value)
			cli_drop(cli, i, is_whole ? 2 : 1);
		else
			cli_complain("%s needs a value behind it", name);
		return value;
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
	fprintf(stderr, "usage: surel %s\n", c->usage);
	return EXIT_USAGE;
}

static int cli_dispatch(struct cli *cli)
{
	const struct cli_command *c = cli_find(cli->args[0]);
	if (c && c->kind != CLI_EXPLAINS_ITSELF && cli_flag(cli, "--help")) {
		cli->args[1] = cli->args[0];
		cli->args[0] = "help";
		cli->count = 2;
		c = cli_find("help");
	}
	if (c)
		return c->run(cli);
	cli_complain("no command %s", cli->args[0]);
	return cli_usage(cli);
}

int cli_main(int argc, char **argv)
{
	const char *env = getenv("SUREL_DATA"), *slash = strrchr(argv[0], '/');
	const char *args[CLI_WORDS_MAX + 1] = {NULL}; /* closed by NULL */
	struct cli cli = {.args = args};
	if (strcmp(slash ? slash + 1 : argv[0], "sureld") == 0)
		args[cli.count++] = "daemon";
	if (cli.count + (size_t)argc > CLI_WORDS_MAX) {
		cli_complain("too many arguments");
		return EXIT_USAGE;
	}
	for (int i = 1; i <= argc; i++)
		args[cli.count++] = argv[i];
	cli.count--;
	cli.data_dir = cli_value(&cli, "--data");
	cli.config_path = cli_value(&cli, "--config");
	if (!cli.data_dir)
		cli.data_dir = env && *env ? env : DEFAULT_DATA_DIR;
	bool is_nothing = !args[0];
	if (is_nothing)
		cli.count = 1;
	if (is_nothing || strcmp(args[0], "--help") == 0 || strcmp(args[0], "-h") == 0)
		args[0] = "help";
	if (strcmp(args[0], "--version") == 0)
		args[0] = "version";
	log_open(LOG_TO_STDERR, strcmp(args[0], "daemon") == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN);
	int exit_code = cli_dispatch(&cli);
	return is_nothing ? EXIT_USAGE : exit_code;
}
