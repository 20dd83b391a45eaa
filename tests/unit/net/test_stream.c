#include "net/stream.h"

#include "base/clock.h"
#include "support/script_stream.h"
#include "support/suite.h"

/* A user that remembers what it was told and consumes as much as the test lets it. */
struct listening {
	struct stream_user user;
	struct stream *stream;
	struct script_stream *peer;
	struct loop *loop;
	char events[64]; /* R I O E D: ready, input, room, EOF, dead */
	size_t event_count;
	struct buf got;
	bool consumes, closes_on_input, aborts_on_input, echoes;
	unsigned gone;
};

static void listening_on_stream(struct stream_user *user, enum stream_event event)
{
	struct listening *l = list_owner(user, struct listening, user);
	if (l->event_count < sizeof(l->events) - 1)
		l->events[l->event_count++] = "RIOED"[event];
	if (event == STREAM_DEAD)
		stream_close(&l->stream);
	if (event != STREAM_INPUT)
		return;
	if (l->closes_on_input) {
		stream_close(&l->stream);
		return;
	}
	if (l->aborts_on_input) {
		stream_abort(&l->stream);
		return;
	}
	struct slice input = stream_input(l->stream);
	if (l->echoes)
		ck_assert_int_eq(stream_add(l->stream, input), ERR_NONE);
	if (l->consumes) {
		ck_assert_int_eq(buf_add_slice(&l->got, input), ERR_NONE);
		stream_consume(l->stream, input.len);
	}
}

static void listening_gone(void *owner)
{
	((struct listening *)owner)->gone++;
}

static void listening_open(struct listening *l, size_t in_max_bytes)
{
	*l = (struct listening){.user.on_stream = listening_on_stream, .consumes = true};
	buf_init(&l->got, SIZE_MAX);
	ck_assert_int_eq(loop_new(&l->loop), ERR_NONE);
	ck_assert_int_eq(script_stream_new(l->loop, in_max_bytes, &l->peer, &l->stream), ERR_NONE);
	stream_on_gone(l->stream, listening_gone, l);
	stream_set_user(l->stream, &l->user);
}

static void listening_close(struct listening *l)
{
	stream_close(&l->stream);
	loop_free(&l->loop);
	ck_assert_uint_eq(l->gone, 1);
	ck_assert(script_is_closed(l->peer));
	script_free(&l->peer);
	buf_free(&l->got);
}

START_TEST(whole_input_comes_as_one_event)
{
	struct listening l;
	listening_open(&l, 8192);
	script_feed_str(l.peer, "a001 NOOP\r\n");
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RI");
	ck_assert(slice_eq_str(buf_view(&l.got), "a001 NOOP\r\n"));
	ck_assert_uint_eq(stream_input(l.stream).len, 0);
	listening_close(&l);
}
END_TEST

START_TEST(chunked_input_comes_as_many_events)
{
	struct listening l;
	listening_open(&l, 8192);
	script_chunk(l.peer, 1);
	script_feed_str(l.peer, "NOOP\r\n");
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RIIIIII");
	ck_assert(slice_eq_str(buf_view(&l.got), "NOOP\r\n"));
	listening_close(&l);
}
END_TEST

SUITE_MAIN("stream", whole_input_comes_as_one_event, chunked_input_comes_as_many_events)
