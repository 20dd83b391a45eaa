#include "proto/imap/imap_special.h"

#include "mail/lexical.h"

/* In the order of the bits of enum special_use. */
static const char special_names[] = "\\All\0"
				    "\\Archive\0"
				    "\\Drafts\0"
				    "\\Flagged\0"
				    "\\Junk\0"
				    "\\Sent\0"
				    "\\Trash\0"
				    "\\Important\0";

uint32_t special_use_find(struct slice name)
{
	size_t place = lexical_word_find(special_names, name);
	return place == SIZE_MAX ? 0 : 1u << place;
}

void special_use_write(struct imap_out *o, const char *separator, uint32_t uses)
{
	for (unsigned i = 0; uses >> i; i++) {
		if (!(uses >> i & 1))
			continue;
		out_fmt(o, "%s%s", separator, lexical_word(special_names, i));
		separator = " ";
	}
}
