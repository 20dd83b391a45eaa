#include "app/tar.h"

#include <stdio.h>

enum { TAR_NAME_BYTES = 100, TAR_SUM_AT = 148, TAR_SIZE_MAX_OCTAL = 11 };

/* --- writing ------------------------------------------------------------------------------------ */

static size_t tar_digits(size_t n)
{
	size_t digits = 1;
	for (; n >= 10; n /= 10)
		digits++;
	return digits;
}

/* The length in front of a record counts its own digits, too. */
enum err tar_add_record(struct buf *records, const char *key, struct slice value)
{
	size_t rest = 1 + strlen(key) + 1 + value.len + 1;
	size_t all = rest + tar_digits(rest);
	if (tar_digits(all) != tar_digits(rest))
		all = rest + tar_digits(all);
	size_t before = records->len;
	enum err err = buf_addf(records, "%zu %s=", all, key);
	if (!err)
		err = buf_add_slice(records, value);
	if (!err)
		err = buf_add_byte(records, '\n');
	if (err)
		buf_truncate(records, before);
	return err;
}

size_t tar_padding(uint64_t size)
{
	return (size_t)((TAR_BLOCK_BYTES - size % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES);
}

/* A field of `width` octets: digits and a NUL. What does not fit stands in a record. */
static void tar_octal(uint8_t *field, size_t width, uint64_t value)
{
	field[width - 1] = '\0';
	for (size_t i = width - 1; i-- > 0; value >>= 3)
		field[i] = (uint8_t)('0' + (value & 7));
}

static uint32_t tar_sum(const uint8_t *block)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
		sum += i >= TAR_SUM_AT && i < TAR_SUM_AT + 8 ? ' ' : block[i];
	return sum;
}

static enum err tar_add_block(struct buf *dst, char type, struct slice path, uint64_t size,
			      int64_t mtime)
{
	uint8_t block[TAR_BLOCK_BYTES] = {0};
	path = slice_upto(path, TAR_NAME_BYTES);
	memcpy(block, path.ptr, path.len);
	tar_octal(block + 100, 8, type == TAR_DIRECTORY ? 0700 : 0600);
	tar_octal(block + 108, 8, 0);
	tar_octal(block + 116, 8, 0);
	tar_octal(block + 124, 12, size);
	tar_octal(block + 136, 12, mtime > 0 ? (uint64_t)mtime : 0);
	block[156] = (uint8_t)type;
	memcpy(block + 257,
	       "ustar\0"
	       "00",
	       8);
	tar_octal(block + TAR_SUM_AT, 7, tar_sum(block));
	block[TAR_SUM_AT + 7] = ' ';
	return buf_add(dst, block, sizeof(block));
}

static enum err tar_add_zeros(struct buf *dst, size_t n)
{
	static const uint8_t zeros[2 * TAR_BLOCK_BYTES];
	return buf_add(dst, zeros, n);
}

static enum err tar_add_records(struct buf *dst, struct slice records, int64_t mtime)
{
	enum err err = tar_add_block(dst, 'x', SLICE_LIT("pax"), records.len, mtime);
	if (!err)
		err = buf_add_slice(dst, records);
	return err ? err : tar_add_zeros(dst, tar_padding(records.len));
}

enum err tar_add_header(struct buf *dst, const struct tar_header *header, struct slice records)
{
	struct buf all;
	char size[24];
	size_t before = dst->len;
	enum err err = ERR_NONE;
	buf_init(&all, TAR_RECORDS_MAX_BYTES);
	if (records.len)
		err = buf_add_slice(&all, records);
	if (!err && header->path.len > TAR_NAME_BYTES)
		err = tar_add_record(&all, "path", header->path);
	if (!err && header->size >> (3 * TAR_SIZE_MAX_OCTAL)) {
		snprintf(size, sizeof(size), "%llu", (unsigned long long)header->size);
		err = tar_add_record(&all, "size", slice_str(size));
	}
	if (!err && all.len)
		err = tar_add_records(dst, buf_view(&all), header->mtime);
	if (!err)
		err = tar_add_block(dst, (char)header->type, header->path, header->size,
				    header->mtime);
	buf_free(&all);
	if (err)
		buf_truncate(dst, before);
	return err;
}

enum err tar_add_end(struct buf *dst)
{
	return tar_add_zeros(dst, (size_t)2 * TAR_BLOCK_BYTES);
}
