#include "app/setting.h"

static bool byte_is_one_of(uint8_t c, const char *set)
{
	return c && strchr(set, c);
}

static bool text_holds_only(struct slice value, const char *others)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_alpha(value.ptr[i]) && !ascii_is_digit(value.ptr[i]) &&
		    !byte_is_one_of(value.ptr[i], others))
			return false;
	return true;
}

/* A level of a mailbox's name is never empty. */
bool form_folder(struct slice value)
{
	while (value.len) {
		size_t before = value.len;
		struct slice level = slice_split(&value, '/');
		if (level.len == 0 || (value.len == 0 && level.len < before))
			return false;
	}
	return true;
}

/* The name of a POSIX time zone: letters, or anything in <>. */
static bool zone_take_name(struct slice *rest)
{
	size_t n = 0;
	bool is_quoted = rest->len && rest->ptr[0] == '<';
	if (is_quoted)
		n = slice_find_byte(*rest, '>');
	else
		while (n < rest->len && ascii_is_alpha(rest->ptr[n]))
			n++;
	if (n == SIZE_MAX || n < (is_quoted ? 4 : 3))
		return false;
	*rest = slice_from(*rest, is_quoted ? n + 1 : n);
	return true;
}

/* std offset [dst [offset] [,rules]]; the C library reads the rules, and falls back to UTC. */
bool form_time_zone(struct slice value)
{
	if (value.len == 0)
		return true;
	if (!zone_take_name(&value))
		return false;
	if (value.len && byte_is_one_of(value.ptr[0], "+-"))
		value = slice_from(value, 1);
	return value.len && ascii_is_digit(value.ptr[0]) && text_holds_only(value, "<>+-:,./");
}

bool form_hosts(struct slice value)
{
	return text_holds_only(value, " .-:_[]");
}

bool form_words(struct slice value)
{
	return text_holds_only(value, " =+-_/.");
}
