/* loads.h - what a client of the load generator can do: one table, one row for each kind of load.
 *
 * A client is one thread with one connection. prepare connects, logs in and opens what is needed;
 * it is not measured. step is one operation and is timed by itself; it returns how many units the
 * rates count by (messages of a sync, else 1). finish ends the work inside the measured time (the
 * QUIT of POP3, which deletes); the connection is closed after it, unmeasured. */
#pragma once

#include "bench/wire.h"

struct load_options {
	unsigned port, clients, first_user;
	unsigned users;                   /* 0: one for each client */
	unsigned count;                   /* operations of each client, at most */
	double seconds;                   /* and no new one after this time */
	unsigned letter_size;             /* octets; 0: mixed */
	const char *box, *items, *key;    /* IMAP: mailbox, FETCH items or flags, SEARCH key */
	const char *sync_path;            /* syncfs there after each operation; NULL: not */
};

struct client {
	const struct load_options *options;
	const struct load *load;
	struct wire wire;
	unsigned index, user;
	unsigned exists;                  /* messages in the open mailbox */
	unsigned hits;                    /* of the last SEARCH */
	bool is_open;
};

struct load {
	const char *name;
	void     (*prepare)(struct client *c);
	unsigned (*step)(struct client *c, unsigned k);
	void     (*finish)(struct client *c);       /* NULL: nothing to finish */
	bool     is_once_through;         /* each step takes a message away: ends with the last */
};

/* The row of that name, NULL when there is none. */
const struct load *load_find(const char *name);
