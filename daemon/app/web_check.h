/* web_check - how many passwords the page may have stretched at once: each keeps the worker busy for a
 * while, which mail logins wait for, too. Only who is being served counts, not who waits for his
 * turn: nobody can lock others out by waiting. */
#ifndef APP_WEB_CHECK_H
#define APP_WEB_CHECK_H

#include "app/password_check.h"
#include "app/web_visit.h"

static inline bool web_check_may_begin(const struct web *web)
{
	return web->checks < WEB_CHECKS_AT_ONCE_MAX;
}
/* Of one that was counted by web->checks++; harmless when there is none. */
static inline void web_check_end(struct web *web, struct password_work **work)
{
	if (*work)
		web->checks--;
	password_work_free(work);
}

#endif
