/* archive_link - archives out of the daemon, for the tool (app/archive_session.h). Blocks. */
#ifndef APP_ARCHIVE_LINK_H
#define APP_ARCHIVE_LINK_H

#include "app/tool_link.h"

/* user NULL: everybody. Says on standard error why not. */
MUST_CHECK enum err archive_open(const struct cli *cli, const char *user, struct tool_link *link);
/* STEP_MORE: the next bytes. STEP_DONE: the end, and a line for people. STEP_BAD: it has said why. All
 * of it is good until the next call. */
enum step archive_read(struct tool_link *link, struct slice *piece_out);

#endif
