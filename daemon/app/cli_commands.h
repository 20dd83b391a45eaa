/* cli_commands - one function for each command of the tool; cli.c has the table. */
#ifndef APP_CLI_COMMANDS_H
#define APP_CLI_COMMANDS_H

#include "app/cli.h"

int cli_daemon(const struct cli *cli);
int cli_user(const struct cli *cli);
int cli_user_device(const struct cli *cli); /* cli_device.c */
int cli_admin(const struct cli *cli);
int cli_set(const struct cli *cli);
int cli_forward(const struct cli *cli); /* straight to admin_run */
int cli_import(const struct cli *cli);  /* import_cli.c */
int cli_backup(const struct cli *cli);  /* archive_cli.c */
int cli_restore(const struct cli *cli);
int cli_export(const struct cli *cli);  /* export_cli.c */
int cli_check(const struct cli *cli);
int cli_version(const struct cli *cli);

/* Asks the daemon, or works on the files. The exit code; the reply has it, too. */
int cli_ask(const struct cli *cli, const struct admin_request *request, struct admin_reply *reply);
/* The same, and prints the answer. */
int cli_run(const struct cli *cli, const struct admin_request *request);
/* What the terminal speaks: for the manual. */
enum lang cli_language(void);
int cli_usage(const struct cli *cli); /* prints the command's usage line; EXIT_USAGE */

#endif
