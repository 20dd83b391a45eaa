#include "proto/pop3/pop3_text_list.h"

/* In place of pop3_text_all.c where no option says more. */
const char pop3_texts_en[] = TEXTS(POP3_TEXT_STRING);
