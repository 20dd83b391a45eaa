/* import_session - the daemon's side of `surel import`: messages over the control socket.
 *
 * The tool sends for each message a netstring "DATE SIZE FLAGS FORWARDED SHA256 MAILBOX"; the answer
 * is "want" or "have". After "want" follow SIZE octets. An empty netstring ends it; the answer "done"
 * says that all of it is durable. An error is answered by "error TEXT" and closes. */
#ifndef APP_IMPORT_SESSION_H
#define APP_IMPORT_SESSION_H

#include "app/appliance.h"

/* Takes over the stream in all cases. */
void import_session_start(struct appliance *a, struct stream *stream, const char *user);
/* Ends those into this user's mailboxes, all when NULL: what they have not committed is forgotten. */
void import_sessions_end(struct appliance *a, const char *user);

#endif
