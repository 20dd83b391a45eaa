/* dialog_match - patterns and variables of dialogues; see support/dialog.h. */
#ifndef TESTS_SUPPORT_DIALOG_MATCH_H
#define TESTS_SUPPORT_DIALOG_MATCH_H

#include "base/buf.h"

enum { DIALOG_VARS_MAX = 32 };

struct dialog_vars {
	struct dialog_var {
		char name[32];
		char value[256];
	} vars[DIALOG_VARS_MAX];
	size_t count;
};

/* Variables that are taken on the way are kept only when the whole pattern matches. */
bool dialog_match(struct slice pattern, struct slice text, struct dialog_vars *vars);
bool dialog_match_regex(const char *regex, struct slice text);
/* Appends text with ${name} replaced and, if wanted, escapes undone. ERR_NOT_FOUND: no such
 * variable. */
enum err dialog_expand(struct slice text, bool escapes, const struct dialog_vars *vars,
                       struct buf *dst);

#endif
