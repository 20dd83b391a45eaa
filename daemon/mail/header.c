#include "mail/header.h"

#include "mail/lexical.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct slice cut_line_end(struct slice s)
{
	if (s.len && s.ptr[s.len - 1] == '\n')
		s.len--;
	if (s.len && s.ptr[s.len - 1] == '\r')
		s.len--;
	return s;
}

/* Finds name and value in `raw`. Only a colon on the first line makes a field. */
static void field_split(struct slice raw, struct header_field *field_out)
{
	struct slice line = slice_upto(raw, slice_find_byte(raw, '\n'));
	size_t colon = slice_find_byte(line, ':');
	field_out->raw = raw;
	field_out->name = SLICE_EMPTY;
	field_out->value = cut_line_end(raw);
	if (colon == SIZE_MAX || colon == 0)
		return;
	field_out->name = slice_upto(raw, colon);
	while (field_out->name.len && is_blank(field_out->name.ptr[field_out->name.len - 1]))
		field_out->name.len--;
	field_out->value = cut_line_end(slice_from(raw, colon + 1));
}

void header_init(struct header_parser *p, size_t field_max_bytes, header_field_fn *fn, void *owner)
{
	*p = (struct header_parser){.on_field = fn, .owner = owner, .at_line_start = true};
	buf_init(&p->field, field_max_bytes);
}

void header_free(struct header_parser *p)
{
	buf_free(&p->field);
}

static void report_field(struct header_parser *p, uint32_t end)
{
	struct header_field field = {.start = p->field_start, .len = end - p->field_start};
	if (!p->in_field)
		return;
	field_split(buf_view(&p->field), &field);
	p->on_field(p->owner, &field);
	buf_clear(&p->field);
	p->in_field = false;
}

static void start_field(struct header_parser *p, uint32_t start)
{
	report_field(p, start);
	p->in_field = true;
	p->field_start = start;
}

/* Keeps what fits; the rest is counted only. */
static enum err collect(struct header_parser *p, const void *bytes, size_t n)
{
	size_t room = buf_left(&p->field);
	p->pos += (uint32_t)n;
	return buf_add(&p->field, bytes, n < room ? n : room);
}

static enum step header_end(struct header_parser *p, struct slice *src, uint32_t fields_end)
{
	report_field(p, fields_end);
	p->pos++;
	p->is_done = true;
	*src = slice_from(*src, 1);
	return STEP_DONE;
}

/* Decides what the first byte of a line means. STEP_MORE: go on with the line. */
static enum step line_begin(struct header_parser *p, struct slice *src)
{
	uint8_t c = src->ptr[0];
	if (p->line_is_cr) {
		uint32_t cr_at = p->pos - 1;
		if (c == '\n')
			return header_end(p, src, cr_at);
		p->line_is_cr = p->at_line_start = false;
		start_field(p, cr_at);
		return buf_add_byte(&p->field, '\r') ? STEP_BAD : STEP_MORE;
	}
	if (c == '\n')
		return header_end(p, src, p->pos);
	if (c == '\r') {
		p->line_is_cr = true;
		p->pos++;
		*src = slice_from(*src, 1);
		return STEP_MORE;
	}
	if (!is_blank(c) || !p->in_field)
		start_field(p, p->pos);
	p->at_line_start = false;
	return STEP_MORE;
}

enum step header_push(struct header_parser *p, struct slice *src)
{
	if (p->is_done)
		return STEP_DONE;
	if (src->len > UINT32_MAX - p->pos)
		return STEP_BAD;
	while (src->len) {
		if (p->at_line_start) {
			enum step step = line_begin(p, src);
			if (step != STEP_MORE)
				return step;
			if (p->at_line_start)
				continue;
		}
		size_t lf = slice_find_byte(*src, '\n');
		size_t n = lf == SIZE_MAX ? src->len : lf + 1;
		if (collect(p, src->ptr, n))
			return STEP_BAD;
		p->at_line_start = lf != SIZE_MAX;
		*src = slice_from(*src, n);
	}
	return STEP_MORE;
}

enum err header_finish(struct header_parser *p)
{
	enum err err = ERR_NONE;
	if (p->line_is_cr) {
		p->line_is_cr = false;
		start_field(p, p->pos - 1);
		err = buf_add_byte(&p->field, '\r');
	}
	report_field(p, p->pos);
	p->is_done = true;
	return err;
}

static bool block_at_empty_line(struct slice block)
{
	return block.len == 0 || block.ptr[0] == '\n' ||
	       (block.len > 1 && block.ptr[0] == '\r' && block.ptr[1] == '\n');
}

bool header_next(struct slice *block, struct header_field *field_out)
{
	size_t end = 0;
	if (block_at_empty_line(*block))
		return false;
	do {
		size_t lf = slice_find_byte(slice_from(*block, end), '\n');
		end = lf == SIZE_MAX ? block->len : end + lf + 1;
	} while (end < block->len && is_blank(block->ptr[end]));
	*field_out = (struct header_field){.len = (uint32_t)end};
	field_split(slice_upto(*block, end), field_out);
	*block = slice_from(*block, end);
	return true;
}

bool header_find(struct slice *block, const char *name, struct header_field *field_out)
{
	while (header_next(block, field_out))
		if (slice_eq_str_nocase(field_out->name, name))
			return true;
	return false;
}

size_t header_unfold_into(struct slice value, uint8_t *dst)
{
	size_t n = 0;
	value = slice_trim(value);
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.ptr[i];
		bool ends_line = c == '\r' && i + 1 < value.len && value.ptr[i + 1] == '\n';
		if (c == '\n' || ends_line)
			continue;
		dst[n++] = c == '\r' || c == '\0' ? ' ' : c;
	}
	return n;
}

size_t header_one_line(struct slice text, uint8_t *dst)
{
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (!lexical_is_space(c))
			dst[n++] = c;
		else if (n && dst[n - 1] != ' ')
			dst[n++] = ' ';
	}
	return n && dst[n - 1] == ' ' ? n - 1 : n;
}

enum err header_unfold(struct slice value, struct buf *dst)
{
	uint8_t *room = NULL;
	if (value.len == 0)
		return ERR_NONE;
	enum err err = buf_reserve(dst, value.len, &room);
	if (!err)
		buf_commit(dst, header_unfold_into(value, room));
	return err;
}
