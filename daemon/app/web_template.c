#include "app/web_template.h"

#include <stdio.h>

struct template_fill {
	const struct web_template_source *source;
	struct buf *dst;
	const struct model *models[WEB_TEMPLATE_DEPTH + 1]; /* outermost first */
	size_t model_count;
	unsigned depth;
	size_t work; /* octets of templates read so far */
	bool is_raw; /* nothing is escaped */
};

struct template_tag {
	uint8_t kind; /* '#' '^' '/' '>' '!', or 0 for a value */
	struct slice name;
};

static enum err template_render(struct template_fill *f, struct slice text, bool is_plain);

/* --- values ------------------------------------------------------------------------------------ */

static const char *template_reference(uint8_t c)
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

/* Length of the character at the front, or 0 when markup has no place for it. */
static size_t template_char_len(struct slice s)
{
	uint8_t c = s.ptr[0];
	if (c < 0x80)
		return (c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n';
	size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
	struct slice one = slice_upto(s, len);
	/* U+FFFE and U+FFFF are UTF-8, but no characters of XML. */
	if (one.len < len || !slice_is_utf8(one) ||
	    (c == 0xEF && one.ptr[1] == 0xBF && one.ptr[2] >= 0xBE))
		return 0;
	return len;
}

enum err web_escape(struct slice value, struct buf *dst)
{
	enum err err = ERR_NONE;
	while (value.len && !err) {
		const char *reference = template_reference(value.ptr[0]);
		size_t len = template_char_len(value);
		if (reference)
			err = buf_add_str(dst, reference);
		else
			err = len ? buf_add(dst, value.ptr, len) : buf_add_byte(dst, '?');
		value = slice_from(value, len ? len : 1);
	}
	return err;
}

static const struct model *template_find(const struct template_fill *f, struct slice name)
{
	const struct model *found = NULL;
	if (slice_eq_str(name, "."))
		return f->models[f->model_count - 1];
	bool is_inner = name.len && name.ptr[0] == '.';
	struct slice rest = slice_from(name, is_inner ? 1 : 0), first = slice_split(&rest, '.');
	for (size_t i = f->model_count; i > 0 && !found; i--) {
		found = model_find(f->models[i - 1], first);
		if (is_inner)
			break;
	}
	name = rest;
	while (found && name.len)
		found = model_find(found, slice_split(&name, '.'));
	return found;
}

static bool template_is_true(const struct model *value)
{
	switch (value ? value->kind : MODEL_NULL) {
	case MODEL_NULL:
	case MODEL_NO: return false;
	case MODEL_NUMBER: return value->number;
	case MODEL_TEXT: return *value->text;
	case MODEL_LIST: return value->first;
	case MODEL_YES:
	case MODEL_FRACTION:
	case MODEL_OBJECT: break;
	}
	return true;
}

static enum err template_put(struct template_fill *f, struct slice plain)
{
	return f->is_raw ? buf_add_slice(f->dst, plain) : web_escape(plain, f->dst);
}

static enum err template_value(struct template_fill *f, struct slice name)
{
	const struct model *value = template_find(f, name);
	switch (value ? value->kind : MODEL_NULL) {
	case MODEL_TEXT: return template_put(f, slice_str(value->text));
	case MODEL_NO: return buf_add_str(f->dst, "false");
	case MODEL_YES: return buf_add_str(f->dst, "true");
	case MODEL_NUMBER: return buf_addf(f->dst, "%lld", (long long)value->number);
	case MODEL_NULL:
	case MODEL_FRACTION:
	case MODEL_LIST:
	case MODEL_OBJECT: break;
	}
	return ERR_NONE;
}

/* --- tags -------------------------------------------------------------------------------------- */

/* Takes what stands before the next tag and the tag itself off the front of *rest. STEP_MORE: a tag
 * is there; STEP_DONE: no further one, `before` is all the rest. */
static enum step template_next(struct template_fill *f, struct slice *rest, struct slice *before,
			       struct template_tag *tag)
{
	size_t open = slice_find(*rest, SLICE_LIT("{{"));
	*before = slice_upto(*rest, open);
	f->work += before->len + 1;
	if (f->work > WEB_TEMPLATE_WORK_MAX)
		return STEP_BAD;
	if (open == SIZE_MAX) {
		*rest = SLICE_EMPTY;
		return STEP_DONE;
	}
	struct slice inside = slice_from(*rest, open + 2);
	size_t close = slice_find(inside, SLICE_LIT("}}"));
	if (close == SIZE_MAX)
		return STEP_BAD;
	*rest = slice_from(inside, close + 2);
	struct slice name = slice_upto(inside, close);
	tag->kind = name.len && strchr("#^/>!", name.ptr[0]) && name.ptr[0] ? name.ptr[0] : 0;
	tag->name = slice_trim(tag->kind ? slice_from(name, 1) : name);
	return STEP_MORE;
}

static enum err template_why(const struct template_fill *f)
{
	return f->work > WEB_TEMPLATE_WORK_MAX ? ERR_LIMIT : ERR_SYNTAX;
}

/* *rest stands behind the opening tag: takes the section's body and its closing tag off it. */
static enum err template_body(struct template_fill *f, struct slice name, struct slice *rest,
			      struct slice *body_out)
{
	const uint8_t *start = rest->ptr;
	struct slice before;
	struct template_tag tag;
	for (unsigned open = 1; template_next(f, rest, &before, &tag) == STEP_MORE;) {
		if (tag.kind == '#' || tag.kind == '^')
			open++;
		if (tag.kind != '/' || --open)
			continue;
		*body_out = slice_of(start, (size_t)(before.ptr + before.len - start));
		return slice_eq(tag.name, name) ? ERR_NONE : ERR_SYNTAX;
	}
	return template_why(f);
}

static enum err template_deeper(struct template_fill *f, struct slice text, bool is_plain)
{
	if (f->depth == WEB_TEMPLATE_DEPTH)
		return ERR_LIMIT;
	f->depth++;
	enum err err = template_render(f, text, is_plain);
	f->depth--;
	return err;
}

static enum err template_with(struct template_fill *f, struct slice body, const struct model *model,
			      bool is_plain)
{
	if (f->model_count > WEB_TEMPLATE_DEPTH)
		return ERR_LIMIT;
	f->models[f->model_count++] = model;
	enum err err = template_deeper(f, body, is_plain);
	f->model_count--;
	return err;
}

static enum err template_section(struct template_fill *f, const struct template_tag *tag,
				 struct slice *rest, bool is_plain)
{
	struct slice body;
	enum err err = template_body(f, tag->name, rest, &body);
	const struct model *value = template_find(f, tag->name);
	if (err || template_is_true(value) != (tag->kind == '#'))
		return err;
	if (tag->kind == '^')
		return template_deeper(f, body, is_plain);
	if (value->kind != MODEL_LIST)
		return template_with(f, body, value, is_plain);
	for (const struct model *item = value->first; item && !err; item = item->next)
		err = template_with(f, body, item, is_plain);
	return err;
}

static enum err template_part(struct template_fill *f, struct slice name)
{
	struct slice text;
	if (!f->source->part(f->source, name, &text))
		return ERR_NOT_FOUND;
	return template_deeper(f, text, false);
}

static enum err template_text(struct template_fill *f, struct slice key)
{
	char whole[WEB_TEMPLATE_KEY_MAX];
	struct slice text, member = key;
	key = slice_split(&member, '[');
	if (member.len) {
		const struct model *m = template_find(f, slice_split(&member, ']'));
		snprintf(whole, sizeof(whole), SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(key),
			 m && m->kind == MODEL_TEXT ? m->text : "", SLICE_ARG(member));
		key = slice_str(whole);
	}
	if (!f->source->text(f->source, key, &text))
		return template_put(f, key);
	return template_deeper(f, text, true);
}

static enum err template_act(struct template_fill *f, const struct template_tag *tag,
			     struct slice *rest, bool is_plain)
{
	switch (tag->kind) {
	case '!': return ERR_NONE;
	case '>': return template_part(f, tag->name);
	case '#':
	case '^': return template_section(f, tag, rest, is_plain);
	case '/': return ERR_SYNTAX;
	default: break;
	}
	if (slice_starts(tag->name, SLICE_LIT("t.")))
		return template_text(f, slice_from(tag->name, 2));
	return template_value(f, tag->name);
}

/* is_plain: the text is no markup, and escaped as values are. */
static enum err template_render(struct template_fill *f, struct slice text, bool is_plain)
{
	enum err err = ERR_NONE;
	for (enum step step = STEP_MORE; step == STEP_MORE && !err;) {
		struct slice before;
		struct template_tag tag;
		step = template_next(f, &text, &before, &tag);
		if (step == STEP_BAD)
			return template_why(f);
		err = is_plain ? template_put(f, before) : buf_add_slice(f->dst, before);
		if (!err && step == STEP_MORE)
			err = template_act(f, &tag, &text, is_plain);
	}
	return err;
}

enum err web_template_fill(const struct web_template_source *source, struct slice text,
			   const struct model *model, struct buf *dst)
{
	struct template_fill f = {
		.source = source, .dst = dst, .models = {model}, .model_count = 1};
	return template_render(&f, text, false);
}

enum err web_template_fill_text(const struct web_template_source *source, struct slice text,
				const struct model *model, struct buf *dst)
{
	struct template_fill f = {
		.source = source, .dst = dst, .models = {model}, .model_count = 1};
	f.is_raw = true;
	return template_render(&f, text, true);
}
