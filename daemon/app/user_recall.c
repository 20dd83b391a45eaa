#include "app/user_impl.h"
#include "base/hmac.h"
#include "base/secret.h"

static void users_mac(const struct users *users, uint8_t purpose, struct slice a, struct slice b,
		      uint8_t mac_out[32])
{
	struct hmac h;
	hmac_begin(&h, slice_of(users->key, sizeof(users->key)));
	hmac_add(&h, slice_of(&purpose, 1));
	hmac_add(&h, a);
	hmac_add(&h, slice_of("", 1));
	hmac_add(&h, b);
	hmac_end(&h, mac_out);
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
