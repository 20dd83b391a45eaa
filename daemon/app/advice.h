/* advice - "Which one should I use?": three answers, one recommendation.
 *
 * Pure decision: the same answers always give the same protocol, reasons and settings. Nothing is
 * read or changed here; the page shows the rows and saves exactly them. */
#ifndef APP_ADVICE_H
#define APP_ADVICE_H

#include "base/slice.h"

enum advice_devices { ADVICE_ONE_DEVICE, ADVICE_FEW_DEVICES, ADVICE_MANY_DEVICES };
enum advice_network { ADVICE_STEADY, ADVICE_SHAKY, ADVICE_RARE };
enum advice_space { ADVICE_PLENTY, ADVICE_SOME, ADVICE_LITTLE };
enum { ADVICE_ANSWERS = 3, ADVICE_ROWS_MAX = 10 };

struct advice_answers {
	enum advice_devices devices;
	enum advice_network network;
	enum advice_space space;
};

enum advice_reason { /* bits; texts advice.reason.N of the page, N counted from 0 */
	ADVICE_IN_STEP = 1,       /* IMAP: all devices show the same */
	ADVICE_SAFE_COPY = 2,     /* IMAP: mail outlives the one device */
	ADVICE_OPEN_IN_PLACE = 4, /* IMAP: a steady network lets mail stay where it is */
	ADVICE_SHORT_SYNC = 8,    /* IMAP: folders are cut short for a poor network */
	ADVICE_ROOM_FOR_ALL = 16, /* IMAP: there is space for everything */
	ADVICE_TIDY_SOONER = 32,  /* IMAP: Trash and Junk are emptied sooner */
	ADVICE_PROTECTED = 64,    /* IMAP: a POP3 device cannot take mail away from the others */
	ADVICE_NO_STATE = 128,    /* POP3: one device has nothing to be kept in step with */
	ADVICE_READ_OFFLINE = 256, /* POP3: one short connection fetches everything */
	ADVICE_EACH_GETS_ALL = 512, /* POP3: each device has a state of its own */
	ADVICE_MAKES_ROOM = 1024, /* POP3: downloaded mail leaves the box after a while */
	ADVICE_STAYS_TOO = 2048,  /* POP3: a copy stays on the box as well */
	ADVICE_REASONS = 12
};

struct advice_row {
	const char *key, *value; /* of the settings table; scope "user" */
};
struct advice {
	bool is_imap; /* else POP3 */
	unsigned reasons;
	struct advice_row rows[ADVICE_ROWS_MAX];
	size_t row_count;
};

struct advice advice_decide(struct advice_answers answers);

#endif
