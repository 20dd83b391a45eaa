#include <psa/crypto.h>

#include "net/tls_impl.h"

const mbedtls_ssl_protocol_version tls_newest = MBEDTLS_SSL_VERSION_TLS1_3;

enum err tls_prepare(void)
{
	return psa_crypto_init() == PSA_SUCCESS ? ERR_NONE : ERR_NOMEM;
}
