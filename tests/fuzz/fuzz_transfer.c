/* Transfer encodings: decoding does not depend on chunks, and what is encoded comes back. */
#include <stdlib.h>

#include "mail/transfer.h"

static void decode(enum transfer_encoding encoding, struct slice input, size_t step, size_t room,
		   struct buf *all)
{
	struct transfer_decoder d;
	struct buf out;
	buf_init(&out, room);
	transfer_decode_init(&d, encoding);
	while (input.len) {
		struct slice piece = slice_upto(input, step);
		input = slice_from(input, piece.len);
		enum err err;
		do {
			err = transfer_decode(&d, &piece, &out);
			if ((err && err != ERR_LIMIT) || buf_add_slice(all, buf_view(&out)))
				abort();
			buf_clear(&out);
		} while (err);
	}
	if (transfer_decode_end(&d, &out) || buf_add_slice(all, buf_view(&out)))
		abort();
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	enum transfer_encoding encoding = (enum transfer_encoding)(data[0] % 4);
	struct slice input = slice_of(data + 2, size - 2);
	struct buf whole, split, code, back;
	struct transfer_encoder e;
	buf_init(&whole, 1024 + size * 2);
	buf_init(&split, 1024 + size * 2);
	decode(encoding, input, SIZE_MAX, 8192, &whole);
	decode(encoding, input, 1 + data[1] % 9, 256, &split);
	if (!slice_eq(buf_view(&whole), buf_view(&split)))
		abort();

	buf_init(&code, 1024 + size * 8);
	buf_init(&back, 1024 + size * 8);
	transfer_encode_init(&e, encoding);
	if (transfer_encode(&e, slice_upto(input, data[1]), &code) ||
	    transfer_encode(&e, slice_from(input, data[1]), &code) ||
	    transfer_encode_end(&e, &code))
		abort();
	decode(encoding, buf_view(&code), 5, 300, &back);
	/* Quoted-printable turns bare LF into CRLF, so there only the length may grow. */
	if (encoding == TRANSFER_QUOTED_PRINTABLE ? back.len < input.len
						  : !slice_eq(buf_view(&back), input))
		abort();
	buf_free(&whole);
	buf_free(&split);
	buf_free(&code);
	buf_free(&back);
	return 0;
}
