/* web_wait - a pause of one exchange, as long as the throttle says. Embedded in x->cmd. */
#ifndef APP_WEB_WAIT_H
#define APP_WEB_WAIT_H

#include "app/web.h"

struct web_wait {
	struct timer timer;
	struct list waiters;
};

void web_wait_begin(struct web_wait *w, struct http_exchange *x, uint32_t ms);
/* True: not over yet, the handler says STEP_MORE. */
bool web_wait_is_on(struct web_wait *w, struct http_exchange *x);
void web_wait_end(struct web_wait *w); /* before its memory goes; harmless on zeroed memory */

#endif
