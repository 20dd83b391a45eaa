/* MIME trees: any chunking gives the same tree; parts lie inside their parents, one behind the
 * other. */
#include <stdlib.h>

#include "mail/mime.h"

static struct mime_parser *parse(struct slice input, size_t step, uint32_t depth, uint32_t parts)
{
	struct mime_parser *p = NULL;
	if (mime_new(NULL, NULL, &p))
		abort();
	mime_set_limits(p, depth, parts);
	while (input.len) {
		struct slice piece = slice_upto(input, step);
		if (mime_push(p, piece))
			abort();
		input = slice_from(input, piece.len);
	}
	if (mime_finish(p))
		abort();
	return p;
}

static void check_part(const struct mime_part *parts, uint32_t i)
{
	const struct mime_part *part = &parts[i];
	if (part->header_start > part->body_start || part->body_start > part->body_end)
		abort();
	if (part->parent == MIME_NO_PARENT)
		return;
	const struct mime_part *up = &parts[part->parent];
	if (part->header_start < up->body_start || part->body_end > up->body_end ||
	    part->depth != up->depth + 1 || part->body_lines > up->body_lines)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	uint32_t depth = size ? data[0] % 12 : 0, limit = size > 1 ? 1 + data[1] : 1;
	uint32_t count = 0, split_count = 0;
	struct mime_parser *whole = parse(input, SIZE_MAX, depth, limit);
	struct mime_parser *split = parse(input, size > 2 ? 1 + data[2] % 9 : 1, depth, limit);
	const struct mime_part *parts = mime_parts(whole, &count);
	const struct mime_part *others = mime_parts(split, &split_count);
	if (count != split_count || count > limit || parts[0].body_end != size)
		abort();
	for (uint32_t i = 0; i < count; i++) {
		check_part(parts, i);
		if (parts[i].parent != others[i].parent || parts[i].kind != others[i].kind ||
		    parts[i].header_start != others[i].header_start ||
		    parts[i].body_start != others[i].body_start ||
		    parts[i].body_end != others[i].body_end ||
		    parts[i].body_lines != others[i].body_lines)
			abort();
	}
	mime_free(&whole);
	mime_free(&split);
	return 0;
}
