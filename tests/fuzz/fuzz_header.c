/* Header fields: any chunking gives the same fields, and a block in memory agrees with the
 * stream. */
#include <stdlib.h>

#include "mail/header.h"

static void note(void *owner, const struct header_field *f)
{
	struct buf *log = owner;
	if (buf_addf(log, "%u+%u:%zu,%zu;", f->start, f->len, f->name.len, f->value.len) ||
	    buf_add_slice(log, f->raw))
		abort();
}

static void parse(struct slice input, size_t step, struct buf *log)
{
	struct header_parser p;
	enum step said = STEP_MORE;
	header_init(&p, 200, note, log);
	while (input.len && said == STEP_MORE) {
		struct slice piece = slice_upto(input, step), left = piece;
		said = header_push(&p, &left);
		input = slice_from(input, piece.len - left.len);
	}
	if (said == STEP_BAD || (said == STEP_MORE && header_finish(&p)))
		abort();
	if (buf_addf(log, "left %zu", input.len))
		abort();
	header_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, split, text;
	struct slice input = slice_of(data, size);
	struct header_field f;
	size_t max = 64 + size * 64;
	buf_init(&whole, max);
	buf_init(&split, max);
	buf_init(&text, size + 1);
	parse(input, SIZE_MAX, &whole);
	parse(input, size ? 1 + data[0] % 7 : 1, &split);
	if (!slice_eq(buf_view(&whole), buf_view(&split)))
		abort();
	for (struct slice block = input; header_next(&block, &f);) {
		buf_clear(&text);
		if (header_unfold(f.value, &text) ||
		    slice_find_byte(buf_view(&text), '\n') != SIZE_MAX)
			abort();
	}
	buf_free(&whole);
	buf_free(&split);
	buf_free(&text);
	return 0;
}
