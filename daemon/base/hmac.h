/* hmac - HMAC-SHA-256 (RFC 2104) and PBKDF2 made of it (RFC 8018 5.2).
 *
 * mbedTLS's own are made for any hash; these need no memory and cannot fail, and PBKDF2 takes half
 * the time, because the key is hashed once and not at each iteration. Any thread. */
#ifndef BASE_HMAC_H
#define BASE_HMAC_H

#include <mbedtls/sha256.h>

#include "base/slice.h"

enum { HMAC_BYTES = 32 };

struct hmac {
	mbedtls_sha256_context inner, outer;
};

void hmac_begin(struct hmac *h, struct slice key);
void hmac_add(struct hmac *h, struct slice text);
void hmac_end(struct hmac *h, uint8_t mac_out[HMAC_BYTES]); /* nothing of the key is left in *h */

void hmac_of(struct slice key, struct slice text, uint8_t mac_out[HMAC_BYTES]);
/* The first block of the derived key, which is all that is wanted here. */
void hmac_stretch(struct slice password, struct slice salt, uint32_t iterations,
                  uint8_t key_out[HMAC_BYTES]);

#endif
