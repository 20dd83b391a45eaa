/* mail_walk - every user, every mailbox, every message, one after the other; for backup and export.
 *
 * Holds one account and one mailbox open at a time, and remembers names and UIDs instead of places:
 * others may change everything while it waits. What comes while it is under way may be seen or not;
 * what goes is left out. */
#ifndef APP_MAIL_WALK_H
#define APP_MAIL_WALK_H

#include "app/admin.h"

enum walk_event { WALK_USER, WALK_BOX, WALK_MESSAGE, WALK_END };

struct mail_walk {
	struct appliance *app;
	const char *only_user, *only_box;    /* NULL: all. Borrowed */
	char user[USER_NAME_MAX_BYTES + 1];  /* the user in hand; "" before the first */
	struct account *account;             /* his, open */
	char box_name[MAILBOX_NAME_MAX_BYTES + 1]; /* of WALK_BOX, also of one that does not exist */
	struct mailbox *box;                 /* open; NULL: a name that is only subscribed */
	struct msg_info info;                /* of WALK_MESSAGE */
	uint32_t next_uid;
	uint32_t failed;                     /* mailboxes and accounts that could not be opened */
};

void mail_walk_init(struct mail_walk *w, struct appliance *app);
/* ERR_AGAIN: the waiter is woken. Nothing else fails: what cannot be opened is logged, counted and
 * passed over. */
MUST_CHECK enum err mail_walk_next(struct mail_walk *w, enum walk_event *event_out,
                                   struct waiter *waiter);
/* Closes what is open; mail_walk_next would go on with the next user. */
void mail_walk_close(struct mail_walk *w);

#endif
