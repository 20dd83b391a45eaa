/* tls - server contexts, certificates, and the house's own CA (mbedTLS 3.6).
 *
 * A context is shared by all streams that use it and is reference-counted, so a certificate can be
 * replaced while connections are open: tls_context_reload swaps the key pair for new handshakes.
 * TLS 1.2 and 1.3 only; session tickets, whose key changes by itself, so that resumption costs the
 * server no memory; ALPN is not required. RFC 8446, RFC 5246, RFC 8314.
 *
 * All calls belong to the loop's thread: mbedTLS's PSA state has no lock in our build. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/slice.h"

struct tls_context;
struct transport;

/* Paths of PEM files: the certificate, with its chain behind it, and its key without a password.
 * They may be replaced on disk; tls_context_reload then takes them. */
struct tls_files {
	const char *cert_path, *key_path;
};
/* ERR_NOT_FOUND, ERR_IO: files; ERR_SYNTAX: not PEM; ERR_DENIED: the key is another one's. */
MUST_CHECK enum err tls_context_open(const struct tls_files *files, struct tls_context **out);
MUST_CHECK enum err tls_context_reload(struct tls_context *ctx); /* keeps the old pair on error */
bool tls_context_is_stale(const struct tls_context *ctx);         /* files changed since loading */
int64_t tls_context_not_after(const struct tls_context *ctx);     /* wall seconds */
struct tls_context *tls_context_ref(struct tls_context *ctx);
void tls_context_unref(struct tls_context **ctx);

/* First start: writes ca.pem/ca.key (10 years, EC P-256, CA:TRUE, path length 0) and
 * cert.pem/key.pem (824 days, serverAuth, SANs) into `dir` when they are missing; renews cert.pem
 * when it is near its end, or when the wanted names are not all in it. Files are written durably,
 * keys with mode 0600, each key before its certificate, so that a cut in between is repaired by the
 * next call. `names` are DNS names and numeric addresses, TLS_NAMES_MAX at most; ERR_SYNTAX for
 * anything else. A cert.pem that somebody else's CA has signed is left alone. ca.key may be taken
 * away by its owner; a new CA is made when it would be needed again.
 *
 * Dates: with a clock that is not sane (1970) certificates begin at the clock's floor and none is
 * thought expired. Call again when the clock has become sane, and daily; tls_context_is_stale tells
 * then whether there is something to reload. */
enum { TLS_NAMES_MAX = 32 };
MUST_CHECK enum err tls_make_house_certificate(const char *dir, const char *const *names,
                                               size_t name_count);
/* True when cert.pem in `dir` was signed by the ca.pem beside it: whoever trusts that CA trusts this
 * box. Reads both files and checks a signature. */
bool tls_is_house_certificate(const char *dir);

/* TLS server over `lower`, which it owns from here in all cases. */
MUST_CHECK enum err tls_transport_new(struct tls_context *ctx, struct transport *lower,
                                      struct transport **transport_out);

#endif
