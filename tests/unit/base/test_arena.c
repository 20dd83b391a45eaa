#include "base/arena.h"

#include <stdalign.h>

#include "support/suite.h"

START_TEST(memory_is_aligned_zeroed_and_apart)
{
	struct arena a;
	uint8_t *last = NULL;
	arena_init(&a, 100000);
	for (size_t n = 1; n < 200; n++) {
		uint8_t *p = arena_alloc(&a, n);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, 0xAA, n); /* would be seen in the next one if they overlapped */
		ck_assert_ptr_ne(p, last);
		last = p;
	}
	arena_reset(&a);
}
END_TEST

START_TEST(the_ceiling_holds_until_the_reset)
{
	struct arena a;
	arena_init(&a, 4096);
	ck_assert_ptr_null(arena_alloc(&a, 4097));
	ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX));
	ck_assert_ptr_nonnull(arena_alloc(&a, 4000));
	ck_assert_ptr_null(arena_alloc(&a, 200));
	ck_assert_ptr_nonnull(arena_alloc(&a, 96));
	ck_assert_uint_eq(a.used_bytes, 4096);
	ck_assert_ptr_null(arena_alloc(&a, 1));
	arena_reset(&a);
	ck_assert_uint_eq(a.used_bytes, 0);
	ck_assert_ptr_nonnull(arena_alloc(&a, 4096));
	arena_reset(&a);
	arena_reset(&a);
}
END_TEST

START_TEST(arrays_that_overflow_are_refused)
{
	struct arena a;
	arena_init(&a, SIZE_MAX);
	ck_assert_ptr_null(arena_array(&a, SIZE_MAX / 2, 3));
	ck_assert_ptr_nonnull(arena_array(&a, 3, 5));
	arena_reset(&a);
}
END_TEST

START_TEST(copies_are_terminated_and_their_own)
{
	struct arena a;
	char text[] = "name";
	struct slice copy = SLICE_EMPTY;
	arena_init(&a, 64);
	char *s = arena_str(&a, slice_str(text));
	ck_assert_int_eq(arena_copy(&a, slice_str(text), &copy), ERR_NONE);
	text[0] = 'X';
	ck_assert_str_eq(s, "name");
	ck_assert(slice_eq_str(copy, "name"));
	ck_assert_str_eq(arena_str(&a, SLICE_EMPTY), "");
	ck_assert_int_eq(arena_copy(&a, slice_of(text, 64), &copy), ERR_NOMEM);
	ck_assert(slice_eq_str(copy, "name"));
	arena_reset(&a);
}
END_TEST

START_TEST(rewind_takes_back_what_came_after_the_mark)
{
	struct arena a;
	arena_init(&a, 8 * 1024);
	char *kept = arena_str(&a, SLICE_LIT("kept"));
	size_t used = a.used_bytes;
	for (int round = 0; round < 100; round++) { /* each takes more than half of the ceiling */
		struct arena_mark mark = arena_mark(&a);
		for (int i = 0; i < 5; i++) {
			uint8_t *bytes = arena_alloc(&a, 900);
			ck_assert_ptr_nonnull(bytes);
			for (int n = 0; n < 900; n++)
				ck_assert_uint_eq(bytes[n], 0);
			memset(bytes, 0xff, 900);
		}
		arena_rewind(&a, mark);
		ck_assert_uint_eq(a.used_bytes, used);
	}
	ck_assert_str_eq(kept, "kept");
	/* Bytes behind the mark, in its own block too, are handed out zeroed again. */
	char *again = arena_alloc(&a, 100);
	ck_assert_int_eq(again[0], 0);
	arena_reset(&a);
	struct arena_mark empty = arena_mark(&a);
	ck_assert_ptr_nonnull(arena_alloc(&a, 10));
	arena_rewind(&a, empty);
	ck_assert_uint_eq(a.used_bytes, 0);
	arena_reset(&a);
}
END_TEST

SUITE_MAIN("arena", memory_is_aligned_zeroed_and_apart, the_ceiling_holds_until_the_reset,
	   arrays_that_overflow_are_refused, copies_are_terminated_and_their_own,
	   rewind_takes_back_what_came_after_the_mark)
