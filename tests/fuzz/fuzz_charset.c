/* Charsets: any bytes in any chunks give the same well-formed UTF-8; the matcher agrees with
 * itself. */
#include <stdlib.h>

#include "mail/charset.h"
#include "mail/match.h"

static void convert(struct slice name, struct slice input, size_t step, size_t room,
		    struct buf *all)
{
	struct charset_decoder d;
	struct buf out;
	buf_init(&out, room);
	charset_open(&d, name);
	while (input.len) {
		struct slice piece = slice_upto(input, step);
		input = slice_from(input, piece.len);
		enum err err;
		do {
			err = charset_decode(&d, &piece, &out);
			if ((err && err != ERR_LIMIT) || buf_add_slice(all, buf_view(&out)))
				abort();
			buf_clear(&out);
		} while (err);
	}
	if (charset_decode_end(&d, &out) || buf_add_slice(all, buf_view(&out)))
		abort();
	buf_free(&out);
	charset_close(&d);
}

static bool search(struct slice text, struct slice needle, size_t step)
{
	static struct matcher m;
	struct arena arena;
	uint32_t id = 0;
	arena_init(&arena, 1 << 16);
	match_init(&m, &arena);
	if (match_add(&m, needle, &id))
		abort();
	while (text.len) {
		match_push(&m, slice_upto(text, step));
		text = slice_from(text, step);
	}
	arena_reset(&arena);
	return match_found(&m, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"utf-8",   "us-ascii",    "iso-8859-1", "koi8-r",
					    "gb18030", "iso-2022-jp", "utf-7",      "big5",
					    "euc-kr",  "no-such",     "shift_jis",  "utf-16"};
	if (size < 3 || size > 4096)
		return 0;
	struct slice name = slice_str(names[data[0] % (sizeof(names) / sizeof(*names))]);
	struct slice input = slice_of(data + 3, size - 3);
	struct buf whole, split;
	buf_init(&whole, 4096 + size * 16);
	buf_init(&split, 4096 + size * 16);
	convert(name, input, SIZE_MAX, 8192, &whole);
	convert(name, input, 1 + data[1] % 9, 20, &split);
	struct slice text = buf_view(&whole);
	if (!slice_is_utf8(text) || !slice_eq(text, buf_view(&split)))
		abort();
	charset_is_known(slice_upto(input, data[2]));
	/* A piece of the text is found in it, whatever the chunks. */
	struct slice needle = slice_between(text, data[1], (size_t)data[1] + data[2] % 20);
	if (slice_is_utf8(needle) &&
	    (!search(text, needle, 1 + data[2] % 5) || !search(text, needle, SIZE_MAX / 2)))
		abort();
	buf_free(&whole);
	buf_free(&split);
	return 0;
}
