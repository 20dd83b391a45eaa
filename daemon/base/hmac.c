#include "base/hmac.h"

#include "base/secret.h"

enum { HMAC_BLOCK = 64, INNER = 0x36, OUTER = 0x5c };

static void hmac_pad(mbedtls_sha256_context *sha, uint8_t block[HMAC_BLOCK], uint8_t with)
{
	for (size_t i = 0; i < HMAC_BLOCK; i++)
		block[i] ^= with;
	mbedtls_sha256_init(sha);
	mbedtls_sha256_starts(sha, 0);
	mbedtls_sha256_update(sha, block, HMAC_BLOCK);
}

void hmac_begin(struct hmac *h, struct slice key)
{
	uint8_t block[HMAC_BLOCK] = {0};
	if (key.len > sizeof(block))
		mbedtls_sha256(key.ptr, key.len, block, 0);
	else if (key.len)
		memcpy(block, key.ptr, key.len);
	hmac_pad(&h->inner, block, INNER);
	hmac_pad(&h->outer, block, INNER ^ OUTER);
	secret_wipe(block, sizeof(block));
}

void hmac_add(struct hmac *h, struct slice text)
{
	mbedtls_sha256_update(&h->inner, text.ptr, text.len);
}

static void hmac_finish(struct hmac *h, uint8_t mac_out[HMAC_BYTES])
{
	mbedtls_sha256_finish(&h->inner, mac_out);
	mbedtls_sha256_update(&h->outer, mac_out, HMAC_BYTES);
	mbedtls_sha256_finish(&h->outer, mac_out);
}

void hmac_end(struct hmac *h, uint8_t mac_out[HMAC_BYTES])
{
	hmac_finish(h, mac_out);
	secret_wipe(h, sizeof(*h));
}

void hmac_of(struct slice key, struct slice text, uint8_t mac_out[HMAC_BYTES])
{
	struct hmac h;
	hmac_begin(&h, key);
	hmac_add(&h, text);
	hmac_end(&h, mac_out);
}

void hmac_stretch(struct slice password, struct slice salt, uint32_t iterations,
		  uint8_t key_out[HMAC_BYTES])
{
	static const uint8_t first_block[] = {0, 0, 0, 1};
	uint8_t mac[HMAC_BYTES];
	struct hmac keyed, h;
	hmac_begin(&keyed, password);
	h = keyed;
	hmac_add(&h, salt);
	hmac_add(&h, slice_of(first_block, sizeof(first_block)));
	hmac_finish(&h, mac);
	memcpy(key_out, mac, sizeof(mac));
	for (uint32_t i = 1; i < iterations; i++) {
		h = keyed;
		hmac_add(&h, slice_of(mac, sizeof(mac)));
		hmac_finish(&h, mac);
		for (size_t at = 0; at < sizeof(mac); at++)
			key_out[at] ^= mac[at];
	}
	secret_wipe(&keyed, sizeof(keyed));
	secret_wipe(&h, sizeof(h));
	secret_wipe(mac, sizeof(mac));
}
