/* Whatever is decoded encodes back to what it was, since all decoders are strict; what cannot be
 * decoded leaves the buffer as it was. */
#include <stdlib.h>

#include "base/codec.h"

static void expect(bool claim)
{
	if (!claim)
		abort();
}

static void fuzz_base64(struct slice text)
{
	struct buf bytes, again;
	buf_init(&bytes, text.len + 1);
	buf_init(&again, text.len * 2 + 4);
	enum err err = base64_decode(text, &bytes);
	if (!err) {
		expect(base64_add(&again, buf_view(&bytes)) == ERR_NONE);
		expect(slice_eq(buf_view(&again), text));
	}
	expect(!err || bytes.len == 0);
	buf_clear(&bytes);
	buf_clear(&again);
	expect(base64_add(&again, text) == ERR_NONE);
	expect(base64_decode(buf_view(&again), &bytes) == ERR_NONE);
	expect(slice_eq(buf_view(&bytes), text));
	buf_free(&bytes);
	buf_free(&again);
}

static void fuzz_hex(struct slice text)
{
	struct buf bytes, again;
	buf_init(&bytes, text.len + 1);
	buf_init(&again, text.len + 1);
	enum err err = hex_decode(text, &bytes);
	if (!err) {
		expect(hex_add(&again, buf_view(&bytes)) == ERR_NONE);
		expect(slice_eq_nocase(buf_view(&again), text));
	}
	expect(!err || bytes.len == 0);
	buf_free(&bytes);
	buf_free(&again);
}

static void fuzz_varint(struct slice src)
{
	while (src.len) {
		uint8_t again[VARINT_MAX_BYTES];
		struct slice before = src;
		uint64_t value = 0, back = 0;
		if (varint_get(&src, &value) != ERR_NONE) {
			expect(src.len == before.len);
			return;
		}
		expect(src.len < before.len && before.len - src.len <= VARINT_MAX_BYTES);
		struct slice shortest = slice_of(again, varint_put(again, value));
		expect(shortest.len <= before.len - src.len);
		expect(varint_get(&shortest, &back) == ERR_NONE && back == value);
	}
}

static void fuzz_crc(struct slice bytes)
{
	size_t cut = bytes.len / 3;
	uint32_t whole = crc32c(0, bytes.ptr, bytes.len);
	expect(crc32c(crc32c(0, bytes.ptr, cut), bytes.ptr + cut, bytes.len - cut) == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	if (size == 0)
		return 0;
	fuzz_base64(input);
	fuzz_hex(input);
	fuzz_varint(input);
	fuzz_crc(input);
	return 0;
}
