/* web_pack - templates and texts of the page, inflated while somebody looks at it.
 *
 * One pack for the process, used on the loop only. It opens at the first use and stays open until
 * web_pack_rest is called with nobody having used it for a minute: an idle daemon keeps none of it
 * in memory. What is returned is good until then: until the handler that asked returns. */
#ifndef APP_WEB_PACK_H
#define APP_WEB_PACK_H

#include "app/web.h"

/* web/NAME ("login.html"). False: there is none, or no memory. */
bool web_pack_file(struct slice name, struct slice *text_out);
/* Text by key, with a NUL behind it. NULL: there is none, or no memory. */
const char *web_pack_text(enum lang lang, struct slice key);

void web_pack_rest(void);  /* now and then: lets go of it when it was not used */
void web_pack_close(void); /* at the end */

#endif
