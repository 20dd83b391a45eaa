#include <stdio.h>
#include <stdlib.h>

#include "app/cli_commands.h"
#include "app/help.h"
#include "options.h"

enum { HELP_COLUMNS = 90 };

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
	if (c->kind != CLI_PLAIN)
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
const struct cli_command tool_help = {"help", cli_help, "help [COMMAND]", CLI_PLAIN};

void cli_turn_to_help(struct cli *cli)
{
	const struct cli_command *c = cli_find(cli->args[0]);
	if (strcmp(cli->args[0], "--version") == 0)
		cli->args[0] = "version";
	if (strcmp(cli->args[0], "--help") == 0 || strcmp(cli->args[0], "-h") == 0)
		cli->args[0] = "help";
	if (c && c->kind != CLI_EXPLAINS_ITSELF && cli_flag(cli, "--help")) {
		/* Where there was the word that was taken out, or another. */
		cli->args[1] = cli->args[0];
		cli->args[0] = "help";
		cli->count = 2;
	}
}
