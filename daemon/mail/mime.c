#include "mail/mime.h"

#include <stdlib.h>

#include "mail/mime_boundary.h"
#include "mail/param.h"

enum { MIME_FIRST_PARTS = 8, MIME_TYPE_ARENA_BYTES = 512 * 1024 };

enum mime_mode {
	MODE_HEADER,        /* of the current part */
	MODE_BODY,          /* of a leaf, preamble or epilogue: only boundaries matter */
	MODE_BOUNDARY_LINE, /* the rest of a boundary line is skipped */
};

struct mime_parser {
	mime_field_fn *on_field;
	void *owner;
	uint32_t max_depth, max_parts;
	enum err failed;

	struct mime_part *parts;
	uint32_t count, room;
	uint32_t current; /* innermost part that is still open */

	struct mime_boundaries boundaries; /* of the multiparts whose end has not been seen */

	enum mime_mode mode;
	bool part_follows; /* behind this boundary line a part begins */
	struct header_parser header;
	uint32_t header_base; /* offset of the header being read */
	struct arena arena;   /* for one Content-Type */
	bool type_seen;       /* in the header being read */
	struct buf boundary;  /* announced in the header being read */

	uint32_t pos, lines; /* bytes and line feeds consumed */
	uint8_t last_byte;
	bool at_line_start;
	uint8_t line_end_len;                 /* of the line before the current one: 1 or 2 */
	uint8_t hold[MIME_BOUNDARY_LINE_MAX]; /* start of a line that may be a boundary */
	size_t hold_len;
	bool has_8bit, has_nul;
};

static struct mime_part *current_part(struct mime_parser *p)
{
	return &p->parts[p->current];
}

/* ---- Content-Type ---- */

/* RFC 2046 5.1.1: a boundary does not end in a space. An encoded one (RFC 2231) is decoded. */
static enum err keep_boundary(struct mime_parser *p, const struct param *param)
{
	buf_clear(&p->boundary);
	if (!param)
		return ERR_NONE;
	bool is_encoded = param->name.ptr[param->name.len - 1] == '*';
	enum err err = is_encoded ? param_text(param, &p->boundary)
				  : buf_add_slice(&p->boundary, param->value);
	struct slice text = buf_view(&p->boundary);
	while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	buf_truncate(&p->boundary, err ? 0 : text.len);
	return err == ERR_LIMIT ? ERR_NONE : err; /* too long: as if there were none */
}

static enum err read_type(struct mime_parser *p, struct slice value)
{
	struct param_list type;
	struct mime_part *part = current_part(p);
	enum err err = param_parse(value, &p->arena, &type);
	if (err == ERR_NOMEM && p->arena.used_bytes > MIME_TYPE_ARENA_BYTES / 2)
		return ERR_NONE; /* absurdly long: read as if it were not there */
	if (err || type.type.len == 0 || type.subtype.len == 0)
		return err;
	part->has_type = true;
	part->kind = MIME_LEAF;
	part->is_text = slice_eq_str_nocase(type.type, "text");
	if (slice_eq_str_nocase(type.type, "multipart")) {
		part->kind = MIME_MULTIPART;
		part->is_digest = slice_eq_str_nocase(type.subtype, "digest");
		return keep_boundary(p, param_find(&type, "boundary"));
	}
	if (slice_eq_str_nocase(type.type, "message") &&
	    (slice_eq_str_nocase(type.subtype, "rfc822") ||
	     slice_eq_str_nocase(type.subtype, "global")))
		part->kind = MIME_MESSAGE;
	return ERR_NONE;
}

static void field_seen(void *owner, const struct header_field *field)
{
	struct mime_parser *p = owner;
	struct header_field moved = *field;
	moved.start += p->header_base;
	if (!p->type_seen && slice_eq_str_nocase(field->name, "content-type")) {
		p->type_seen = true;
		enum err err = read_type(p, field->value);
		arena_reset(&p->arena);
		if (err)
			p->failed = err;
	}
	if (p->on_field)
		p->on_field(p->owner, p->current, &moved);
}

