/* slice - borrowed bytes: a pointer and a length, never owned, never NUL-terminated by promise.
 *
 * All comparisons are ASCII and know no locale. An empty slice may have a NULL pointer.
 * A slice is valid as long as the bytes it borrows; nothing here allocates. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

struct slice {
	const uint8_t *ptr;
	size_t len;
};

#define SLICE_EMPTY ((struct slice){NULL, 0})
#define SLICE_LIT(s) ((struct slice){(const uint8_t *)("" s), sizeof(s) - 1})
#define SLICE_FMT "%.*s" /* with SLICE_ARG: printf of text known to hold no NUL */
#define SLICE_ARG(s) (int)(s).len, (const char *)((s).ptr ? (s).ptr : (const uint8_t *)"")

static inline struct slice slice_of(const void *ptr, size_t len)
{
	return (struct slice){(const uint8_t *)ptr, len};
}
NO_INLINE struct slice slice_str(const char *s); /* NULL gives an empty slice */
/* Parts of it, clamped to what there is. */
NO_INLINE struct slice slice_from(struct slice s, size_t start);
NO_INLINE struct slice slice_upto(struct slice s, size_t end);
NO_INLINE struct slice slice_between(struct slice s, size_t start, size_t end);

bool slice_eq(struct slice a, struct slice b);                 /* same bytes */
bool slice_eq_str(struct slice a, const char *b);              /* same bytes as the C string */
bool slice_eq_nocase(struct slice a, struct slice b);          /* ASCII letters fold */
bool slice_eq_str_nocase(struct slice a, const char *b);
bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, const char *prefix);
bool slice_ends_nocase(struct slice s, const char *suffix);
int  slice_cmp(struct slice a, struct slice b);                /* memcmp order, shorter first */
int  slice_cmp_nocase(struct slice a, struct slice b);

/* Positions; SIZE_MAX when absent. */
size_t slice_find_byte(struct slice s, uint8_t byte);
size_t slice_rfind_byte(struct slice s, uint8_t byte);
size_t slice_find(struct slice hay, struct slice needle);        /* empty needle: 0 */
size_t slice_find_nocase(struct slice hay, struct slice needle); /* ASCII folding */

struct slice slice_trim(struct slice s);                       /* SP and HTAB, CR and LF at both ends */
/* Cuts *rest at the first `sep`: returns what stood before it and moves *rest behind it. Without
 * `sep` returns all and leaves *rest empty. */
struct slice slice_split(struct slice *rest, uint8_t sep);
/* The next run of bytes that are neither SP nor HTAB; empty at the end. */
struct slice slice_word(struct slice *rest);

/* Decimal digits only, whole slice, no sign. ERR_SYNTAX otherwise, ERR_LIMIT above `max`. */
MUST_CHECK enum err slice_u64(struct slice s, uint64_t max, uint64_t *value_out);
MUST_CHECK enum err slice_u32(struct slice s, uint32_t *value_out);
/* A copy with a NUL behind it. ERR_LIMIT when it does not fit or holds a NUL itself. */
MUST_CHECK enum err slice_to_str(struct slice s, char *dst, size_t dst_size);

static inline uint8_t ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}
static inline uint8_t ascii_upper(uint8_t c)
{
	return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}
static inline bool ascii_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}
static inline bool ascii_is_alpha(uint8_t c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool slice_is_utf8(struct slice s);
bool slice_is_ascii(struct slice s); /* no byte above 127 */

#endif
