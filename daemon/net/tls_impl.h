/* tls_impl.h - what tls.c, tls_house.c and stream_tls.c share; for them alone. */
#ifndef NET_TLS_IMPL_H
#define NET_TLS_IMPL_H

#include <mbedtls/ssl.h>

#include "net/tls.h"

/* A key pair in use: by its context for new handshakes, and by every stream that shook hands with
 * it, since mbedTLS keeps pointers into it as long as the connection lives. */
struct tls_pair {
	unsigned refs;
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
	mbedtls_ssl_config config;
};

struct tls_pair *tls_pair_ref(struct tls_context *ctx);
void tls_pair_unref(struct tls_pair **pair);

/* tls_full.c, or tls_small.c in a build without TLS 1.3. */
extern const mbedtls_ssl_protocol_version tls_newest; /* that is spoken */
/* Once, before anything of TLS 1.3 or X.509. */
MUST_CHECK enum err tls_prepare(void);
/* The kernel's randomness in the shape mbedTLS asks for. */
int tls_random(void *unused, unsigned char *dst, size_t n);

MUST_CHECK enum err tls_read_cert(const char *path, mbedtls_x509_crt *cert);
MUST_CHECK enum err tls_read_key(const char *path, mbedtls_pk_context *key);
bool tls_key_fits(const mbedtls_x509_crt *cert, const mbedtls_pk_context *key);
int64_t tls_time_s(const mbedtls_x509_time *t);

#endif
