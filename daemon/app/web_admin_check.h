/* web_admin_check - the administrator's password, asked for by a form: at the login, and again before
 * something that cannot be undone. Embedded in what stands in x->cmd; zeroed before.
 *
 * Delayed when the address failed often, stretched on the workers, and delayed again when wrong. */
#ifndef APP_WEB_ADMIN_CHECK_H
#define APP_WEB_ADMIN_CHECK_H

#include "app/web_check.h"
#include "app/web_wait.h"

struct admin_check {
	struct web *web;
	struct web_wait before, after;
	struct password_work *work;
	bool is_checked, is_right;
};

void admin_check_begin(struct http_exchange *x, struct admin_check *c);
/* Again and again; `field` of the form has the password. STEP_MORE: wait; STEP_DONE: c->is_right tells; STEP_BAD: too
 * many others wait. */
enum step admin_check_run(struct http_exchange *x, struct admin_check *c, const char *field);
void admin_check_end(struct admin_check *c);

#endif
