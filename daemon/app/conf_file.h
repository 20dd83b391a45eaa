/* conf_file - the file surel.conf: `key = value` lines, `#` comments (DESIGN.md, "Settings").
 *
 * Loading checks the whole file before any of it is used: the first wrong line refuses it, with
 * line number and reason, and the settings in force stay. Saving replaces the file atomically and
 * durably; only values that differ from their defaults are written. */
#ifndef APP_CONF_FILE_H
#define APP_CONF_FILE_H

#include "app/setting.h"

enum { CONF_FILE_MAX_BYTES = 64 * 1024 };

/* A missing file gives defaults. On error *s is unchanged and `why` holds "line 3: ...". */
MUST_CHECK enum err conf_load(const char *path, struct settings *s, struct buf *why);
MUST_CHECK enum err conf_parse(struct slice text, struct settings *s, struct buf *why);
MUST_CHECK enum err conf_save(const char *path, const struct settings *s);

#endif
