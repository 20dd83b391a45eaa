/* peer - the other end of a session's stream, in memory: what a client sends and gets.
 *
 *	struct peer peer;
 *	peer_open(&peer, loop, 64 * 1024);
 *	pop3_session_start(&fake.host, peer.stream, false);
 *	peer_send(&peer, SLICE_LIT("CAPA\r\n"));
 *	peer_settle(&peer);
 *	... peer.got ...
 *	peer_close(&peer);
 *
 * How bytes travel can be made as bad as a network: at most read_chunk octets arrive at a time, and
 * the client takes at most take_chunk octets a turn. The stream belongs to the session. */
#ifndef TESTS_SUPPORT_PEER_H
#define TESTS_SUPPORT_PEER_H

#include "net/stream.h"

struct peer_transport;

struct peer {
	struct loop *loop;
	struct stream *stream;            /* until the session owns it; then only to kick it */
	struct peer_transport *transport; /* NULL: the server has closed */
	struct buf sent;                  /* by the client, not read by the server yet */
	struct buf got;                   /* by the client; the test consumes it */
	size_t read_chunk, take_chunk;    /* 0: unlimited */
	size_t take_left;                 /* of this turn */
	bool is_half_closed;              /* no more bytes from the client */
	bool is_shut;                     /* no more bytes from the server */
};

/* The client's address is 127.0.0.1. Aborts when memory is short. */
void peer_open(struct peer *peer, struct loop *loop, size_t in_max_bytes);
void peer_set_address(struct peer *peer, const char *text);
void peer_send(struct peer *peer, struct slice bytes);
void peer_half_close(struct peer *peer);
void peer_reset(struct peer *peer); /* the connection breaks */
bool peer_is_closed(const struct peer *peer);
/* One turn of the loop. True when something moved. */
bool peer_turn(struct peer *peer);
/* Turns until nothing has moved for a while; false when `turns` were not enough. */
bool peer_settle_within(struct peer *peer, unsigned turns);
void peer_settle(struct peer *peer);
/* The client goes; the session notices. Frees what was got. */
void peer_close(struct peer *peer);

#endif
