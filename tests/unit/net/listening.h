/* listening - a stream's user that remembers what it was told, over a scripted peer. For the tests
 * of stream. */
#ifndef UNIT_NET_LISTENING_H
#define UNIT_NET_LISTENING_H

#include "net/stream.h"
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

static inline void listening_on_stream(struct stream_user *user, enum stream_event event)
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

static inline void listening_gone(void *owner)
{
	((struct listening *)owner)->gone++;
}

static inline void listening_open(struct listening *l, size_t in_max_bytes)
{
	*l = (struct listening){.user.on_stream = listening_on_stream, .consumes = true};
	buf_init(&l->got, SIZE_MAX);
	ck_assert_int_eq(loop_new(&l->loop), ERR_NONE);
	ck_assert_int_eq(script_stream_new(l->loop, in_max_bytes, &l->peer, &l->stream), ERR_NONE);
	stream_on_gone(l->stream, listening_gone, l);
	stream_set_user(l->stream, &l->user);
}

static inline void listening_close(struct listening *l)
{
	stream_close(&l->stream);
	loop_free(&l->loop);
	ck_assert_uint_eq(l->gone, 1);
	ck_assert(script_is_closed(l->peer));
	script_free(&l->peer);
	buf_free(&l->got);
}

#endif
