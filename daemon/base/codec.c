#include "base/codec.h"

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789abcdef";

size_t varint_put(uint8_t *dst, uint64_t value)
{
	size_t n = 0;
	for (; value > 127; value >>= 7)
		dst[n++] = (uint8_t)(value | 0x80);
	dst[n++] = (uint8_t)value;
	return n;
}

enum err varint_get(struct slice *src, uint64_t *value_out)
{
	uint64_t value = 0;
	for (size_t i = 0; i < src->len && i < VARINT_MAX_BYTES; i++) {
		uint64_t low = src->ptr[i] & 0x7Fu;
		if (i == VARINT_MAX_BYTES - 1 && low > 1)
			return ERR_SYNTAX;
		value |= low << (7 * i);
		if (src->ptr[i] < 0x80) {
			*src = slice_from(*src, i + 1);
			*value_out = value;
			return ERR_NONE;
		}
	}
	return ERR_SYNTAX;
}

enum err base64_add(struct buf *dst, struct slice src)
{
	uint8_t *room = NULL;
	size_t need = (src.len + 2) / 3 * 4;
	if (need == 0)
		return ERR_NONE;
	enum err err = buf_reserve(dst, need, &room);
	if (err)
		return err;
	for (size_t i = 0; i < src.len; i += 3) {
		size_t left = src.len - i;
		uint32_t v = (uint32_t)src.ptr[i] << 16;
		v |= left > 1 ? (uint32_t)src.ptr[i + 1] << 8 : 0;
		v |= left > 2 ? (uint32_t)src.ptr[i + 2] : 0;
		*room++ = (uint8_t)base64_digits[v >> 18 & 63];
		*room++ = (uint8_t)base64_digits[v >> 12 & 63];
		*room++ = left > 1 ? (uint8_t)base64_digits[v >> 6 & 63] : '=';
		*room++ = left > 2 ? (uint8_t)base64_digits[v & 63] : '=';
	}
	buf_commit(dst, need);
	return ERR_NONE;
}

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes the four digits at p; *n_out bytes of three are meant. Unused bits must be zero. */
static enum err base64_quad(const uint8_t *p, bool is_last, uint8_t out[3], size_t *n_out)
{
	size_t pad = is_last ? (size_t)(p[3] == '=') + (size_t)(p[3] == '=' && p[2] == '=') : 0;
	uint32_t v = 0;
	for (size_t i = 0; i < 4; i++) {
		int digit = i >= 4 - pad ? 0 : base64_value(p[i]);
		if (digit < 0)
			return ERR_SYNTAX;
		v = v << 6 | (uint32_t)digit;
	}
	if ((pad == 1 && (v & 0xFF)) || (pad == 2 && (v & 0xFFFF)))
		return ERR_SYNTAX;
	out[0] = (uint8_t)(v >> 16);
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)v;
	*n_out = 3 - pad;
	return ERR_NONE;
}

enum err base64_decode(struct slice src, struct buf *dst)
{
	size_t len_before = dst->len;
	if (src.len % 4)
		return ERR_SYNTAX;
	for (size_t i = 0; i < src.len; i += 4) {
		uint8_t three[3];
		size_t n = 0;
		enum err err = base64_quad(src.ptr + i, i + 4 == src.len, three, &n);
		if (!err)
			err = buf_add(dst, three, n);
		if (err) {
			buf_truncate(dst, len_before);
			return err;
		}
	}
	return ERR_NONE;
}

enum err hex_add(struct buf *dst, struct slice src)
{
	uint8_t *room = NULL;
	if (src.len == 0)
		return ERR_NONE;
	enum err err = buf_reserve(dst, src.len * 2, &room);
	if (err)
		return err;
	for (size_t i = 0; i < src.len; i++) {
		*room++ = (uint8_t)hex_digits[src.ptr[i] >> 4];
		*room++ = (uint8_t)hex_digits[src.ptr[i] & 15];
	}
	buf_commit(dst, src.len * 2);
	return ERR_NONE;
}

static int hex_value(uint8_t c)
{
	uint8_t low = ascii_lower(c);
	return ascii_is_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

enum err hex_decode_to(struct slice src, void *dst, size_t n)
{
	uint8_t *bytes = dst;
	if (src.len != 2 * n)
		return ERR_SYNTAX;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(src.ptr[2 * i]), low = hex_value(src.ptr[2 * i + 1]);
		if (high < 0 || low < 0)
			return ERR_SYNTAX;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return ERR_NONE;
}

enum err hex_decode(struct slice src, struct buf *dst)
{
	uint8_t *room = NULL;
	enum err err = src.len % 2 ? ERR_SYNTAX : buf_reserve(dst, src.len / 2, &room);
	if (!err)
		err = hex_decode_to(src, room, src.len / 2);
	if (!err)
		buf_commit(dst, src.len / 2);
	return err;
}
