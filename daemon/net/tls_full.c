#include <psa/crypto.h>

#include "net/tls_impl.h"

const mbedtls_ssl_protocol_version tls_newest = MBEDTLS_SSL_VERSION_TLS1_3;

enum err tls_prepare(void)
{
	return psa_crypto_init() == PSA_SUCCESS ? ERR_NONE : ERR_NOMEM;
}

#ifdef MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
/* Our build of the library has no generator of its own. */
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
					     uint8_t *output, size_t output_size,
					     size_t *output_length)
{
	(void)context;
	*output_length = output_size;
	return tls_random(NULL, output, output_size) ? PSA_ERROR_INSUFFICIENT_ENTROPY : PSA_SUCCESS;
}
#endif
