/* cli_password - a password for the tool: typed twice without echo, or one line on standard input. */
#ifndef APP_CLI_PASSWORD_H
#define APP_CLI_PASSWORD_H

#include "app/user.h"

/* Says on standard error why not. The caller wipes what it got. A terminal is left as it was, also
 * when a signal ends the program meanwhile. */
bool password_ask(char password[PASSWORD_MAX_BYTES + 1]);

/* Its verifier as text, closed by NUL. Takes a second on a small box. */
MUST_CHECK enum err password_verifier(const char *password, const uint8_t salt[16],
                                      uint32_t iterations, struct buf *text);

#endif
