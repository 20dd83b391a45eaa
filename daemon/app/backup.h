/* backup - all mail, users and settings as one stream of bytes: a tar archive (BACKUP.md), or one
 * owner's mail as an mbox.
 *
 * A resumable source: whoever carries the bytes (the page, the control socket, the tool) asks for
 * the next piece whenever it has room. Holds some 50 KiB, whatever the mail weighs. Mail that is
 * expunged meanwhile is left out; a message that cannot be read is marked as broken in the archive,
 * logged and counted. */
#ifndef APP_BACKUP_H
#define APP_BACKUP_H

#include "app/admin.h"

enum backup_form { BACKUP_TAR, BACKUP_MBOX };

struct backup_options {
	enum backup_form form;
	const char *user;    /* NULL: all of them, and the settings. Copied */
	const char *mailbox; /* NULL: all of the user's. Copied */
};

struct backup;

/* ERR_NOT_FOUND: no such user. The appliance must outlive it. */
MUST_CHECK enum err backup_new(struct appliance *app,
                               const struct backup_options *options, struct backup **backup_out);
/* The next bytes, good until the next call; empty at the end. ERR_AGAIN: the waiter is woken.
 * ERR_CLOSED after backup_stop. At most some 100 KiB at once. */
MUST_CHECK enum err backup_next(struct backup *b, struct slice *piece_out, struct waiter *w);
/* Whose mailboxes are open just now, "" for nobody: for struct errand. */
const char *backup_owner(const struct backup *b);
/* Lets go of what is open: the user is deleted, or the daemon stops. */
void backup_stop(struct backup *b);
struct backup_count {
	uint64_t users, messages, broken;
};
void backup_count(const struct backup *b, struct backup_count *count_out);
void backup_free(struct backup **b); /* stores NULL */

#endif
