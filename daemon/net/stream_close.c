#include <stdlib.h>

#include "net/stream_impl.h"

enum {
	STREAM_GOODBYE_MS = 10 * 1000,    /* for queued output to leave after stream_close */
	STREAM_LINGER_MS = 2 * 1000,      /* then for the peer to end his side */
	STREAM_LINGER_BYTES = 256 * 1024, /* of late input thrown away meanwhile */
};

void stream_free(struct stream *s)
{
	struct transport *top = s->upper ? s->upper : s->transport;
	watch_remove(&s->watch);
	deferred_cancel(&s->later);
	deferred_cancel(&s->flush);
	if (s->closing)
		timer_cancel(&s->deadline);
	if (top)
		top->ops->close(top);
	buf_free(&s->in);
	buf_free(&s->out);
	if (s->on_gone)
		s->on_gone(s->gone_owner);
	free(s);
}

void stream_end(struct stream *s)
{
	if (s->telling)
		s->gone = true;
	else
		stream_free(s);
}

static void stream_on_deadline(struct timer *t)
{
	stream_end(list_owner(t, struct stream, deadline));
}

static void stream_at_loop_free(struct deferred *d)
{
	stream_end(list_owner(d, struct stream, flush));
}

/* Throws away what the peer still sends. True when he has ended his side, or has sent enough. */
static bool stream_discard(struct stream *s)
{
	struct transport *t = s->transport;
	size_t got = 0;
	enum err err = ERR_NONE;
	for (int i = 0; i < 4 && !s->eof && !err; i++) {
		err = t->ops->read(t, loop_scratch(s->loop), LOOP_SCRATCH_BYTES, &got);
		s->discarded += err ? 0 : (uint32_t)got;
	}
	return s->eof || (err && err != ERR_AGAIN) || s->discarded > STREAM_LINGER_BYTES;
}

/* Finish a handshake, send what is queued, end our side, wait for the peer to end his. Called
 * whenever the transport can make progress. */
void stream_linger(struct stream *s)
{
	struct transport *t = s->transport;
	if (!s->ready && !s->dead)
		stream_start(s);
	if (s->ready)
		stream_push(s);
	/* The end of a stream that was about to be wrapped: its upper part has never been used. */
	bool cut_short = s->upper && s->plain_left == 0;
	if (s->dead || cut_short) {
		stream_end(s);
		return;
	}
	if (s->ready && !s->blocked && !s->shut) {
		enum err err = t->ops->shut ? t->ops->shut(t) : ERR_CLOSED;
		s->blocked = err == ERR_AGAIN;
		if (err && err != ERR_AGAIN) {
			stream_end(s);
			return;
		}
		if (!err) {
			s->shut = true;
			timer_set(&s->deadline, STREAM_LINGER_MS);
		}
	}
	if (s->shut && stream_discard(s))
		stream_end(s);
	else
		stream_arm(s, true);
}

void stream_close(struct stream **s)
{
	struct stream *c = *s;
	if (!c)
		return;
	*s = NULL;
	if (c->dead || (!c->ready && c->out.len == 0)) {
		stream_abort(&c);
		return;
	}
	deferred_cancel(&c->later);
	deferred_cancel(&c->flush);
	buf_free(&c->in);
	c->user = NULL;
	c->closing = true;
	timer_init(&c->deadline, c->loop, stream_on_deadline);
	timer_set(&c->deadline, STREAM_GOODBYE_MS);
	c->flush.call = stream_at_loop_free;
	loop_at_free(c->loop, &c->flush);
	stream_linger(c);
}

void stream_abort(struct stream **s)
{
	struct stream *c = *s;
	if (!c)
		return;
	*s = NULL;
	c->user = NULL;
	stream_end(c);
}
