/* mbedtls_config.h - what of mbedTLS 3.6 Surel is built with, in place of the library's own file.
 *
 * A switch that is absent is off: no file system, no sockets, no debug strings, no DTLS, none of
 * the ciphers that only old or odd peers ask for. Each one that is on says why. 16 KiB in and 4 KiB
 * out make 22 to 27 KiB of memory per connection.
 *
 * Threads: MBEDTLS_THREADING_C stays off. All of TLS, X.509, the random generators and PSA belong
 * to the loop's thread. Worker threads may use only what keeps no state outside the context that
 * the caller owns: mbedtls_sha256*, mbedtls_md*, mbedtls_pkcs5_pbkdf2_hmac_ext, mbedtls_base64*.
 * They must not touch psa_*, a pk, ssl, entropy or ctr_drbg context. Debian's own library has
 * threading on, so nothing may rely on it being off either. */

/* What is there without TLS, too. SHA-1 is wanted by nothing that we offer. */
#define MBEDTLS_MD_C     /* the layer over all hashes, and HMAC */
#define MBEDTLS_SHA256_C /* the usual hash of TLS and certificates; SCRAM; receipts of mail */
#define MBEDTLS_PKCS5_C  /* PBKDF2, which verifiers of passwords are made by */
#define MBEDTLS_DEPRECATED_REMOVED /* nobody here calls what is about to go */

#ifdef SUREL_TLS_NONE          /* boards without TLS: passwords only */
#define MBEDTLS_SHA256_SMALLER /* as a loop: 1.3 KiB less */
#else

/* Platform. */
#define MBEDTLS_HAVE_ASM           /* assembler for big numbers: handshakes three times as fast */
#define MBEDTLS_HAVE_TIME          /* tickets have an age */
#define MBEDTLS_HAVE_TIME_DATE     /* certificates have dates */
#define MBEDTLS_PLATFORM_C         /* wanted by the next line */
#define MBEDTLS_PLATFORM_MEMORY    /* malloc can be replaced: tests count it and let it fail */
#define MBEDTLS_NO_UDBL_DIVISION   /* no division of 128 bits, 850 octets of the compiler's library */

/* Ciphers. */
#define MBEDTLS_AES_C                   /* AES, for GCM and the random generator */
#define MBEDTLS_AES_ROM_TABLES          /* its tables are constants: flash and not memory */
#define MBEDTLS_AES_FEWER_TABLES        /* one table turned instead of four: 6 KiB less */
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT /* GCM and the generator only ever encrypt blocks */
#define MBEDTLS_GCM_C                   /* AES-GCM, which TLS 1.3 demands */
#define MBEDTLS_CHACHA20_C              /* ChaCha20-Poly1305, fast where there are no instructions */
#define MBEDTLS_POLY1305_C              /* for AES; these three are its parts */
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_CIPHER_C /* the layer by which TLS 1.2 uses the above */
#if defined(__x86_64__)
#define MBEDTLS_AESNI_C /* the processor's instructions for AES, where it has them */
#endif
#if defined(__aarch64__)
#define MBEDTLS_AESCE_C /* the same */
#endif

/* Hashes. */
#define MBEDTLS_SHA384_C       /* TLS_AES_256_GCM_SHA384 and certificates of larger authorities */
#define MBEDTLS_SHA512_C       /* the same code as SHA-384; signatures in certificates */
#define MBEDTLS_SHA512_SMALLER /* as a loop: 2 KiB less, slower by a fifth, and seldom used */

/* Randomness is the kernel's, handed over by the daemon (net/tls.c). */
#define MBEDTLS_HMAC_DRBG_C /* for ECDSA_DETERMINISTIC below */

/* Public keys: P-256 and X25519 to agree on keys; ECDSA on P-256, which our own certificate has, and
 * RSA, which an administrator's may have, to sign. */
#define MBEDTLS_BIGNUM_C                 /* numbers of thousands of bits, for all of these */
#define MBEDTLS_ECP_C                    /* curves */
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED /* P-256: everybody has it */
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED /* X25519: everybody prefers it */
#define MBEDTLS_ECP_NIST_OPTIM           /* reduction made for P-256: four times as fast for 1 KiB */
#define MBEDTLS_ECDH_C                   /* keys agreed on for each connection: forward secrecy */
#define MBEDTLS_ECDSA_C                  /* signatures by such keys */
#define MBEDTLS_ECDSA_DETERMINISTIC      /* a poor source of randomness cannot give the key away */
#ifndef SUREL_TLS_SMALL
#define MBEDTLS_RSA_C                    /* RSA keys, never made here */
#define MBEDTLS_PKCS1_V15                /* RSA as TLS 1.2 signs, and most certificates are signed */
#define MBEDTLS_PKCS1_V21                /* RSA-PSS, as TLS 1.3 signs */
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT  /* an administrator's certificate may be signed so */
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED /* 1.2 with such a certificate */
#endif

