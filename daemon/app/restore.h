/* restore - a backup archive (BACKUP.md) back into the store, additively: nothing that is there is
 * overwritten or deleted.
 *
 * Takes the archive in pieces of any size, whoever carries them. A message whose id is in one of the
 * user's mailboxes is passed over, so running it again goes on where a cut left off. Missing users
 * and mailboxes are made; who exists keeps his password. Messages keep their ids, so that POP3
 * clients know them again. A message counts when the entry behind it shows that it is whole. Holds
 * some 60 KiB, and 12-24 octets for each message of the user in hand. */
#ifndef APP_RESTORE_H
#define APP_RESTORE_H

#include "app/admin.h"

struct restore_options {
	bool settings; /* take the settings over, too */
};

struct restore_report {
	uint64_t users, mailboxes, messages; /* made, taken */
	uint64_t known;    /* messages that were there already */
	uint64_t refused;  /* had no room: the owner's quota */
	uint64_t damaged;  /* marked as broken, or an entry that makes no sense */
	uint64_t bytes;    /* of the archive, taken so far */
	bool has_settings; /* they were taken over */
	char settings_why[96]; /* why they were not, though asked for: line and reason; or "" */
	bool is_whole;     /* the archive's end was there */
	const char *why;   /* why it broke off: words for people, or NULL */
	char where[128];   /* the last entry that was begun */
};

struct restore;

MUST_CHECK enum err restore_new(struct appliance *app,
                                const struct restore_options *options, struct restore **r_out);
/* Takes bytes off the front of *bytes. ERR_NONE with some left: others go first, then call again.
 * ERR_AGAIN: call again with what is left after the waiter was woken. Anything else is final:
 * ERR_SYNTAX, not an archive of ours or damaged; ERR_FULL, ERR_READ_ONLY, ERR_IO: the store;
 * ERR_CLOSED after restore_stop. */
MUST_CHECK enum err restore_write(struct restore *r, struct slice *bytes, struct waiter *w);
/* No more bytes come: also after a failure of restore_write, to keep what was whole. ERR_NONE when
 * all of it is durable. ERR_AGAIN. ERR_SYNTAX: the archive is cut short. */
MUST_CHECK enum err restore_finish(struct restore *r, struct waiter *w);
const struct restore_report *restore_report(const struct restore *r);
/* "12 messages restored, 3 there already\n" and so on. */
void restore_describe(const struct restore_report *p, struct admin_reply *r);
/* Whose mailboxes are open just now, "" for nobody: for struct errand. */
const char *restore_owner(const struct restore *r);
void restore_stop(struct restore *r); /* lets go of what is open */
void restore_free(struct restore **r);

#endif
