/* Encoded words: the result is UTF-8, also when it is cut. */
#include <stdlib.h>

#include "mail/encword.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room[2] = {64 + size * 8, size % 50};
	for (int i = 0; i < 2; i++) {
		struct buf out;
		buf_init(&out, room[i]);
		enum err err = encword_decode(slice_of(data, size), &out);
		if ((err && err != ERR_LIMIT) || !slice_is_utf8(buf_view(&out)))
			abort();
		buf_free(&out);
	}
	return 0;
}
