#include "net/stream_impl.h"

void stream_die(struct stream *s)
{
	if (s->dead)
		return;
	s->dead = true;
	watch_remove(&s->watch);
	buf_free(&s->out);
	loop_defer(s->loop, &s->later);
}

static bool stream_wants_input(const struct stream *s)
{
	return s->user && s->ready && !s->paused && !s->eof && !s->dead && !s->upper &&
	       s->in.len < s->in_max_bytes;
}

/* Tells epoll what we wait for. A wish for input is taken back only when `exact`, that is when
 * input came that nobody wanted: most pauses are over before. */
void stream_arm(struct stream *s, bool exact)
{
	const struct transport *t = s->transport;
	unsigned want = 0;
	if (!s->watch.loop)
		return;
	if (stream_wants_input(s) || (s->closing && s->shut))
		want |= WATCH_READ;
	else if (!exact && !s->eof)
		want |= s->watch.interest & WATCH_READ;
	unsigned needs = t->ops->wants(t);
	if (s->blocked && !needs)
		want |= WATCH_WRITE;
	watch_set(&s->watch, want | needs);
}

/* Input that the transport holds already will not wake epoll. */
static void stream_look_again(struct stream *s)
{
	if (!stream_wants_input(s) || !s->transport->ops->has_input(s->transport))
		return;
	s->pending |= WATCH_READ;
	loop_defer(s->loop, &s->later);
}

void stream_resume(struct stream *s)
{
	if (s->dead || s->closing || s->telling)
		return;
	stream_arm(s, false);
	stream_look_again(s);
}

void stream_start(struct stream *s)
{
	enum err err = s->transport->ops->start(s->transport);
	if (err == ERR_NONE) {
		s->ready = true;
		loop_at_turn_end(s->loop, &s->flush); /* for what was queued meanwhile */
	} else if (err != ERR_AGAIN) {
		stream_die(s);
	}
}

/* At most one scratch buffer full, so that a peer who never stops sending starves nobody. */
static void stream_pull(struct stream *s)
{
	struct transport *t = s->transport;
	uint8_t *scratch = loop_scratch(s->loop);
	size_t left = LOOP_SCRATCH_BYTES;
	while (left && stream_wants_input(s)) {
		size_t room = s->in_max_bytes - s->in.len, got = 0;
		enum err err = t->ops->read(t, scratch, room < left ? room : left, &got);
		if (err == ERR_AGAIN)
			break;
		if (err == ERR_CLOSED) {
			s->eof = true;
			break;
		}
		if (!err)
			err = buf_add(&s->in, scratch, got);
		if (err) {
			stream_die(s);
			break;
		}
		s->fresh_input = true;
		left -= got;
		if (!t->ops->has_input(t))
			break;
	}
}

/* The upper transport takes over. Unlike a handshake, a wrap without one needs no STREAM_READY. */
static void stream_rise(struct stream *s)
{
	s->transport = s->upper;
	s->upper = NULL;
	if (s->transport->ops->start) {
		s->ready = false;
		s->told_ready = false;
	} else {
		loop_at_turn_end(s->loop, &s->flush); /* for what was queued meanwhile */
	}
	s->pending |= WATCH_READ;
	loop_defer(s->loop, &s->later);
}

static size_t stream_sendable(const struct stream *s)
{
	return s->upper ? s->plain_left : s->out.len;
}

static enum err stream_write_some(struct stream *s)
{
	struct transport *t = s->transport;
	size_t put = 0;
	if (stream_sendable(s) == 0)
		return t->ops->flush ? t->ops->flush(t) : ERR_NONE;
	enum err err = t->ops->write(t, slice_upto(buf_view(&s->out), stream_sendable(s)), &put);
	if (err)
		return err;
	buf_consume(&s->out, put);
	if (s->upper)
		s->plain_left -= put;
	return ERR_NONE;
}

void stream_push(struct stream *s)
{
	bool more = s->ready && !s->dead && !s->blocked;
	while (more) {
		more = stream_sendable(s) > 0;
		enum err err = stream_write_some(s);
		if (err == ERR_AGAIN) {
			s->blocked = true;
			return;
		}
		if (err) {
			stream_die(s);
			return;
		}
	}
	if (s->upper && !s->closing && !s->dead && !s->blocked && s->plain_left == 0)
		stream_rise(s);
}

/* --- events ----------------------------------------------------------------------------------- */

/* False when the user closed the stream meanwhile: the caller must not touch it again. */
static bool stream_tell(struct stream *s, enum stream_event event)
{
	s->telling = true;
	s->user->on_stream(s->user, event);
	s->telling = false;
	if (s->gone)
		stream_free(s);
	else if (!s->closing)
		return true;
	return false;
}

static bool stream_take(bool *flag)
{
	bool was = *flag;
	*flag = false;
	return was;
}

/* Tells what is new, each kind at most once. False when the stream has gone. */
static bool stream_report(struct stream *s)
{
	if (!s->user || s->told_dead)
		return true;
	if (s->ready && !s->dead && !s->told_ready) {
		s->told_ready = true;
		if (!stream_tell(s, STREAM_READY))
			return false;
	}
	if (s->told_ready && !s->dead && stream_take(&s->fresh_input))
		if (!stream_tell(s, STREAM_INPUT))
			return false;
	if (!s->dead && stream_owes_room(s)) {
		s->wants_room = s->wants_empty = false;
		if (!stream_tell(s, STREAM_ROOM))
			return false;
	}
	if (s->eof && !s->dead && !s->told_eof) {
		s->told_eof = true;
		if (!stream_tell(s, STREAM_EOF))
			return false;
	}
	if (s->dead) {
		s->told_dead = true;
		return stream_tell(s, STREAM_DEAD);
	}
	return true;
}

/* After events: memory back, new wishes to epoll, a next turn when there is more already. */
static void stream_settle(struct stream *s, bool exact)
{
	if (s->dead)
		return;
	buf_shrink(&s->in);
	buf_shrink(&s->out);
	stream_arm(s, exact);
	stream_look_again(s);
}

static void stream_turn(struct stream *s, unsigned ready)
{
	if (s->closing) {
		s->blocked = false;
		stream_linger(s);
		return;
	}
	if (!s->dead && !s->ready)
		stream_start(s);
	unsigned needs = s->dead ? 0 : s->transport->ops->wants(s->transport);
	if (s->blocked && ready & (WATCH_WRITE | needs)) {
		s->blocked = false;
		stream_push(s);
	}
	bool unwanted = ready & WATCH_READ && !stream_wants_input(s);
	if (ready & WATCH_READ)
		stream_pull(s);
	if (stream_report(s))
		stream_settle(s, unwanted);
}

void stream_on_ready(struct watch *w, unsigned ready)
{
	stream_turn(list_owner(w, struct stream, watch), ready);
}

void stream_on_later(struct deferred *d)
{
	struct stream *s = list_owner(d, struct stream, later);
	unsigned ready = s->pending;
	s->pending = 0;
	stream_turn(s, ready);
}

void stream_on_flush(struct deferred *d)
{
	struct stream *s = list_owner(d, struct stream, flush);
	stream_push(s);
	if (stream_report(s))
		stream_settle(s, false);
}
