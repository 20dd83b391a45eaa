/* stream - buffered bytes both ways over a transport, driven by events.
 *
 * A stream owns its two buffers and its transport (a socket, TLS over a socket, deflate over
 * either, memory in tests). Its user embeds a stream_user and reacts to events; all calls happen on
 * the loop and no event is ever delivered from inside a call of the user's into the stream.
 *
 * Input: stream_input shows what came and was not consumed; it dies at the next call. When
 * in_max_bytes are waiting the stream stops reading, so a peer can fill no more than that.
 * Output: stream_add* queue bytes; they leave at the end of the loop's turn, or when 16 KiB are
 * together, so that a reply made of many pieces is one write (TCP_NODELAY is set). Long commands
 * ask stream_room before each piece and stop at 0; STREAM_ROOM comes when the queue fell below low
 * water. Short replies need not ask: room for STREAM_SLACK_BYTES is kept above high water, and
 * beyond it stream_add fails and the stream dies (a peer that never reads).
 * An idle stream with empty buffers keeps no buffer memory. Without a user it neither reads nor
 * tells anything; what happened meanwhile is told once there is one. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/buf.h"
#include "net/net_address.h"
#include "net/loop.h"

enum {
	STREAM_HIGH_WATER = 32 * 1024, /* stream_room is 0 at or above it */
	STREAM_LOW_WATER = 8 * 1024,   /* STREAM_ROOM comes at or below it */
	STREAM_SLACK_BYTES = 64 * 1024,
	STREAM_FLUSH_BYTES = 16 * 1024,
};

enum stream_event {
	STREAM_READY, /* usable: connected, handshake done, or STARTTLS finished */
	STREAM_INPUT, /* there is (more) input */
	STREAM_ROOM,  /* output fell to low water after stream_room had said 0 */
	STREAM_EOF,   /* the peer half-closed; what is queued can still be sent */
	STREAM_DEAD,  /* gone: failed handshake, reset, slow reader; only stream_close is legal now */
};

struct stream;
struct tls_context; /* net/tls.h */

struct stream_user {
	void (*on_stream)(struct stream_user *user, enum stream_event event);
};

/* Takes over fd (a socket, non-blocking, close-on-exec) in all cases. With tls the handshake starts
 * at once (implicit TLS) and STREAM_READY comes after it; without, STREAM_READY comes in the next
 * turn. Output may be queued before. The caller has tuned the socket (net/socket.h). */
MUST_CHECK enum err stream_new_fd(struct loop *loop, int fd, struct tls_context *tls,
                                  size_t in_max_bytes, struct stream **stream_out);
void stream_set_user(struct stream *s, struct stream_user *user);

struct slice stream_input(const struct stream *s);
void         stream_consume(struct stream *s, size_t n);
bool         stream_at_eof(const struct stream *s); /* no input will follow what is there */
void         stream_set_in_max(struct stream *s, size_t in_max_bytes);
void         stream_pause(struct stream *s, bool paused); /* stop and go of reading */

