#include "app/help.h"

const char *help_text(enum lang lang, const char *kind, const char *name)
{
	(void)lang;
	(void)kind;
	(void)name;
	return "";
}
