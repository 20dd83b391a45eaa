#include "proto/imap/imap_special.h"

static const struct {
	uint32_t use;
	const char *name;
} special_names[] = {
	{USE_ALL, "\\All"},         {USE_ARCHIVE, "\\Archive"},     {USE_DRAFTS, "\\Drafts"},
	{USE_FLAGGED, "\\Flagged"}, {USE_JUNK, "\\Junk"},           {USE_SENT, "\\Sent"},
	{USE_TRASH, "\\Trash"},     {USE_IMPORTANT, "\\Important"},
};
enum { SPECIAL_NAMES = sizeof(special_names) / sizeof(special_names[0]) };

uint32_t special_use_find(struct slice name)
{
	for (size_t i = 0; i < SPECIAL_NAMES; i++)
		if (slice_eq_str_nocase(name, special_names[i].name))
			return special_names[i].use;
	return 0;
}

void special_use_write(struct imap_out *o, const char *separator, uint32_t uses)
{
	for (size_t i = 0; i < SPECIAL_NAMES; i++) {
		if (!(uses & special_names[i].use))
			continue;
		out_fmt(o, "%s%s", separator, special_names[i].name);
		separator = " ";
	}
}
