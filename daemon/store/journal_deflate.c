#include "store/journal_deflate.h"

#include <stdlib.h>
#include <zlib.h>

enum err blob_inflate(struct slice stored, uint8_t *plain, uint32_t plain_len)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)stored.ptr,
		      .avail_in = (uInt)stored.len,
		      .next_out = plain,
		      .avail_out = plain_len};
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return ERR_NOMEM;
	int result = inflate(&z, Z_FINISH);
	bool is_whole = result == Z_STREAM_END && z.avail_out == 0 && z.avail_in == 0;
	inflateEnd(&z);
	return is_whole ? ERR_NONE : result == Z_MEM_ERROR ? ERR_NOMEM : ERR_CORRUPT;
}

/* One for the whole store: blocks are deflated one at a time, on their way into the log. */
struct deflater {
	z_stream z;
	uint32_t cap;
	uint8_t bytes[];
};

static struct deflater *deflater_get(struct journal *j)
{
	if (j->deflater)
		return j->deflater;
	struct deflater *d = calloc(1, sizeof(*d) + j->block_bytes);
	if (!d)
		return NULL;
	d->cap = j->block_bytes;
	if (deflateInit2(&d->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(d);
		return NULL;
	}
	j->deflater = d;
	return d;
}

void deflater_free(struct deflater **d)
{
	if (*d) {
		deflateEnd(&(*d)->z);
		free(*d);
	}
	*d = NULL;
}

/* The bytes to store for a block: deflated when that saves a sixteenth. */
struct slice blob_pack_block(struct journal *j, struct slice plain, bool wants_deflate,
			     bool *is_deflated_out)
{
	struct deflater *d = wants_deflate && plain.len > 128 ? deflater_get(j) : NULL;
	*is_deflated_out = false;
	if (!d || plain.len > d->cap)
		return plain;
	deflateReset(&d->z);
	d->z.next_in = (Bytef *)(uintptr_t)plain.ptr;
	d->z.avail_in = (uInt)plain.len;
	d->z.next_out = d->bytes;
	d->z.avail_out = (uInt)(plain.len - plain.len / 16);
	if (deflate(&d->z, Z_FINISH) != Z_STREAM_END)
		return plain;
	*is_deflated_out = true;
	return slice_of(d->bytes, (size_t)(d->z.next_out - d->bytes));
}
