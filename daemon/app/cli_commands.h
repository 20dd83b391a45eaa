/* cli_commands - one function for each command of the tool; cli.c has the table. */
#ifndef APP_CLI_COMMANDS_H
#define APP_CLI_COMMANDS_H

#include "app/cli.h"

enum cli_kind {
	CLI_PLAIN,
	CLI_TAKES_DATA,       /* --data and --config say where it works */
	CLI_EXPLAINS_ITSELF,  /* the same, and its --help is its own; else `surel help` says what it is for */
};

struct cli_command {
	const char *name;
	int (*run)(struct cli *cli);
	const char *usage;
	enum cli_kind kind;
};
/* Those that this build contains, closed by NULL (daemon/app/sources.mk). What each is for stands in
 * web/text/manual.en and .id. */
extern const struct cli_command *const cli_commands[];
extern const struct cli_command tool_daemon, tool_version; /* cli_daemon.c */
extern const struct cli_command tool_user, tool_admin, tool_set, tool_get, tool_status; /* cli_commands.c */
extern const struct cli_command tool_import; /* import_cli.c */
extern const struct cli_command tool_backup, tool_restore; /* archive_cli.c */
extern const struct cli_command tool_export; /* export_cli.c */
extern const struct cli_command tool_check; /* check_cli.c */
extern const struct cli_command tool_system; /* system_cli.c */
extern const struct cli_command tool_help; /* cli_help.c */
const struct cli_command *cli_find(const char *name); /* NULL: not in this build */

int cli_device_add(const struct cli *cli); /* cli_device.c */
int cli_forward(struct cli *cli); /* cli_ask.c: straight to admin_run, which knows what is right */

/* The exit code; the reply has it, too. Complaints are printed. */
int cli_ask(const struct cli *cli, const struct admin_request *request, struct admin_reply *reply);
/* The same, and prints the answer; on wrong use the command's usage, too. */
int cli_run(const struct cli *cli, const struct admin_request *request);
/* --help, -h, --version and COMMAND --help are other words for help, version and help COMMAND. */
void cli_turn_to_help(struct cli *cli); /* cli_help.c */
/* What the terminal speaks: for the manual. */
enum lang cli_language(void); /* cli_help.c */
/* Where mail is, unless somebody says so. */
#define DEFAULT_DATA_DIR "/var/lib/surel"
int cli_usage(const struct cli *cli); /* prints the command's usage line; EXIT_USAGE */

#endif
