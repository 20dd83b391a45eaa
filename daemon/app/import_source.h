/* import_source - messages out of an mbox file (RFC 4155) or a Maildir, one after the other.
 *
 * A source hands out each message twice: measured (size and SHA-256 of what will be stored) and then
 * in pieces. Line ends become CRLF; nothing else is changed, unless mboxrd quoting is to be undone.
 * Flags come from the Maildir's file names, or from the mbox's Status, X-Status and X-Mozilla-Status
 * fields. Blocks: for the tool only. Files are read in pieces of 64 KiB. */
#ifndef APP_IMPORT_SOURCE_H
#define APP_IMPORT_SOURCE_H

#include "app/import_target.h"

struct import_source;

/* ERR_SYNTAX: does not begin with a From_ line. ERR_UNSUPPORTED: not a file. */
MUST_CHECK enum err import_source_mbox(const char *path, struct slice mailbox, bool is_mboxrd,
                                       struct import_source **source_out);
/* Also the Maildir++ folders in it (.Sent, .Work.Old), below `mailbox` when it is not INBOX.
 * ERR_SYNTAX: there is neither cur nor new in it. */
MUST_CHECK enum err import_source_maildir(const char *path, struct slice mailbox,
                                          struct import_source **source_out);
/* The next message, measured. ERR_NOT_FOUND at the end. Strings live until the next call. A file of a
 * Maildir that cannot be read is passed over, with a warning in the log, and counted. */
MUST_CHECK enum err import_source_next(struct import_source *s, struct import_message *message);
/* Its bytes, in order; empty at its end. They live until the next call. ERR_IN_USE: somebody has changed
 * the file since the message was measured. */
MUST_CHECK enum err import_source_read(struct import_source *s, struct slice *piece_out);
unsigned import_source_skipped(const struct import_source *s);
void import_source_close(struct import_source **s);

#endif
