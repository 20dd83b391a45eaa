#include "mail/mime_boundary.h"

void mime_boundaries_init(struct mime_boundaries *b)
{
	b->count = 0;
	b->line_bytes = 0;
	buf_init(&b->bytes, (MIME_MAX_DEPTH + 1) * MIME_BOUNDARY_MAX_BYTES);
}

void mime_boundaries_free(struct mime_boundaries *b)
{
	buf_free(&b->bytes);
}

static void adapt_line_bytes(struct mime_boundaries *b)
{
	size_t longest = 0;
	for (uint32_t i = 0; i < b->count; i++)
		if (b->open[i].len > longest)
			longest = b->open[i].len;
	b->line_bytes = longest + 4;
}

enum err mime_boundaries_push(struct mime_boundaries *b, uint32_t part, struct slice boundary)
{
	if (b->count > MIME_MAX_DEPTH)
		return ERR_LIMIT;
	b->open[b->count] = (struct open_multipart){part, b->bytes.len, boundary.len};
	enum err err = buf_add_slice(&b->bytes, boundary);
	if (err)
		return err;
	b->count++;
	adapt_line_bytes(b);
	return ERR_NONE;
}

void mime_boundaries_cut(struct mime_boundaries *b, uint32_t level)
{
	if (level >= b->count)
		return;
	buf_truncate(&b->bytes, b->open[level].at);
	b->count = level;
	adapt_line_bytes(b);
}

static struct slice boundary_of(const struct mime_boundaries *b, const struct open_multipart *m)
{
	return slice_between(buf_view(&b->bytes), m->at, m->at + m->len);
}

/* Does `line` hold nothing but the boundary, or the boundary and "--"? */
static bool is_exact(size_t boundary_len, struct slice line)
{
	struct slice rest = slice_from(line, boundary_len);
	return rest.len == 0 || slice_eq(rest, SLICE_LIT("--"));
}

bool mime_boundaries_find(const struct mime_boundaries *b, struct slice line,
			  struct mime_boundary_line *line_out)
{
	const struct open_multipart *best = NULL;
	size_t too_short = 0; /* a boundary of this length would not win */
	if (!slice_starts(line, SLICE_LIT("--")))
		return false;
	line = slice_trim(line);
	line = slice_from(line, 2);
	for (uint32_t i = b->count; i-- > 0;) {
		const struct open_multipart *m = &b->open[i];
		if (m->len > line.len || m->len <= too_short ||
		    !slice_starts(line, boundary_of(b, m)))
			continue;
		best = m;
		too_short = m->len;
		if (is_exact(m->len, line))
			break;
	}
	if (!best)
		return false;
	line_out->level = (uint32_t)(best - b->open);
	line_out->part = best->part;
	line_out->closes = slice_starts(slice_from(line, best->len), SLICE_LIT("--"));
	return true;
}
