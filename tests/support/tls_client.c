#include "support/tls_client.h"

#include <check.h>
#include <errno.h>
#include <mbedtls/net_sockets.h>
#include <psa/crypto.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"

enum { CLIENT_TURNS = 10000 };

static int client_random(void *unused, unsigned char *dst, size_t n)
{
	(void)unused;
	secret_random(dst, n);
	return 0;
}

static int client_send_bytes(void *owner, const unsigned char *bytes, size_t n)
{
	const struct tls_client *c = owner;
	ssize_t put = send(c->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put >= 0)
		return (int)put;
	return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_NET_SEND_FAILED;
}

static int client_recv_bytes(void *owner, unsigned char *dst, size_t n)
{
	const struct tls_client *c = owner;
	ssize_t got = recv(c->fd, dst, n, MSG_DONTWAIT);
	if (got >= 0)
		return (int)got;
	return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_NET_RECV_FAILED;
}

static int client_count_certificate(void *owner, mbedtls_x509_crt *cert, int depth, uint32_t *flags)
{
	struct tls_client *c = owner;
	(void)cert, (void)depth, (void)flags;
	c->certificates_seen++;
	return 0;
}

void tls_client_init(struct tls_client *c, struct loop *loop, const char *ca_path,
		     mbedtls_ssl_protocol_version version)
{
	*c = (struct tls_client){.loop = loop, .fd = -1};
	ck_assert_int_eq(psa_crypto_init(), PSA_SUCCESS);
	mbedtls_ssl_config_init(&c->config);
	mbedtls_x509_crt_init(&c->ca);
	mbedtls_ssl_session_init(&c->session);
	mbedtls_ssl_init(&c->ssl);
	char pem[8192];
	FILE *file = fopen(ca_path, "r");
	ck_assert_ptr_nonnull(file);
	size_t n = fread(pem, 1, sizeof(pem) - 1, file);
	fclose(file);
	pem[n] = 0;
	ck_assert_int_eq(mbedtls_x509_crt_parse(&c->ca, (unsigned char *)pem, n + 1), 0);
	ck_assert_int_eq(mbedtls_ssl_config_defaults(&c->config, MBEDTLS_SSL_IS_CLIENT,
						     MBEDTLS_SSL_TRANSPORT_STREAM,
						     MBEDTLS_SSL_PRESET_DEFAULT),
			 0);
	mbedtls_ssl_conf_min_tls_version(&c->config, version);
	mbedtls_ssl_conf_max_tls_version(&c->config, version);
	mbedtls_ssl_conf_rng(&c->config, client_random, NULL);
	mbedtls_ssl_conf_ca_chain(&c->config, &c->ca, NULL);
	mbedtls_ssl_conf_verify(&c->config, client_count_certificate, c);
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
		&c->config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
}

static bool client_must_wait(int result)
{
	return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static void client_turn(struct tls_client *c, int *turns)
{
	ck_assert_int_lt((*turns)++, CLIENT_TURNS);
	ck_assert_int_eq(loop_turn(c->loop, 1), ERR_NONE);
}

bool tls_client_connect(struct tls_client *c, int fd, const char *host)
{
	int turns = 0;
	c->fd = fd;
	c->is_open = true;
	c->certificates_seen = 0;
	ck_assert_int_eq(mbedtls_ssl_setup(&c->ssl, &c->config), 0);
	ck_assert_int_eq(mbedtls_ssl_set_hostname(&c->ssl, host), 0);
	if (c->has_session)
		ck_assert_int_eq(mbedtls_ssl_set_session(&c->ssl, &c->session), 0);
	mbedtls_ssl_set_bio(&c->ssl, c, client_send_bytes, client_recv_bytes, NULL);
	while (client_must_wait(c->failure = mbedtls_ssl_handshake(&c->ssl)))
		client_turn(c, &turns);
	/* TLS 1.2 has the ticket by now; that of 1.3 comes with the first bytes. */
	if (!c->failure && mbedtls_ssl_get_version_number(&c->ssl) == MBEDTLS_SSL_VERSION_TLS1_2)
		c->has_session = mbedtls_ssl_get_session(&c->ssl, &c->session) == 0;
	return c->failure == 0;
}

bool tls_client_send(struct tls_client *c, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	int turns = 0;
	while (n) {
		int put = mbedtls_ssl_write(&c->ssl, at, n);
		if (put < 0 && !client_must_wait(put)) {
			c->failure = put;
			return false;
		}
		if (put < 0) {
			client_turn(c, &turns);
			continue;
		}
		at += put;
		n -= (size_t)put;
	}
	return true;
}

bool tls_client_receive(struct tls_client *c, void *dst, size_t n)
{
	unsigned char *at = dst;
	int turns = 0;
	while (n) {
		int got = mbedtls_ssl_read(&c->ssl, at, n);
		if (got == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
			mbedtls_ssl_session_free(&c->session);
			mbedtls_ssl_session_init(&c->session);
			c->has_session = mbedtls_ssl_get_session(&c->ssl, &c->session) == 0;
		} else if (client_must_wait(got)) {
			client_turn(c, &turns);
		} else if (got <= 0) {
			c->failure = got;
			return false;
		} else {
			at += got;
			n -= (size_t)got;
		}
	}
	return true;
}

void tls_client_hang_up(struct tls_client *c, bool politely)
{
	if (!c->is_open)
		return;
	if (politely)
		ck_assert_int_eq(mbedtls_ssl_close_notify(&c->ssl), 0);
	close(c->fd);
	mbedtls_ssl_free(&c->ssl);
	mbedtls_ssl_init(&c->ssl);
	c->is_open = false;
}

void tls_client_free(struct tls_client *c)
{
	tls_client_hang_up(c, false);
	mbedtls_ssl_session_free(&c->session);
	mbedtls_ssl_config_free(&c->config);
	mbedtls_x509_crt_free(&c->ca);
	mbedtls_ssl_free(&c->ssl);
}
