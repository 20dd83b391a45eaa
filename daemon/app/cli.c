#include "app/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/cli_commands.h"
#include "app/help.h"
#include "app/tool_link.h"
#include "base/log.h"
#include "options.h"

#define DEFAULT_DATA_DIR "/var/lib/surel"

enum { HELP_COLUMNS = 90, CLI_WORDS_MAX = 64 };

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

static const struct cli_command *cli_find(const char *name)
{
	const struct cli_command *const *c = cli_commands;
	while (*c && strcmp((*c)->name, name) != 0)
		c++;
	return *c;
}

enum lang cli_language(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return slice_starts(slice_str(value), SLICE_LIT("id")) ? LANG_ID : LANG_EN;
	}
	return LANG_EN;
}

static void cli_print_wrapped(struct slice text)
{
	int column = 0;
	while (text.len) {
		struct slice word = slice_word(&text);
		bool is_next = column + (int)word.len >= HELP_COLUMNS;
		printf("%s" SLICE_FMT, !column ? "" : is_next ? "\n" : " ", SLICE_ARG(word));
		column = (is_next ? 0 : column + 1) + (int)word.len;
	}
	putchar('\n');
}

static int cli_explain(const struct cli_command *c)
{
	const char *help = help_text(cli_language(), "command", c->name);
	printf("usage: surel %s\n", c->usage);
	if (*help) {
		putchar('\n');
		cli_print_wrapped(slice_str(help));
	}
	if (c->has_options)
		puts("\nOptions: --data DIR (default " DEFAULT_DATA_DIR
		     ", or $SUREL_DATA), --config FILE");
	return EXIT_OK;
}

static int cli_help(struct cli *cli)
{
	const struct cli_command *c = cli->count > 1 ? cli_find(cli->args[1]) : NULL;
	if (c)
		return cli_explain(c);
	puts("Surel " SUREL_VERSION ", a mail appliance: POP3 and IMAP from flash.\n");
	for (const struct cli_command *const *known = cli_commands; *known; known++)
		printf("  surel %s\n", (*known)->usage);
	puts("\n`surel help COMMAND` explains one. Commands take --data DIR; "
	     "default " DEFAULT_DATA_DIR ",\nor what the variable SUREL_DATA says.");
	return cli->count > 1 ? EXIT_USAGE : EXIT_OK;
}
const struct cli_command tool_help = {"help", cli_help, "help [COMMAND]", false};

/* --- asking ------------------------------------------------------------------------------------- */

static enum err cli_exchange(const struct cli *cli, const struct admin_request *request,
			     struct admin_reply *reply, struct tool_link *link)
{
	struct slice text;
	uint32_t code = 0;
	enum err err = link_open(cli, request, link);
	if (!err)
		err = link_receive(link, &text);
	if (!err)
		err = slice_u32(text, &code);
	if (!err)
		err = link_receive(link, &text);
	if (!err)
		err = buf_add_slice(&reply->out, text);
	if (!err)
		err = link_receive(link, &text);
	reply->exit_code = (int)code;
	return err ? err : buf_add_slice(&reply->errors, text);
}

int cli_ask(const struct cli *cli, const struct admin_request *request, struct admin_reply *reply)
{
	struct tool_link link;
	if (cli_exchange(cli, request, reply, &link))
		reply->exit_code = EXIT_FAILED;
	link_close(&link);
	if (reply->errors.len)
		fprintf(stderr, "surel: " SLICE_FMT, SLICE_ARG(buf_view(&reply->errors)));
	return reply->exit_code;
}

int cli_run(const struct cli *cli, const struct admin_request *request)
{
	struct admin_reply reply;
	admin_reply_init(&reply);
	int exit_code = cli_ask(cli, request, &reply);
	if (reply.out.len)
		fwrite(reply.out.bytes, 1, reply.out.len, stdout);
	if (exit_code == EXIT_USAGE)
		cli_usage(cli);
	admin_reply_free(&reply);
	return exit_code;
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
	fprintf(stderr, "usage: surel %s\n", c ? c->usage : "help");
	return EXIT_USAGE;
}

static int cli_dispatch(struct cli *cli)
{
	const struct cli_command *c = cli_find(cli->args[0]);
	if (!c) {
		cli_complain("no command %s; `surel help` lists them", cli->args[0]);
		return EXIT_USAGE;
	}
	return c != &tool_set && cli_flag(cli, "--help") ? cli_explain(c) : c->run(cli);
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
	if (!args[0]) {
		cli.count = 0;
		cli_help(&cli);
		return EXIT_USAGE;
	}
	if (strcmp(args[0], "--version") == 0)
		return tool_version.run(&cli);
	if (strcmp(args[0], "--help") == 0 || strcmp(args[0], "-h") == 0) {
		cli.count = 1;
		return cli_help(&cli);
	}
	log_open(LOG_TO_STDERR, strcmp(args[0], "daemon") == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN);
	return cli_dispatch(&cli);
}
