/* import_sink - where the tool's messages go: over the control socket of a running daemon, or straight
 * into the store. Blocks: for the tool only. */
#ifndef APP_IMPORT_SINK_H
#define APP_IMPORT_SINK_H

#include "app/cli.h"
#include "app/import_source.h"

struct import_sink;

/* Says on standard error why not. */
MUST_CHECK enum err import_sink_open(const struct cli *cli, const char *user,
                                     struct import_sink **sink_out);
/* Offers the message and hands over its bytes when it is wanted. */
MUST_CHECK enum err import_sink_put(struct import_sink *sink, struct import_source *source,
                                    const struct import_message *m, bool *taken_out);
/* ERR_NONE when all that was taken is durable. Not after a failure of import_sink_put. */
MUST_CHECK enum err import_sink_done(struct import_sink *sink);
/* What the daemon said when it refused; "" when it did not. */
const char *import_sink_why(const struct import_sink *sink);
void import_sink_close(struct import_sink **sink); /* commits what can be committed */

#endif
