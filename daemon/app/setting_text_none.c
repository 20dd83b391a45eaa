#include "app/setting.h"

/* In place of setting_text.c where nobody sets anything: what is wrong in the file is in the log. */
void setting_say(struct buf *dst, enum lang lang, enum setting_text text, const char *first,
		 const char *second, const char *third)
{
	(void)dst;
	(void)lang;
	(void)text;
	(void)first;
	(void)second;
	(void)third;
}

enum err setting_describe(const struct setting *row, enum lang lang, struct buf *dst)
{
	(void)row;
	(void)lang;
	(void)dst;
	return ERR_NONE;
}
