/* import_target - where imported messages go: the mailboxes of one user, without doubles.
 *
 * A message is there already when one of the same size, date and content is in the mailbox, and was
 * not matched by an earlier message of this run. So an import can be cut off and repeated, and mail
 * that is twice in the source is twice in the mailbox. Works the same in the daemon (calls say
 * ERR_AGAIN and wake the waiter) and in the tool. */
#ifndef APP_IMPORT_TARGET_H
#define APP_IMPORT_TARGET_H

#include "store/store.h"

struct import_message {
	struct slice mailbox;   /* UTF-8 */
	uint64_t size;          /* as it will be stored */
	int64_t internal_date;
	flags_t flags;          /* system flags only */
	bool is_forwarded;      /* keyword $Forwarded */
	uint8_t sha256[32];
};

struct import_target;

/* Takes over one open_count of the account. */
MUST_CHECK enum err import_target_new(struct account *account, struct import_target **target_out);
enum import_verdict {
	IMPORT_WANTED,    /* write its bytes, then finish */
	IMPORT_KNOWN,     /* it is there already */
	IMPORT_UNDECIDED, /* a piece of the comparison is done: call again, others may go first */
};
/* ERR_AGAIN and IMPORT_UNDECIDED: call again with the same message. */
MUST_CHECK enum err import_target_offer(struct import_target *t, const struct import_message *m,
                                        enum import_verdict *verdict_out, struct waiter *w);
MUST_CHECK enum err import_target_write(struct import_target *t, struct slice bytes,
                                        struct waiter *w);
MUST_CHECK enum err import_target_finish(struct import_target *t, struct waiter *w);
/* ERR_NONE when all that was finished is durable. */
MUST_CHECK enum err import_target_wait(struct import_target *t, struct waiter *w);
uint64_t import_target_ticket(const struct import_target *t); /* of the last change made */
void import_target_free(struct import_target **t);

#endif
