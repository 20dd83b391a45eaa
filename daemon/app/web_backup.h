/* web_backup - the page with backups; for web_backup.c and web_restore.c. */
#ifndef APP_WEB_BACKUP_H
#define APP_WEB_BACKUP_H

#include <stdio.h>

#include "app/web_visit.h"

/* POST /backup/restore (web_restore.c): an archive as multipart/form-data with the fields `settings`
 * (yes) and, behind it, `archive`, or as the body itself with any other type ("?settings=yes"). Taken
 * as it comes; answers by a page that tells what came of it. */
enum step restore_run_upload(struct http_exchange *x);

#endif
