/* password_check - a password stretched on the workers, for the page: checked, or made a verifier of.
 *
 *	password_check_new(app, &verifier, password, &work);
 *	while (password_is_busy(work, waiter)) wait;
 *	is_right = password_is_right(work);
 *	password_work_free(&work);
 *
 * The password is copied, and wiped by password_work_free, which may come at any time: a worker that
 * is at it finishes in peace. Throttling is the caller's (app/throttle.h). */
#ifndef APP_PASSWORD_CHECK_H
#define APP_PASSWORD_CHECK_H

#include "app/appliance.h"

struct password_work;

MUST_CHECK enum err password_check_new(struct appliance *a, const struct scram_verifier *v,
                                       struct slice password, struct password_work **work_out);
/* A fresh salt, as many rounds as auth.iterations says. ERR_SYNTAX: empty or with control
 * characters; ERR_LIMIT: longer than PASSWORD_MAX_BYTES. Both are known at once. */
MUST_CHECK enum err password_make_new(struct appliance *a, struct slice password,
                                      struct password_work **work_out);
/* The same with the user's salt for app passwords and few rounds (app/user.h). */
MUST_CHECK enum err password_make_device_new(struct appliance *a, const struct user *user,
                                             struct slice secret, struct password_work **work_out);
/* True: not done, and w is woken when it is. */
bool password_is_busy(struct password_work *work, struct waiter *w);
/* Afterwards. */
bool password_is_right(const struct password_work *work);
MUST_CHECK enum err password_result(const struct password_work *work, struct scram_verifier *v_out);
void password_work_free(struct password_work **work); /* harmless on NULL */

#endif