/* ---- parts ---- */

static enum err parts_grow(struct mime_parser *p)
{
	uint32_t room = p->room ? p->room * 2 : MIME_FIRST_PARTS;
	struct mime_part *parts = realloc(p->parts, room * sizeof(*parts));
	if (!parts)
		return ERR_NOMEM;
	p->parts = parts;
	p->room = room;
	return ERR_NONE;
}

/* Opens a part whose header starts here, and reads that header next. */
static enum err part_open(struct mime_parser *p, uint32_t parent)
{
	enum err err = p->count == p->room ? parts_grow(p) : ERR_NONE;
	if (err)
		return err;
	struct mime_part part = {.parent = parent, .header_start = p->pos, .is_text = true};
	if (parent != MIME_NO_PARENT) {
		struct mime_part *up = &p->parts[parent];
		up->children++;
		part.depth = (uint16_t)(up->depth + 1);
		if (up->is_digest && up->kind == MIME_MULTIPART) {
			part.kind = MIME_MESSAGE;
			part.is_text = false;
		}
	}
	p->current = p->count;
	p->parts[p->count++] = part;
	header_free(&p->header);
	header_init(&p->header, HEADER_FIELD_MAX_BYTES, field_seen, p);
	p->header_base = p->pos;
	p->type_seen = false;
	buf_clear(&p->boundary);
	p->mode = MODE_HEADER;
	return ERR_NONE;
}

static bool limits_allow_inside(const struct mime_parser *p, const struct mime_part *part)
{
	return part->depth < p->max_depth && p->count < p->max_parts;
}

/* The header of the current part ends at p->pos: decides what its body is. */
static enum err header_over(struct mime_parser *p)
{
	struct mime_part *part = current_part(p);
	part->body_start = p->pos;
	part->body_lines = p->lines; /* until the end is known: line feeds before the body */
	p->mode = MODE_BODY;
	if (part->kind == MIME_LEAF || (part->kind == MIME_MULTIPART && p->boundary.len == 0))
		return ERR_NONE;
	if (!limits_allow_inside(p, part)) {
		part->kind = MIME_LEAF;
		part->is_opaque = true;
		return ERR_NONE;
	}
	if (part->kind == MIME_MESSAGE)
		return part_open(p, p->current);
	return mime_boundaries_push(&p->boundaries, p->current, buf_view(&p->boundary));
}

/* The header is cut short, by a boundary line or by the end of the input. */
static enum err header_cut(struct mime_parser *p)
{
	while (p->mode == MODE_HEADER) {
		enum err err = header_finish(&p->header);
		if (!err)
			err = header_over(p);
		if (err)
			return err;
	}
	return p->failed;
}

/* Closes the current part and those around it, up to but not including `until`. `line_end_len`
 * bytes in front of p->pos belong to a boundary, not to the bodies, unless the innermost header
 * ends there: then it is the header's line end, and so it is for everything around. */
static void parts_close(struct mime_parser *p, uint32_t until, uint32_t line_end_len)
{
	if (current_part(p)->body_start == p->pos)
		line_end_len = 0;
	while (p->current != until) {
		struct mime_part *part = current_part(p);
		part->body_end = p->pos - line_end_len;
		part->body_lines = p->lines - part->body_lines - (line_end_len ? 1 : 0);
		p->current = part->parent;
	}
}

/* ---- boundaries ---- */

/* Everything inside the multipart ends in front of this line; p->pos is the start of the line. */
static enum err boundary_act(struct mime_parser *p, struct mime_boundary_line line)
{
	enum err err = header_cut(p);
	if (err)
		return err;
	parts_close(p, line.part, p->line_end_len);
	mime_boundaries_cut(&p->boundaries, line.closes ? line.level : line.level + 1);
	p->part_follows = !line.closes && p->count < p->max_parts;
	if (!line.closes && !p->part_follows)
		current_part(p)->is_opaque = true;
	p->mode = MODE_BOUNDARY_LINE;
	return ERR_NONE;
}

