/* tls_client - a TLS client in the test's own process, for servers that run on a loop here.
 *
 * Everything is non-blocking: tls_client_* turn the loop until they are done, at most 10,000 times;
 * then the test fails. The client verifies the server by the CA given to it. */
#ifndef SUPPORT_TLS_CLIENT_H
#define SUPPORT_TLS_CLIENT_H

#include <mbedtls/ssl.h>

#include "net/loop.h"

struct tls_client {
	struct loop *loop;
	int fd;
	mbedtls_ssl_config config;
	mbedtls_x509_crt ca;
	mbedtls_ssl_context ssl;
	mbedtls_ssl_session session; /* the last ticket, for the next connection */
	bool has_session, is_open;
	unsigned certificates_seen; /* 0 after a handshake: the session was resumed */
	int failure;                /* of the last call, as mbedTLS has it */
};

/* version: MBEDTLS_SSL_VERSION_TLS1_2 or _TLS1_3. */
void tls_client_init(struct tls_client *c, struct loop *loop, const char *ca_path,
                     mbedtls_ssl_protocol_version version);
/* Shakes hands over fd, which it takes over; resumes the last session if there is one. */
bool tls_client_connect(struct tls_client *c, int fd, const char *host);
bool tls_client_send(struct tls_client *c, const void *bytes, size_t n);
/* Reads exactly n bytes. False at the end or on an error; then failure tells which. */
bool tls_client_receive(struct tls_client *c, void *dst, size_t n);
void tls_client_hang_up(struct tls_client *c, bool politely); /* with close_notify or without */
void tls_client_free(struct tls_client *c);

#endif
