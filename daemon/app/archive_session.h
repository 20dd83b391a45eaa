/* archive_session - the daemon's side of `surel backup`, `restore` and `export`, over the control
 * socket.
 *
 * Everything goes in netstrings. Of a backup each is a letter and what follows it: D and some bytes
 * of the archive; then "." and a line for people, or E and why it broke off. For a restore the tool
 * sends pieces of the archive, then an empty one; the answer is one netstring: the exit code, a blank
 * and lines for people. */
#ifndef APP_ARCHIVE_SESSION_H
#define APP_ARCHIVE_SESSION_H

#include "app/admin.h"

enum { ARCHIVE_PIECE_BYTES = 16 * 1024 };

/* Both take over the stream in all cases. user "": everybody. */
void backup_session_start(struct appliance *a, struct stream *stream, const char *user);
void restore_session_start(struct appliance *a, struct stream *stream, bool with_settings);

#endif
