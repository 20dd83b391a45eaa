/* store_ops - the vtable of a backend. For backends and store.c only.
 *
 * store.c checks arguments, states, names and quotas before it calls, so backends need not. It
 * keeps the shared structs (account, mailbox, append) in the ways store_backend.h offers; a backend
 * hangs its own data on their `backend` pointers. One `const struct store_ops` per backend. */
#ifndef STORE_STORE_OPS_H
#define STORE_STORE_OPS_H

#include "store/store.h"

struct box_plan; /* store/store_backend.h */

struct store_ops {
	const char *name;
	/* The whole. open fills store->backend; accounts are loaded later, one by one. What
	 * store->status says of writes and syncs is kept up to date by the backend, the rest when
	 * `count` asks for it. close makes durable what can be, and releases the backend's part of
	 * the accounts that are still loaded, too. */
	enum err (*open)(struct store *st, const struct store_config *config);
	void     (*close)(struct store *st);
	void     (*turn)(struct store *st, bool is_idle);
	void     (*count)(struct store *st); /* brings st->status up to date */
	/* Accounts and mailboxes. account_load fills a new struct account with its mailboxes, or
	 * says ERR_NOT_FOUND; with create it makes one without mailboxes, and store.c adds the
	 * first ones by box_change. After ERR_AGAIN the same struct comes again; after any other
	 * error nothing refers to it any more. account_unload releases the backend's part when
	 * nobody needs the account; tickets may still be outstanding. */
	enum err (*account_load)(struct account *a, bool create, uint64_t *ticket_out,
	                         struct waiter *w);
	void     (*account_unload)(struct account *a);
	enum err (*account_remove)(struct store *st, struct slice name, uint64_t *ticket_out);
	enum err (*box_change)(struct account *a, const struct box_plan *plan,
	                       uint64_t *ticket_out);
	/* For the first opener and after the last closer: the message list comes and goes. */
	enum err (*box_open)(struct mailbox *box, struct waiter *w);
	void     (*box_close)(struct mailbox *box);
	/* The message list of an open mailbox: first position with UID >= uid; one entry. */
	uint32_t (*position)(struct mailbox *box, uint32_t uid);
	enum err (*info)(struct mailbox *box, uint32_t position, struct msg_info *info_out);
	/* Messages. append_end with backend data still there means "forget it". */
	enum err (*append_write)(struct append *a, struct slice bytes, struct waiter *w);
	enum err (*append_commit)(struct append *const *a, size_t n, uint64_t *ticket_out,
	                          struct waiter *w);
	void     (*append_end)(struct append *a);
	enum err (*change)(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out);
	enum err (*read)(struct mailbox *box, const struct msg_info *info, enum msg_part part,
	                 uint64_t offset, uint8_t *dst, size_t n, size_t *got_out,
	                 struct waiter *w);
};

/* What to call a store's backend by, but for `open`. Where only the journal is built in the compiler
 * knows which it is. */
const struct store_ops *store_hooks(const struct store *st);

/* Those built in, closed by NULL; generated from the options chosen (daemon/tables.sh). */
extern const struct store_ops *const store_backends[];
const struct store_ops *store_backend_find(const char *name); /* NULL: not built in */

extern const struct store_ops store_journal_ops;
extern const struct store_ops store_ram_ops;
/* Wraps another backend and asserts the contract on every call (tests and debug builds). */
const struct store_ops *store_checked(const struct store_ops *inner);

#endif
