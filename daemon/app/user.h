/* user - who may log in: names and SCRAM-SHA-256 verifiers (RFC 5802 3, RFC 7677).
 *
 * All users are in memory (uthash) and in the file `users`, one line each, replaced durably at every
 * change. The password itself is never kept. A user is found by the name as typed, by the name
 * without its +detail, and, when the domain is one of ours, without its domain. */
#ifndef APP_USER_H
#define APP_USER_H

#include <uthash.h>

#include "app/setting.h"
#include "proto/host.h"

enum { USER_NAME_MAX_BYTES = 64, USERS_MAX = 1000, PASSWORD_MAX_BYTES = 512 };

struct user {
	char name[USER_NAME_MAX_BYTES + 1];
	struct scram_verifier verifier;
	/* Mark of the last password that was right (see users_remember); memory only. */
	uint8_t recent[32];
	bool has_recent;
	bool has_pop3_login;    /* since start */
	uint64_t pop3_login_ms; /* monotonic */
	UT_hash_handle hh;
};

struct users;

/* Reads the file; a missing one means nobody. ERR_CORRUPT with line number in the log. */
MUST_CHECK enum err users_open(const char *path, struct users **users_out);
void users_close(struct users **users);
MUST_CHECK enum err users_reload(struct users *users); /* the file was changed by a tool */
size_t users_count(const struct users *users);
struct user *users_first(struct users *users); /* in name order; NULL */
struct user *users_next(struct user *user);

/* One verifier as text, as it stands in the file: "SCRAM-SHA-256$10000:salt$stored:server". */
MUST_CHECK enum err user_verifier_print(const struct scram_verifier *v, struct buf *dst);
MUST_CHECK enum err user_verifier_parse(struct slice text, struct scram_verifier *v_out);

/* ASCII letters, digits and . _ - inside; optionally @domain. Bob and bob are one user, whose name
 * is kept in lower case. ERR_SYNTAX, ERR_LIMIT. */
MUST_CHECK enum err user_name_check(struct slice name);
struct user *users_find(struct users *users, struct slice name); /* exact, ASCII case folded */
/* As described above. `detail` gets what stood behind '+', borrowed from `typed`. */
struct user *users_resolve(struct users *users, const struct settings *settings,
                           struct slice typed, struct slice *detail_out);
/* True when mail for this domain is ours (settings mail.domains, hostname, none at all). */
bool user_domain_is_local(const struct settings *settings, struct slice domain);

/* Adds the user or replaces the verifier, then saves. Nothing changes when saving fails. */
MUST_CHECK enum err users_put(struct users *users, struct slice name,
                              const struct scram_verifier *verifier);
MUST_CHECK enum err users_remove(struct users *users, struct slice name);

/* Passwords that were right lately need not be stretched again: a phone that polls every minute
 * would cost a small router half its time. Kept is a keyed hash under a key that lives only in
 * memory; forgotten when the password changes. */
bool users_recalls(const struct users *users, const struct user *user, struct slice password);
void users_remember(const struct users *users, struct user *user, struct slice password);
/* For names that are nobody's: always the same answer for the same name (RFC 5802 9). */
void users_fake_verifier(const struct users *users, struct slice name, uint32_t iterations,
                         struct scram_verifier *v_out);

#endif
