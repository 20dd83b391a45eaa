#include "app/autodiscover_request.h"

/* Moves *rest behind `end`; false when it does not come. */
static bool skip_past(struct slice *rest, const char *end)
{
	size_t at = slice_find(*rest, slice_str(end));
	if (at == SIZE_MAX)
		return false;
	*rest = slice_from(*rest, at + strlen(end));
	return true;
}

/* Behind '<' of a tag: takes it to its '>', which may stand inside of attribute values too. */
static bool take_tag(struct slice *rest, struct slice *tag_out)
{
	uint8_t quote = 0;
	for (size_t i = 0; i < rest->len; i++) {
		uint8_t c = rest->ptr[i];
		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '<') {
			return false;
		} else if (c == '>') {
			*tag_out = slice_upto(*rest, i);
			*rest = slice_from(*rest, i + 1);
			return true;
		}
	}
	return false;
}

/* "x:EMailAddress a='b'" -> EMailAddress */
static struct slice tag_name(struct slice tag)
{
	size_t len = 0;
	while (len < tag.len && tag.ptr[len] > ' ' && tag.ptr[len] != '/')
		len++;
	tag = slice_upto(tag, len);
	size_t colon = slice_rfind_byte(tag, ':');
	return colon == SIZE_MAX ? tag : slice_from(tag, colon + 1);
}

/* --- text of an element ----------------------------------------------------------------------- */

struct text {
	char *dst;
	size_t len;
	enum err err;
};

static void text_add_bytes(struct text *t, struct slice bytes)
{
	if (t->len + bytes.len >= AUTODISCOVER_TEXT_MAX) {
		t->err = ERR_LIMIT;
		return;
	}
	if (bytes.len)
		memcpy(t->dst + t->len, bytes.ptr, bytes.len);
	t->len += bytes.len;
}

static void text_add(struct text *t, uint32_t c)
{
	uint8_t utf8[4];
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
	for (size_t i = len; --i > 0; c >>= 6)
		utf8[i] = (uint8_t)(0x80 | (c & 0x3F));
	utf8[0] = (uint8_t)(leads[len] | c);
	text_add_bytes(t, slice_of(utf8, len));
}

static int digit_value(uint8_t c)
{
	if (ascii_is_digit(c))
		return c - '0';
	uint8_t low = ascii_lower(c);
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : 16;
}

/* "#64", "#x40" */
static enum err reference_value(struct slice name, uint32_t *value_out)
{
	bool is_hex = name.len > 1 && name.ptr[1] == 'x';
	uint32_t base = is_hex ? 16 : 10, value = 0;
	struct slice digits = slice_from(name, is_hex ? 2 : 1);
	if (digits.len == 0 || digits.len > 7)
		return ERR_SYNTAX;
	for (size_t i = 0; i < digits.len; i++) {
		uint32_t digit = (uint32_t)digit_value(digits.ptr[i]);
		if (digit >= base)
			return ERR_SYNTAX;
		value = value * base + digit;
	}
	bool is_blank = value == '\t' || value == '\n' || value == '\r';
	if ((value < 0x20 && !is_blank) || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
		return ERR_SYNTAX;
	*value_out = value;
	return ERR_NONE;
}

/* Behind '&'. */
static void text_add_entity(struct text *t, struct slice *rest)
{
	static const struct {
		const char *name;
		uint8_t c;
	} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	size_t end = slice_find_byte(slice_upto(*rest, 12), ';');
	struct slice name = slice_upto(*rest, end);
	uint32_t value = 0;
	if (end == SIZE_MAX || name.len == 0) {
		t->err = ERR_SYNTAX;
		return;
	}
	*rest = slice_from(*rest, end + 1);
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (slice_eq_str(name, entities[i].name))
			value = entities[i].c;
	if (name.ptr[0] == '#')
		t->err = reference_value(name, &value);
	else if (!value)
		t->err = ERR_SYNTAX;
	if (!t->err)
		text_add(t, value);
}

static void text_finish(struct text *t)
{
	struct slice trimmed = slice_trim(slice_of(t->dst, t->len));
	if (!t->err && (memchr(t->dst, 0, t->len) || !slice_is_utf8(trimmed)))
		t->err = ERR_SYNTAX;
	if (t->err)
		trimmed = SLICE_EMPTY;
	if (trimmed.len)
		memmove(t->dst, trimmed.ptr, trimmed.len);
	t->dst[trimmed.len] = '\0';
}

/* Behind the start tag: the text to the next tag, whichever it is. */
static enum err take_text(struct slice *rest, char dst[AUTODISCOVER_TEXT_MAX])
{
	struct text t = {.dst = dst};
	while (rest->len && !t.err) {
		struct slice before = *rest;
		if (slice_starts(*rest, SLICE_LIT("<![CDATA["))) {
			*rest = slice_from(*rest, 9);
			before = *rest;
			if (!skip_past(rest, "]]>"))
				t.err = ERR_SYNTAX;
			else
				text_add_bytes(&t, slice_upto(before, before.len - rest->len - 3));
		} else if (slice_starts(*rest, SLICE_LIT("<!--"))) {
			if (!skip_past(rest, "-->"))
				t.err = ERR_SYNTAX;
		} else if (rest->ptr[0] == '<') {
			break;
		} else {
			*rest = slice_from(*rest, 1);
			if (before.ptr[0] == '&')
				text_add_entity(&t, rest);
			else
				text_add_bytes(&t, slice_upto(before, 1));
		}
	}
	text_finish(&t);
	return t.err;
}

/* --- the document ----------------------------------------------------------------------------- */

/* At '<' of what is no element: comment, CDATA, declaration. True when it was one, and whole. */
static bool skip_other(struct slice *rest, bool *is_other_out)
{
	static const struct {
		const char *start, *end;
	} others[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_starts(*rest, slice_str(others[i].start))) {
			*is_other_out = true;
			*rest = slice_from(*rest, strlen(others[i].start));
			return skip_past(rest, others[i].end);
		}
	*is_other_out = false;
	return true;
}

static enum err take_element(struct slice *rest, struct autodiscover_request *out)
{
	struct slice tag;
	*rest = slice_from(*rest, 1);
	if (!take_tag(rest, &tag))
		return ERR_SYNTAX;
	struct slice name = tag_name(tag);
	bool is_empty = tag.len && tag.ptr[tag.len - 1] == '/';
	if (is_empty || tag.len == 0 || tag.ptr[0] == '/')
		return ERR_NONE;
	if (slice_eq_str_nocase(name, "EMailAddress") && !*out->address)
		return take_text(rest, out->address);
	if (slice_eq_str_nocase(name, "AcceptableResponseSchema") && !*out->schema)
		return take_text(rest, out->schema);
	return ERR_NONE;
}

enum err autodiscover_request_scan(struct slice body, struct autodiscover_request *out)
{
	enum err err = body.len > AUTODISCOVER_MAX_BYTES ? ERR_LIMIT : ERR_NONE;
	*out = (struct autodiscover_request){0};
	for (size_t at = 0; !err; at = slice_find_byte(body, '<')) {
		bool is_other = false;
		body = slice_from(body, at);
		if (at == SIZE_MAX || !body.len)
			break;
		if (body.ptr[0] != '<')
			continue;
		if (!skip_other(&body, &is_other))
			err = ERR_SYNTAX;
		else if (!is_other)
			err = take_element(&body, out);
	}
	if (!err && !*out->address)
		err = ERR_SYNTAX;
	if (err)
		*out = (struct autodiscover_request){0};
	return err;
}
