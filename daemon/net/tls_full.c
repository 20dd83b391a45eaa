#include <psa/crypto.h>

#include "net/tls_impl.h"

const mbedtls_ssl_protocol_version tls_newest = MBEDTLS_SSL_VERSION_TLS1_3;

enum err tls_prepare(void)
{
	return psa_crypto_init() == PSA_SUCCESS ? ERR_NONE : ERR_NOMEM;
}

#ifdef MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
/* Our build of the library has no generator of its own. */
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *unused,
					     uint8_t *dst, size_t n, size_t *n_out)
{
	(void)unused;
	*n_out = n;
	return tls_random(NULL, dst, n) ? PSA_ERROR_INSUFFICIENT_ENTROPY : PSA_SUCCESS;
}
#endif
