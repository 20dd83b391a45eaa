/* size_text - octets as people read them: "12.3 MB", in Indonesian "12,3 MB". 1 KB is 1024 octets. */
#ifndef APP_SIZE_TEXT_H
#define APP_SIZE_TEXT_H

#include "app/setting.h"

enum { SIZE_TEXT_BYTES = 24 };
void size_text(enum lang lang, uint64_t bytes, char dst[SIZE_TEXT_BYTES]);
/* "1,234,567", in Indonesian "1.234.567". */
void count_text(enum lang lang, uint64_t count, char dst[32]);

#endif