static enum err boundary_line_over(struct mime_parser *p)
{
	p->mode = MODE_BODY;
	return p->part_follows ? part_open(p, p->current) : ERR_NONE;
}

/* ---- bytes ---- */

/* Counts bytes that have been dealt with. */
static void consume(struct mime_parser *p, struct slice bytes)
{
	const uint8_t *at = bytes.ptr, *end = bytes.ptr + bytes.len;
	const uint8_t *lf = NULL;
	if (bytes.len == 0)
		return;
	for (const uint8_t *hit; at < end && (hit = memchr(at, '\n', (size_t)(end - at)));
	     at = hit + 1) {
		p->lines++;
		lf = hit;
	}
	if (lf)
		p->line_end_len = (lf > bytes.ptr ? lf[-1] : p->last_byte) == '\r' ? 2 : 1;
	p->at_line_start = lf && lf + 1 == end;
	p->last_byte = end[-1];
	p->pos += (uint32_t)bytes.len;
}

/* Length of the body bytes in front of the next line that begins with "-". */
static size_t body_run(const struct mime_parser *p, struct slice bytes)
{
	const uint8_t *at = bytes.ptr, *end = bytes.ptr + bytes.len;
	if (p->boundaries.count == 0)
		return bytes.len;
	while (at < end) {
		const uint8_t *lf = memchr(at, '\n', (size_t)(end - at));
		if (!lf)
			return bytes.len;
		at = lf + 1;
		if (at < end && *at == '-')
			break;
	}
	return (size_t)(at - bytes.ptr);
}

static size_t line_run(struct slice bytes)
{
	size_t lf = slice_find_byte(bytes, '\n');
	return lf == SIZE_MAX ? bytes.len : lf + 1;
}

/* Takes bytes that are not the start of a possible boundary line. */
static enum err take_header(struct mime_parser *p, struct slice *src)
{
	struct slice run = slice_upto(*src, p->boundaries.count ? line_run(*src) : src->len);
	struct slice left = run;
	enum step step = header_push(&p->header, &left);
	struct slice taken = slice_upto(run, run.len - left.len);
	if (step == STEP_BAD)
		return ERR_NOMEM;
	consume(p, taken);
	*src = slice_from(*src, taken.len);
	if (p->failed)
		return p->failed;
	return step == STEP_DONE ? header_over(p) : ERR_NONE;
}

static enum err take_some(struct mime_parser *p, struct slice *src)
{
	size_t n = 0;
	switch (p->mode) {
	case MODE_HEADER: return take_header(p, src);
	case MODE_BODY: n = body_run(p, *src); break;
	case MODE_BOUNDARY_LINE: n = line_run(*src); break;
	}
	consume(p, slice_upto(*src, n));
	*src = slice_from(*src, n);
	if (p->mode == MODE_BOUNDARY_LINE && p->at_line_start)
		return boundary_line_over(p);
	return ERR_NONE;
}

/* The held line start is long enough, or the line or the input has ended. */
static enum err decide_hold(struct mime_parser *p)
{
	struct mime_boundary_line line;
	struct slice held = slice_of(p->hold, p->hold_len);
	bool is_boundary = mime_boundaries_find(&p->boundaries, held, &line);
	enum err err = is_boundary ? boundary_act(p, line) : ERR_NONE;
	p->hold_len = 0;
	p->at_line_start = false;
	while (!err && held.len)
		err = take_some(p, &held);
	return err;
}

/* Moves bytes of a line that starts with "-" into the hold, and decides once it is clear. */
static enum err take_hold(struct mime_parser *p, struct slice *src)
{
	size_t n = line_run(slice_upto(*src, p->boundaries.line_bytes - p->hold_len));
	memcpy(p->hold + p->hold_len, src->ptr, n);
	p->hold_len += n;
	*src = slice_from(*src, n);
	bool is_line = p->hold[p->hold_len - 1] == '\n';
	bool is_other = p->hold_len > 1 && p->hold[1] != '-';
	return p->hold_len == p->boundaries.line_bytes || is_line || is_other ? decide_hold(p)
									      : ERR_NONE;
}

