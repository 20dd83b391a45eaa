#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <mbedtls/net_sockets.h>

#include "base/log.h"
#include "net/stream.h"
#include "net/tls_impl.h"

enum {
	/* mbedTLS reads five bytes of a record's head, then the rest. Reading this much at once
	 * makes one call of it for commands; bodies of large records go straight to their place. */
	TLS_AHEAD_BYTES = 512,
	/* Records wait until the turn's output is complete or this much is together. The two make
	 * one write of a reply, of a flight of the handshake, and of four 4 KiB records. */
	TLS_HELD_BYTES = 16 * 1024,
	TLS_HELD_MAX_BYTES = 64 * 1024,
};

struct transport_tls {
	struct transport transport;
	struct transport *lower;
	struct tls_context *ctx; /* its ticket keys */
	struct tls_pair *pair;
	mbedtls_ssl_context ssl;
	struct buf ahead; /* read from below, not yet taken by mbedTLS */
	struct buf held;  /* written by mbedTLS, not yet passed below */
	bool started, failed, said_goodbye;
};

static struct transport_tls *tls_of(const struct transport *t)
{
	return (struct transport_tls *)t;
}

/* --- below mbedTLS ---------------------------------------------------------------------------- */

static int tls_send(void *owner, const unsigned char *bytes, size_t n)
{
	struct transport_tls *t = owner;
	if (n > INT_MAX || buf_add(&t->held, bytes, n) != ERR_NONE)
		return MBEDTLS_ERR_NET_SEND_FAILED;
	return (int)n;
}

static enum err tls_fill_ahead(struct transport_tls *t)
{
	uint8_t *room = NULL;
	size_t got = 0;
	enum err err = buf_reserve(&t->ahead, TLS_AHEAD_BYTES, &room);
	if (!err)
		err = t->lower->ops->read(t->lower, room, TLS_AHEAD_BYTES, &got);
	if (err)
		buf_shrink(&t->ahead);
	else
		buf_commit(&t->ahead, got);
	return err;
}

static size_t tls_take_ahead(struct transport_tls *t, uint8_t *dst, size_t n)
{
	struct slice bytes = slice_upto(buf_view(&t->ahead), n);
	memcpy(dst, bytes.ptr, bytes.len);
	buf_consume(&t->ahead, bytes.len);
	buf_shrink(&t->ahead);
	return bytes.len;
}

static int tls_recv(void *owner, unsigned char *dst, size_t n)
{
	struct transport_tls *t = owner;
	enum err err = ERR_NONE;
	size_t got = 0;
	n = n > INT_MAX ? INT_MAX : n;
	if (t->ahead.len == 0 && n >= TLS_AHEAD_BYTES)
		err = t->lower->ops->read(t->lower, dst, n, &got);
	else if (t->ahead.len == 0)
		err = tls_fill_ahead(t);
	if (err)
		return err == ERR_AGAIN    ? MBEDTLS_ERR_SSL_WANT_READ
		       : err == ERR_CLOSED ? 0
					   : MBEDTLS_ERR_NET_RECV_FAILED;
	return (int)(got ? got : tls_take_ahead(t, dst, n));
}

/* Passes on what is held. ERR_AGAIN when the transport below is full. */
static enum err tls_pass_on(struct transport_tls *t)
{
	while (t->held.len) {
		size_t put = 0;
		enum err err = t->lower->ops->write(t->lower, buf_view(&t->held), &put);
		if (err)
			return err;
		buf_consume(&t->held, put);
	}
	buf_shrink(&t->held);
	return t->lower->ops->flush ? t->lower->ops->flush(t->lower) : ERR_NONE;
}

/* --- above mbedTLS ---------------------------------------------------------------------------- */

/* The few ways a handshake fails that people ask about; the rest is a number. */
static const char *tls_failure_text(int failure)
{
	switch (failure) {
	case MBEDTLS_ERR_SSL_CONN_EOF: return "the client hung up";
	case MBEDTLS_ERR_NET_RECV_FAILED:
	case MBEDTLS_ERR_NET_SEND_FAILED: return "the connection broke";
	case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
		return "the client refused, often because it does not trust the certificate";
	case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION: return "the client is too old for TLS 1.2";
	case MBEDTLS_ERR_SSL_INVALID_RECORD:
	case MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE: return "the client does not speak TLS";
	case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE: return "no cipher or curve in common";
	case MBEDTLS_ERR_SSL_ALLOC_FAILED: return "out of memory";
	default: return "";
	}
}

