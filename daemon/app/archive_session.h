/* archive_session - the daemon's side of `surel backup`, `restore` and `export`, over the control
 * socket.
 *
 * Everything goes in netstrings. Of a backup each is a letter and what follows it: D and some bytes
 * of the archive; then "." and a line for people, or E and why it broke off. For a restore the tool
 * sends pieces of the archive, then an empty one; the answer is one netstring: the exit code, a blank
 * and lines for people. */
#ifndef APP_ARCHIVE_SESSION_H
#define APP_ARCHIVE_SESSION_H

#include "app/control.h"
#include "app/long_session.h"

enum { ARCHIVE_PIECE_BYTES = 16 * 1024 };

/* The second word is the user, "" for everybody; "settings" where they shall come along, else "". */
extern const struct long_command long_backup, long_restore;

#endif
