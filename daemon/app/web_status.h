/* web_status - the page that shows how the appliance is doing; for web_status.c and web_log.c. */
#ifndef APP_WEB_STATUS_H
#define APP_WEB_STATUS_H

#include <stdio.h>

#include "app/web.h"

/* "2026-11-27 14:05", by the clock of the house. */
void status_put_time(struct model *o, const char *key, int64_t at_s);
/* Their sentence beside each of o.problems (app/system.h): {key, detail, tag, text}. */
void status_put_problems(struct http_exchange *x, struct model *o);
enum step status_run_log(struct http_exchange *x); /* web_log.c */

#endif
