/* control - how `surel user add` and its kin reach a running daemon: a socket in the data directory.
 *
 * DATA/control, mode 0600: who may open it may do everything. A request is a number of arguments
 * and the arguments, a reply the exit code, standard output and standard error, each of them as a
 * netstring ("5:hello,"). One request a connection. */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include "app/admin.h"

/* The daemon's side. In a tool's own daemon the tool's socket takes the place of the one in DATA. */
MUST_CHECK enum err control_open(struct appliance *a);
void control_close(struct appliance *a);

/* Queues a reply of less than STREAM_SLACK_BYTES on a connection; its owner then closes it. */
void control_answer(struct stream *stream, const struct admin_reply *reply);

/* The tool's side (app/tool_link.h). ERR_NOT_FOUND: no daemon listens there. Blocks. */
MUST_CHECK enum err control_connect(const char *data_dir, int *fd_out);

/* Netstrings. Take: STEP_MORE when cut short, STEP_BAD when malformed or longer than max. */
MUST_CHECK enum err netstring_add(struct buf *dst, struct slice s);
enum step netstring_take(struct slice *rest, size_t max_bytes, struct slice *s_out);

#endif
