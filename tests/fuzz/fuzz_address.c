/* Address lists: bounded output, groups well nested, no NIL host outside of groups. */
#include <stdlib.h>

#include "mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct address_parser p;
	struct address a;
	enum err err;
	size_t count = 0, bytes = 0;
	bool in_group = false;
	arena_init(&arena, 4096 + size * 200);
	address_init(&p, slice_of(data, size), &arena);
	while ((err = address_next(&p, &a)) == ERR_NONE) {
		bool is_mailbox = a.kind == ADDRESS_MAILBOX;
		if (is_mailbox != (a.host.ptr != NULL) || (is_mailbox && a.mailbox.len == 0))
			abort();
		if ((a.kind == ADDRESS_GROUP_START && in_group) ||
		    (a.kind == ADDRESS_GROUP_END && !in_group))
			abort();
		in_group = a.kind == ADDRESS_GROUP_START || (in_group && is_mailbox);
		bytes += a.name.len + a.adl.len;
		if (++count > 2 * size + 1)
			abort();
	}
	if (err != ERR_NOT_FOUND || in_group || bytes > 2 * size)
		abort();
	arena_reset(&arena);
	return 0;
}
