/* tls_write - keys and certificates of the house, made as DER and written as PEM files.
 *
 * All are alike: EC P-256, X.509 version 3, SHA-256. So most of their octets are known beforehand, and
 * what is left needs none of mbedTLS's writers for everything, which are 13 KiB. RFC 5280, RFC 5915. */
#ifndef NET_TLS_WRITE_H
#define NET_TLS_WRITE_H

#include <mbedtls/x509_crt.h>

#include "base/slice.h"

enum { TLS_NAME_MAX_BYTES = 253 };

/* One name of a certificate: a DNS name, or 4 or 16 octets of an address. */
struct tls_name {
	uint8_t kind; /* MBEDTLS_X509_SAN_DNS_NAME or MBEDTLS_X509_SAN_IP_ADDRESS */
	uint8_t len, bytes[TLS_NAME_MAX_BYTES];
};

struct tls_certificate {
	const char *common_name;
	int64_t from_s, to_s;              /* wall seconds */
	const struct tls_name *names;
	size_t name_count;
	mbedtls_pk_context *key;           /* its own; ERR_UNSUPPORTED when it is not EC P-256 */
	const mbedtls_x509_crt *issuer;    /* NULL: it is an authority and signs itself */
	mbedtls_pk_context *issuer_key;
};

/* A new key into a file of mode 0600, durably. */
MUST_CHECK enum err tls_write_key(const char *path);
MUST_CHECK enum err tls_write_certificate(const char *path, const struct tls_certificate *c);

#endif
