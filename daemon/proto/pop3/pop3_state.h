/* pop3_state - what POP3 remembers of one mailbox: its window, and for each device which messages
 * were downloaded or hidden.
 *
 * Kept in the mailbox's note (pop3_note.h), so that it goes where the mailbox goes and a message
 * itself is never touched by it. Device 0, with the empty label, is always there: the one state that
 * all clients share while pop3.devices is "shared", and the client that does not say its name while
 * it is "own". A device is *known*, and waited for, once it has ended a session of its own with
 * QUIT; device 0 only when it did so under "own".
 *
 * Pure data, no I/O. A state is some 2 KiB and its runs; pop3_state_free gives those back. */
#ifndef PROTO_POP3_STATE_H
#define PROTO_POP3_STATE_H

#include "base/buf.h"
#include "proto/pop3/pop3_runs.h"

enum {
	POP3_DEVICES_MAX = 16, /* and device 0 */
	POP3_LABEL_MAX = 32,
	POP3_STATE_VERSION = 1,
};

struct pop3_device {
	char label[POP3_LABEL_MAX + 1];
	bool is_known;
	uint32_t last_day;            /* of the last note that was made for it; 0: not known */
	union {
		struct {
			struct pop3_runs downloaded; /* sent whole by RETR, the session ended with QUIT */
			struct pop3_runs hidden;     /* by DELE: not shown to this device again */
		};
		struct pop3_runs runs[2];
	};
};

struct pop3_state {
	uint32_t uid_validity; /* of the mailbox the UIDs belong to */
	uint32_t window_uid;   /* with "from now on" nothing below is shown; 0: no window */
	int64_t window_s;      /* when it was set, wall clock */
	struct pop3_device devices[1 + POP3_DEVICES_MAX];
	uint32_t device_count; /* at least 1 */
};

void pop3_state_init(struct pop3_state *s, uint32_t uid_validity); /* nothing noted */
void pop3_state_free(struct pop3_state *s); /* harmless when zeroed; needs an init before the next use */

/* All runs of all devices, those that were downloaded at even places. NULL behind the last. */
struct pop3_runs *pop3_state_runs(struct pop3_state *s, uint32_t place);

/* NULL when it is not there; "" always is. */
struct pop3_device *pop3_state_find(struct pop3_state *s, const char *label);
/* Makes it when it is missing. ERR_LIMIT: there are too many, or the label is too long. */
MUST_CHECK enum err pop3_state_add(struct pop3_state *s, const char *label,
                                   struct pop3_device **device_out);
/* Forgets a device and all it has: nobody waits for it any more. Of device 0 only that it is known
 * goes, as its notes are everybody's. False when there is nothing to forget. */
bool pop3_state_forget(struct pop3_state *s, const char *label);
/* Offers everything again, to every device: nothing counts as downloaded or hidden. */
void pop3_state_reset(struct pop3_state *s);

/* What the policy may take for downloaded: of device 0, or, with is_own, what every known device is
 * done with (has downloaded or hidden); each with the day when that became true. Replaces *runs_out,
 * which the caller frees. ERR_NOMEM: it is empty. */
MUST_CHECK enum err pop3_state_done(const struct pop3_state *s, bool is_own,
                                    struct pop3_runs *runs_out);
/* Days that were not known become this one. True when there were any. */
bool pop3_state_set_day(struct pop3_state *s, uint32_t day);

/* --- bytes, in pop3_bytes.c --- */

/* Appends the bytes of a note. ERR_LIMIT: above dst's ceiling; dst is then as it was. */
MUST_CHECK enum err pop3_state_encode(const struct pop3_state *s, struct buf *dst);
/* The same, forgetting as little as it takes until it fits: first on which day of neighbours, then
 * the oldest downloads (which are offered once more, never deleted too early). What is hidden stays
 * hidden. ERR_LIMIT when that alone is too much. */
MUST_CHECK enum err pop3_state_fit(struct pop3_state *s, struct buf *dst);
/* Fills a state that was not in use. ERR_SYNTAX: not of our making; *s is then as after init. */
MUST_CHECK enum err pop3_state_decode(struct pop3_state *s, struct slice note);

#endif
