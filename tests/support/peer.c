#include "support/peer.h"

#include <stdio.h>
#include <stdlib.h>

enum { PEER_QUIET_TURNS = 12, PEER_SETTLE_TURNS = 200000 };

struct peer_transport {
	struct transport transport; /* first */
	struct peer *peer;          /* NULL: the client has gone */
	bool is_reset;
};

static struct peer_transport *peer_of(struct transport *t)
{
	return (struct peer_transport *)t;
}

static enum err peer_read(struct transport *t, uint8_t *dst, size_t n, size_t *got_out)
{
	struct peer *peer = peer_of(t)->peer;
	*got_out = 0;
	if (!peer || peer_of(t)->is_reset)
		return ERR_IO;
	if (peer->sent.len == 0)
		return peer->is_half_closed ? ERR_CLOSED : ERR_AGAIN;
	if (peer->read_chunk && n > peer->read_chunk)
		n = peer->read_chunk;
	if (n > peer->sent.len)
		n = peer->sent.len;
	memcpy(dst, buf_view(&peer->sent).ptr, n);
	buf_consume(&peer->sent, n);
	*got_out = n;
	return ERR_NONE;
}

static enum err peer_write(struct transport *t, struct slice bytes, size_t *put_out)
{
	struct peer *peer = peer_of(t)->peer;
	*put_out = 0;
	if (!peer || peer_of(t)->is_reset)
		return ERR_IO;
	size_t n = bytes.len;
	if (peer->take_chunk && n > peer->take_left)
		n = peer->take_left;
	if (n == 0)
		return ERR_AGAIN;
	if (buf_add(&peer->got, bytes.ptr, n))
		return ERR_NOMEM;
	if (peer->take_chunk)
		peer->take_left -= n;
	*put_out = n;
	return ERR_NONE;
}

static unsigned peer_wants(const struct transport *t)
{
	(void)t;
	return 0;
}

static bool peer_has_input(const struct transport *t)
{
	const struct peer *peer = ((const struct peer_transport *)t)->peer;
	/* One chunk a turn: then nobody may know that there is more. */
	return peer && !peer->read_chunk && (peer->sent.len > 0 || peer->is_half_closed);
}

static int peer_fd(const struct transport *t)
{
	(void)t;
	return -1;
}

static enum err peer_shut(struct transport *t)
{
	if (peer_of(t)->peer)
		peer_of(t)->peer->is_shut = true;
	return ERR_NONE;
}

static void peer_transport_close(struct transport *t)
{
	struct peer *peer = peer_of(t)->peer;
	if (peer) {
		peer->transport = NULL;
		peer->stream = NULL;
	}
	free(t);
}

static const struct transport_ops peer_ops = {
	.read = peer_read,
	.write = peer_write,
	.wants = peer_wants,
	.has_input = peer_has_input,
	.fd = peer_fd,
	.shut = peer_shut,
	.close = peer_transport_close,
};

static void peer_die(const char *why)
{
	fprintf(stderr, "peer: %s\n", why);
	abort();
}

void peer_open(struct peer *peer, struct loop *loop, size_t in_max_bytes)
{
	*peer = (struct peer){.loop = loop};
	buf_init(&peer->sent, SIZE_MAX / 2);
	buf_init(&peer->got, SIZE_MAX / 2);
	peer->transport = calloc(1, sizeof(*peer->transport));
	if (!peer->transport)
		peer_die("out of memory");
	peer->transport->transport.ops = &peer_ops;
	peer->transport->peer = peer;
	if (stream_new(loop, &peer->transport->transport, in_max_bytes, &peer->stream))
		peer_die("no stream");
	peer_set_address(peer, "127.0.0.1");
}

void peer_set_address(struct peer *peer, const char *text)
{
	struct net_address address;
	if (net_address_parse(text, 1024, &address))
		peer_die("no address");
	stream_set_addresses(peer->stream, &address, &address);
}

/* A closing stream hears of the client only through the transport; a kick does no harm. */
static void peer_kick(struct peer *peer)
{
	if (peer->stream)
		stream_kick(peer->stream);
}

void peer_send(struct peer *peer, struct slice bytes)
{
	if (buf_add_slice(&peer->sent, bytes))
		peer_die("out of memory");
	peer_kick(peer);
}

void peer_half_close(struct peer *peer)
{
	peer->is_half_closed = true;
	peer_kick(peer);
}

void peer_reset(struct peer *peer)
{
	if (peer->transport)
		peer->transport->is_reset = true;
	peer_kick(peer);
}

bool peer_is_closed(const struct peer *peer)
{
	return peer->is_shut || !peer->transport;
}

bool peer_turn(struct peer *peer)
{
	size_t sent_before = peer->sent.len, got_before = peer->got.len;
	bool was_closed = peer_is_closed(peer);
	peer->take_left = peer->take_chunk;
	peer_kick(peer);
	if (loop_turn(peer->loop, 0))
		peer_die("the loop failed");
	return sent_before != peer->sent.len || got_before != peer->got.len ||
	       was_closed != peer_is_closed(peer);
}

bool peer_settle_within(struct peer *peer, unsigned turns)
{
	for (unsigned quiet = 0; quiet < PEER_QUIET_TURNS; turns--) {
		if (turns == 0)
			return false;
		quiet = peer_turn(peer) ? 0 : quiet + 1;
	}
	return true;
}

void peer_settle(struct peer *peer)
{
	if (!peer_settle_within(peer, PEER_SETTLE_TURNS))
		peer_die("the session does not come to rest");
}

void peer_close(struct peer *peer)
{
	if (peer->transport) {
		peer_kick(peer);
		peer->transport->is_reset = true;
		peer_settle(peer);
	}
	if (peer->transport)
		peer->transport->peer = NULL;
	buf_free(&peer->sent);
	buf_free(&peer->got);
}
