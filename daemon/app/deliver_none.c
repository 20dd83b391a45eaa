#include "app/deliver.h"

/* In place of deliver.c where no protocol brings mail. */
enum err deliver_check_rcpt(struct host *host, const struct envelope *e, struct slice rcpt,
			    struct waiter *w)
{
	(void)host;
	(void)e;
	(void)rcpt;
	(void)w;
	return ERR_UNSUPPORTED;
}

enum err deliver_begin(struct host *host, const struct envelope *e, struct delivery **out)
{
	(void)host;
	(void)e;
	*out = NULL;
	return ERR_UNSUPPORTED;
}

enum err deliver_write(struct delivery *d, struct slice bytes, struct waiter *w)
{
	(void)d;
	(void)bytes;
	(void)w;
	return ERR_UNSUPPORTED;
}

enum err deliver_finish(struct delivery *d, struct waiter *w)
{
	(void)d;
	(void)w;
	return ERR_UNSUPPORTED;
}

void deliver_end(struct delivery **d)
{
	*d = NULL;
}