static void tls_log_failure(const struct transport_tls *t, int failure)
{
	struct net_address peer = {.len = sizeof(peer.v6)};
	char from[NET_ADDRESS_TEXT_BYTES];
	if (getpeername(t->lower->ops->fd(t->lower), &peer.sa, &peer.len) != 0)
		peer.len = 0;
	net_address_text(&peer, from, sizeof(from));
	log_info(0, "TLS handshake with %s failed (-0x%04x): %s", from, (unsigned)-failure,
		 tls_failure_text(failure));
}

/* Not in mbedTLS's public headers, though its symbol is in every build of 3.6. After TLS 1.2 the
 * library calls it by itself; after TLS 1.3 it keeps the handshake's state and keys as long as the
 * connection lives: 3.7 of 26 KiB, of which an idle client has no use. Nothing past the handshake
 * looks at them without asking whether they are there. */
_Static_assert(MBEDTLS_VERSION_MAJOR == 3 && MBEDTLS_VERSION_MINOR == 6,
	       "look what this version frees at the end of a TLS 1.3 handshake");
void mbedtls_ssl_handshake_wrapup_free_hs_transform(mbedtls_ssl_context *ssl);

static void tls_forget_handshake(struct transport_tls *t)
{
	if (mbedtls_ssl_get_version_number(&t->ssl) == MBEDTLS_SSL_VERSION_TLS1_3)
		mbedtls_ssl_handshake_wrapup_free_hs_transform(&t->ssl);
}

static enum err tls_start(struct transport *transport)
{
	struct transport_tls *t = tls_of(transport);
	int result = mbedtls_ssl_handshake(&t->ssl);
	enum err err = tls_pass_on(t); /* a flight, or the alert that says why not */
	t->started = result == 0;
	if (t->started)
		tls_forget_handshake(t);
	if (result == 0 || result == MBEDTLS_ERR_SSL_WANT_READ) {
		if (err && err != ERR_AGAIN)
			return err;
		return t->started ? ERR_NONE : ERR_AGAIN;
	}
	t->failed = true;
	tls_log_failure(t, result);
	return ERR_IO;
}

static enum err tls_read(struct transport *transport, uint8_t *dst, size_t n, size_t *got_out)
{
	struct transport_tls *t = tls_of(transport);
	int result = mbedtls_ssl_read(&t->ssl, dst, n);
	if (result > 0) {
		*got_out = (size_t)result;
		return ERR_NONE;
	}
	switch (result) {
	case MBEDTLS_ERR_SSL_WANT_READ:
	case MBEDTLS_ERR_SSL_WANT_WRITE: return ERR_AGAIN;
	/* An end without close_notify is an end: no mail protocol trusts it as a message's. */
	case 0:
	case MBEDTLS_ERR_SSL_CONN_EOF:
	case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return ERR_CLOSED;
	default: break;
	}
	t->failed = true;
	if (tls_pass_on(t) != ERR_NONE) /* the alert */
		log_debug(0, "a TLS alert could not be sent");
	return ERR_IO;
}

static enum err tls_write(struct transport *transport, struct slice bytes, size_t *put_out)
{
	struct transport_tls *t = tls_of(transport);
	if (t->held.len >= TLS_HELD_BYTES) {
		enum err err = tls_pass_on(t);
		if (err)
			return err;
	}
	int result = mbedtls_ssl_write(&t->ssl, bytes.ptr, bytes.len);
	if (result < 0) {
		t->failed = true;
		return ERR_IO;
	}
	*put_out = (size_t)result;
	return ERR_NONE;
}

static enum err tls_flush(struct transport *transport)
{
	return tls_pass_on(tls_of(transport));
}

static unsigned tls_wants(const struct transport *transport)
{
	const struct transport_tls *t = tls_of(transport);
	if (t->started)
		return t->lower->ops->wants(t->lower);
	return WATCH_READ | (t->held.len ? WATCH_WRITE : 0u);
}

static bool tls_has_input(const struct transport *transport)
{
	const struct transport_tls *t = tls_of(transport);
	return t->ahead.len || mbedtls_ssl_check_pending(&t->ssl) ||
	       t->lower->ops->has_input(t->lower);
}

static int tls_fd(const struct transport *transport)
{
	const struct transport *lower = tls_of(transport)->lower;
	return lower->ops->fd(lower);
}

static void tls_say_goodbye(struct transport_tls *t)
{
	if (t->started && !t->failed && !t->said_goodbye)
		t->failed = mbedtls_ssl_close_notify(&t->ssl) != 0;
	t->said_goodbye = true;
}

static enum err tls_shut(struct transport *transport)
{
	struct transport_tls *t = tls_of(transport);
	tls_say_goodbye(t);
	enum err err = tls_pass_on(t);
	if (err)
		return err;
	return t->lower->ops->shut ? t->lower->ops->shut(t->lower) : ERR_CLOSED;
}

