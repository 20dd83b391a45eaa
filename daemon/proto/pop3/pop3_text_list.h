/* pop3_text_list - the English texts: those that every build says, and those that options say. */
#ifndef PROTO_POP3_TEXT_LIST_H
#define PROTO_POP3_TEXT_LIST_H

#include "proto/pop3/pop3_text.h"

/* clang-format off */
#define TEXTS(X) \
	X(TEXT_READY, "Surel POP3 ready") \
	X(TEXT_BYE, "Goodbye") \
	X(TEXT_UNKNOWN_COMMAND, "Unknown command") \
	X(TEXT_NOT_NOW, "Not possible now") \
	X(TEXT_WRONG_ARGUMENTS, "Wrong arguments") \
	X(TEXT_LINE_TOO_LONG, "Line too long") \
	X(TEXT_TOO_MANY_ERRORS, "Too many errors") \
	X(TEXT_NAME_NOTED, "Now the password") \
	X(TEXT_USER_FIRST, "USER comes first") \
	X(TEXT_BAD_BASE64, "That is not what the mechanism asks for") \
	X(TEXT_NO_SUCH_MESSAGE, "No such message") \
	X(TEXT_MESSAGE_DELETED, "This message is marked as deleted") \
	X(TEXT_MARKED, "Marked as deleted") \
	X(TEXT_RESET, "No message is marked as deleted") \
	X(TEXT_MESSAGES, "messages") \
	X(TEXT_OCTETS, "octets") \
	X(TEXT_FOLLOWS, "follows") \
	X(TEXT_CAPABILITIES, "Capabilities") \
	X(TEXT_UTF8_ON, "UTF-8 it is") \
	X(TEXT_DONE, "Done") \
	X(TEXT_TIMEOUT, "Idle for too long") \
	X(TEXT_WRONG_CREDENTIALS, "Wrong name or password") \
	X(TEXT_IN_USE, "Another session has this mailbox open") \
	X(TEXT_TOO_SOON, "Too soon after the last login") \
	X(TEXT_TRY_LATER, "Not possible for the moment, try again later") \
	X(TEXT_BUSY, "Too many logins at once, try again later") \
	X(TEXT_NOTHING_DONE, "Nothing was changed, try again later") \
	X(TEXT_PARTLY_DONE, "Not everything could be done, try again later") \
	X(TEXT_SHUTDOWN, "The server is stopping, try again later") \
	X(TEXT_LIMIT, "Too many connections, try again later") \
	X(TEXT_ENCRYPT_FIRST, "Passwords are taken over TLS only") \
	X(TEXT_SWITCHED_OFF, "POP3 is switched off for this mailbox") \
	X(TEXT_MESSAGE_GONE, "This message was deleted by another session") \
	X(TEXT_MESSAGE_DAMAGED, "This message cannot be read") \
	X(TEXT_NO_FOLDER, "There is no such folder to show") \
	X(TEXT_TOO_MANY_DEVICES, "Too many devices: let one be forgotten on the page")
/* clang-format on */

/* clang-format off */
#define MORE_TEXTS(X) \
	X(TEXT_NO_APOP, "APOP is not possible: passwords are not kept readable") \
	X(TEXT_NO_TLS, "TLS is not available") \
	X(TEXT_BYTES_BEFORE_TLS, "Nothing may follow STLS before TLS is up") \
	X(TEXT_UNKNOWN_MECHANISM, "Unknown authentication mechanism") \
	X(TEXT_CANCELLED, "Authentication cancelled") \
	X(TEXT_TLS_ALREADY, "TLS is active already") \
	X(TEXT_START_TLS, "Begin TLS") \
	X(TEXT_LANGUAGES, "Languages") \
	X(TEXT_LANGUAGE_SET, "This language it is") \
	X(TEXT_NO_SUCH_LANGUAGE, "Language not available")
/* clang-format on */

enum { TEXTS(POP3_TEXT_PLACE) MORE_TEXTS(POP3_TEXT_PLACE) PLACES };
TEXTS(POP3_TEXT_CHECK)
MORE_TEXTS(POP3_TEXT_CHECK)
static_assert((int)PLACES == (int)TEXT_COUNT, "a text is missing");

#endif