static bool may_be_boundary(const struct mime_parser *p, struct slice src)
{
	if (p->hold_len)
		return true;
	return p->at_line_start && p->boundaries.count && p->mode != MODE_BOUNDARY_LINE &&
	       src.ptr[0] == '-';
}

/* Looks at eight bytes at a time for a high bit or a zero byte. */
static void scan_bytes(struct mime_parser *p, struct slice s)
{
	const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
	uint64_t high = 0, zero = 0;
	size_t i = 0;
	for (; i + 8 <= s.len; i += 8) {
		uint64_t word;
		memcpy(&word, s.ptr + i, sizeof(word));
		high |= word;
		zero |= (word - ones) & ~word;
	}
	for (; i < s.len; i++) {
		high |= s.ptr[i];
		zero |= s.ptr[i] == 0 ? highs : 0;
	}
	p->has_8bit = p->has_8bit || (high & highs);
	p->has_nul = p->has_nul || (zero & highs);
}

/* ---- public ---- */

enum err mime_new(mime_field_fn *fn, void *owner, struct mime_parser **parser_out)
{
	struct mime_parser *p = calloc(1, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	p->on_field = fn;
	p->owner = owner;
	p->max_depth = MIME_MAX_DEPTH;
	p->max_parts = MIME_MAX_PARTS;
	p->at_line_start = true;
	mime_boundaries_init(&p->boundaries);
	buf_init(&p->boundary, MIME_BOUNDARY_MAX_BYTES);
	arena_init(&p->arena, MIME_TYPE_ARENA_BYTES);
	enum err err = part_open(p, MIME_NO_PARENT);
	if (err)
		mime_free(&p);
	*parser_out = p;
	return err;
}

void mime_free(struct mime_parser **parser)
{
	struct mime_parser *p = *parser;
	if (!p)
		return;
	header_free(&p->header);
	arena_reset(&p->arena);
	mime_boundaries_free(&p->boundaries);
	buf_free(&p->boundary);
	free(p->parts);
	free(p);
	*parser = NULL;
}

void mime_set_limits(struct mime_parser *p, uint32_t max_depth, uint32_t max_parts)
{
	p->max_depth = max_depth < MIME_MAX_DEPTH ? max_depth : MIME_MAX_DEPTH;
	p->max_parts = max_parts < MIME_MAX_PARTS ? max_parts : MIME_MAX_PARTS;
}

enum err mime_push(struct mime_parser *p, struct slice bytes)
{
	if (!p->failed && bytes.len > UINT32_MAX - p->pos - p->hold_len)
		p->failed = ERR_LIMIT;
	if (!p->failed && !(p->has_8bit && p->has_nul))
		scan_bytes(p, bytes);
	while (!p->failed && bytes.len)
		p->failed = may_be_boundary(p, bytes) ? take_hold(p, &bytes) : take_some(p, &bytes);
	return p->failed;
}

enum err mime_finish(struct mime_parser *p)
{
	if (!p->failed && p->hold_len)
		p->failed = decide_hold(p);
	if (!p->failed && p->mode == MODE_BOUNDARY_LINE)
		p->failed = boundary_line_over(p);
	if (!p->failed)
		p->failed = header_cut(p);
	if (!p->failed)
		parts_close(p, MIME_NO_PARENT, 0);
	return p->failed;
}

const struct mime_part *mime_parts(const struct mime_parser *p, uint32_t *count_out)
{
	*count_out = p->count;
	return p->parts;
}

uint32_t mime_size(const struct mime_parser *p)
{
	return p->pos;
}

bool mime_has_8bit(const struct mime_parser *p)
{
	return p->has_8bit;
}

bool mime_has_nul(const struct mime_parser *p)
{
	return p->has_nul;
}
