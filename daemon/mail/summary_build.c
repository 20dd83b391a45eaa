#include <stdlib.h>

#include "base/codec.h"
#include "mail/summary.h"
#include "mail/summary_fields.h"
#include "mail/summary_format.h"

/* Where the kept fields of a part lie in summary_builder.fields. */
struct kept_fields {
	uint32_t at, len;
	bool is_trimmed;
};

struct summary_builder {
	struct mime_parser *mime;
	struct buf fields;
	struct kept_fields *kept; /* by part index; parts beyond kept_count have none */
	uint32_t kept_count, kept_room;
	enum err failed;
};

static struct kept_fields kept_of(const struct summary_builder *b, uint32_t part)
{
	return part < b->kept_count ? b->kept[part] : (struct kept_fields){0};
}

static struct slice fields_of(const struct summary_builder *b, uint32_t part)
{
	struct kept_fields kept = kept_of(b, part);
	return slice_between(buf_view(&b->fields), kept.at, kept.at + kept.len);
}

/* Bombs repeat one header ten thousand times: the last part shares the bytes of the one before
 * it. */
static void share_fields(struct summary_builder *b)
{
	uint32_t last = b->kept_count - 1;
	if (b->kept_count < 2 || b->kept[last].len == 0 ||
	    !slice_eq(fields_of(b, last), fields_of(b, last - 1)))
		return;
	buf_truncate(&b->fields, b->kept[last].at);
	b->kept[last].at = b->kept[last - 1].at;
}

/* Makes room for the fields of `part`; nothing more is added to the parts before it. */
static enum err kept_grow(struct summary_builder *b, uint32_t part)
{
	if (part < b->kept_count)
		return ERR_NONE;
	if (b->kept_count)
		share_fields(b);
	if (part >= b->kept_room) {
		uint32_t room = b->kept_room ? b->kept_room * 2 : 4;
		while (room <= part)
			room *= 2;
		struct kept_fields *kept = realloc(b->kept, room * sizeof(*kept));
		if (!kept)
			return ERR_NOMEM;
		b->kept = kept;
		b->kept_room = room;
	}
	while (b->kept_count <= part)
		b->kept[b->kept_count++] = (struct kept_fields){.at = (uint32_t)b->fields.len};
	return ERR_NONE;
}

static bool is_root(const struct summary_builder *b, uint32_t part)
{
	uint32_t count = 0;
	const struct mime_part *parts = mime_parts(b->mime, &count);
	uint32_t parent = parts[part].parent;
	return parent == MIME_NO_PARENT || parts[parent].kind == MIME_MESSAGE;
}

static bool is_kept(const struct summary_builder *b, uint32_t part, struct slice name)
{
	return summary_keeps_mime(name) || (summary_keeps_envelope(name) && is_root(b, part)) ||
	       (part == 0 && summary_keeps_listing(name));
}

static void field_seen(void *owner, uint32_t part, const struct header_field *field)
{
	struct summary_builder *b = owner;
	size_t part_max = part ? SUMMARY_PART_FIELDS_MAX : SUMMARY_FIELDS_MAX;
	if (b->failed || !is_kept(b, part, field->name))
		return;
	b->failed = kept_grow(b, part);
	if (b->failed)
		return;
	struct kept_fields *kept = &b->kept[part];
	bool is_cut = field->len > field->raw.len;
	size_t need = field->raw.len + (is_cut ? 2 : 0);
	if (kept->len + need > part_max || need > buf_left(&b->fields)) {
		kept->is_trimmed = true;
		return;
	}
	b->failed = buf_add_slice(&b->fields, field->raw);
	if (!b->failed && is_cut) /* so that the next field starts on a line of its own */
		b->failed = buf_add(&b->fields, "\r\n", 2);
	kept->is_trimmed = kept->is_trimmed || is_cut;
	kept->len += (uint32_t)need;
}

enum err summary_new(struct summary_builder **builder_out)
{
	struct summary_builder *b = calloc(1, sizeof(*b));
	*builder_out = b;
	if (!b)
		return ERR_NOMEM;
	buf_init(&b->fields, SUMMARY_FIELDS_MAX);
	enum err err = mime_new(field_seen, b, &b->mime);
	if (err)
		summary_free(builder_out);
	return err;
}

