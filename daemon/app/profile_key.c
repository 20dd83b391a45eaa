#include "app/profile_key.h"

#include <limits.h>
#include <stdio.h>

#include <mbedtls/md.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/secret.h"

static enum err key_read(const char *path, struct profile_key *out)
{
	struct buf text, bytes;
	buf_init(&text, 4 * PROFILE_KEY_BYTES);
	buf_init(&bytes, 4 * PROFILE_KEY_BYTES);
	enum err err = file_read(path, &text);
	if (!err)
		err = hex_decode(slice_trim(buf_view(&text)), &bytes);
	if (!err && bytes.len != PROFILE_KEY_BYTES)
		err = ERR_SYNTAX;
	if (!err)
		memcpy(out->bytes, buf_view(&bytes).ptr, PROFILE_KEY_BYTES);
	buf_wipe(&text);
	buf_wipe(&bytes);
	return err;
}

static enum err key_make(const char *path, struct profile_key *out)
{
	struct buf text;
	buf_init(&text, 4 * PROFILE_KEY_BYTES);
	secret_random(out->bytes, sizeof(out->bytes));
	enum err err = hex_add(&text, slice_of(out->bytes, sizeof(out->bytes)));
	if (!err)
		err = buf_add_byte(&text, '\n');
	if (!err)
		err = file_replace(path, buf_view(&text), 0600);
	buf_wipe(&text);
	return err;
}

enum err profile_key_load(const char *data_dir, struct profile_key *out)
{
	char path[PATH_MAX];
	enum err err = file_join(path, sizeof(path), data_dir, "profile.key");
	if (err)
		return err;
	err = key_read(path, out);
	if (err == ERR_NOT_FOUND || err == ERR_SYNTAX || err == ERR_LIMIT)
		err = key_make(path, out);
	return err;
}

enum err profile_key_uuid(const struct profile_key *key, const char *account, const char *purpose,
			  char dst[UUID_TEXT_BYTES])
{
	uint8_t m[32];
	mbedtls_md_context_t md;
	mbedtls_md_init(&md);
	bool failed = mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1) ||
		      mbedtls_md_hmac_starts(&md, key->bytes, sizeof(key->bytes)) ||
		      mbedtls_md_hmac_update(&md, (const uint8_t *)account, strlen(account) + 1) ||
		      mbedtls_md_hmac_update(&md, (const uint8_t *)purpose, strlen(purpose)) ||
		      mbedtls_md_hmac_finish(&md, m);
	mbedtls_md_free(&md);
	if (failed)
		return ERR_NOMEM;
	m[6] = (uint8_t)((m[6] & 0x0F) | 0x80); /* version 8: of our own making */
	m[8] = (uint8_t)((m[8] & 0x3F) | 0x80);
	snprintf(dst, UUID_TEXT_BYTES,
		 "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", m[0], m[1],
		 m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11], m[12], m[13], m[14],
		 m[15]);
	return ERR_NONE;
}
