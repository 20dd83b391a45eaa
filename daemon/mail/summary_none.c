#include "mail/summary.h"

/* In place of summary_build.c where no IMAP client asks for summaries. A build with IMAP makes them
 * later, of what it finds without one. */
enum err summary_new(struct summary_builder **builder_out)
{
	*builder_out = NULL;
	return ERR_NONE;
}

void summary_free(struct summary_builder **builder)
{
	*builder = NULL;
}

enum err summary_push(struct summary_builder *b, struct slice bytes)
{
	(void)b;
	(void)bytes;
	return ERR_NONE;
}

enum err summary_finish(struct summary_builder *b, struct buf *dst)
{
	(void)b;
	(void)dst;
	return ERR_NONE;
}
