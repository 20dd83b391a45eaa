#include "mail/summary.h"

#include "base/codec.h"
#include "mail/summary_fields.h"
#include "mail/summary_format.h"

static enum err take_u32(struct slice *src, uint32_t *value_out)
{
	uint64_t wide = 0;
	if (varint_get(src, &wide) || wide > UINT32_MAX)
		return ERR_CORRUPT;
	*value_out = (uint32_t)wide;
	return ERR_NONE;
}

enum err summary_open(struct slice blob, struct summary *summary_out)
{
	struct summary s = {0};
	struct slice rest = slice_from(blob, 2);
	if (blob.len < 2)
		return ERR_CORRUPT;
	if (blob.ptr[0] != SUMMARY_VERSION)
		return ERR_UNSUPPORTED;
	uint8_t flags = blob.ptr[1];
	if (flags & ~SUMMARY_FLAGS_KNOWN || take_u32(&rest, &s.size) ||
	    take_u32(&rest, &s.part_count))
		return ERR_CORRUPT;
	s.is_reduced = flags & SUMMARY_REDUCED;
	s.has_8bit = flags & SUMMARY_HAS_8BIT;
	s.has_nul = flags & SUMMARY_HAS_NUL;
	s.parts = rest;

	struct summary_cursor cursor;
	struct summary_part part;
	uint32_t count = 0;
	enum err err = ERR_NONE;
	summary_rewind(&s, &cursor);
	while (!(err = summary_next(&cursor, &part)))
		count++;
	if (err != ERR_NOT_FOUND || count == 0 || count != s.part_count)
		return ERR_CORRUPT;
	*summary_out = s;
	return ERR_NONE;
}

void summary_rewind(const struct summary *s, struct summary_cursor *c)
{
	c->rest = s->parts;
	c->last_fields = SLICE_EMPTY;
	c->size = s->size;
	c->next_index = 0;
	c->stack_depth = 0;
}

/* ---- walking ---- */

/* Reads the numbers of one record. `base` is what the header start is relative to. */
static enum err read_numbers(struct summary_cursor *c, uint32_t base, struct summary_part *part)
{
	uint32_t offset = 0;
	if (take_u32(&c->rest, &offset) || take_u32(&c->rest, &part->header_len) ||
	    take_u32(&c->rest, &part->body_len) || take_u32(&c->rest, &part->body_lines))
		return ERR_CORRUPT;
	if (part->kind != MIME_LEAF && take_u32(&c->rest, &part->children))
		return ERR_CORRUPT;
	uint64_t end = (uint64_t)base + offset + part->header_len + part->body_len;
	if (end > c->size)
		return ERR_CORRUPT;
	part->header_start = base + offset;
	part->body_start = part->header_start + part->header_len;
	return ERR_NONE;
}

static enum err read_fields(struct summary_cursor *c, uint8_t flags, struct summary_part *part)
{
	uint32_t len = 0;
	if (flags & PART_SAME_FIELDS) {
		part->fields = c->last_fields;
		return ERR_NONE;
	}
	if (take_u32(&c->rest, &len) || len > c->rest.len)
		return ERR_CORRUPT;
	part->fields = slice_upto(c->rest, len);
	c->last_fields = part->fields;
	c->rest = slice_from(c->rest, len);
	return ERR_NONE;
}

static enum err push_level(struct summary_cursor *c, const struct summary_part *part, uint8_t flags)
{
	if (part->kind == MIME_MESSAGE && part->children != 1)
		return ERR_CORRUPT;
	if (part->children == 0)
		return ERR_NONE;
	if (c->stack_depth == sizeof(c->stack) / sizeof(*c->stack))
		return ERR_CORRUPT;
	c->stack[c->stack_depth++] = (struct summary_level){
		.children_left = part->children,
		.body_start = part->body_start,
		.is_message = part->kind == MIME_MESSAGE,
		.is_digest = flags & PART_IS_DIGEST,
	};
	return ERR_NONE;
}

enum err summary_next(struct summary_cursor *c, struct summary_part *part_out)
{
	while (c->stack_depth && c->stack[c->stack_depth - 1].children_left == 0)
		c->stack_depth--;
	if (c->stack_depth == 0 && c->next_index) /* the message and all in it have been read */
		return c->rest.len ? ERR_CORRUPT : ERR_NOT_FOUND;
	if (c->rest.len == 0)
		return ERR_CORRUPT;

	struct summary_level *up = c->stack_depth ? &c->stack[c->stack_depth - 1] : NULL;
	uint8_t flags = c->rest.ptr[0];
	c->rest = slice_from(c->rest, 1);
	*part_out = (struct summary_part){
		.index = c->next_index++,
		.depth = c->stack_depth,
		.kind = (enum mime_kind)(flags & PART_KIND_MASK),
		.is_text = flags & PART_IS_TEXT,
		.has_type = flags & PART_HAS_TYPE,
		.default_is_message = up && up->is_digest,
		.is_root = !up || up->is_message,
		.is_trimmed = flags & PART_IS_TRIMMED,
		.is_opaque = flags & PART_IS_OPAQUE,
	};
	if (part_out->kind > MIME_MESSAGE)
		return ERR_CORRUPT;
	enum err err = read_numbers(c, up ? up->body_start : 0, part_out);
	if (!err)
		err = read_fields(c, flags, part_out);
	if (err)
		return err;
	if (up)
		up->children_left--;
	return push_level(c, part_out, flags);
}

/* ---- sections ---- */

