/* Summaries: the input as a message gives a blob that can be read; the input as a blob does no
 * harm. */
#include <stdlib.h>

#include "mail/summary.h"

static void read_part(const struct summary_part *part, uint32_t size)
{
	static const char *const names[] = {"from", "to", "content-type", "subject"};
	struct arena arena;
	struct param_list list;
	struct slice text;
	arena_init(&arena, 8 << 20);
	if ((uint64_t)part->body_start + part->body_len > size)
		abort();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (summary_text(part, names[i], &arena, &text) ||
		    summary_addresses(part, names[i], &arena, &text))
			abort();
	if (summary_type(part, &arena, &list))
		abort();
	arena_reset(&arena);
}

static void read_all(struct slice blob, bool is_ours)
{
	struct summary s;
	struct summary_cursor c;
	struct summary_part part;
	uint32_t path[4] = {1, 1, 2, 1};
	enum err err = summary_open(blob, &s);
	if (err && is_ours)
		abort();
	if (err)
		return;
	summary_rewind(&s, &c);
	for (uint32_t n = 0; !(err = summary_next(&c, &part)); n++)
		if (n < 64)
			read_part(&part, s.size);
	if (err != ERR_NOT_FOUND)
		abort();
	for (size_t len = 0; len <= 4; len++)
		for (int section = SECTION_WHOLE; section <= SECTION_MIME; section++) {
			struct summary_range r;
			err = summary_locate(&s, path, len, (enum summary_section)section, &r,
					     NULL);
			if (err ? err != ERR_NOT_FOUND : (uint64_t)r.start + r.len > s.size)
				abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct summary_builder *b = NULL;
	struct buf blob;
	read_all(slice_of(data, size), false);
	buf_init(&blob, SUMMARY_MAX_BYTES);
	if (summary_new(&b) || summary_push(b, slice_of(data, size)) || summary_finish(b, &blob))
		abort();
	summary_free(&b);
	read_all(buf_view(&blob), true);
	buf_free(&blob);
	return 0;
}
