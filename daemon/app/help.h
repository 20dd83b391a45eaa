/* help - what settings and commands are for, in the words of the manual.
 *
 * The words lie among the texts of the page (web/text/manual.en, .id), compressed: `about.KEY` of a
 * setting, `command.NAME` of a command. A build without the page has none. */
#ifndef APP_HELP_H
#define APP_HELP_H

#include "app/setting.h"

/* "": there is none. Good until the handler returns, as web_text. */
const char *help_text(enum lang lang, const char *kind, const char *name);

#endif
