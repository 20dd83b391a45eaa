/* buf - a growable byte buffer with a ceiling fixed at birth.
 *
 * Owns its bytes. Each buf_add* either stores all its bytes or leaves the buffer untouched and
 * returns ERR_LIMIT (ceiling) or ERR_NOMEM. A view dies at the next non-const call.
 * buf_consume drops bytes from the front in O(1). They are squeezed out when room is needed and at
 * least half is hollow, or the ceiling is near: adding and consuming in turns stays cheap. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/slice.h"

struct buf {
	uint8_t *bytes;
	size_t start, len; /* valid bytes: bytes[start .. start + len) */
	size_t cap, max_bytes;
};

void buf_init(struct buf *b, size_t max_bytes); /* allocates nothing, cannot fail */
void buf_free(struct buf *b);                   /* fine on an empty or freed buffer; keeps max_bytes */
void buf_clear(struct buf *b);                  /* empty, keeps the allocation */
void buf_shrink(struct buf *b);                 /* gives memory back when the buffer is empty */
void buf_wipe(struct buf *b);                   /* overwrites all bytes, then buf_free */

MUST_CHECK enum err buf_add(struct buf *b, const void *src, size_t n);
MUST_CHECK enum err buf_add_slice(struct buf *b, struct slice s);
MUST_CHECK enum err buf_add_str(struct buf *b, const char *s);
MUST_CHECK enum err buf_add_byte(struct buf *b, uint8_t byte);
MUST_CHECK enum err buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
MUST_CHECK enum err buf_addv(struct buf *b, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* Room for n more bytes at the end; the pointer is valid until the next call. buf_commit then says
 * how many of them were filled. */
MUST_CHECK enum err buf_reserve(struct buf *b, size_t n, uint8_t **room_out);
void buf_commit(struct buf *b, size_t n);

void buf_consume(struct buf *b, size_t n); /* drops n <= len bytes from the front */
void buf_truncate(struct buf *b, size_t len);

NO_INLINE struct slice buf_view(const struct buf *b);
static inline size_t buf_left(const struct buf *b) /* bytes until the ceiling */
{
	return b->max_bytes - b->len;
}

#endif
