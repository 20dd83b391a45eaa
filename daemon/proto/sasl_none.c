#include "proto/sasl.h"

/* In place of sasl.c and its mechanisms where a name and a password are all there is. */
enum err sasl_list(const struct session *s, const char *prefix, struct buf *dst)
{
	(void)s, (void)prefix, (void)dst;
	return ERR_UNSUPPORTED;
}
