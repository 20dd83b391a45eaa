/* notice_mail - a short message of Surel's own into somebody's INBOX. */
#ifndef APP_NOTICE_MAIL_H
#define APP_NOTICE_MAIL_H

#include "app/appliance.h"

/* Copied; subject is ASCII, body UTF-8 with LF. Goes on by itself; what fails is logged. Forgotten
 * when the user is deleted or the daemon stops meanwhile. */
void notice_mail_send(struct appliance *a, const char *user, const char *subject, const char *body);

#endif
