#include "proto/line.h"

/* Where the next line ending stands in `in`, looked for from `from` on: its first octet, and how
 * many octets it has. len 0: there is none yet. */
struct line_end {
	size_t at, len;
};

static struct line_end line_find_end(struct slice in, size_t from, bool lf_too)
{
	while (from < in.len) {
		size_t found = slice_find_byte(slice_from(in, from), '\n');
		if (found == SIZE_MAX)
			break;
		size_t at = from + found;
		if (at > 0 && in.ptr[at - 1] == '\r')
			return (struct line_end){at - 1, 2};
		if (lf_too)
			return (struct line_end){at, 1};
		from = at + 1;
	}
	return (struct line_end){0, 0};
}

/* Everything may go but a CR that the LF behind it would make an ending. */
static size_t line_consumable(struct slice in)
{
	return in.len && in.ptr[in.len - 1] == '\r' ? in.len - 1 : in.len;
}

static enum step line_skip(struct line_reader *r, struct stream *s, struct line_end end,
			   struct line *line_out)
{
	if (!end.len) {
		stream_consume(s, line_consumable(stream_input(s)));
		r->scanned = 0;
		return STEP_MORE;
	}
	line_out->text = SLICE_EMPTY;
	line_out->whole = end.at + end.len;
	return STEP_DONE;
}

enum step line_next(struct line_reader *r, struct stream *s, size_t max_bytes, bool lf_too,
		    struct line *line_out)
{
	struct slice in = stream_input(s);
	/* One back: the CR may have come before its LF. */
	size_t from = r->scanned > 0 ? r->scanned - 1 : 0;
	struct line_end end = line_find_end(in, from < in.len ? from : in.len, lf_too);

	if (r->is_skipping)
		return line_skip(r, s, end, line_out);
	size_t whole = end.len ? end.at + end.len : in.len;
	if (whole > max_bytes || (!end.len && whole == max_bytes)) {
		r->is_skipping = true;
		r->scanned = 0;
		stream_consume(s, end.len ? end.at : line_consumable(in));
		return STEP_BAD;
	}
	r->scanned = in.len;
	if (!end.len)
		return STEP_MORE;
	line_out->text = slice_upto(in, end.at);
	line_out->whole = whole;
	return STEP_DONE;
}

void line_done(struct line_reader *r, struct stream *s, const struct line *line)
{
	stream_consume(s, line->whole);
	r->scanned = 0;
	r->is_skipping = false;
}
