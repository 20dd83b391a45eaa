/* cli - the command line: options, help, and where each command is carried out.
 *
 * A running daemon is asked through its control socket; without one the tool works on the files
 * itself, under the store's lock. Exit codes: 0 done, 1 failed (standard error says why), 2 wrong
 * use. */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "app/admin.h"

int cli_main(int argc, char **argv);

/* For the commands that stand in files of their own. */
struct cli {
	const char *data_dir, *config_path;
	const char *const *args; /* behind the options; args[0] is the command */
	size_t count;
};
/* The tool's own place on the files. ERR_IN_USE: a daemon or another tool holds the store. Says on
 * standard error what is wrong. */
struct cli_place {
	struct admin_place place;
	struct conf conf;
	char config_path[1024];
};
MUST_CHECK enum err cli_place_open(const struct cli *cli, bool with_store,
                                   struct cli_place **place_out);
void cli_place_close(struct cli_place **place);

#endif
