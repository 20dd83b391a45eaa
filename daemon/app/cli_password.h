/* cli_password - a password for the tool: typed twice without echo, or one line on standard input. */
#ifndef APP_CLI_PASSWORD_H
#define APP_CLI_PASSWORD_H

#include "app/user.h"

/* Says on standard error why not. The caller wipes what it got. A terminal is left as it was, also
 * when a signal ends the program meanwhile. */
bool password_ask(char password[PASSWORD_MAX_BYTES + 1]);

#endif
