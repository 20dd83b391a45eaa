#include <mbedtls/md.h>

#include "app/user_impl.h"
#include "base/secret.h"

static void users_mac(const struct users *users, uint8_t purpose, struct slice a, struct slice b,
		      uint8_t mac_out[32])
{
	const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	mbedtls_md_context_t md;
	mbedtls_md_init(&md);
	/* Cannot fail but for memory; then the mark is random and recalls nobody. */
	if (mbedtls_md_setup(&md, sha256, 1) ||
	    mbedtls_md_hmac_starts(&md, users->key, sizeof(users->key)) ||
	    mbedtls_md_hmac_update(&md, &purpose, 1) || mbedtls_md_hmac_update(&md, a.ptr, a.len) ||
	    mbedtls_md_hmac_update(&md, (const uint8_t *)"", 1) ||
	    mbedtls_md_hmac_update(&md, b.ptr, b.len) || mbedtls_md_hmac_finish(&md, mac_out))
		secret_random(mac_out, 32);
	mbedtls_md_free(&md);
}

bool users_recalls(const struct users *users, const struct user *user, const struct user_mark *mark,
		   struct slice password)
{
	uint8_t mac[32];
	if (!mark->is_set)
		return false;
	users_mac(users, 'p', slice_str(user->name), password, mac);
	return secret_eq(slice_of(mac, sizeof(mac)), slice_of(mark->mac, sizeof(mark->mac)));
}

void users_remember(const struct users *users, const struct user *user, struct user_mark *mark,
		    struct slice password)
{
	users_mac(users, 'p', slice_str(user->name), password, mark->mac);
	mark->is_set = true;
}

void users_fake_verifier(const struct users *users, struct slice name, uint32_t iterations,
			 struct scram_verifier *v_out)
{
	uint8_t mark[32];
	*v_out = (struct scram_verifier){.iterations = iterations};
	users_mac(users, 's', name, SLICE_EMPTY, mark);
	memcpy(v_out->salt, mark, sizeof(v_out->salt));
	users_mac(users, 'k', name, SLICE_EMPTY, v_out->stored_key);
	users_mac(users, 'v', name, SLICE_EMPTY, v_out->server_key);
}
