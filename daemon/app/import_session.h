/* import_session - the daemon's side of `surel import`: messages over the control socket.
 *
 * The tool sends for each message a netstring "DATE SIZE FLAGS FORWARDED SHA256 MAILBOX"; the answer
 * is "want" or "have". After "want" follow SIZE octets. An empty netstring ends it; the answer "done"
 * says that all of it is durable. An error is answered by "error TEXT" and closes. */
#ifndef APP_IMPORT_SESSION_H
#define APP_IMPORT_SESSION_H

#include "app/control.h"
#include "app/long_session.h"

extern const struct long_command long_import; /* its second word is the user */

#endif
