#include "mail/fold.h"

#include "mail/fold_table.h"

enum { REPLACEMENT = 0xFFFD };

uint32_t fold_code_point(uint32_t c)
{
	size_t low = 0, high = sizeof(fold_table) / sizeof(*fold_table);
	if (c < 0x80)
		return ascii_lower((uint8_t)c);
	if (c > 0xFFFF)
		return c;
	while (low < high) { /* the first range that does not end before c */
		size_t middle = (low + high) / 2;
		if (fold_table[middle].last < c)
			low = middle + 1;
		else
			high = middle;
	}
	const struct fold_range *r = &fold_table[low];
	if (low == sizeof(fold_table) / sizeof(*fold_table) || c < r->first ||
	    (c - r->first) % r->stride)
		return c;
	return (c + r->delta) & 0xFFFF;
}

size_t fold_utf8_len(uint8_t first)
{
	return first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
}

uint32_t fold_utf8_take(struct slice *s)
{
	size_t n = fold_utf8_len(s->ptr[0]);
	uint32_t c = s->ptr[0];
	bool is_good = n <= s->len && slice_is_utf8(slice_upto(*s, n));
	if (!is_good) {
		*s = slice_from(*s, 1);
		return REPLACEMENT;
	}
	if (n > 1)
		c &= 0x7Fu >> n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s->ptr[i] & 0x3Fu);
	*s = slice_from(*s, n);
	return c;
}

size_t fold_utf8_put(uint32_t c, uint8_t dst[FOLD_UTF8_MAX])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
	for (size_t i = n; i-- > 1; c >>= 6)
		dst[i] = (uint8_t)(0x80 | (c & 0x3F));
	dst[0] = (uint8_t)(lead[n] | c);
	return n;
}

enum err fold_add(struct buf *dst, struct slice utf8)
{
	size_t before = dst->len;
	while (utf8.len) {
		uint8_t bytes[FOLD_UTF8_MAX];
		size_t n = fold_utf8_put(fold_code_point(fold_utf8_take(&utf8)), bytes);
		enum err err = buf_add(dst, bytes, n);
		if (err) {
			buf_truncate(dst, before);
			return err;
		}
	}
	return ERR_NONE;
}
