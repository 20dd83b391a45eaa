#include "proto/pop3/pop3_text_list.h"

const char pop3_texts_en[] = TEXTS(POP3_TEXT_STRING) MORE_TEXTS(POP3_TEXT_STRING);
