#include <stdlib.h>

#include "unit/net/listening.h"

/* A transport that shifts every letter by one, so that a test sees who wrote a byte. */
struct shifting {
	struct transport transport;
	struct transport *lower;
	unsigned flushes;
};

static struct shifting *shifting_of(const struct transport *t)
{
	return (struct shifting *)t;
}

static enum err shifting_read(struct transport *t, uint8_t *dst, size_t n, size_t *got_out)
{
	struct transport *lower = shifting_of(t)->lower;
	enum err err = lower->ops->read(lower, dst, n, got_out);
	for (size_t i = 0; !err && i < *got_out; i++)
		dst[i]--;
	return err;
}

static enum err shifting_write(struct transport *t, struct slice bytes, size_t *put_out)
{
	struct transport *lower = shifting_of(t)->lower;
	uint8_t first = (uint8_t)(bytes.ptr[0] + 1);
	return lower->ops->write(lower, slice_of(&first, 1), put_out);
}

static enum err shifting_flush(struct transport *t)
{
	shifting_of(t)->flushes++;
	return ERR_NONE;
}

static unsigned shifting_wants(const struct transport *t)
{
	(void)t;
	return 0;
}

static bool shifting_has_input(const struct transport *t)
{
	struct transport *lower = shifting_of(t)->lower;
	return lower->ops->has_input(lower);
}

static int shifting_fd(const struct transport *t)
{
	(void)t;
	return -1;
}

static struct transport *shifting_lower(const struct transport *t)
{
	return shifting_of(t)->lower;
}

static void shifting_close(struct transport *t)
{
	struct transport *lower = shifting_of(t)->lower;
	lower->ops->close(lower);
	free(t);
}

static const struct transport_ops shifting_ops = {
	.read = shifting_read,
	.write = shifting_write,
	.flush = shifting_flush,
	.wants = shifting_wants,
	.has_input = shifting_has_input,
	.fd = shifting_fd,
	.lower = shifting_lower,
	.close = shifting_close,
};

static enum err shifting_make(void *arg, struct transport *lower, struct transport **upper_out)
{
	if (arg) {
		lower->ops->close(lower);
		return *(enum err *)arg;
	}
	struct shifting *t = calloc(1, sizeof(*t));
	ck_assert_ptr_nonnull(t);
	*t = (struct shifting){.transport.ops = &shifting_ops, .lower = lower};
	*upper_out = &t->transport;
	return ERR_NONE;
}

START_TEST(a_wrap_takes_over_exactly_behind_what_was_queued)
{
	struct listening l;
	listening_open(&l, 100);
	script_settle(l.loop);
	script_window(l.peer, 2);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("plain")), ERR_NONE);
	ck_assert_int_eq(stream_wrap(l.stream, shifting_make, NULL), ERR_NONE);
	ck_assert_int_eq(stream_wrap(l.stream, shifting_make, NULL), ERR_STATE);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("abc")), ERR_NONE);
	script_feed_str(l.peer, "bcd"); /* not to be read as plain */
	script_settle(l.loop);
	ck_assert(slice_eq_str(script_output(l.peer), "pl"));
	ck_assert_str_eq(l.events, "R");
	script_window(l.peer, SIZE_MAX);
	script_settle(l.loop);
	ck_assert(slice_eq_str(script_output(l.peer), "plainbcd"));
	ck_assert_str_eq(l.events, "RI"); /* no handshake, no second READY */
	ck_assert(slice_eq_str(buf_view(&l.got), "abc"));
	ck_assert_ptr_nonnull(stream_transport(l.stream, &shifting_ops));
	ck_assert_uint_gt(shifting_of(stream_transport(l.stream, &shifting_ops))->flushes, 0);
	listening_close(&l);
}
END_TEST

START_TEST(waiting_input_forbids_a_wrap)
{
	struct listening l;
	listening_open(&l, 100);
	l.consumes = false;
	script_feed_str(l.peer, "STARTTLS\r\nNOOP\r\n");
	script_settle(l.loop);
	stream_consume(l.stream, 10);
	ck_assert_int_eq(stream_wrap(l.stream, shifting_make, NULL), ERR_STATE);
	stream_consume(l.stream, 6);
	script_feed_str(l.peer, "late"); /* arrived, not read yet */
	ck_assert_int_eq(stream_wrap(l.stream, shifting_make, NULL), ERR_STATE);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("still plain")), ERR_NONE);
	script_settle(l.loop);
	ck_assert(slice_eq_str(script_output(l.peer), "still plain"));
	listening_close(&l);
}
END_TEST

START_TEST(a_failed_wrap_is_the_end)
{
	struct listening l;
	enum err failure = ERR_NOMEM;
	listening_open(&l, 100);
	script_settle(l.loop);
	ck_assert_int_eq(stream_wrap(l.stream, shifting_make, &failure), ERR_NOMEM);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("x")), ERR_CLOSED);
	ck_assert_ptr_null(stream_transport(l.stream, &shifting_ops));
	ck_assert_str_eq(l.events, "R");
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RD");
	listening_close(&l);
}
END_TEST

START_TEST(closing_before_the_wrap_sends_the_plain_part_only)
{
	struct listening l;
	listening_open(&l, 100);
	script_settle(l.loop);
	script_window(l.peer, 2);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("plain")), ERR_NONE);
	ck_assert_int_eq(stream_wrap(l.stream, shifting_make, NULL), ERR_NONE);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("secret")), ERR_NONE);
	stream_close(&l.stream);
	script_window(l.peer, SIZE_MAX);
	script_settle(l.loop);
	ck_assert(slice_eq_str(script_output(l.peer), "plain"));
	ck_assert(script_is_closed(l.peer));
	listening_close(&l);
}
END_TEST

SUITE_MAIN("stream_wrap", a_wrap_takes_over_exactly_behind_what_was_queued,
	   waiting_input_forbids_a_wrap, a_failed_wrap_is_the_end,
	   closing_before_the_wrap_sends_the_plain_part_only)
