/* Content-Type parameters: counts and text stay within the limits, everything can be decoded. */
#include <stdlib.h>

#include "mail/param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct param_list list;
	struct buf text;
	size_t bytes = 0;
	arena_init(&arena, 65536 + size * 64);
	buf_init(&text, 16384);
	if (param_parse(slice_of(data, size), &arena, &list) || list.count > PARAM_MAX_COUNT)
		abort();
	for (uint32_t i = 0; i < list.count; i++) {
		const struct param *param = &list.params[i];
		bytes += param->value.len;
		buf_clear(&text);
		enum err err = param_text(param, &text);
		if (err && err != ERR_LIMIT)
			abort();
		if (!slice_is_utf8(buf_view(&text)))
			abort();
	}
	if (bytes > 3 * size + 2 * PARAM_MAX_COUNT)
		abort();
	param_find(&list, "charset");
	arena_reset(&arena);
	buf_free(&text);
	return 0;
}
