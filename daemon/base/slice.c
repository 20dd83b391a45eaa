#include "base/slice.h"

struct slice slice_str(const char *s)
{
	return slice_of(s, s ? strlen(s) : 0);
}

struct slice slice_from(struct slice s, size_t start)
{
	size_t n = start < s.len ? start : s.len;
	if (n) /* NULL may stand there, and NULL + 0 is undefined in C */
		s.ptr += n;
	s.len -= n;
	return s;
}

struct slice slice_upto(struct slice s, size_t end)
{
	return slice_of(s.ptr, end < s.len ? end : s.len);
}

struct slice slice_between(struct slice s, size_t start, size_t end)
{
	return slice_from(slice_upto(s, end), start);
}

bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool slice_eq_str(struct slice a, const char *b)
{
	return slice_eq(a, slice_str(b));
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && slice_cmp_nocase(a, b) == 0;
}

bool slice_eq_str_nocase(struct slice a, const char *b)
{
	/* Most of the names in a table differ from the one looked for in their first letter. */
	uint8_t first = a.len ? a.ptr[0] : 0;
	if (ascii_lower(first) != ascii_lower((uint8_t)*b))
		return false;
	return slice_eq_nocase(a, slice_str(b));
}

bool slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && slice_eq(slice_upto(s, prefix.len), prefix);
}

bool slice_starts_nocase(struct slice s, const char *prefix)
{
	struct slice p = slice_str(prefix);
	return s.len >= p.len && slice_eq_nocase(slice_upto(s, p.len), p);
}

bool slice_ends_nocase(struct slice s, const char *suffix)
{
	struct slice x = slice_str(suffix);
	return s.len >= x.len && slice_eq_nocase(slice_from(s, s.len - x.len), x);
}

static int slice_cmp_len(struct slice a, struct slice b)
{
	return a.len < b.len ? -1 : a.len > b.len;
}

int slice_cmp(struct slice a, struct slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
	return order ? order : slice_cmp_len(a, b);
}

int slice_cmp_nocase(struct slice a, struct slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	for (size_t i = 0; i < common; i++) {
		int diff = (int)ascii_lower(a.ptr[i]) - (int)ascii_lower(b.ptr[i]);
		if (diff)
			return diff;
	}
	return slice_cmp_len(a, b);
}

size_t slice_find_byte(struct slice s, uint8_t byte)
{
	const uint8_t *hit = s.len ? memchr(s.ptr, byte, s.len) : NULL;
	return hit ? (size_t)(hit - s.ptr) : SIZE_MAX;
}

size_t slice_rfind_byte(struct slice s, uint8_t byte)
{
	const uint8_t *hit = s.len ? memrchr(s.ptr, byte, s.len) : NULL;
	return hit ? (size_t)(hit - s.ptr) : SIZE_MAX;
}

size_t slice_find(struct slice hay, struct slice needle)
{
	if (needle.len == 0)
		return 0;
	const uint8_t *hit = hay.len ? memmem(hay.ptr, hay.len, needle.ptr, needle.len) : NULL;
	return hit ? (size_t)(hit - hay.ptr) : SIZE_MAX;
}

size_t slice_find_nocase(struct slice hay, struct slice needle)
{
	for (size_t at = 0; at + needle.len <= hay.len; at++)
		if (slice_eq_nocase(slice_between(hay, at, at + needle.len), needle))
			return at;
	return SIZE_MAX;
}

static bool slice_is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
	while (s.len && slice_is_space(s.ptr[0]))
		s = slice_from(s, 1);
	while (s.len && slice_is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct slice slice_split(struct slice *rest, uint8_t sep)
{
	size_t at = slice_find_byte(*rest, sep);
	struct slice before = slice_upto(*rest, at);
	*rest = at == SIZE_MAX ? slice_from(*rest, rest->len) : slice_from(*rest, at + 1);
	return before;
}

/* Where blanks end, or where what is none does. */
static size_t slice_skip(struct slice s, size_t at, bool is_blank)
{
	while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t') == is_blank)
		at++;
	return at;
}

struct slice slice_word(struct slice *rest)
{
	size_t start = slice_skip(*rest, 0, true), end = slice_skip(*rest, start, false);
	struct slice word = slice_between(*rest, start, end);
	*rest = slice_from(*rest, end);
	return word;
}

enum err slice_u64(struct slice s, uint64_t max, uint64_t *value_out)
{
	uint64_t value = 0;
	bool is_over = false;
	if (s.len == 0)
		return ERR_SYNTAX;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.ptr[i]))
			return ERR_SYNTAX;
		uint64_t digit = (uint64_t)(s.ptr[i] - '0');
		is_over |= value > (UINT64_MAX - digit) / 10 || value * 10 + digit > max;
		value = value * 10 + digit;
	}
	if (is_over)
		return ERR_LIMIT;
	*value_out = value;
	return ERR_NONE;
}

enum err slice_u32(struct slice s, uint32_t *value_out)
{
	uint64_t wide = 0;
	enum err err = slice_u64(s, UINT32_MAX, &wide);
	if (!err)
		*value_out = (uint32_t)wide;
	return err;
}

enum err slice_to_str(struct slice s, char *dst, size_t dst_size)
{
	if (s.len >= dst_size || slice_find_byte(s, 0) != SIZE_MAX)
		return ERR_LIMIT;
	if (s.len)
		memcpy(dst, s.ptr, s.len);
	dst[s.len] = '\0';
	return ERR_NONE;
}

bool slice_is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] > 127)
			return false;
	return true;
}

/* RFC 3629 4: how many octets follow the first, and what the second may be. */
bool slice_is_utf8(struct slice s)
{
	for (size_t i = 0; i < s.len;) {
		uint8_t c = s.ptr[i++];
		uint8_t low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
		uint8_t high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
		if (c >= 0x80 && (c < 0xC2 || c > 0xF4))
			return false;
		for (int more = (c >= 0x80) + (c >= 0xE0) + (c >= 0xF0); more; more--) {
			if (i == s.len || s.ptr[i] < low || s.ptr[i] > high)
				return false;
			i++;
			low = 0x80;
			high = 0xBF;
		}
	}
	return true;
}
