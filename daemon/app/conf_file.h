/* conf_file - the file surel.conf: `key = value` lines, `#` comments, one configuration for all.
 *
 *	message.max_mib = 32
 *	pop3.after_download = archive
 *	[user bob]
 *	pop3.after_download = keep
 *
 * What stands before the first section is the house's; a section [user NAME] holds what this user
 * has for himself, whether he exists or not. Loading checks the whole file before any of it is
 * used: the first wrong line refuses it, with line number and reason, and the settings in force
 * stay. Saving replaces the file atomically and durably; only values that differ from their
 * defaults are written. */
#ifndef APP_CONF_FILE_H
#define APP_CONF_FILE_H

#include "app/override.h"

enum { CONF_FILE_MAX_BYTES = 512 * 1024 };

/* Everything the file says. */
struct conf {
	struct settings settings;
	struct overrides overrides;
};
void conf_init(struct conf *c); /* every default, nobody's own */
void conf_free(struct conf *c);
/* ERR_NOMEM leaves *to with the defaults. */
MUST_CHECK enum err conf_copy(const struct conf *from, struct conf *to);

/* A missing file gives defaults. On error *c, which was initialised, is unchanged and `why` holds
 * "line 3: ...". */
MUST_CHECK enum err conf_load(const char *path, struct conf *c, struct buf *why);
MUST_CHECK enum err conf_parse(struct slice text, struct conf *c, struct buf *why);
MUST_CHECK enum err conf_save(const char *path, const struct conf *c);

/* One change: of the house, or of a user. is_unset: back to the default, for a user the house's. */
struct setting_change {
	const struct setting *row;
	struct slice value;
	bool is_unset;
};
/* Makes the changes on a copy of `before` and saves that: all or none. user NULL: the house. With
 * ERR_NONE *after is the caller's; else it is empty, and `why` holds a sentence in `lang` (but for
 * ERR_NOMEM), *which_out the place of the change that was refused; either may be NULL. */
MUST_CHECK enum err conf_change_saved(const char *path, const struct conf *before, const char *user,
                                      const struct setting_change *changes, size_t n,
                                      enum lang lang, struct buf *why, size_t *which_out,
                                      struct conf *after);
/* The user is gone, and so is his section; likewise. */
MUST_CHECK enum err conf_forget_saved(const char *path, const struct conf *before, const char *user,
                                      struct conf *after);

#endif