static struct transport *tls_lower(const struct transport *transport)
{
	return tls_of(transport)->lower;
}

static void tls_free(struct transport_tls *t)
{
	mbedtls_ssl_free(&t->ssl);
	buf_free(&t->ahead);
	buf_free(&t->held);
	t->lower->ops->close(t->lower);
	tls_pair_unref(&t->pair);
	tls_context_unref(&t->ctx);
	free(t);
}

static void tls_close(struct transport *transport)
{
	struct transport_tls *t = tls_of(transport);
	tls_say_goodbye(t);
	if (tls_pass_on(t) == ERR_AGAIN)
		log_debug(0, "a peer reads too slowly to hear our goodbye");
	tls_free(t);
}

static const struct transport_ops transport_tls_ops = {
	.start = tls_start,
	.read = tls_read,
	.write = tls_write,
	.flush = tls_flush,
	.wants = tls_wants,
	.has_input = tls_has_input,
	.fd = tls_fd,
	.shut = tls_shut,
	.lower = tls_lower,
	.close = tls_close,
};

enum err tls_transport_new(struct tls_context *ctx, struct transport *lower,
			   struct transport **transport_out)
{
	struct transport_tls *t = calloc(1, sizeof(*t));
	if (!t) {
		lower->ops->close(lower);
		return ERR_NOMEM;
	}
	t->transport.ops = &transport_tls_ops;
	t->lower = lower;
	t->ctx = tls_context_ref(ctx);
	t->pair = tls_pair_ref(ctx);
	buf_init(&t->ahead, TLS_AHEAD_BYTES);
	buf_init(&t->held, TLS_HELD_MAX_BYTES);
	mbedtls_ssl_init(&t->ssl);
	mbedtls_ssl_set_bio(&t->ssl, t, tls_send, tls_recv, NULL);
	if (mbedtls_ssl_setup(&t->ssl, &t->pair->config) != 0) {
		tls_free(t);
		return ERR_NOMEM;
	}
	*transport_out = &t->transport;
	return ERR_NONE;
}

/* --- of a stream ------------------------------------------------------------------------------ */

static enum err tls_make_upper(void *arg, struct transport *lower, struct transport **upper_out)
{
	return tls_transport_new(arg, lower, upper_out);
}

enum err stream_start_tls(struct stream *s, struct tls_context *tls)
{
	if (!tls)
		return ERR_UNSUPPORTED;
	return stream_is_tls(s) ? ERR_STATE : stream_wrap(s, tls_make_upper, tls);
}

static struct transport_tls *tls_of_stream(const struct stream *s)
{
	struct transport *t = stream_transport(s, &transport_tls_ops);
	return t && tls_of(t)->started ? tls_of(t) : NULL;
}

bool stream_is_tls(const struct stream *s)
{
	return tls_of_stream(s) != NULL;
}

/* mbedTLS writes "TLS1-3-AES-256-GCM-SHA384" for what IANA calls TLS_AES_256_GCM_SHA384. */
const char *stream_tls_text(const struct stream *s)
{
	static char text[96];
	const struct transport_tls *t = tls_of_stream(s);
	if (!t)
		return "";
	const char *suite = mbedtls_ssl_get_ciphersuite(&t->ssl);
	const char *rest = strncmp(suite, "TLS1-3-", 7) == 0 ? suite + 7 : suite + 4;
	snprintf(text, sizeof(text), "%s TLS_%s", mbedtls_ssl_get_version(&t->ssl), rest);
	for (char *c = strchr(text, ' '); c && *c; c++)
		*c = *c == '-' ? '_' : *c;
	return text;
}

enum err stream_tls_exporter(const struct stream *s, uint8_t out[32])
{
	static const char label[] = "EXPORTER-Channel-Binding"; /* RFC 9266 2, no context */
	struct transport_tls *t = tls_of_stream(s);
	if (!t || mbedtls_ssl_get_version_number(&t->ssl) != MBEDTLS_SSL_VERSION_TLS1_3)
		return ERR_UNSUPPORTED;
#if defined(MBEDTLS_SSL_KEYING_MATERIAL_EXPORT) /* absent before 3.6.3 and from some packages */
	if (mbedtls_ssl_export_keying_material(&t->ssl, out, 32, label, sizeof(label) - 1, NULL, 0,
					       0))
		return ERR_UNSUPPORTED;
	return ERR_NONE;
#else
	(void)out;
	(void)label;
	return ERR_UNSUPPORTED;
#endif
}
