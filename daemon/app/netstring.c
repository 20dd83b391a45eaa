#include "app/control.h"

enum { NETSTRING_DIGITS_MAX = 10 };

enum err netstring_add(struct buf *dst, struct slice s)
{
	enum err err = buf_addf(dst, "%zu:", s.len);
	if (!err)
		err = buf_add_slice(dst, s);
	return err ? err : buf_add_byte(dst, ',');
}

enum step netstring_take(struct slice *rest, size_t max_bytes, struct slice *s_out)
{
	uint64_t length = 0;
	size_t colon = slice_find_byte(slice_upto(*rest, NETSTRING_DIGITS_MAX + 1), ':');
	if (colon == SIZE_MAX)
		return rest->len > NETSTRING_DIGITS_MAX ? STEP_BAD : STEP_MORE;
	if (slice_u64(slice_upto(*rest, colon), max_bytes, &length))
		return STEP_BAD;
	size_t end = colon + 1 + (size_t)length;
	if (rest->len <= end)
		return STEP_MORE;
	if (rest->ptr[end] != ',')
		return STEP_BAD;
	*s_out = slice_between(*rest, colon + 1, end);
	*rest = slice_from(*rest, end + 1);
	return STEP_DONE;
}
