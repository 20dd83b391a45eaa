#include "app/login_note.h"

/* In place of login_note.c where no page shows them. */
void login_note(struct appliance *a, const struct auth_request *request)
{
	(void)a;
	(void)request;
}

void login_client_named(struct host *host, struct session *s, struct slice text)
{
	(void)host;
	(void)s;
	(void)text;
}

void login_client_forget(struct session *s)
{
	(void)s;
}
