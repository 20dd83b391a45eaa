#include <stddef.h>

#include "app/expiry_rule.h"

struct expiry_downloads *expiry_downloads_new(struct mailbox *box, bool each_device, bool may_write)
{
	(void)box;
	(void)each_device;
	(void)may_write;
	return NULL;
}

uint32_t expiry_downloads_day(const struct expiry_downloads *d, uint32_t uid)
{
	(void)d;
	(void)uid;
	return 0;
}

void expiry_downloads_free(struct expiry_downloads **d)
{
	*d = NULL;
}
