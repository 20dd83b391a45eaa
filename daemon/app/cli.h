/* cli - the command line: options, help, and where each command is carried out.
 *
 * A running daemon is asked through its control socket; without one the tool starts one for itself
 * (app/tool_link.h). Exit codes: 0 done, 1 failed (standard error says why), 2 wrong use. */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "app/admin.h"

int cli_main(int argc, char **argv);

/* "surel: ..." as a line on standard error; EXIT_FAILED. */
int cli_complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* For the commands that stand in files of their own. */
struct cli {
	const char *data_dir, *config_path;
	const char **args; /* args[0] is the command */
	size_t count;
};
/* Takes an option out of the words: "--name VALUE" or "--name=VALUE" with its value, NULL when it is
 * not there; or "--name" alone. What nobody has taken is a word too many. */
const char *cli_value(struct cli *cli, const char *name);
bool cli_flag(struct cli *cli, const char *name);

#endif
