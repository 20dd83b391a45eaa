#include <stddef.h>

#include "app/recent_logins.h"

/* In place of recent_logins.c where no page shows them. */
enum err recent_logins_open(const char *path, struct recent_logins **r_out)
{
	(void)path;
	*r_out = NULL;
	return ERR_NONE;
}

void recent_logins_close(struct recent_logins **r)
{
	*r = NULL;
}

void recent_logins_note(struct recent_logins *r, const char *user, struct recent_login *entry)
{
	(void)r;
	(void)user;
	(void)entry;
}

void recent_logins_name(struct recent_logins *r, const char *user, uint32_t session,
			struct slice client)
{
	(void)r;
	(void)user;
	(void)session;
	(void)client;
}

void recent_logins_forget(struct recent_logins *r, const char *user)
{
	(void)r;
	(void)user;
}

enum err recent_logins_save(struct recent_logins *r)
{
	(void)r;
	return ERR_NONE;
}

void recent_logins_look_after(struct recent_logins *r, struct job_runner *runner)
{
	(void)r;
	(void)runner;
}
