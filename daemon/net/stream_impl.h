/* stream_impl.h - what the files of stream share; for stream*.c alone.
 *
 *   stream.c        life, and what users call
 *   stream_turn.c   a turn of one stream: move bytes, tell events, arm the watch
 *   stream_close.c  the way out
 *
 * Only a turn calls the user, so that no event comes from inside a call of his. */
#ifndef NET_STREAM_IMPL_H
#define NET_STREAM_IMPL_H

#include "net/stream.h"
#include "net/timer.h"

enum { STREAM_OUT_MAX_BYTES = STREAM_HIGH_WATER + STREAM_SLACK_BYTES };

struct stream {
	struct loop *loop;
	struct transport *transport;
	/* STARTTLS: takes over from `transport`, which it owns, when plain_left bytes have left. */
	struct transport *upper;
	size_t plain_left;
	struct stream_user *user;
	struct buf in, out;
	size_t in_max_bytes;
	struct watch watch;
	struct deferred later;  /* runs stream_turn with the `pending` bits */
	struct deferred flush;  /* at the end of the turn; once closing: when the loop goes */
	struct timer deadline;  /* only while closing */
	uint32_t discarded;     /* bytes thrown away while closing */
	unsigned pending;
	/* What the transport can do. */
	bool ready;   /* started: bytes can pass */
	bool blocked; /* the last write moved nothing: wait for room below */
	bool eof, dead;
	bool shut;
	/* What the user has asked for, and has been told. */
	bool paused, wants_room, wants_empty, fresh_input;
	bool told_ready, told_eof, told_dead;
	/* Life. */
	bool telling; /* inside on_stream: memory must outlive it */
	bool closing, gone;
	void (*on_gone)(void *owner);
	void *gone_owner;
	struct net_address peer, local;
};

/* The user wanted to know, and it is so. */
static inline bool stream_owes_room(const struct stream *s)
{
	return (s->wants_room && s->out.len <= STREAM_LOW_WATER) ||
	       (s->wants_empty && s->out.len == 0 && !s->blocked);
}

/* stream_turn.c */
void stream_on_ready(struct watch *w, unsigned ready);
void stream_on_later(struct deferred *d);
void stream_on_flush(struct deferred *d);
void stream_start(struct stream *s);
void stream_push(struct stream *s); /* writes until all is gone or the transport is full */
void stream_arm(struct stream *s, bool exact);
void stream_resume(struct stream *s); /* wishes have changed: outside of a turn, look at them */
void stream_die(struct stream *s);    /* the user hears STREAM_DEAD in the next turn */

/* stream_close.c */
void stream_linger(struct stream *s); /* one more step on the way out */
void stream_free(struct stream *s);
void stream_end(struct stream *s); /* frees now, or when the on_stream that is under way returns */

#endif
