/* mbedtls_config.h - what of mbedTLS 3.6 Surel is built with, in place of the library's own file.
 *
 * A switch that is absent is off: no file system, no sockets, no debug strings, no DTLS, none of
 * the ciphers that only old or odd peers ask for. Everything on here is used by net/tls.c,
 * base/password.c or a test. 16 KiB in and 4 KiB out make 22 to 27 KiB of memory per connection.
 *
 * Threads: MBEDTLS_THREADING_C stays off. All of TLS, X.509, the random generators and PSA belong
 * to the loop's thread. Worker threads may use only what keeps no state outside the context that
 * the caller owns: mbedtls_sha256*, mbedtls_md*, mbedtls_pkcs5_pbkdf2_hmac_ext, mbedtls_base64*.
 * They must not touch psa_*, a pk, ssl, entropy or ctr_drbg context. Debian's own library has
 * threading on, so nothing may rely on it being off either. */

/* Platform: assembler for big numbers, a clock for certificates' dates; malloc can be replaced, so
 * that tests count bytes and let allocations fail. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_HAVE_TIME_DATE
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_DEPRECATED_REMOVED

/* Ciphers. AES tables are constant data (flash, not RAM) and the small set of them; AES
 * instructions where the processor has them. ChaCha20-Poly1305 is the fast one elsewhere. */
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_GCM_C
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_CIPHER_C
#if defined(__x86_64__)
#define MBEDTLS_AESNI_C
#endif
#if defined(__aarch64__)
#define MBEDTLS_AESCE_C
#endif

/* Hashes and what is made of them: SHA-1 is wanted by nothing in TLS 1.2 and 1.3 that we offer.
 * PKCS5 is PBKDF2 for SCRAM verifiers, HKDF is TLS 1.3's key schedule. */
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_HKDF_C
#define MBEDTLS_PKCS5_C

/* Randomness: the kernel's entropy through CTR_DRBG; HMAC_DRBG makes ECDSA deterministic, so that
 * a board with a poor random source does not leak its key by signing. */
#define MBEDTLS_ENTROPY_C
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_HMAC_DRBG_C

/* Public keys: ECDHE on X25519, P-256 and P-384; ECDSA and RSA (PKCS#1 v1.5 and PSS) signatures.
 * NIST_OPTIM is the fast reduction for the NIST curves. */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21

/* Keys and certificates as files have them: PEM both ways. */
#define MBEDTLS_OID_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_PEM_WRITE_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C

/* X.509: check others' certificates, write the house CA's, the server's and signing requests. The
 * texts for printing a certificate to a human are left out. */
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#define MBEDTLS_X509_CREATE_C
#define MBEDTLS_X509_CRT_WRITE_C
#define MBEDTLS_X509_CSR_WRITE_C
#define MBEDTLS_X509_REMOVE_INFO

/* TLS 1.2 and 1.3, server and client, key exchange with forward secrecy only; SNI and ALPN;
 * tickets for resumption, which cost the server no memory. KEEP_PEER_CERTIFICATE is required by
 * TLS 1.3. */
#define MBEDTLS_SSL_TLS_C
#ifndef SUREL_TLS_SERVER_ONLY /* what boards run: the daemon is no client, the tests are */
#define MBEDTLS_SSL_CLI_C
#endif
#define MBEDTLS_SSL_SRV_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_ALPN
#define MBEDTLS_SSL_SESSION_TICKETS
#define MBEDTLS_SSL_TICKET_C
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH

/* The tls-exporter channel binding of SCRAM-SHA-256-PLUS (RFC 9266). */
#define MBEDTLS_SSL_KEYING_MATERIAL_EXPORT

/* PSA does TLS 1.3's cryptography. Our buffers are ours alone while it works on them, so it need
 * not copy them first (1.7 KiB less at the peak of a handshake). */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS

/* Peers send records of up to 16 KiB whatever we ask for; how large ours are is our choice.
 * VARIABLE_BUFFER_LENGTH stays off: with these two sizes it breaks TLS 1.2. */
#define MBEDTLS_SSL_IN_CONTENT_LEN  16384
#define MBEDTLS_SSL_OUT_CONTENT_LEN 4096
