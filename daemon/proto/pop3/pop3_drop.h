/* pop3_drop - the maildrop: what the policy shows as it was at login, numbered 1 to count (RFC 1939
 * 5), and what its owner's policy does with it at QUIT (RFC 1939 6, 8).
 *
 * Shown are the Inbox, the Inbox and Junk, or one folder; of these what lies in the window, was not
 * hidden from this device, and, where downloaded mail is not shown again, was not downloaded. A
 * "recent:" login sees what arrived in the last 30 days and is not hidden. What is shown is kept as
 * spans of a mailbox's numbers, so that it costs no memory by the message until one is marked, then
 * one bit each.
 *
 * Exclusive: one POP3 session for each maildrop, whatever the user's IMAP sessions do meanwhile.
 * With pop3.devices = own every device has a maildrop of its own. What is new since login is not
 * seen; what another session expunged keeps its number and is ERR_GONE.
 *
 * Nothing changes before pop3_drop_commit, which QUIT calls: then what was sent whole and what was
 * marked gets what the policy says, and is noted (pop3_state.h).
 *
 * Sizes are those of the stored octets, as IMAP's RFC822.SIZE. The CRLF which the protocol needs
 * behind a message that does not end in one is not counted: to know of it, every message would have
 * to be read at login. */
#ifndef PROTO_POP3_DROP_H
#define PROTO_POP3_DROP_H

#include "proto/session.h"
#include "store/view.h"

enum {
	POP3_BOXES_MAX = 2,
	POP3_RECENT_DAYS = 30,
};

struct pop3_box {
	struct mailbox *box;
	bool is_open;
	struct view view;
	int64_t since_s; /* came in before: not shown. Where the window has no UID; 0: none */
};

/* Messages `number` and so on of the maildrop are those from `seq` on of a mailbox's view. */
struct pop3_span {
	uint32_t number, seq, count;
	uint32_t box; /* index */
};
struct pop3_spans {
	struct pop3_span *at;
	uint32_t count, cap;
};

struct pop3_tally { /* of what QUIT did, for the log */
	uint32_t downloaded, marked_read, moved, deleted, hidden;
};

struct pop3_drop {
	struct list link; /* in host->maildrops while the maildrop is held */
	const struct login *login; /* NULL: not held */
	struct pop3_box boxes[POP3_BOXES_MAX];
	uint32_t box_count;
	struct pop3_spans spans;
	struct pop3_look { /* while opening: messages whose infos must be looked at */
		struct pop3_spans todo; /* unless it is d->spans */
		uint32_t at, offset;    /* span, and message in it */
		bool is_begun;
		bool is_filter; /* dates decide what is shown */
		bool is_shown;  /* looks at what is shown, not at what is not */
	} look;
	uint32_t count; /* messages at login */
	uint64_t octets;
	uint32_t deleted; /* marked, and their octets */
	uint64_t deleted_octets;
	uint8_t *deleted_bits;   /* NULL until the first mark */
	uint8_t *retrieved_bits; /* what was sent whole by RETR */
	bool is_updated;         /* all changes are made; only their ticket is to wait for */
	bool has_changed;        /* at least one was */
	struct pop3_tally tally;
	uint64_t ticket;
};

/* Takes the maildrop of the session's login. ERR_AGAIN: call again, after the wake or when the
 * session has its next turn. After any other error it is not held: ERR_IN_USE: another session has
 * it; ERR_NOT_FOUND: the folder does not exist; ERR_LIMIT: one device too many. */
MUST_CHECK enum err pop3_drop_open(struct pop3_drop *d, struct session *s);
void pop3_drop_close(struct pop3_drop *d); /* harmless when zeroed or closed */

/* Opening, in pop3_show.c: decides what is shown, as far as that is possible without looking at
 * messages; then looks, in slices. */
MUST_CHECK enum err pop3_show_begin(struct pop3_drop *d);
MUST_CHECK enum err pop3_show_look(struct pop3_drop *d, struct session *s);

bool pop3_drop_is_deleted(const struct pop3_drop *d, uint32_t number);
bool pop3_drop_is_retrieved(const struct pop3_drop *d, uint32_t number);
/* ERR_NOT_FOUND: no such number. ERR_DENIED: marked as deleted. ERR_GONE. */
MUST_CHECK enum err pop3_drop_info(struct pop3_drop *d, uint32_t number,
                                   struct msg_info *info_out);
/* The same of a message that may be marked; number from 1 to count. ERR_GONE. */
MUST_CHECK enum err pop3_drop_look(struct pop3_drop *d, uint32_t number, struct msg_info *info_out);
/* Where it is read from; number from 1 to count. */
struct pop3_box *pop3_drop_box(struct pop3_drop *d, uint32_t number);
MUST_CHECK enum err pop3_drop_delete(struct pop3_drop *d, uint32_t number);
void pop3_drop_reset(struct pop3_drop *d); /* takes all marks back */
/* Notes that a message was sent whole with RETR. Without memory the note is lost, no more. */
void pop3_drop_note_retrieved(struct pop3_drop *d, uint32_t number);

/* The device whose state counts: "" for the shared one. */
const char *pop3_drop_device(const struct pop3_drop *d);
/* RFC 2449 6.7, for this maildrop: days, UINT32_MAX is NEVER. */
uint32_t pop3_drop_expire_days(const struct pop3_drop *d);

/* Moving, in pop3_move.c. What the policy does with mail downloaded from this mailbox: where it would
 * move to what is there already, and where the store cannot move, it is kept. */
enum pop3_after pop3_drop_after(const struct pop3_drop *d, const struct mailbox *box);
/* The mailbox that downloaded mail moves to; made when it is missing, then with a ticket. */
MUST_CHECK enum err pop3_drop_make_target(const struct pop3_drop *d, struct mailbox **box_out,
                                          uint64_t *ticket_out);

/* UPDATE: does what the policy says, all of it in a few changes of the store; ERR_NONE when that is
 * durable; ERR_AGAIN: call again. After any other error d->has_changed tells whether nothing was
 * done; what was not done is not noted either, and the caller must not say +OK. */
MUST_CHECK enum err pop3_drop_commit(struct pop3_drop *d, struct session *s);

/* Unique-id: 32 hexadecimal digits of the message's permanent id. */
enum { POP3_UIDL_BYTES = 33 };
void pop3_drop_uidl(const struct msg_info *info, char dst[POP3_UIDL_BYTES]);

MUST_CHECK enum err pop3_spans_add(struct pop3_spans *spans, struct pop3_span span);

#endif