size_t   stream_room(struct stream *s); /* bytes to high water; 0 promises a STREAM_ROOM later */
size_t   stream_queued(const struct stream *s);
enum err stream_add(struct stream *s, struct slice bytes); /* ERR_CLOSED: dead; ERR_LIMIT kills */
enum err stream_addf(struct stream *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void     stream_flush(struct stream *s); /* now instead of at the end of the turn */
/* True when all that was queued has been handed to the network: before something is done that the
 * peer's having it is the condition for. Flushes; false promises a STREAM_ROOM when it is so. */
bool     stream_is_sent(struct stream *s);

/* The rest of something long is expected and no reply is due before it: acknowledge at once. A client
 * that sends in small pieces (its data, then a line end) and leaves Nagle's algorithm on would wait
 * for our delayed acknowledgement, 40 ms each time. Does nothing where there is no TCP. */
void stream_ack_now(struct stream *s);

/* STARTTLS, server side: call after the positive reply was queued. Input that is waiting already
 * is a protocol error (plaintext injection): ERR_STATE, and the caller says goodbye. */
MUST_CHECK enum err stream_start_tls(struct stream *s, struct tls_context *tls);
bool stream_is_tls(const struct stream *s);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384" for Received headers and logs, good until the next call of it;
 * "" without TLS. */
const char *stream_tls_text(const struct stream *s);
/* Channel binding tls-exporter (RFC 9266): 32 bytes. ERR_UNSUPPORTED without TLS 1.3. */
MUST_CHECK enum err stream_tls_exporter(const struct stream *s, uint8_t out[32]);

const struct net_address *stream_peer(const struct stream *s);
const struct net_address *stream_local(const struct stream *s);
/* For transports without a socket: tests, proxies. Either may be NULL: unchanged. */
void stream_set_addresses(struct stream *s, const struct net_address *peer,
                          const struct net_address *local);
struct loop *stream_loop(const struct stream *s);

/* Sends what is queued (for at most 10 s), ends our side, waits up to 2 s for the peer to end his
 * (a socket closed with unread input would reset the connection and take the last reply with it),
 * closes, frees. The user hears nothing of it. Stores NULL; harmless on NULL. */
void stream_close(struct stream **s);
void stream_abort(struct stream **s); /* drops what is queued, at once */
/* Called once, when the memory of the stream goes: for who counts connections. */
void stream_on_gone(struct stream *s, void (*gone)(void *owner), void *owner);

/* Transports: how bytes move. `read` and `write` are non-blocking: ERR_AGAIN when nothing moves,
 * `wants` then tells if it waits for something unusual; ERR_CLOSED at end of file; any other error
 * is the end of the stream. A transport may wrap a lower one and owns it. tests/support has one
 * over memory. Hooks marked optional may be NULL. */
struct transport;
struct transport_ops {
	/* Optional. What must happen before bytes can pass (a handshake): ERR_NONE when it is done,
	 * ERR_AGAIN while `wants` says what for, else it failed. Called until it is done. */
	enum err (*start)(struct transport *t);
	enum err (*read)(struct transport *t, uint8_t *dst, size_t n, size_t *got_out);
	enum err (*write)(struct transport *t, struct slice bytes, size_t *put_out);
	/* Optional. All of this turn has been written: pass on what is held back. ERR_AGAIN as above. */
	enum err (*flush)(struct transport *t);
	/* Bits WATCH_READ/WATCH_WRITE the transport needs in order to go on, beyond the stream's own
	 * wishes (a TLS handshake); 0 when none. */
	unsigned (*wants)(const struct transport *t);
	bool (*has_input)(const struct transport *t); /* buffered above the descriptor: do not sleep */
	int (*fd)(const struct transport *t);          /* -1: no descriptor (memory) */
	/* Optional. We shall write no more: tell the peer (close_notify, FIN). ERR_AGAIN as above. */
	enum err (*shut)(struct transport *t);
	struct transport *(*lower)(const struct transport *t); /* optional; NULL at the bottom */
	void (*close)(struct transport *t); /* says goodbye if it can, frees all */
};
struct transport {
	const struct transport_ops *ops;
};
MUST_CHECK enum err stream_new(struct loop *loop, struct transport *t, size_t in_max_bytes,
                               struct stream **stream_out); /* takes over t in all cases */
/* Puts a transport above the one in use (STARTTLS, COMPRESS) once all output queued so far has left
 * through that one; input is not read until then. `make` gets the lower transport to own in all
 * cases. ERR_STATE when input is waiting or a wrap is under way: nothing has changed. Any other
 * error is that of `make`, and the stream is dead. STREAM_READY comes again if the upper one has a
 * `start`. */
MUST_CHECK enum err stream_wrap(struct stream *s,
                                enum err (*make)(void *arg, struct transport *lower,
                                                 struct transport **upper_out),
                                void *arg);
/* The transport with these ops in the chain of the stream; NULL if there is none. */
struct transport *stream_transport(const struct stream *s, const struct transport_ops *ops);
/* For transports without a descriptor: look again, for input and for room. */
void stream_kick(struct stream *s);
/* A plain socket as a transport; takes over fd in all cases. */
MUST_CHECK enum err transport_fd_new(int fd, struct transport **transport_out);

#endif
