/* web_language - which language a browser gets: the one chosen on the page (a cookie), else the
 * setting web.language, else what the browser asks for (RFC 9110 12.5.4), else English. */
#ifndef APP_WEB_LANGUAGE_H
#define APP_WEB_LANGUAGE_H

#include "app/web.h"

enum lang web_language(struct http_exchange *x);
/* The one of ours that "id-ID,id;q=0.9,en;q=0.8" likes best. Pure. */
enum lang web_language_accepted(struct slice accept_language);
/* True when text is the tag of a language of ours. */
bool web_language_find(struct slice text, enum lang *lang_out);

#endif
