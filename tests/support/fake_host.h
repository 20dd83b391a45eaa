/* fake_host - proto/host.h answered by a table of users and a store in memory, for tests.
 *
 * Works for every protocol. Names are compared without regard to case; "user+detail" is split;
 * domains that are ours: the host name, "localhost", any address literal, or none at all.
 * With is_delayed every call that may say ERR_AGAIN says it once, and logins are answered two
 * turns of the loop later. Failures can be ordered by the fields below. */
#ifndef TESTS_SUPPORT_FAKE_HOST_H
#define TESTS_SUPPORT_FAKE_HOST_H

#include "net/timer.h"
#include "proto/host.h"
#include "proto/session.h"

enum { FAKE_USERS_MAX = 8, FAKE_PENDING_MAX = 16 };

struct fake_user {
	char name[64], password[64];
	struct scram_verifier verifier; /* made when SCRAM first asks */
	struct account *account;        /* stays open, so that a quota set on it lasts */
	struct policy policy;           /* that his logins carry; changed before they come */
	enum err login_error;           /* what a right password gets: ERR_IO, ERR_UNSUPPORTED, ... */
	enum err rcpt_error;            /* what RCPT says of this user */
	enum err delivery_error;        /* what becomes known only after the data */
};

struct fake_host {
	struct host host; /* first: sessions get &fake.host */
	struct fake_user users[FAKE_USERS_MAX];
	size_t user_count;
	bool is_delayed;
	enum err write_error;  /* of the next delivery_write, once */
	enum err finish_error; /* of the next delivery_finish, once: one error for all */
	uint32_t pop3_expire_days, pop3_login_delay_s; /* of logins from now on */

	struct list sessions;
	size_t session_count;
	uint32_t logins, failures; /* answered so far */
	bool answer_next;
	struct auth_request *pending[FAKE_PENDING_MAX];
	uint32_t pending_turns[FAKE_PENDING_MAX];
	struct list waiters;
	struct deferred deferred;
	struct timer store_timer;
};

void fake_host_init(struct fake_host *fake, struct loop *loop);
/* The same on another backend, such as one that fails on demand. */
void fake_host_init_on(struct fake_host *fake, struct loop *loop, const struct store_ops *ops);
void fake_host_free(struct fake_host *fake); /* ends the sessions that are left */

/* Adds a user with its mailboxes. NULL when the table is full. */
struct fake_user *fake_host_add_user(struct fake_host *fake, const char *name,
                                     const char *password);
struct fake_user *fake_host_user(struct fake_host *fake, struct slice name); /* or NULL */
/* The user's account, opened; the caller closes it. NULL: no such user. */
struct account *fake_host_account(struct fake_host *fake, const char *name);
/* Puts a message into a mailbox, which is made when it is missing; returns its UID, 0 on failure. */
uint32_t fake_host_add_mail(struct fake_host *fake, const char *user, const char *mailbox,
                            struct slice message, flags_t flags, int64_t date);
/* Appends the bytes of the message at this position (0-based). ERR_NOT_FOUND. */
enum err fake_host_read_mail(struct fake_host *fake, const char *user, const char *mailbox,
                             uint32_t position, struct buf *dst);
uint32_t fake_host_count_mail(struct fake_host *fake, const char *user, const char *mailbox);
/* Expunges one message by position, as another session would. */
enum err fake_host_expunge(struct fake_host *fake, const char *user, const char *mailbox,
                           uint32_t position);

/* "From now on" as the application does it: the user's policy gets its date, all his mailboxes their
 * window. */
enum err fake_host_set_window(struct fake_host *fake, struct fake_user *user);

#endif
