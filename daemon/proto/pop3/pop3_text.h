/* pop3_text - what the server says to people, in the languages of LANG (RFC 6856 3).
 *
 * Text only: response codes and the grammar of replies stand where they are sent. UTF-8; the
 * Indonesian texts need no more than ASCII. */
#ifndef PROTO_POP3_TEXT_H
#define PROTO_POP3_TEXT_H

#include <assert.h>

#include "base/slice.h"

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
	TEXT_BAD_BASE64,
	TEXT_NO_SUCH_MESSAGE,
	TEXT_MESSAGE_DELETED,
	TEXT_MARKED,
	TEXT_RESET,
	TEXT_MESSAGES,
	TEXT_OCTETS,
	TEXT_FOLLOWS,
	TEXT_CAPABILITIES,
	TEXT_UTF8_ON,
	TEXT_DONE,
	TEXT_TIMEOUT,

	/* Behind response codes (RFC 2449 8, RFC 3206), in the order of pop3_code. */
	TEXT_WRONG_CREDENTIALS,
	TEXT_IN_USE,
	TEXT_TOO_SOON,
	TEXT_TRY_LATER,
	TEXT_BUSY,
	TEXT_NOTHING_DONE,
	TEXT_PARTLY_DONE,
	TEXT_SHUTDOWN,
	TEXT_LIMIT,
	TEXT_ENCRYPT_FIRST,
	TEXT_SWITCHED_OFF,
	TEXT_MESSAGE_GONE,
	TEXT_MESSAGE_DAMAGED,
	TEXT_NO_FOLDER,
	TEXT_TOO_MANY_DEVICES,

	/* Those that only options say; the first ones have codes, too. */
	TEXT_NO_APOP,
	TEXT_NO_TLS,
	TEXT_BYTES_BEFORE_TLS,
	TEXT_UNKNOWN_MECHANISM,
	TEXT_CANCELLED,
	TEXT_TLS_ALREADY,
	TEXT_START_TLS,
	TEXT_LANGUAGES,
	TEXT_LANGUAGE_SET,
	TEXT_NO_SUCH_LANGUAGE,
	TEXT_COUNT
};

/* A language: its texts are a list for lexical_word, in the order of the enum. */
struct pop3_lang {
	const char *tag, *name; /* "en"; "English", in itself */
	const char *texts;
};

extern const char pop3_texts_en[], pop3_texts_id[];

const char *pop3_text(const struct pop3_lang *lang, enum pop3_text text); /* NULL: English */
/* The response code that belongs to a text, whatever its language: "[AUTH] " with the space, or "". */
const char *pop3_code(enum pop3_text text);

/* With the option SECOND_LANGUAGE only. The language a basic language range asks for (RFC 4647
 * 3.3.1); "*": English. NULL: none of those in the table, which a row without a tag closes. */
extern const struct pop3_lang pop3_langs[];
const struct pop3_lang *pop3_lang_find(struct slice range);

/* For lists of texts, which are files of X(TEXT_NAME, "text") in the order of the enum: the compiler
 * checks that they are. */
#define POP3_TEXT_STRING(name, text) text "\0"
#define POP3_TEXT_PLACE(name, text)  name##_PLACE,
#define POP3_TEXT_CHECK(name, text)  static_assert((int)name##_PLACE == (int)name, text);

#endif
