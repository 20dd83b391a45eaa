#include "store/mailbox_name.h"

/* C1 controls are C2 80 .. C2 9F; the line and paragraph separators E2 80 A8 and E2 80 A9. */
static bool name_has_control_at(struct slice name, size_t at)
{
	struct slice rest = slice_from(name, at);
	uint8_t c = rest.ptr[0];
	if (c < 0x20 || c == 0x7F)
		return true;
	if (c == 0xC2)
		return rest.ptr[1] < 0xA0;
	return c == 0xE2 && rest.ptr[1] == 0x80 && (rest.ptr[2] == 0xA8 || rest.ptr[2] == 0xA9);
}

bool name_is_printable(struct slice name)
{
	if (!slice_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name_has_control_at(name, i))
			return false;
	return true;
}

enum err mailbox_name_check(struct slice name)
{
	if (name.len > MAILBOX_NAME_MAX_BYTES)
		return ERR_LIMIT;
	if (!name_is_printable(name))
		return ERR_SYNTAX;
	unsigned levels = 1;
	size_t level_start = 0;
	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && name.ptr[i] != MAILBOX_SEPARATOR)
			continue;
		if (i == level_start)
			return ERR_SYNTAX;
		level_start = i + 1;
		levels += i < name.len;
	}
	return levels > MAILBOX_DEPTH_MAX ? ERR_LIMIT : ERR_NONE;
}

enum err mailbox_name_fold(struct mailbox_name *folded, struct slice name)
{
	if (name.len > sizeof(folded->bytes))
		return ERR_LIMIT;
	folded->len = name.len;
	if (name.len)
		memcpy(folded->bytes, name.ptr, name.len);
	struct slice rest = name;
	if (slice_eq_nocase(slice_split(&rest, MAILBOX_SEPARATOR), MAILBOX_INBOX))
		memcpy(folded->bytes, MAILBOX_INBOX.ptr, MAILBOX_INBOX.len);
	return ERR_NONE;
}

bool mailbox_name_is_inferior(struct slice name, struct slice superior)
{
	return name.len > superior.len && name.ptr[superior.len] == MAILBOX_SEPARATOR &&
	       slice_starts(name, superior);
}

struct slice mailbox_name_superior(struct slice name)
{
	size_t at = slice_rfind_byte(name, MAILBOX_SEPARATOR);
	return at == SIZE_MAX ? slice_upto(name, 0) : slice_upto(name, at);
}
