#include "app/certificate.h"

/* In place of certificate.c where nothing is encrypted. */
enum err certificate_house_ca(struct appliance *a, bool as_pem, struct buf *dst)
{
	(void)a;
	(void)as_pem;
	(void)dst;
	return ERR_NOT_FOUND;
}

void certificate_follow(struct appliance *a, const struct settings *before)
{
	(void)a;
	(void)before;
}
