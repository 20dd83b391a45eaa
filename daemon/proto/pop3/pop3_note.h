/* pop3_note - the state of POP3 as the note of a mailbox (store.h, BOX_SET_NOTE). */
#ifndef PROTO_POP3_NOTE_H
#define PROTO_POP3_NOTE_H

#include "proto/pop3/pop3_state.h"
#include "store/store.h"

/* Days since 1970 now; 0 while the clock is not sane. */
uint32_t pop3_today(void);

/* Fills a state that was not in use; the mailbox need not be open. A note that cannot be read, or
 * is of another UIDVALIDITY, counts as none, and is logged. ERR_NOMEM: *s is as after init. */
MUST_CHECK enum err pop3_note_read(const struct mailbox *box, struct pop3_state *s);

/* What is no longer in the mailbox, which must be open, needs no note: its runs go, and runs with
 * nothing left between them become one when they know the same. */
void pop3_note_prune(struct mailbox *box, struct pop3_state *s);

/* Writes it as pop3_state_fit lets it be, and notes the day with the device (may be NULL). The
 * ticket is 0 when the mailbox has this note already: the day alone is worth no write. ERR_LIMIT: too
 * much is hidden. */
MUST_CHECK enum err pop3_note_write(struct mailbox *box, struct pop3_state *s,
                                    struct pop3_device *device, uint64_t *ticket_out);

/* What a person orders. The mailbox need not be open. */
struct pop3_order {
	/* From now on: what the mailbox holds now is below its window, which carries this date. 0: no
	 * window is set. */
	int64_t window_s;
	bool offers_again;  /* pop3_state_reset */
	const char *forget; /* the label of a device, or NULL */
};
MUST_CHECK enum err pop3_note_order(struct mailbox *box, const struct pop3_order *order,
                                    uint64_t *ticket_out);

#endif
