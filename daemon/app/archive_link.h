/* archive_link - the tool's way to archives: through a running daemon, or straight from and into the
 * store. Blocks: for the tool only. Everything says on standard error why it fails. */
#ifndef APP_ARCHIVE_LINK_H
#define APP_ARCHIVE_LINK_H

#include "app/cli.h"

struct archive_link;

/* user NULL: everybody. */
MUST_CHECK enum err archive_open_backup(const struct cli *cli, const char *user,
                                        struct archive_link **link_out);
/* The next bytes, good until the next call; empty at the end. */
MUST_CHECK enum err archive_read(struct archive_link *link, struct slice *piece_out);

MUST_CHECK enum err archive_open_restore(const struct cli *cli, bool with_settings,
                                         struct archive_link **link_out);
/* ERR_CLOSED: no more is wanted; archive_finish tells. */
MUST_CHECK enum err archive_write(struct archive_link *link, struct slice bytes);
/* No more bytes come. Prints what was restored; the exit code. */
int archive_finish(struct archive_link *link);

/* What came to pass, for people: after the end of a backup. */
const char *archive_summary(const struct archive_link *link);
void archive_close(struct archive_link **link_in); /* stores NULL */

#endif
