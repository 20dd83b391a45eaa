#include "proto/http/http_session.h"
#include "proto/http/http_target.h"

struct slice http_field(const struct http_exchange *x, const char *name)
{
	return http_head_field(http_session_of(x)->head, name);
}

/* RFC 6265 4.2.1. Of several with one name the first counts: the one of the longest path. */
struct slice http_cookie(const struct http_exchange *x, const char *name)
{
	struct slice rest = http_field(x, "Cookie");
	while (rest.len) {
		struct slice pair = slice_trim(slice_split(&rest, ';'));
		struct slice value = pair;
		if (!slice_eq_str(slice_split(&value, '='), name))
			continue;
		if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
			value = slice_between(value, 1, value.len - 1);
		return value;
	}
	return SLICE_EMPTY;
}

/* --- application/x-www-form-urlencoded -------------------------------------------------------- */

/* Takes one character off the front; -1: a broken one. */
static int form_take(struct slice *text)
{
	int c = text->ptr[0];
	size_t len = 1;
	if (c == '+') {
		c = ' ';
	} else if (c == '%') {
		c = http_percent(*text);
		len = 3;
	}
	*text = slice_from(*text, len);
	return c;
}

static bool form_name_is(struct slice encoded, const char *name)
{
	while (encoded.len && *name)
		if (form_take(&encoded) != (uint8_t)*name++)
			return false;
	return encoded.len == 0 && *name == 0;
}

static enum err form_decode(struct slice encoded, struct buf *dst)
{
	size_t start = dst->len;
	enum err err = ERR_NONE;
	while (encoded.len && !err) {
		int c = form_take(&encoded);
		err = c <= 0 ? ERR_SYNTAX : buf_add_byte(dst, (uint8_t)c);
	}
	if (!err && !slice_is_utf8(slice_from(buf_view(dst), start)))
		err = ERR_SYNTAX;
	if (err)
		buf_truncate(dst, start);
	return err;
}

static enum err form_find(struct slice form, const char *name, unsigned nth, struct buf *dst)
{
	while (form.len) {
		struct slice value = slice_split(&form, '&');
		if (form_name_is(slice_split(&value, '='), name) && nth-- == 0)
			return form_decode(value, dst);
	}
	return ERR_NOT_FOUND;
}

enum err http_form(const struct http_exchange *x, const char *name, unsigned nth, struct buf *dst)
{
	struct slice type = http_field(x, "Content-Type");
	if (!slice_eq_str_nocase(slice_trim(slice_split(&type, ';')),
				 "application/x-www-form-urlencoded"))
		return ERR_NOT_FOUND;
	return form_find(buf_view(&x->body), name, nth, dst);
}

enum err http_query(const struct http_exchange *x, const char *name, struct buf *dst)
{
	return form_find(x->request.query, name, 0, dst);
}