/* The nth child, counted from 1, of `container`, which the cursor has just read. */
static enum err nth_child(struct summary_cursor *c, const struct summary_part *container,
			  uint32_t n, struct summary_part *child_out)
{
	uint32_t depth = container->depth, seen = 0;
	enum err err = ERR_NONE;
	if (n == 0 || n > container->children)
		return ERR_NOT_FOUND;
	while (seen < n && !(err = summary_next(c, child_out)))
		if (child_out->depth == depth + 1)
			seen++;
	return err;
}

/* Follows the path; the cursor stands behind the part that is found. */
static enum err walk_path(struct summary_cursor *c, const uint32_t *path, size_t path_len,
			  struct summary_part *part)
{
	enum err err = summary_next(c, part);
	for (size_t i = 0; i < path_len && !err; i++) {
		if (i > 0 && part->kind == MIME_MESSAGE) /* step into the message inside */
			err = summary_next(c, part);
		else if (i > 0 && part->kind == MIME_LEAF)
			return ERR_NOT_FOUND;
		if (err)
			return err;
		struct summary_part container = *part;
		if (container.kind == MIME_MULTIPART)
			err = nth_child(c, &container, path[i], part);
		else if (path[i] != 1) /* a message that is not multipart has one part: itself */
			err = ERR_NOT_FOUND;
	}
	return err;
}

enum err summary_find(const struct summary *s, const uint32_t *path, size_t path_len,
		      struct summary_part *part_out)
{
	struct summary_cursor c;
	summary_rewind(s, &c);
	return walk_path(&c, path, path_len, part_out);
}

enum err summary_locate(const struct summary *s, const uint32_t *path, size_t path_len,
			enum summary_section section, struct summary_range *range_out,
			struct summary_part *part_out)
{
	struct summary_cursor c;
	struct summary_part part;
	summary_rewind(s, &c);
	enum err err = walk_path(&c, path, path_len, &part);
	if (!err && path_len && (section == SECTION_HEADER || section == SECTION_TEXT))
		err = part.kind == MIME_MESSAGE ? summary_next(&c, &part) : ERR_NOT_FOUND;
	if (err)
		return err;
	switch (section) {
	case SECTION_WHOLE:
		*range_out = path_len ? (struct summary_range){part.body_start, part.body_len}
				      : (struct summary_range){0, s->size};
		break;
	case SECTION_MIME:
		if (path_len == 0)
			return ERR_NOT_FOUND;
		*range_out = (struct summary_range){part.header_start, part.header_len};
		break;
	case SECTION_HEADER:
		*range_out = (struct summary_range){part.header_start, part.header_len};
		break;
	case SECTION_TEXT:
		*range_out = (struct summary_range){part.body_start, part.body_len};
		break;
	}
	if (part_out)
		*part_out = part;
	return ERR_NONE;
}

/* ---- fields ---- */

bool summary_has_field(const struct summary_part *message, struct slice name)
{
	return message->index == 0 && !message->is_trimmed &&
	       (summary_keeps_mime(name) || summary_keeps_envelope(name) ||
		summary_keeps_listing(name));
}

/* NULL pointer and ERR_NONE only for an absent value. */
static enum err unfold(struct slice value, struct arena *arena, struct slice *text_out)
{
	uint8_t *text = arena_alloc(arena, value.len ? value.len : 1);
	if (!text)
		return ERR_NOMEM;
	*text_out = slice_of(text, header_unfold_into(value, text));
	return ERR_NONE;
}

enum err summary_text(const struct summary_part *part, const char *name, struct arena *arena,
		      struct slice *text_out)
{
	struct slice block = part->fields;
	struct header_field field;
	*text_out = SLICE_EMPTY;
	return header_find(&block, name, &field) ? unfold(field.value, arena, text_out) : ERR_NONE;
}

enum err summary_addresses(const struct summary_part *part, const char *name, struct arena *arena,
			   struct slice *value_out)
{
	struct header_field field;
	size_t bytes = 0, n = 0;
	*value_out = SLICE_EMPTY;
	for (struct slice block = part->fields; header_find(&block, name, &field);)
		bytes += field.value.len + 2;
	if (bytes == 0)
		return ERR_NONE;
	uint8_t *text = arena_alloc(arena, bytes);
	if (!text)
		return ERR_NOMEM;
	for (struct slice block = part->fields; header_find(&block, name, &field);) {
		if (n) {
			text[n++] = ',';
			text[n++] = ' ';
		}
		n += header_unfold_into(field.value, text + n);
	}
	*value_out = slice_of(text, n);
	return ERR_NONE;
}

static void set_type(struct param_list *list, struct slice type, struct slice subtype)
{
	list->type = type;
	list->subtype = subtype;
}

enum err summary_type(const struct summary_part *part, struct arena *arena,
		      struct param_list *type_out)
{
	enum err err = summary_params(part, "content-type", arena, type_out);
	if (err)
		return err;
	if ((part->is_opaque && !part->children) ||
	    (part->is_trimmed && part->has_type && type_out->type.len == 0))
		set_type(type_out, SLICE_LIT("application"), SLICE_LIT("octet-stream"));
	else if (!part->has_type && part->kind == MIME_MESSAGE)
		set_type(type_out, SLICE_LIT("message"), SLICE_LIT("rfc822"));
	else if (!part->has_type)
		set_type(type_out, SLICE_LIT("text"), SLICE_LIT("plain"));
	return ERR_NONE;
}

enum err summary_params(const struct summary_part *part, const char *name, struct arena *arena,
			struct param_list *list_out)
{
	struct slice text = SLICE_EMPTY;
	*list_out = (struct param_list){0};
	enum err err = summary_text(part, name, arena, &text);
	return err || !text.ptr ? err : param_parse(text, arena, list_out);
}
