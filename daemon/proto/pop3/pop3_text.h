/* pop3_text - what the server says to people, in the languages of LANG (RFC 6856 3).
 *
 * Text only: response codes and the grammar of replies stand where they are sent. UTF-8; the
 * Indonesian texts need no more than ASCII. */
#ifndef PROTO_POP3_TEXT_H
#define PROTO_POP3_TEXT_H

#include "base/slice.h"

enum pop3_lang { POP3_EN, POP3_ID, POP3_LANGS };

enum pop3_text {
	TEXT_READY,
	TEXT_BYE,
	TEXT_UNKNOWN_COMMAND,
	TEXT_NOT_NOW,
	TEXT_WRONG_ARGUMENTS,
	TEXT_LINE_TOO_LONG,
	TEXT_TOO_MANY_ERRORS,
	TEXT_NAME_NOTED,
	TEXT_USER_FIRST,
	TEXT_WRONG_CREDENTIALS,
	TEXT_ENCRYPT_FIRST,
	TEXT_SWITCHED_OFF,
	TEXT_IN_USE,
	TEXT_TOO_SOON,
	TEXT_TRY_LATER,
	TEXT_BUSY,
	TEXT_UNKNOWN_MECHANISM,
	TEXT_CANCELLED,
	TEXT_BAD_BASE64,
	TEXT_NO_APOP,
	TEXT_NO_TLS,
	TEXT_TLS_ALREADY,
	TEXT_START_TLS,
	TEXT_BYTES_BEFORE_TLS,
	TEXT_NO_SUCH_MESSAGE,
	TEXT_MESSAGE_DELETED,
	TEXT_MESSAGE_GONE,
	TEXT_MESSAGE_DAMAGED,
	TEXT_MARKED,
	TEXT_RESET,
	TEXT_MESSAGES,
	TEXT_OCTETS,
	TEXT_FOLLOWS,
	TEXT_CAPABILITIES,
	TEXT_UTF8_ON,
	TEXT_LANGUAGES,
	TEXT_LANGUAGE_SET,
	TEXT_NO_SUCH_LANGUAGE,
	TEXT_DONE,
	TEXT_NOTHING_DONE,
	TEXT_PARTLY_DONE,
	TEXT_NO_FOLDER,
	TEXT_TOO_MANY_DEVICES,
	TEXT_TIMEOUT,
	TEXT_SHUTDOWN,
	TEXT_LIMIT,
	TEXT_COUNT
};

const char *pop3_text(enum pop3_lang lang, enum pop3_text text);
const char *pop3_lang_tag(enum pop3_lang lang);  /* "en" */
const char *pop3_lang_name(enum pop3_lang lang); /* "English", in itself */
/* The language a basic language range asks for (RFC 4647 3.3.1); "*": English. ERR_NOT_FOUND. */
MUST_CHECK enum err pop3_lang_find(struct slice range, enum pop3_lang *lang_out);

#endif
