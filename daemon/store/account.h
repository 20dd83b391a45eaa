/* account - the tables of accounts and of their mailboxes, for the common part of the store.
 *
 * Accounts stand in the order in which they came, for there are few; mailboxes in that of their names. */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "store/store_backend.h"

enum { ACCOUNT_LINGER_MS = 60 * 1000 }; /* an account nobody uses stays loaded so long */

/* Frees the shared structs of an account and takes it out of the store. The backend has released
 * its part before. */
void account_free(struct account *a);
void account_unload_idle(struct store *st);

/* First position whose name is not below `name`. */
size_t account_lower_bound(const struct account *a, struct slice name);
/* The entry of exactly this name, which mailbox_name_fold has been through; or NULL. */
struct mailbox *account_lookup(const struct account *a, struct slice name);
/* Room for n more entries, so that adding them cannot fail. ERR_NOMEM. */
MUST_CHECK enum err account_reserve(struct account *a, size_t n);
void account_put_in(struct account *a, struct mailbox *box); /* there is room */
void account_take_out(struct account *a, struct mailbox *box);
void account_sort(struct account *a); /* after names have changed */

/* A struct outside any table; its name is copied. NULL: out of memory. */
struct mailbox *mailbox_new(struct account *a, struct slice name, bool exists);
void mailbox_free(struct mailbox *box);
/* Frees a deleted mailbox that nobody needs any more. */
void mailbox_free_if_unused(struct mailbox *box);
/* True when every bit is a system flag or one of the mailbox's keywords. */
bool mailbox_knows_flags(const struct mailbox *box, flags_t flags);

#endif
