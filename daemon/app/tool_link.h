/* tool_link - the tool's way to whoever does its work: the daemon that runs on the data directory, or,
 * where none does, one of its own, which serves this link alone and ends with it.
 *
 * So everything is done by the same code, under the store's lock, whether a daemon runs or not. A
 * request is answered in netstrings (app/control.h). Blocks: for the tool only. */
#ifndef APP_TOOL_LINK_H
#define APP_TOOL_LINK_H

#include <sys/types.h>

#include "app/cli.h"
#include "app/control.h"

struct tool_link { /* zeroed: there is none */
	bool is_open;
	int fd;
	pid_t own; /* our own daemon; 0: the one that runs */
	struct buf in;
	size_t taken; /* of it, by the last link_receive */
};

/* Connects and asks. All of them say on standard error why they fail; a daemon of our own has said it
 * itself. Close it in all cases. */
MUST_CHECK enum err link_open(const struct cli *cli, const struct admin_request *request,
                              struct tool_link *link);
MUST_CHECK enum err link_send(struct tool_link *link, struct slice bytes);
MUST_CHECK enum err link_send_netstring(struct tool_link *link, struct slice text);
/* One netstring, good until the next call. ERR_CLOSED: no more comes. */
MUST_CHECK enum err link_receive(struct tool_link *link, struct slice *text_out);
void link_close(struct tool_link *link);

#endif
