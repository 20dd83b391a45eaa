/* export_box - messages into files that other programs read: an mbox for each mailbox, or a Maildir
 * with its folders. Blocks: for the tool only. errno tells why something failed (ERR_IO). */
#ifndef APP_EXPORT_BOX_H
#define APP_EXPORT_BOX_H

#include "app/backup_format.h"

enum export_kind { EXPORT_MBOX, EXPORT_MAILDIR };

struct export_box;

/* dir must be empty, or not be there yet: ERR_EXISTS. */
MUST_CHECK enum err export_new(enum export_kind kind, const char *dir, struct export_box **out);
MUST_CHECK enum err export_mailbox(struct export_box *x, struct slice user, struct slice mailbox);
/* Of the mailbox named last. A message counts when export_keep follows its last bytes. */
MUST_CHECK enum err export_begin(struct export_box *x, const struct backup_entry *message);
MUST_CHECK enum err export_write(struct export_box *x, struct slice bytes);
MUST_CHECK enum err export_keep(struct export_box *x);
MUST_CHECK enum err export_drop(struct export_box *x); /* the message in hand; none: nothing */
void export_free(struct export_box **x);

#endif
