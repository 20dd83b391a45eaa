/* web_setup - the one-time code of the first visit. */
#ifndef APP_WEB_SETUP_H
#define APP_WEB_SETUP_H

#include "app/web_visit.h"

/* A new code when no administrator password is set: in the log, then on standard output. */
void setup_code_begin(struct appliance *a);
void setup_code_print(const struct appliance *a);
/* "1234-5678", also without the dash or with blanks. Constant time. */
bool setup_code_is_right(const struct web *web, struct slice typed);

#endif