/* Keys and certificates as files have them. */
#define MBEDTLS_OID_C         /* names of algorithms and extensions */
#define MBEDTLS_ASN1_PARSE_C  /* the encoding of both, to read */
#define MBEDTLS_ASN1_WRITE_C  /* and to write the house's own */
#define MBEDTLS_BASE64_C      /* for PEM, and for mail's own base64 in SASL */
#define MBEDTLS_PEM_PARSE_C   /* keys and certificates are text files: read */
#define MBEDTLS_PEM_WRITE_C   /* and written */
#define MBEDTLS_PK_C          /* one interface to ECDSA and RSA keys */
#define MBEDTLS_PK_PARSE_C    /* reading keys */
#define MBEDTLS_PK_WRITE_C    /* writing the keys that were made */

/* X.509. */
#define MBEDTLS_X509_USE_C              /* wanted by the next line */
#define MBEDTLS_X509_CRT_PARSE_C        /* certificates are read, and ours checked against its authority */
#define MBEDTLS_X509_CREATE_C           /* wanted by the next line */
#define MBEDTLS_X509_CRT_WRITE_C        /* the house's authority and certificates are made here */
#define MBEDTLS_X509_REMOVE_INFO        /* no texts that print a certificate to a human */

/* TLS 1.2 and 1.3, key exchange with forward secrecy only. */
#define MBEDTLS_SSL_TLS_C     /* TLS */
#ifndef SUREL_TLS_SERVER_ONLY /* boards: the daemon is no client, the tests are */
#define MBEDTLS_SSL_CLI_C
#endif
#define MBEDTLS_SSL_SRV_C         /* the server */
#define MBEDTLS_SSL_PROTO_TLS1_2  /* mail programs of before 2020 */
#ifndef SUREL_TLS_SMALL           /* boards whose option TLS_FULL is off; all of PSA goes with it, below */
#define MBEDTLS_SSL_PROTO_TLS1_3  /* all others */
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE /* looks like 1.2 to boxes on the way (RFC 8446 D.4) */
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED     /* a full handshake of 1.3 */
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED /* resumption in 1.3 */
#define MBEDTLS_HKDF_C                  /* the key schedule of TLS 1.3 */
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE /* wanted by TLS 1.3 */
#endif
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED /* 1.2 with the house's kind of certificate */
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET /* binds 1.2's keys to its handshake (RFC 7627) */
#define MBEDTLS_SSL_SERVER_NAME_INDICATION /* clients say whom they want; it goes into the log */
#define MBEDTLS_SSL_ALPN                   /* clients say which protocol they want; browsers insist */
#define MBEDTLS_SSL_SESSION_TICKETS        /* resumption that costs the server no memory */
#define MBEDTLS_SSL_TICKET_C               /* the keys of tickets */
#define MBEDTLS_SSL_KEYING_MATERIAL_EXPORT /* tls-exporter binding of SCRAM-SHA-256-PLUS, RFC 9266 */

/* PSA does TLS 1.3's cryptography. What it is to know is said here and not derived from the above,
 * or it would bring every algorithm in all its forms; the library reads this file again for it. */
#ifndef SUREL_TLS_SMALL
#define MBEDTLS_PSA_CRYPTO_C                    /* TLS 1.3 is built on it */
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG         /* its random numbers, too, come from the kernel */
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS    /* our buffers stay ours while it works: no copies */
#define MBEDTLS_PSA_CRYPTO_CONFIG               /* the list below counts */
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "mbedtls/mbedtls_config.h" /* and stands here */
#define PSA_WANT_ALG_GCM 1                      /* records: TLS_AES_*_GCM_* */
#define PSA_WANT_ALG_CHACHA20_POLY1305 1        /* records: TLS_CHACHA20_POLY1305_SHA256 */
#define PSA_WANT_ALG_SHA_256 1                  /* transcripts of handshakes */
#define PSA_WANT_ALG_SHA_384 1                  /* the same for TLS_AES_256_GCM_SHA384 */
#define PSA_WANT_ALG_SHA_512 1                  /* signatures that clients offer */
#define PSA_WANT_ALG_HMAC 1                     /* Finished messages */
#define PSA_WANT_ALG_HKDF_EXTRACT 1             /* the key schedule */
#define PSA_WANT_ALG_HKDF_EXPAND 1              /* the same */
#define PSA_WANT_ALG_ECDH 1                     /* agreeing on keys */
#define PSA_WANT_ECC_MONTGOMERY_255 1           /* X25519 */
#define PSA_WANT_ECC_SECP_R1_256 1              /* P-256 */
#define PSA_WANT_KEY_TYPE_AES 1                 /* what can be a key: the ciphers' */
#define PSA_WANT_KEY_TYPE_CHACHA20 1            /* the same */
#define PSA_WANT_KEY_TYPE_HMAC 1                /* the hashes' */
#define PSA_WANT_KEY_TYPE_DERIVE 1              /* what others are derived from */
#define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY 1      /* the peer's half */
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_BASIC 1  /* our half */
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_GENERATE 1 /* which is made anew each time */
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_IMPORT 1 /* wanted by the line before */
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_EXPORT 1 /* the same */
#endif

/* Peers send records of up to 16 KiB whatever we ask for; how large ours are is our choice.
 * VARIABLE_BUFFER_LENGTH stays off: with these two sizes it breaks TLS 1.2. */
#define MBEDTLS_SSL_IN_CONTENT_LEN  16384
#define MBEDTLS_SSL_OUT_CONTENT_LEN 4096
#endif /* SUREL_TLS_NONE */
