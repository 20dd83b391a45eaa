#include "support/update_kit.h"

#include <stdio.h>
#include <stdlib.h>

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/sha256.h>

#include "base/codec.h"
#include "base/secret.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static int kit_random(void *unused, unsigned char *dst, size_t n)
{
	(void)unused;
	secret_random(dst, n);
	return 0;
}

static mbedtls_pk_context *kit_key(void)
{
	static mbedtls_pk_context key;
	static bool is_made;
	if (!is_made) {
		mbedtls_pk_init(&key);
		must(!mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)));
		must(!mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), kit_random,
					  NULL));
		is_made = true;
	}
	return &key;
}

struct slice update_kit_key(void)
{
	static char pem[1024];
	if (!*pem)
		must(!mbedtls_pk_write_pubkey_pem(kit_key(), (unsigned char *)pem, sizeof(pem)));
	return slice_of(pem, strlen(pem) + 1);
}

void update_kit_sign(const char *text, struct buf *dst)
{
	uint8_t hash[32], der[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
	size_t len = 0, before = dst->len;
	must(!mbedtls_sha256((const unsigned char *)text, strlen(text), hash, 0));
	must(!mbedtls_pk_sign(kit_key(), MBEDTLS_MD_SHA256, hash, sizeof(hash), der, sizeof(der),
			      &len, kit_random, NULL));
	must(!buf_add_str(dst, text) && !buf_add_str(dst, "signature=") &&
	     !hex_add(dst, slice_of(der, len)) && !buf_add_byte(dst, '\n'));
	must(dst->len - before <= UPDATE_HEAD_BYTES);
	while (dst->len - before < UPDATE_HEAD_BYTES)
		must(!buf_add_byte(dst, 0));
}

static void payload_make(struct buf *payload, size_t size)
{
	uint32_t noise = 1;
	buf_init(payload, size + 1);
	for (size_t i = 0; i < size; i++) {
		noise = noise * 1664525 + 1013904223;
		must(!buf_add_byte(payload, (uint8_t)(noise >> 24)));
	}
}

void update_kit_make(const struct update_kit *k, struct buf *dst)
{
	uint8_t hash[32];
	struct buf payload, text;
	payload_make(&payload, k->kernel_size + k->root_size);
	buf_init(&text, UPDATE_HEAD_BYTES);
	must(!mbedtls_sha256(payload.bytes, payload.len, hash, 0));
	must(!buf_addf(&text,
		       "surel-update 1\n%sboard=%s\nversion=%s\nstore_format=%u\nkernel_size=%u\n"
		       "root_size=%u\nsha256=",
		       k->first ? k->first : "", k->board, k->version, k->store_format,
		       (unsigned)k->kernel_size, (unsigned)k->root_size));
	must(!hex_add(&text, slice_of(hash, sizeof(hash))) && !buf_add_str(&text, "\n") &&
	     !buf_add_byte(&text, 0));
	update_kit_sign((const char *)text.bytes, dst);
	must(!buf_add_slice(dst, buf_view(&payload)));
	buf_free(&payload);
	buf_free(&text);
}

/* --- a medium ----------------------------------------------------------------------------------- */

static bool memory_fails(struct update_medium *m)
{
	struct memory_medium *memory = (struct memory_medium *)(void *)m;
	if (memory->fails_at > 1)
		memory->fails_at--;
	else
		return memory->fails_at;
	return false;
}

static enum err memory_read(struct update_medium *m, uint64_t offset, uint8_t *dst, size_t n)
{
	struct memory_medium *memory = (struct memory_medium *)(void *)m;
	if (memory_fails(m))
		return ERR_IO;
	if (offset > m->size || n > m->size - offset)
		return ERR_NOT_FOUND;
	memcpy(dst, memory->bytes + offset, n);
	return ERR_NONE;
}

static enum err memory_write(struct update_medium *m, uint64_t offset, struct slice bytes)
{
	struct memory_medium *memory = (struct memory_medium *)(void *)m;
	if (memory_fails(m) || offset > m->size || bytes.len > m->size - offset)
		return ERR_IO;
	memcpy(memory->bytes + offset, bytes.ptr, bytes.len);
	return ERR_NONE;
}

static enum err memory_sync(struct update_medium *m)
{
	return memory_fails(m) ? ERR_IO : ERR_NONE;
}

void memory_medium_open(struct memory_medium *m, uint8_t *bytes, size_t size)
{
	static const struct update_medium_ops ops = {memory_read, memory_write, memory_sync};
	*m = (struct memory_medium){.medium = {&ops, size, -1}, .bytes = bytes};
}
