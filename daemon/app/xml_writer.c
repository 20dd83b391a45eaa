#include "app/xml_writer.h"

static void xml_raw(struct xml *x, const char *text)
{
	if (!x->err)
		x->err = buf_add_str(x->out, text);
}

static void xml_end_tag(struct xml *x)
{
	if (x->in_tag)
		xml_raw(x, ">");
	x->in_tag = false;
}

static void xml_new_line(struct xml *x)
{
	xml_raw(x, "\n");
	for (size_t i = 0; i < x->depth; i++)
		xml_raw(x, " ");
}

/* Length of the character at the front, or 0 when XML has no place for it. */
static size_t xml_char_len(struct slice s)
{
	uint8_t c = s.ptr[0];
	if (c < 0x80)
		return (c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r';
	size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
	struct slice one = slice_upto(s, len);
	/* U+FFFE and U+FFFF are UTF-8, but no characters of XML. */
	if (one.len < len || !slice_is_utf8(one) ||
	    (c == 0xEF && one.ptr[1] == 0xBF && one.ptr[2] >= 0xBE))
		return 0;
	return len;
}

static const char *xml_entity(uint8_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	case '\r': return "&#13;"; /* a bare one would be read as a new line */
	default: return NULL;
	}
}

static void xml_escaped(struct xml *x, struct slice text)
{
	while (text.len && !x->err) {
		const char *entity = xml_entity(text.ptr[0]);
		size_t len = xml_char_len(text);
		if (entity)
			x->err = buf_add_str(x->out, entity);
		else if (len)
			x->err = buf_add(x->out, text.ptr, len);
		else
			x->err = buf_add_byte(x->out, '?');
		text = slice_from(text, len ? len : 1);
	}
}

void xml_begin(struct xml *x, struct buf *out, const char *doctype)
{
	*x = (struct xml){.out = out};
	xml_raw(x, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	if (doctype) {
		xml_raw(x, "\n<!DOCTYPE ");
		xml_raw(x, doctype);
		xml_raw(x, ">");
	}
}

void xml_open(struct xml *x, const char *name)
{
	if (x->depth == XML_DEPTH_MAX && !x->err)
		x->err = ERR_STATE;
	if (x->err)
		return;
	xml_end_tag(x);
	if (x->depth)
		x->has_children[x->depth - 1] = true;
	xml_new_line(x);
	xml_raw(x, "<");
	xml_raw(x, name);
	x->open[x->depth] = name;
	x->has_children[x->depth++] = false;
	x->in_tag = true;
}

void xml_attr(struct xml *x, const char *name, const char *value)
{
	if (!x->in_tag && !x->err)
		x->err = ERR_STATE;
	xml_raw(x, " ");
	xml_raw(x, name);
	xml_raw(x, "=\"");
	xml_escaped(x, slice_str(value));
	xml_raw(x, "\"");
}

void xml_text(struct xml *x, struct slice text)
{
	if (!x->depth && !x->err)
		x->err = ERR_STATE;
	xml_end_tag(x);
	xml_escaped(x, text);
}

void xml_close(struct xml *x)
{
	if (!x->depth && !x->err)
		x->err = ERR_STATE;
	if (x->err)
		return;
	const char *name = x->open[--x->depth];
	if (x->in_tag) {
		x->in_tag = false;
		xml_raw(x, "/>");
		return;
	}
	if (x->has_children[x->depth])
		xml_new_line(x);
	xml_raw(x, "</");
	xml_raw(x, name);
	xml_raw(x, ">");
}

void xml_leaf(struct xml *x, const char *name, const char *text)
{
	xml_open(x, name);
	if (*text)
		xml_text(x, slice_str(text));
	xml_close(x);
}

void xml_leaf_number(struct xml *x, const char *name, uint64_t number)
{
	xml_open(x, name);
	xml_end_tag(x);
	if (!x->err)
		x->err = buf_addf(x->out, "%llu", (unsigned long long)number);
	xml_close(x);
}

enum err xml_end(struct xml *x)
{
	while (x->depth && !x->err)
		xml_close(x);
	xml_raw(x, "\n");
	return x->err;
}
