/* checked_mirror - what checked_store remembers of every open mailbox, to compare with.
 *
 * A mirror is changed by events alone. When the message list of the backend differs from it, a
 * change was not told, or something was told that did not happen. */
#ifndef STORE_CHECKED_MIRROR_H
#define STORE_CHECKED_MIRROR_H

#include "store/store_backend.h"

#define PROMISE(claim) ((claim) ? (void)0 : checked_fail(__FILE__, __LINE__, #claim))
_Noreturn void checked_fail(const char *file, int line, const char *promise);

struct checker {
	const struct store_ops *inner;
	uint64_t last_given, last_durable;
	bool had_failed;
	struct list mirrors;               /* struct mirror */
	uint64_t events;                   /* told so far, but NEW, by any mailbox */
	const struct msg_change *changing; /* while its hook runs */
	unsigned told;                     /* events with its origin, but NEW, by its mailbox */
	unsigned until_recount;
};

struct mirror_message {
	uint32_t uid;
	flags_t flags;
	uint64_t modseq;
};

struct mirror {
	struct list link;
	struct checker *checker;
	struct mailbox *box;
	struct box_listener listener;
	struct mirror_message *messages;
	size_t count, cap;
	uint32_t uid_next, uid_validity;
	uint64_t highest_modseq;
	bool is_over; /* the mailbox is gone, or memory was short: nothing is compared any more */
};

/* Takes the message list as it stands; from now on events must explain it. */
MUST_CHECK enum err mirror_open(struct checker *checker, struct mailbox *box);
void mirror_close(struct checker *checker, struct mailbox *box);
/* The mailbox was deleted: its list may be gone, and is not looked at any more. */
void mirror_give_up(struct checker *checker, const struct mailbox *box);
/* Compares small mailboxes each time, and large ones now and then. */
void checker_recount_some(struct checker *checker);
void checker_promise_info(const struct mailbox *box, const struct msg_info *info);

#endif
