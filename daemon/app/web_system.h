/* web_system - the page of the board's own system; for web_system*.c alone.
 *
 * /system shows version, slots and problems; it takes an update, a restart and a factory reset. */
#ifndef APP_WEB_SYSTEM_H
#define APP_WEB_SYSTEM_H

#include "app/system.h"
#include "app/web_visit.h"

/* web_system.c: the page as the slots were seen last. The reset's form gets what is wrong with it;
 * NULL: nothing. STEP_DONE. */
enum step system_show(struct http_exchange *x, int status, const char *what_error,
                      const char *password_error);
/* Has it restart; a page that says so, or why not. */
enum step system_restarts(struct http_exchange *x, enum err err, const char *key);
/* web_system_upload.c: POST /system/update, an update as the field `update` of multipart/form-data, or
 * as the body itself with any other type. Goes to the slot as it comes. */
enum step system_run_upload(struct http_exchange *x);
/* web_system_reset.c: POST /system/reset with `what` (keep-mail, all) and `password`. */
enum step system_run_reset(struct http_exchange *x);

#endif
