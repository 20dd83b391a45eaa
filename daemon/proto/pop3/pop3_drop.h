/* pop3_drop - the maildrop: the Inbox as it was at login, numbered 1 to count (RFC 1939 5).
 *
 * Exclusive: one POP3 session for each account, whatever the user's IMAP sessions do meanwhile.
 * What is new since login is not seen; what another session expunged keeps its number and is
 * ERR_GONE. Costs no memory by the message until one is marked, then one bit each. A mark
 * deletes nothing: only pop3_drop_commit does, all marked messages in one change of the store.
 *
 * Sizes are those of the stored octets, as IMAP's RFC822.SIZE. The CRLF which the protocol needs
 * behind a message that does not end in one is not counted: to know of it, every message would have
 * to be read at login. */
#ifndef PROTO_POP3_DROP_H
#define PROTO_POP3_DROP_H

#include "proto/session.h"
#include "store/view.h"

struct pop3_drop {
	struct list link;     /* in host->maildrops while the maildrop is held */
	struct account *account;
	struct mailbox *box;  /* open while is_open */
	bool is_open;
	struct view view;
	uint32_t count;       /* messages at login */
	uint64_t octets;
	uint32_t deleted;     /* marked, and their octets */
	uint64_t deleted_octets;
	uint8_t *deleted_bits;   /* NULL until the first mark */
	uint8_t *retrieved_bits; /* what was sent whole: for the policy that is applied after QUIT */
	uint64_t ticket;
};

/* Takes the maildrop. ERR_IN_USE: another session has it. ERR_AGAIN: call again after the wake. */
MUST_CHECK enum err pop3_drop_open(struct pop3_drop *d, struct host *host, struct account *account,
                                   struct waiter *w);
void pop3_drop_close(struct pop3_drop *d); /* harmless when zeroed or closed */

bool pop3_drop_is_deleted(const struct pop3_drop *d, uint32_t number);
/* ERR_NOT_FOUND: no such number. ERR_DENIED: marked as deleted. ERR_GONE. */
MUST_CHECK enum err pop3_drop_info(struct pop3_drop *d, uint32_t number,
                                   struct msg_info *info_out);
MUST_CHECK enum err pop3_drop_delete(struct pop3_drop *d, uint32_t number);
void pop3_drop_reset(struct pop3_drop *d); /* takes all marks back */
/* Notes that a message was sent whole with RETR. Without memory the note is lost, no more. */
void pop3_drop_note_retrieved(struct pop3_drop *d, uint32_t number);

/* Deletes what is marked: ERR_NONE when that is durable; ERR_AGAIN: call again. After any other
 * error nothing was deleted, or nobody can tell (a failed sync): the caller must not say +OK. */
MUST_CHECK enum err pop3_drop_commit(struct pop3_drop *d, struct waiter *w);

/* Unique-id: 32 hexadecimal digits of the message's permanent id. */
enum { POP3_UIDL_BYTES = 33 };
void pop3_drop_uidl(const struct msg_info *info, char dst[POP3_UIDL_BYTES]);

#endif