void summary_free(struct summary_builder **builder)
{
	struct summary_builder *b = *builder;
	if (!b)
		return;
	mime_free(&b->mime);
	buf_free(&b->fields);
	free(b->kept);
	free(b);
	*builder = NULL;
}

enum err summary_push(struct summary_builder *b, struct slice bytes)
{
	enum err err = mime_push(b->mime, bytes);
	return err ? err : b->failed;
}

/* ---- encoding ---- */

static uint8_t part_flags(const struct summary_builder *b, const struct mime_part *part,
			  uint32_t index)
{
	unsigned flags = part->kind;
	flags |= part->is_text ? PART_IS_TEXT : 0u;
	flags |= part->has_type ? PART_HAS_TYPE : 0u;
	flags |= part->is_digest ? PART_IS_DIGEST : 0u;
	flags |= part->is_opaque ? PART_IS_OPAQUE : 0u;
	flags |= kept_of(b, index).is_trimmed ? PART_IS_TRIMMED : 0u;
	if (index && slice_eq(fields_of(b, index), fields_of(b, index - 1)))
		flags |= PART_SAME_FIELDS;
	return (uint8_t)flags;
}

/* A part record without its fields: a byte and six varints of 32 bits. */
enum { PART_RECORD_MAX = 1 + 6 * 5 };

static enum err add_part(const struct summary_builder *b, const struct mime_part *part,
			 uint32_t index, uint32_t parent_body, struct buf *dst)
{
	uint8_t record[PART_RECORD_MAX];
	struct slice fields = fields_of(b, index);
	size_t n = 0;
	record[n++] = part_flags(b, part, index);
	n += varint_put(record + n, part->header_start - parent_body);
	n += varint_put(record + n, part->body_start - part->header_start);
	n += varint_put(record + n, part->body_end - part->body_start);
	n += varint_put(record + n, part->body_lines);
	if (part->kind != MIME_LEAF)
		n += varint_put(record + n, part->children);
	if (record[0] & PART_SAME_FIELDS)
		return buf_add(dst, record, n);
	n += varint_put(record + n, fields.len);
	enum err err = buf_add(dst, record, n);
	return err ? err : buf_add_slice(dst, fields);
}

static enum err add_start(const struct summary_builder *b, uint32_t part_count, unsigned flags,
			  struct buf *dst)
{
	uint8_t start[2 + 2 * 5] = {SUMMARY_VERSION};
	size_t n = 2;
	flags |= mime_has_8bit(b->mime) ? SUMMARY_HAS_8BIT : 0u;
	flags |= mime_has_nul(b->mime) ? SUMMARY_HAS_NUL : 0u;
	start[1] = (uint8_t)flags;
	n += varint_put(start + n, mime_size(b->mime));
	n += varint_put(start + n, part_count);
	return buf_add(dst, start, n);
}

static enum err add_tree(const struct summary_builder *b, size_t max_bytes, struct buf *dst)
{
	uint32_t count = 0;
	size_t before = dst->len;
	const struct mime_part *parts = mime_parts(b->mime, &count);
	enum err err = add_start(b, count, 0, dst);
	for (uint32_t i = 0; i < count && !err; i++) {
		uint32_t parent = parts[i].parent;
		uint32_t base = parent == MIME_NO_PARENT ? 0 : parts[parent].body_start;
		err = add_part(b, &parts[i], i, base, dst);
		if (!err && dst->len - before > max_bytes)
			err = ERR_LIMIT;
	}
	return err;
}

/* The message as one part that nobody looks into. */
static enum err add_reduced(const struct summary_builder *b, struct buf *dst)
{
	uint32_t count = 0;
	struct mime_part root = mime_parts(b->mime, &count)[0];
	root.kind = MIME_LEAF;
	root.is_text = false;
	root.is_opaque = true;
	enum err err = add_start(b, 1, SUMMARY_REDUCED, dst);
	return err ? err : add_part(b, &root, 0, 0, dst);
}

enum err summary_finish(struct summary_builder *b, struct buf *dst)
{
	size_t before = dst->len;
	enum err err = mime_finish(b->mime);
	if (!err)
		err = b->failed;
	if (err)
		return err;
	err = add_tree(b, SUMMARY_MAX_BYTES, dst);
	if (err == ERR_LIMIT) {
		buf_truncate(dst, before);
		err = add_reduced(b, dst);
	}
	if (err)
		buf_truncate(dst, before);
	return err;
}
