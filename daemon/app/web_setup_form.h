/* web_setup_form - the form of the first visit: what was typed, what is wrong with it, how it is
 * shown. Changes nothing. */
#ifndef APP_WEB_SETUP_FORM_H
#define APP_WEB_SETUP_FORM_H

#include "app/web.h"

enum { SETUP_PASSWORD_MIN = 8 };

/* Strings live until the exchange is over. Errors are sentences, NULL where all is well. */
struct setup_form {
	const char *code, *password, *password_again, *user, *user_password, *language, *zone;
	struct setup_errors {
		const char *code, *password, *password_again, *user, *user_password, *language,
			*zone;
	} errors;
	bool has_users;    /* there are mailboxes already: the form may leave that part empty */
	bool wants_user;   /* a mailbox is to be made */
};

void setup_form_init(struct setup_form *f, struct http_exchange *x);
/* Checks everything but the code. True: nothing is wrong. */
bool setup_form_check(struct setup_form *f, struct http_exchange *x);
enum step setup_form_show(const struct setup_form *f, struct http_exchange *x, int status);

#endif
