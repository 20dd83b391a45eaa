/* delivery_log - the last deliveries, for the status page. In memory only; no subjects, no addresses
 * of senders but their domain. */
#ifndef APP_DELIVERY_LOG_H
#define APP_DELIVERY_LOG_H

#include "base/slice.h"

enum { DELIVERIES_KEPT = 20, DELIVERY_TO_BYTES = 64, DELIVERY_DOMAIN_BYTES = 64 };

struct delivery_note {
	int64_t at_s;
	uint64_t size;
	char to[DELIVERY_TO_BYTES];             /* "alice, bob", perhaps cut short */
	char from_domain[DELIVERY_DOMAIN_BYTES]; /* ""; the sender had none */
	enum err result;                        /* ERR_NONE: they all got it */
	uint32_t served, wanted;                /* recipients */
};

struct delivery_log { /* zeroed: empty */
	struct delivery_note notes[DELIVERIES_KEPT];
	uint32_t count; /* all of them, also those no longer kept */
};

void delivery_log_add(struct delivery_log *log, const struct delivery_note *note);
/* The newest is number 0; NULL when there are no more. */
const struct delivery_note *delivery_log_at(const struct delivery_log *log, uint32_t number);
/* The domain of this address, made fit to be shown. */
void delivery_note_sender(struct delivery_note *note, struct slice address);
void delivery_note_recipient(struct delivery_note *note, const char *name); /* one more */

#endif
