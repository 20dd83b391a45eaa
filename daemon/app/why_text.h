/* why_text - the reason of a failure as people read it on the page, in their language. err_text is
 * for logs and the tool. */
#ifndef APP_WHY_TEXT_H
#define APP_WHY_TEXT_H

#include "app/setting.h"

/* "the flash memory is full": half a sentence, without a full stop; static storage. */
const char *why_text(enum lang lang, enum err err);

#endif
