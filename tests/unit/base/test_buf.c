#include "base/buf.h"

#include "support/suite.h"

START_TEST(a_new_buffer_is_empty_and_owns_nothing)
{
	struct buf b;
	buf_init(&b, 10);
	ck_assert_ptr_null(b.bytes);
	ck_assert_uint_eq(buf_view(&b).len, 0);
	ck_assert_uint_eq(buf_left(&b), 10);
	buf_free(&b);
	buf_free(&b);
}
END_TEST

START_TEST(the_ceiling_is_exact_and_refusals_change_nothing)
{
	struct buf b;
	buf_init(&b, 10);
	ck_assert_int_eq(buf_add(&b, "12345", 5), ERR_NONE);
	ck_assert_int_eq(buf_add(&b, "678901", 6), ERR_LIMIT);
	ck_assert(slice_eq_str(buf_view(&b), "12345"));
	ck_assert_int_eq(buf_add_str(&b, "67890"), ERR_NONE);
	ck_assert_uint_eq(buf_left(&b), 0);
	ck_assert_int_eq(buf_add_byte(&b, 'x'), ERR_LIMIT);
	ck_assert_int_eq(buf_add(&b, "", 0), ERR_NONE);
	ck_assert_int_eq(buf_add_slice(&b, SLICE_EMPTY), ERR_NONE);
	uint8_t *room;
	ck_assert_int_eq(buf_reserve(&b, SIZE_MAX, &room), ERR_LIMIT);
	ck_assert(slice_eq_str(buf_view(&b), "1234567890"));
	buf_free(&b);
}
END_TEST

START_TEST(consumed_bytes_make_room_again)
{
	struct buf b;
	buf_init(&b, 10);
	ck_assert_int_eq(buf_add_str(&b, "1234567890"), ERR_NONE);
	buf_consume(&b, 4);
	ck_assert(slice_eq_str(buf_view(&b), "567890"));
	ck_assert_int_eq(buf_add_str(&b, "abcd"), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&b), "567890abcd"));
	ck_assert_int_eq(buf_add_byte(&b, 'e'), ERR_LIMIT);
	buf_consume(&b, 10);
	ck_assert_uint_eq(b.start, 0);
	buf_free(&b);
}
END_TEST

/* A queue that is added to and consumed in turns must keep its bytes in order and its allocation
 * near what it holds. */
START_TEST(a_queue_neither_grows_nor_mixes)
{
	struct buf b;
	uint8_t in = 0, out = 0;
	buf_init(&b, 100000);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(buf_add_byte(&b, in++), ERR_NONE);
	for (int i = 0; i < 20000; i++) {
		ck_assert_int_eq(buf_add_byte(&b, in++), ERR_NONE);
		ck_assert_uint_eq(buf_view(&b).ptr[0], out);
		out++;
		buf_consume(&b, 1);
	}
	ck_assert_uint_eq(b.len, 500);
	ck_assert_uint_le(b.cap, 4096);
	buf_free(&b);
}
END_TEST

START_TEST(formatting_of_any_length)
{
	static const size_t lengths[] = {0, 1, 254, 255, 256, 257, 1000};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int n = (int)lengths[i];
		struct buf b;
		buf_init(&b, lengths[i] + 1);
		ck_assert_int_eq(buf_addf(&b, "<%0*d", n, 0), n ? ERR_NONE : ERR_LIMIT);
		ck_assert_uint_eq(b.len, n ? lengths[i] + 1 : 0);
		ck_assert_int_eq(buf_addf(&b, "%s", "x"), n ? ERR_LIMIT : ERR_NONE);
		buf_free(&b);
	}
}
END_TEST

START_TEST(reserve_and_commit)
{
	struct buf b;
	uint8_t *room = NULL;
	buf_init(&b, 1000);
	ck_assert_int_eq(buf_reserve(&b, 600, &room), ERR_NONE);
	memset(room, 'r', 600);
	buf_commit(&b, 3);
	ck_assert(slice_eq_str(buf_view(&b), "rrr"));
	buf_truncate(&b, 1);
	ck_assert(slice_eq_str(buf_view(&b), "r"));
	buf_free(&b);
}
END_TEST

START_TEST(memory_goes_back_when_it_may)
{
	struct buf b;
	buf_init(&b, 1000);
	ck_assert_int_eq(buf_add_str(&b, "secret"), ERR_NONE);
	buf_shrink(&b);
	ck_assert_ptr_nonnull(b.bytes);
	buf_clear(&b);
	ck_assert_ptr_nonnull(b.bytes);
	buf_shrink(&b);
	ck_assert_ptr_null(b.bytes);
	ck_assert_int_eq(buf_add_str(&b, "secret"), ERR_NONE);
	buf_wipe(&b);
	ck_assert_ptr_null(b.bytes);
	ck_assert_uint_eq(b.max_bytes, 1000);
	buf_wipe(&b);
}
END_TEST

SUITE_MAIN("buf", a_new_buffer_is_empty_and_owns_nothing,
	   the_ceiling_is_exact_and_refusals_change_nothing, consumed_bytes_make_room_again,
	   a_queue_neither_grows_nor_mixes, formatting_of_any_length, reserve_and_commit,
	   memory_goes_back_when_it_may)
