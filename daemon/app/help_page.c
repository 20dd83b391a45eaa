#include <stdio.h>

#include "app/help.h"
#include "app/web.h"

const char *help_text(enum lang lang, const char *kind, const char *name)
{
	char key[96];
	snprintf(key, sizeof(key), "%s.%s", kind, name);
	return web_text_or(lang, key, "");
}
