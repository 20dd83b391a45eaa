/* imap_talk - whole IMAP sessions over memory, on a store in memory whose reads can fail.
 *
 *	struct talk t;
 *	talk_open(&t);
 *	talk_add(&t, SLICE_LIT("Subject: x\r\n\r\nbody"), 0);
 *	talk_start(&t, 0);                            // logs in, selects INBOX
 *	ck_assert_str_eq(talk(&t, 0, "FETCH 1 UID"), "* 1 FETCH (UID 1)\r\na OK Fetched\r\n");
 *	talk_close(&t);
 */
#pragma once

#include "support/fake_host.h"
#include "support/peer.h"

enum { TALK_SESSIONS = 2 };

/* What the store does to mailbox_read, besides reading. */
struct talk_faults {
	bool says_again;        /* every other call: ERR_AGAIN, and a wake-up in a later turn */
	uint32_t uid;           /* whose reads fail; 0: nobody's */
	enum err err;           /* how */
	uint64_t from;          /* only at this offset or behind */
	bool hides_summaries;   /* there is none */
	bool damages_summaries; /* their reads say ERR_CORRUPT */
	size_t chunk;           /* at most so many octets a read; 0: no limit */
	unsigned reads;         /* of bodies, counted */
};

struct talk {
	struct loop *loop;
	struct fake_host fake;
	struct peer peers[TALK_SESSIONS];
	bool is_open[TALK_SESSIONS];
	struct buf said; /* what talk returned */
};

extern struct talk_faults talk_faults; /* zeroed by talk_open */

void talk_open(struct talk *t); /* user bob with an empty INBOX */
void talk_close(struct talk *t);
uint32_t talk_add(struct talk *t, struct slice message, flags_t flags); /* its UID */
void talk_start(struct talk *t, size_t session);
/* Sends the command with the tag "a", returns all up to the tagged line or the end of the
 * connection, as a string; valid until the next call. */
const char *talk(struct talk *t, size_t session, const char *command);
struct slice talk_bytes(struct talk *t, size_t session, const char *command);
/* Sends only. */
void talk_send(struct talk *t, size_t session, const char *command);
bool talk_has_ended(const struct talk *t, size_t session); /* the tagged line is in peers[].got */
