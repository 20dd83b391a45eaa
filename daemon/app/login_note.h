/* login_note - what of a login goes into the list of last logins (app/recent_logins.h), and what the client
 * calls itself, for that list. */
#ifndef APP_LOGIN_NOTE_H
#define APP_LOGIN_NOTE_H

#include "app/appliance.h"

/* The request has its login. */
void login_note(struct appliance *a, const struct auth_request *request);
/* As proto/host.h promises it. */
void login_client_named(struct host *host, struct session *s, struct slice text);
/* The session ends. */
void login_client_forget(struct session *s);

#endif
