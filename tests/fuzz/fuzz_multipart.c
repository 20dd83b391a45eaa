/* A form with a file: the first line is Content-Type, the rest the body. What is found does not depend
 * on how it is cut, and is never more than there is. */
#include <stdlib.h>

#include "app/multipart.h"

struct sum {
	uint64_t parts, data, hash;
};

static struct sum read_all(struct slice type, struct slice input, size_t piece_size)
{
	struct multipart m;
	struct sum sum = {0};
	struct slice data = SLICE_EMPTY;
	enum multipart_event event = multipart_init(&m, type) ? MULTIPART_BAD : MULTIPART_MORE;
	while (input.len && event != MULTIPART_END && event != MULTIPART_BAD) {
		struct slice piece = slice_upto(input, piece_size);
		input = slice_from(input, piece.len);
		do {
			event = multipart_next(&m, &piece, &data);
			sum.parts += event == MULTIPART_PART;
			if (event != MULTIPART_DATA)
				continue;
			sum.data += data.len;
			for (size_t i = 0; i < data.len; i++)
				sum.hash = (sum.hash ^ data.ptr[i]) * 0x100000001b3u;
		} while (event != MULTIPART_MORE && event != MULTIPART_END &&
			 event != MULTIPART_BAD);
	}
	sum.hash += event;
	multipart_free(&m);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = slice_of(data, size), type = slice_split(&body, '\n');
	struct sum whole = read_all(type, body, size + 1),
		   pieces = read_all(type, body, 1 + size % 60);
	if (memcmp(&whole, &pieces, sizeof(whole)) != 0 || whole.data > body.len)
		abort();
	return 0;
}
