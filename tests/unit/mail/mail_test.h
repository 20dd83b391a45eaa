/* mail_test - what the suites of mail/ share: slices from literals, comparisons that print text. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "support/suite.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A slice over a literal that may hold NULs. */
#define BYTES(s) SLICE_LIT(s)

static inline const char *shown(struct slice s, char dst[512])
{
	size_t n = s.len < 511 ? s.len : 511;
	if (!s.ptr)
		return "(nil)";
	memcpy(dst, s.ptr, n);
	dst[n] = '\0';
	return dst;
}

/* Appends `unit` until the buffer has at least `bytes`: hostile input, without an assertion a
 * byte. */
static inline void repeat(struct buf *b, const char *unit, size_t bytes)
{
	enum err err = ERR_NONE;
	while (!err && b->len < bytes)
		err = buf_add_str(b, unit);
	ck_assert_int_eq(err, ERR_NONE);
}

#define ck_assert_slice_eq(got, want, what)                                                        \
	do {                                                                                       \
		char got_text[512], want_text[512];                                                \
		struct slice got_slice = (got), want_slice = (want);                               \
		ck_assert_msg(slice_eq(got_slice, want_slice), "%s: got \"%s\", wanted \"%s\"",    \
		              what, shown(got_slice, got_text), shown(want_slice, want_text));     \
	} while (0)

/* NULL wants NIL, a slice without a pointer. */
#define ck_assert_nstring(got, want, what)                                                         \
	do {                                                                                       \
		const char *want_string = (want);                                                  \
		if (!want_string)                                                                  \
			ck_assert_msg((got).ptr == NULL, "%s: got a string, wanted NIL", what);    \
		else                                                                               \
			ck_assert_msg((got).ptr != NULL, "%s: got NIL, wanted \"%s\"", what,       \
			              want_string);                                                \
		ck_assert_slice_eq(got, slice_str(want_string), what);                             \
	} while (0)
