#include "support/scram_client.h"

#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/sha256.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/codec.h"

static void must(enum err err)
{
	if (err)
		abort();
}

static void hmac(const uint8_t key[32], const char *text, uint8_t out[32])
{
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	if (mbedtls_md_hmac(md, key, 32, (const uint8_t *)text, strlen(text), out))
		abort();
}

void scram_client_first(struct scram_client *c, struct buf *dst)
{
	snprintf(c->bare, sizeof(c->bare), "n=%s,r=%s", c->user, c->nonce);
	must(buf_addf(dst, "%s%s", c->gs2, c->bare));
}

enum err scram_client_final(struct scram_client *c, struct slice server_first, struct buf *dst)
{
	struct slice rest = server_first;
	struct slice nonce = slice_from(slice_split(&rest, ','), 2);
	struct slice salt64 = slice_from(slice_split(&rest, ','), 2);
	uint32_t iterations = 0;
	struct buf salt, channel, without_proof;
	uint8_t client_key[32], stored_key[32], signature[32];
	buf_init(&salt, 256);
	buf_init(&channel, 4096);
	buf_init(&without_proof, 4096);
	if (!slice_starts(nonce, slice_str(c->nonce)) || base64_decode(salt64, &salt) ||
	    slice_u32(slice_from(rest, 2), &iterations)) {
		buf_free(&salt);
		return ERR_SYNTAX;
	}
	must(buf_add_str(&channel, c->final_gs2 ? c->final_gs2 : c->gs2));
	must(buf_add_slice(&channel, c->binding));
	must(buf_add_str(&without_proof, "c="));
	must(base64_add(&without_proof, buf_view(&channel)));
	must(buf_addf(&without_proof, ",r=" SLICE_FMT "%s", SLICE_ARG(nonce),
		      c->nonce_tail ? c->nonce_tail : ""));
	snprintf(c->auth_message, sizeof(c->auth_message), "%s," SLICE_FMT "," SLICE_FMT, c->bare,
		 SLICE_ARG(server_first), SLICE_ARG(buf_view(&without_proof)));
	if (mbedtls_pkcs5_pbkdf2_hmac_ext(MBEDTLS_MD_SHA256, (const uint8_t *)c->password,
					  strlen(c->password), buf_view(&salt).ptr, salt.len,
					  iterations, 32, c->salted))
		abort();
	hmac(c->salted, "Client Key", client_key);
	mbedtls_sha256(client_key, 32, stored_key, 0);
	hmac(stored_key, c->auth_message, signature);
	for (int i = 0; i < 32; i++)
		client_key[i] ^= signature[i];
	must(buf_add_slice(dst, buf_view(&without_proof)));
	must(buf_add_str(dst, ",p="));
	must(base64_add(dst, slice_of(client_key, 32)));
	buf_free(&salt);
	buf_free(&channel);
	buf_free(&without_proof);
	return ERR_NONE;
}

bool scram_client_accepts(const struct scram_client *c, struct slice server_final)
{
	uint8_t server_key[32], signature[32];
	struct buf wanted;
	buf_init(&wanted, 256);
	hmac(c->salted, "Server Key", server_key);
	hmac(server_key, c->auth_message, signature);
	must(buf_add_str(&wanted, "v="));
	must(base64_add(&wanted, slice_of(signature, 32)));
	bool is_same = slice_eq(buf_view(&wanted), server_final);
	buf_free(&wanted);
	return is_same;
}
