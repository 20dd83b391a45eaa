/* user - who may log in: names and SCRAM-SHA-256 verifiers (RFC 5802 3, RFC 7677).
 *
 * All users are in memory and in the file `users`, one line each, replaced durably at every
 * change. The password itself is never kept. A user is found by the name as typed, by the name
 * without its +detail, and, when the domain is one of ours, without its domain.
 *
 * Beside his password a user may have app passwords, one for each device, that can be revoked one by
 * one: lines "NAME+label VERIFIER created-seconds" behind his own. They are made by chance, never
 * chosen, so few rounds are enough; all of one user share a salt, so that a wrong password costs two
 * stretches and not seventeen. */
#ifndef APP_USER_H
#define APP_USER_H

#include "app/setting.h"
#include "proto/host.h"

enum {
	USER_NAME_MAX_BYTES = 64,
	USERS_MAX = 1000,
	PASSWORD_MAX_BYTES = 512,
	DEVICES_MAX = 16,
	DEVICE_SECRET_BYTES = 19,   /* "abcd-efgh-jkmn-pqrs" */
	DEVICE_ITERATIONS = 4096,   /* RFC 7677 4: the least; 80 bits of chance need no more */
};

/* Mark of the last password that was right (see users_remember); memory only. */
struct user_mark {
	uint8_t mac[32];
	bool is_set;
};

struct user_device {
	char label[DEVICE_LABEL_MAX_BYTES + 1];
	struct scram_verifier verifier;
	int64_t created_s;
	struct user_mark recent;
};

struct user {
	char name[USER_NAME_MAX_BYTES + 1];
	struct user_device own;      /* his password: no label, no date */
	struct user_device *devices; /* in the order they were made */
	size_t device_count;
	uint64_t pop3_due_ms; /* monotonic; of the LOGIN-DELAY (app/auth.c) */
};

struct users;

/* Reads the file; a missing one means nobody. ERR_CORRUPT with line number in the log. */
MUST_CHECK enum err users_open(const char *path, struct users **users_out);
void users_close(struct users **users);
MUST_CHECK enum err users_reload(struct users *users); /* the file was changed by a tool */
size_t users_count(const struct users *users);
struct user *users_first(const struct users *users); /* in name order; NULL */
struct user *users_next(const struct users *users, const struct user *user);

/* One verifier as text, as it stands in the file: "SCRAM-SHA-256$10000:salt$stored:server". */
MUST_CHECK enum err user_verifier_print(const struct scram_verifier *v, struct buf *dst);
MUST_CHECK enum err user_verifier_parse(struct slice text, struct scram_verifier *v_out);

/* ASCII letters, digits and . _ - inside; optionally @domain. Bob and bob are one user, whose name
 * is kept in lower case. ERR_SYNTAX, ERR_LIMIT. */
MUST_CHECK enum err user_name_check(struct slice name);
/* The same in words, for a format: the name, USER_NAME_MAX_BYTES. */
#define USER_NAME_RULE                                                                             \
	"%s: a user name is made of letters a-z, digits, . _ and -, optionally with @domain, and " \
	"has at most %d characters"
struct user *users_find(struct users *users, struct slice name); /* exact, but for the case of ASCII */
/* As described above. `detail` gets what stood behind '+', borrowed from `typed`. */
struct user *users_resolve(struct users *users, const struct settings *settings,
                           struct slice typed, struct slice *detail_out);
/* The same for who logs in, who may write the device behind his whole name, as in
 * bob@example.org+phone. No address of mail is read so. */
struct user *users_resolve_login(struct users *users, const struct settings *settings,
                                 struct slice typed, struct slice *detail_out);
/* True when mail for this domain is ours (settings mail.domains, hostname, none at all). */
bool user_domain_is_local(const struct settings *settings, struct slice domain);

/* Adds the user or replaces the verifier, then saves. Nothing changes when saving fails. */
MUST_CHECK enum err users_put(struct users *users, struct slice name,
                              const struct scram_verifier *verifier);
MUST_CHECK enum err users_remove(struct users *users, struct slice name);

/* Adds the device or replaces its verifier, then saves; likewise. ERR_NOT_FOUND: no such user;
 * ERR_SYNTAX: not a label; ERR_LIMIT: DEVICES_MAX, or the file is full. */
MUST_CHECK enum err users_put_device(struct users *users, struct slice name, struct slice label,
                                     const struct scram_verifier *verifier);
MUST_CHECK enum err users_remove_device(struct users *users, struct slice name, struct slice label);
struct user_device *user_find_device(const struct user *user, struct slice label); /* or NULL */
/* All that he may log in with: number 0 is his own password, then come the devices; NULL: no more. */
struct user_device *user_password(struct user *user, size_t number);
/* The one that this is still the verifier of, compared by the keys. NULL: none any more. */
struct user_device *user_find_verifier(struct user *user, const struct scram_verifier *verifier);
/* A new app password, for people to type: four groups of four, none of whose characters is taken for
 * another; 80 bits. The caller wipes it. */
void user_device_secret(char secret_out[DEVICE_SECRET_BYTES + 1]);
/* The salt that goes with it: the one the user's devices have, else a new one. */
void user_device_salt(const struct user *user, uint8_t salt_out[16]);

/* Passwords that were right lately need not be stretched again: a phone that polls every minute
 * would cost a small router half its time. Kept is a keyed hash under a key that lives only in
 * memory; forgotten when the password changes. */
bool users_recalls(const struct users *users, const char *user, const struct user_mark *mark,
                   struct slice password);
void users_remember(const struct users *users, const char *user, struct user_mark *mark,
                    struct slice password);
/* For names that are nobody's: always the same answer for the same name (RFC 5802 9). */
void users_fake_verifier(const struct users *users, struct slice name, uint32_t iterations,
                         struct scram_verifier *v_out);

#endif
