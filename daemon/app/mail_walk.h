/* mail_walk - every user, every mailbox, every message, one after the other: for backups, checks and
 * what goes by its age.
 *
 * Holds one account and one mailbox open at a time, and remembers names and UIDs instead of places:
 * others may change everything while it waits. What comes while it is under way may be seen or not;
 * what goes is left out. */
#ifndef APP_MAIL_WALK_H
#define APP_MAIL_WALK_H

#include "app/appliance.h"

enum walk_event {
	WALK_USER,
	WALK_BOX,
	WALK_MESSAGE,
	WALK_BOX_END,  /* it is still open */
	WALK_USER_END, /* his account is closed; not of one that could not be opened */
	WALK_END
};

struct mail_walk {
	struct appliance *app;
	const char *only_user, *only_box;    /* NULL: all. Borrowed */
	/* Optional: whom and what to pass over without opening it. Asked again after ERR_AGAIN. */
	bool (*wants_user)(struct mail_walk *w, const struct user *user);
	bool (*wants_box)(struct mail_walk *w, struct mailbox *box);
	struct admin_reply *complaints;      /* of what cannot be read, some of them; NULL: to the log */
	struct account *account;             /* of the user in hand, open */
	struct mailbox *box;                 /* open; NULL: a name that is only subscribed */
	bool is_box_over;
	struct msg_info info;                /* of WALK_MESSAGE */
	uint64_t offset;                     /* in it */
	uint32_t next_uid;
	uint32_t failed;                     /* messages, mailboxes, accounts that could not be read */
	char user[USER_NAME_MAX_BYTES + 1];  /* the user in hand; "" before the first */
	char box_name[MAILBOX_NAME_MAX_BYTES + 1]; /* of WALK_BOX, also of one that does not exist */
};

void mail_walk_init(struct mail_walk *w, struct appliance *app);
/* ERR_AGAIN: the waiter is woken. Nothing else fails: what cannot be opened is complained of, counted
 * and passed over. */
MUST_CHECK enum err mail_walk_next(struct mail_walk *w, enum walk_event *event_out,
                                   struct waiter *waiter);
/* The next octets of the message in hand; none at its end. ERR_AGAIN. ERR_GONE: somebody deleted it.
 * Anything else was complained of and counted. */
MUST_CHECK enum err mail_walk_read(struct mail_walk *w, uint8_t *dst, size_t n, size_t *got_out,
                                   struct waiter *waiter);
/* Closes what is open; mail_walk_next would go on with the next user. */
void mail_walk_close(struct mail_walk *w);

#endif
