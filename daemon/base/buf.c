#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "base/secret.h"

enum { BUF_FIRST_BYTES = 128 };

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){.max_bytes = max_bytes};
}

void buf_free(struct buf *b)
{
	free(b->bytes);
	buf_init(b, b->max_bytes);
}

void buf_clear(struct buf *b)
{
	b->start = b->len = 0;
}

void buf_shrink(struct buf *b)
{
	if (b->len == 0)
		buf_free(b);
}

void buf_wipe(struct buf *b)
{
	if (b->bytes)
		secret_wipe(b->bytes, b->cap);
	buf_free(b);
}

static enum err buf_grow(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : BUF_FIRST_BYTES;
	while (cap < need)
		cap *= 2;
	if (cap > b->max_bytes)
		cap = b->max_bytes;
	uint8_t *bytes = realloc(b->bytes, cap);
	if (!bytes)
		return ERR_NOMEM;
	b->bytes = bytes;
	b->cap = cap;
	return ERR_NONE;
}

enum err buf_reserve(struct buf *b, size_t n, uint8_t **room_out)
{
	if (n > b->max_bytes || b->len > b->max_bytes - n)
		return ERR_LIMIT;
	bool is_tight = b->start + b->len + n > b->cap;
	if (is_tight && b->start && (b->start >= b->len || b->start + b->len + n > b->max_bytes)) {
		memmove(b->bytes, b->bytes + b->start, b->len);
		b->start = 0;
	}
	if (b->start + b->len + n > b->cap || !b->bytes) {
		enum err err = buf_grow(b, b->start + b->len + n);
		if (err)
			return err;
	}
	*room_out = b->bytes + b->start + b->len;
	return ERR_NONE;
}

void buf_commit(struct buf *b, size_t n)
{
	must(b->start + b->len + n <= b->cap);
	b->len += n;
}

enum err buf_add(struct buf *b, const void *src, size_t n)
{
	uint8_t *room = NULL;
	if (n == 0)
		return ERR_NONE;
	/* Most pieces are small and fit: no ceiling can be passed inside what is allocated. */
	if (n <= b->cap - b->start - b->len) {
		memcpy(b->bytes + b->start + b->len, src, n);
		b->len += n;
		return ERR_NONE;
	}
	enum err err = buf_reserve(b, n, &room);
	if (err)
		return err;
	memcpy(room, src, n);
	buf_commit(b, n);
	return ERR_NONE;
}

enum err buf_add_slice(struct buf *b, struct slice s)
{
	return buf_add(b, s.ptr, s.len);
}

enum err buf_add_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

enum err buf_add_byte(struct buf *b, uint8_t byte)
{
	return buf_add(b, &byte, 1);
}

enum err buf_addv(struct buf *b, const char *fmt, va_list args)
{
	char small[256];
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(small, sizeof(small), fmt, args);
	enum err err = n < 0 ? ERR_SYNTAX : ERR_NONE;
	if (!err && (size_t)n < sizeof(small)) {
		err = buf_add(b, small, (size_t)n);
	} else if (!err) {
		/* Formatted apart: its NUL need not fit below the ceiling. */
		char *large = NULL;
		n = vasprintf(&large, fmt, again);
		err = n < 0 ? ERR_NOMEM : buf_add(b, large, (size_t)n);
		if (n >= 0)
			free(large);
	}
	va_end(again);
	return err;
}

enum err buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	enum err err = buf_addv(b, fmt, args);
	va_end(args);
	return err;
}

void buf_consume(struct buf *b, size_t n)
{
	must(n <= b->len);
	b->start += n;
	b->len -= n;
	if (b->len == 0)
		b->start = 0;
}

void buf_truncate(struct buf *b, size_t len)
{
	must(len <= b->len);
	b->len = len;
}

struct slice buf_view(const struct buf *b)
{
	return slice_of(b->len ? b->bytes + b->start : b->bytes, b->len);
}
