/* web_user - the pages about users: what their files share. For web_user*.c alone.
 *
 *   web_user.c         routes, the list, adding
 *   web_user_page.c    one user: devices, connections, logins
 *   web_user_change.c  passwords, app passwords, revoking, deleting
 *   web_user_work.c    what takes time: stretching a password, waiting until it is durable
 *   web_user_model.c   a user as the page and /api/users tell it */
#ifndef APP_WEB_USER_H
#define APP_WEB_USER_H

#include "app/password_check.h"
#include "app/web.h"
#include "app/web_visit.h"
#include "app/web_words.h"

enum { PASSWORD_MIN_BYTES = 8 };

/* --- web_user_work.c --------------------------------------------------------------------------- */

/* A change that somebody asked for, on x->cmd until it is answered. */
struct user_work {
	struct password_work *making; /* NULL: there is no password in it */
	/* Carries the change out, once the verifier is there (NULL without a password). */
	enum err (*apply)(struct http_exchange *x, struct user_work *work,
	                  const struct scram_verifier *verifier);
	/* Once it is durable, or has failed. */
	enum step (*answer)(struct http_exchange *x, struct user_work *work, enum err err);
	uint64_t ticket;
	enum err err;
	bool is_applied, keeps_mail;
	char name[USER_NAME_MAX_BYTES + 1], label[DEVICE_LABEL_MAX_BYTES + 1];
	char secret[DEVICE_SECRET_BYTES + 1]; /* made here, to be shown once; "" when typed */
};
/* NULL: no memory. Freed with the exchange; secrets are wiped. */
struct user_work *user_work_begin(struct http_exchange *x, struct slice name);
enum step         user_work_run(struct http_exchange *x);
/* A command of the tool ("user", "add", ...), carried out here. ERR_IN_USE, ERR_IO: it failed. */
MUST_CHECK enum err user_command(struct http_exchange *x, struct user_work *work,
                                 const char *const *args, size_t count);
/* `user VERB NAME VERIFIER`. */
MUST_CHECK enum err user_command_verifier(struct http_exchange *x, struct user_work *work,
                                          const char *verb, const struct scram_verifier *verifier);
/* The page that says that nothing was changed, and why. */
enum step user_failed(struct http_exchange *x, enum err err);
/* A password of our own making, on a page that is shown once. done: key of a sentence. */
enum step user_show_secret(struct http_exchange *x, const struct user_work *work, const char *done);

/* Controls for a new password: generate, password, password_again. */
void user_password_fields(struct http_exchange *x, struct model *form, const char *error,
                          const char *again_error);
/* What the form asks for is being made, with the result in work. NULL, or the key of what is wrong
 * with `password`; *again_out: with the second one. */
const char *user_password_start(struct http_exchange *x, struct user_work *work,
                                const char **again_out);

/* --- web_user_model.c -------------------------------------------------------------------------- */

/* Fills an object: name, bytes, messages, quota, last login. ERR_AGAIN: wait for the account. */
MUST_CHECK enum err user_put_figures(struct http_exchange *x, struct model *row, const struct user *user);
void user_put_devices(struct http_exchange *x, struct model *model, const struct user *user);
void user_put_sessions(struct http_exchange *x, struct model *model, const struct user *user);
void user_put_logins(struct http_exchange *x, struct model *model, const struct user *user);
const char *user_service_name(enum service service); /* "IMAP" */

/* --- web_user_page.c --------------------------------------------------------------------------- */

/* Errors are keys of texts, or NULL. */
struct user_errors {
	const char *label, *password, *again;
};
enum step user_page(struct http_exchange *x, const struct user *user,
                    const struct user_errors *errors);

/* --- web_user_change.c: POST /users/NAME/..., and the pages that ask first --------------------- */
enum step user_run_device(struct http_exchange *x, struct user *user);
enum step user_run_revoke(struct http_exchange *x, struct user *user);
enum step user_run_password(struct http_exchange *x, struct user *user);
enum step user_run_delete(struct http_exchange *x, struct user *user);
enum step user_run_end(struct http_exchange *x, struct user *user);

#endif
