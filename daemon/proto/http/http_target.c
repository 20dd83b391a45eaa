#include "proto/http/http_target.h"

#include "mail/lexical.h"

/* --- targets ---------------------------------------------------------------------------------- */

/* Browsers leave some characters alone that RFC 3986 wants encoded; these are never left. */
static bool http_target_is_clean(struct slice target)
{
	for (size_t i = 0; i < target.len; i++) {
		uint8_t c = target.ptr[i];
		if (c <= ' ' || c >= 0x7f || strchr("\"#<>\\", c))
			return false;
	}
	return true;
}

enum err http_split_target(struct slice target, struct slice *authority_out, struct slice *path_out,
			   struct slice *query_out)
{
	static const char *const schemes[] = {"http://", "https://"};
	*authority_out = *query_out = SLICE_EMPTY;
	if (!http_target_is_clean(target))
		return ERR_SYNTAX;
	for (size_t i = 0; i < 2; i++) {
		if (!slice_starts_nocase(target, schemes[i]))
			continue;
		target = slice_from(target, strlen(schemes[i]));
		size_t end = slice_find_byte(target, '/');
		*authority_out = slice_upto(target, end);
		target = slice_from(target, end);
		if (!authority_out->len)
			return ERR_SYNTAX;
		break;
	}
	if (!target.len || target.ptr[0] != '/')
		return ERR_SYNTAX;
	size_t mark = slice_find_byte(target, '?');
	*path_out = slice_upto(target, mark);
	if (mark != SIZE_MAX)
		*query_out = slice_from(target, mark + 1);
	return ERR_NONE;
}

/* --- paths ------------------------------------------------------------------------------------ */

int http_percent(struct slice text)
{
	return text.len && text.ptr[0] == '%' ? lexical_hex_pair(slice_from(text, 1)) : -1;
}

static bool http_path_has_dots(struct slice path)
{
	while (path.len) {
		struct slice segment = slice_split(&path, '/');
		if (slice_eq_str(segment, ".") || slice_eq_str(segment, ".."))
			return true;
	}
	return false;
}

enum err http_decode_path(struct slice path, uint8_t *dst, struct slice *path_out)
{
	size_t len = 0;
	for (size_t i = 0; i < path.len; i++) {
		int c = path.ptr[i];
		if (c == '%') {
			c = http_percent(slice_from(path, i));
			if (c < ' ' || c == 0x7f || c == '/' || c == '\\')
				return ERR_SYNTAX;
			i += 2;
		}
		dst[len++] = (uint8_t)c;
	}
	*path_out = slice_of(dst, len);
	return slice_is_utf8(*path_out) && !http_path_has_dots(*path_out) ? ERR_NONE : ERR_SYNTAX;
}

/* --- hosts ------------------------------------------------------------------------------------ */

static bool http_host_is_clean(struct slice host)
{
	bool is_literal = host.len > 2 && host.ptr[0] == '[';
	struct slice inside = is_literal ? slice_between(host, 1, host.len - 1) : host;
	for (size_t i = 0; i < inside.len; i++) {
		uint8_t c = inside.ptr[i];
		bool is_fine = is_literal ? lexical_hex_value(c) >= 0 || c == ':' || c == '.'
					  : ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' ||
						    c == '.' || c == '_';
		if (!is_fine)
			return false;
	}
	return inside.len > 0;
}

enum err http_split_host(struct slice text, struct slice *host_out, uint16_t *port_out)
{
	bool is_literal = text.len && text.ptr[0] == '[';
	size_t end = is_literal ? slice_find_byte(text, ']') : slice_find_byte(text, ':');
	uint64_t port = 0;
	if (is_literal && end == SIZE_MAX)
		return ERR_SYNTAX;
	end = end == SIZE_MAX ? text.len : end + is_literal;
	struct slice rest = slice_from(text, end);
	if (rest.len > 1 && slice_u64(slice_from(rest, 1), UINT16_MAX, &port))
		return ERR_SYNTAX;
	if (rest.len && rest.ptr[0] != ':')
		return ERR_SYNTAX;
	*host_out = slice_upto(text, end);
	*port_out = (uint16_t)port;
	return http_host_is_clean(*host_out) ? ERR_NONE : ERR_SYNTAX;
}
