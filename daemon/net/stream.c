#include <stdarg.h>
#include <stdlib.h>

#include "net/socket.h"
#include "net/stream_impl.h"
#include "net/tls.h"

enum err stream_new(struct loop *loop, struct transport *t, size_t in_max_bytes,
		    struct stream **stream_out)
{
	struct stream *s = calloc(1, sizeof(*s));
	if (!s) {
		t->ops->close(t);
		return ERR_NOMEM;
	}
	s->loop = loop;
	s->transport = t;
	s->in_max_bytes = in_max_bytes;
	s->ready = !t->ops->start;
	s->watch = (struct watch){.fd = t->ops->fd(t), .on_ready = stream_on_ready};
	buf_init(&s->in, SIZE_MAX);
	buf_init(&s->out, STREAM_OUT_MAX_BYTES);
	deferred_init(&s->later, stream_on_later);
	deferred_init(&s->flush, stream_on_flush);
	if (s->watch.fd >= 0) {
		enum err err = watch_add(loop, &s->watch);
		if (err) {
			t->ops->close(t);
			free(s);
			return err;
		}
	}
	loop_defer(loop, &s->later);
	*stream_out = s;
	return ERR_NONE;
}

enum err stream_new_fd(struct loop *loop, int fd, struct tls_context *tls, size_t in_max_bytes,
		       struct stream **stream_out)
{
	struct net_address peer = {.len = sizeof(peer.v6)}, local = peer;
	if (getpeername(fd, &peer.sa, &peer.len) != 0)
		peer.len = 0;
	if (getsockname(fd, &local.sa, &local.len) != 0)
		local.len = 0;
	struct transport *t = NULL;
	enum err err = transport_fd_new(fd, &t);
	if (!err && tls)
		err = tls_transport_new(tls, t, &t);
	if (!err)
		err = stream_new(loop, t, in_max_bytes, stream_out);
	if (!err)
		stream_set_addresses(*stream_out, &peer, &local);
	return err;
}

void stream_kick(struct stream *s)
{
	s->pending |= WATCH_READ | WATCH_WRITE;
	loop_defer(s->loop, &s->later);
}

/* --- what users call -------------------------------------------------------------------------- */

void stream_set_user(struct stream *s, struct stream_user *user)
{
	s->user = user;
	loop_defer(s->loop, &s->later);
}

struct slice stream_input(const struct stream *s)
{
	return buf_view(&s->in);
}

void stream_consume(struct stream *s, size_t n)
{
	buf_consume(&s->in, n);
	if (!s->telling)
		buf_shrink(&s->in);
	stream_resume(s);
}

bool stream_at_eof(const struct stream *s)
{
	return s->eof || s->dead;
}

void stream_set_in_max(struct stream *s, size_t in_max_bytes)
{
	s->in_max_bytes = in_max_bytes;
	stream_resume(s);
}

void stream_pause(struct stream *s, bool paused)
{
	s->paused = paused;
	stream_resume(s);
}

size_t stream_room(struct stream *s)
{
	if (!s->dead && s->out.len < STREAM_HIGH_WATER)
		return STREAM_HIGH_WATER - s->out.len;
	s->wants_room = true;
	return 0;
}

size_t stream_queued(const struct stream *s)
{
	return s->out.len;
}

/* After output was queued, or failed to be: a reply with a hole in it must not be sent. */
static enum err stream_queue(struct stream *s, enum err err)
{
	if (err) {
		stream_die(s);
		return err;
	}
	if (s->out.len >= STREAM_FLUSH_BYTES)
		stream_flush(s);
	else
		loop_at_turn_end(s->loop, &s->flush);
	return s->dead ? ERR_CLOSED : ERR_NONE;
}

enum err stream_add(struct stream *s, struct slice bytes)
{
	return s->dead ? ERR_CLOSED : stream_queue(s, buf_add_slice(&s->out, bytes));
}

enum err stream_addf(struct stream *s, const char *fmt, ...)
{
	va_list args;
	if (s->dead)
		return ERR_CLOSED;
	va_start(args, fmt);
	enum err err = buf_addv(&s->out, fmt, args);
	va_end(args);
	return stream_queue(s, err);
}

void stream_flush(struct stream *s)
{
	stream_push(s);
	if (s->dead)
		return;
	stream_arm(s, false);
	if (stream_owes_room(s))
		loop_defer(s->loop, &s->later);
}

bool stream_is_sent(struct stream *s)
{
	stream_flush(s);
	if (s->dead)
		return false;
	s->wants_empty = s->out.len > 0 || s->blocked;
	return !s->wants_empty;
}

void stream_ack_now(struct stream *s)
{
	if (!s->dead && s->watch.fd >= 0)
		socket_ack_now(s->watch.fd);
}

enum err stream_wrap(struct stream *s,
		     enum err (*make)(void *arg, struct transport *lower,
				      struct transport **upper_out),
		     void *arg)
{
	if (s->dead)
		return ERR_CLOSED;
	if (s->in.len || s->upper || !s->ready || s->transport->ops->has_input(s->transport))
		return ERR_STATE;
	struct transport *upper = NULL;
	enum err err = make(arg, s->transport, &upper);
	if (err) {
		watch_remove(&s->watch);
		s->transport = NULL;
		stream_die(s);
		return err;
	}
	s->upper = upper;
	s->plain_left = s->out.len;
	loop_at_turn_end(s->loop, &s->flush);
	return ERR_NONE;
}

struct transport *stream_transport(const struct stream *s, const struct transport_ops *ops)
{
	struct transport *t = s->transport;
	while (t && t->ops != ops)
		t = t->ops->lower ? t->ops->lower(t) : NULL;
	return t;
}

const struct net_address *stream_peer(const struct stream *s)
{
	return &s->peer;
}

const struct net_address *stream_local(const struct stream *s)
{
	return &s->local;
}

void stream_set_addresses(struct stream *s, const struct net_address *peer,
			  const struct net_address *local)
{
	if (peer)
		s->peer = *peer;
	if (local)
		s->local = *local;
}

struct loop *stream_loop(const struct stream *s)
{
	return s->loop;
}

void stream_on_gone(struct stream *s, void (*gone)(void *owner), void *owner)
{
	s->on_gone = gone;
	s->gone_owner = owner;
}
