#include "proto/scram.h"

#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/sha256.h>

#include "base/secret.h"
#include "mail/fold.h"

static enum err scram_hmac(const uint8_t key[SCRAM_KEY_BYTES], struct slice text,
			   uint8_t out[SCRAM_KEY_BYTES])
{
	const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	return mbedtls_md_hmac(sha256, key, SCRAM_KEY_BYTES, text.ptr, text.len, out) ? ERR_NOMEM
										      : ERR_NONE;
}

/* SaltedPassword, then both keys. Mostly the time of `iterations` HMACs. */
static enum err scram_derive(struct slice prepared, struct scram_verifier *v)
{
	uint8_t salted[SCRAM_KEY_BYTES], client_key[SCRAM_KEY_BYTES];
	enum err err = ERR_NONE;
	if (mbedtls_pkcs5_pbkdf2_hmac_ext(MBEDTLS_MD_SHA256, prepared.ptr, prepared.len, v->salt,
					  sizeof(v->salt), v->iterations, sizeof(salted), salted))
		err = ERR_NOMEM;
	if (!err)
		err = scram_hmac(salted, SLICE_LIT("Client Key"), client_key);
	if (!err && mbedtls_sha256(client_key, sizeof(client_key), v->stored_key, 0))
		err = ERR_NOMEM;
	if (!err)
		err = scram_hmac(salted, SLICE_LIT("Server Key"), v->server_key);
	secret_wipe(salted, sizeof(salted));
	secret_wipe(client_key, sizeof(client_key));
	return err;
}

/* *v holds salt and iterations; its keys are filled in. */
static enum err scram_prepare_and_derive(struct slice password, struct scram_verifier *v)
{
	struct buf prepared;
	if (password.len == 0)
		return ERR_SYNTAX;
	if (password.len > SCRAM_PASSWORD_MAX_BYTES)
		return ERR_LIMIT;
	buf_init(&prepared, SCRAM_PASSWORD_MAX_BYTES);
	enum err err = sasl_prepare(password, &prepared);
	if (!err && prepared.len == 0)
		err = ERR_SYNTAX;
	if (!err)
		err = scram_derive(buf_view(&prepared), v);
	buf_wipe(&prepared);
	return err;
}

enum err scram_make_verifier(struct slice password, const uint8_t salt[16], uint32_t iterations,
			     struct scram_verifier *v_out)
{
	*v_out = (struct scram_verifier){.iterations = iterations, .is_real = true};
	memcpy(v_out->salt, salt, sizeof(v_out->salt));
	if (iterations < SCRAM_ITERATIONS_MIN)
		return ERR_LIMIT;
	return scram_prepare_and_derive(password, v_out);
}

size_t scram_find_password(const struct scram_verifier *v, size_t n, struct slice password)
{
	struct scram_verifier got = {0};
	size_t found = n;
	for (size_t i = 0; i < n && found == n; i++) {
		enum err err = ERR_NONE;
		if (i == 0 || got.iterations != v[i].iterations ||
		    memcmp(got.salt, v[i].salt, sizeof(got.salt)) != 0) {
			got = v[i];
			err = scram_prepare_and_derive(password, &got);
		}
		if (err)
			break;
		if (secret_eq(slice_of(got.stored_key, sizeof(got.stored_key)),
			      slice_of(v[i].stored_key, sizeof(v[i].stored_key))) &&
		    v[i].is_real)
			found = i;
	}
	secret_wipe(&got, sizeof(got));
	return found;
}

bool scram_check_password(const struct scram_verifier *v, struct slice password)
{
	return scram_find_password(v, 1, password) == 0;
}

bool scram_proof_is_right(const struct scram_verifier *v, struct slice auth_message,
			  const uint8_t proof[SCRAM_KEY_BYTES])
{
	uint8_t key[SCRAM_KEY_BYTES], hash[SCRAM_KEY_BYTES];
	bool is_right = false;
	if (scram_hmac(v->stored_key, auth_message, key))
		return false;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] ^= proof[i];
	if (!mbedtls_sha256(key, sizeof(key), hash, 0))
		is_right = secret_eq(slice_of(hash, sizeof(hash)),
				     slice_of(v->stored_key, sizeof(v->stored_key)));
	secret_wipe(key, sizeof(key));
	return is_right && v->is_real;
}

enum err scram_server_signature(const struct scram_verifier *v, struct slice auth_message,
				uint8_t signature_out[SCRAM_KEY_BYTES])
{
	return scram_hmac(v->server_key, auth_message, signature_out);
}

/* --- preparing a password --------------------------------------------------------------------- */

enum code_kind { CODE_PLAIN, CODE_INVISIBLE, CODE_SPACE, CODE_CONTROL };

/* RFC 3454: B.1, C.1.2, and of the controls C.2.1 and the C1 part of C.2.2. In between all is plain. */
static const struct {
	uint16_t first, last, kind;
} codes[] = {
	{0x0, 0x1f, CODE_CONTROL},        {0x7f, 0x9f, CODE_CONTROL},
	{0xa0, 0xa0, CODE_SPACE},         {0xad, 0xad, CODE_INVISIBLE},
	{0x34f, 0x34f, CODE_INVISIBLE},   {0x1680, 0x1680, CODE_SPACE},
	{0x1806, 0x1806, CODE_INVISIBLE}, {0x180b, 0x180d, CODE_INVISIBLE},
	{0x2000, 0x200a, CODE_SPACE},     {0x200b, 0x200d, CODE_INVISIBLE},
	{0x202f, 0x202f, CODE_SPACE},     {0x205f, 0x205f, CODE_SPACE},
	{0x2060, 0x2060, CODE_INVISIBLE}, {0x3000, 0x3000, CODE_SPACE},
	{0xfe00, 0xfe0f, CODE_INVISIBLE}, {0xfeff, 0xfeff, CODE_INVISIBLE},
};

static enum code_kind code_kind(uint32_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (code >= codes[i].first && code <= codes[i].last)
			return (enum code_kind)codes[i].kind;
	return CODE_PLAIN;
}

enum err sasl_prepare(struct slice text, struct buf *dst)
{
	enum err err = ERR_NONE;
	if (!slice_is_utf8(text))
		return buf_add_slice(dst, text);
	while (text.len && !err) {
		struct slice character = text;
		enum code_kind kind = code_kind(fold_utf8_take(&text));
		character.len -= text.len;
		if (kind == CODE_CONTROL)
			err = ERR_SYNTAX;
		else if (kind == CODE_SPACE)
			err = buf_add_byte(dst, ' ');
		else if (kind == CODE_PLAIN)
			err = buf_add_slice(dst, character);
	}
	return err;
}
