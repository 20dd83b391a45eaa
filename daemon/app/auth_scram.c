/* What only clients need who prove that they know a password. */
#include "app/auth.h"

bool auth_is_proof(const struct auth_request *request)
{
	return request->is_verified;
}

bool auth_is_for_other(struct appliance *a, const struct auth_request *request, const char *user)
{
	struct slice detail;
	if (request->authzid.len == 0)
		return false;
	struct user *other = users_resolve_login(a->users, &a->settings, request->authzid, &detail);
	return !other || strcmp(other->name, user) != 0;
}

/* A proof for nothing: it is counted, and the answer waits. */
void auth_failed(struct host *host, struct auth_request *request)
{
	request->is_verified = true;
	request->verifier = NULL;
	auth_start(host, request);
}

/* What a name would be of, were it anybody's: with or without +detail, domain and capitals it is the
 * same user, so it has the same salt. */
static struct slice auth_nobody(struct appliance *app, struct slice name, char *dst, size_t size)
{
	size_t at = slice_rfind_byte(name, '@');
	if (at != SIZE_MAX && user_domain_is_local(&app->settings, slice_from(name, at + 1)))
		name = slice_upto(name, at);
	name = slice_upto(slice_upto(name, slice_find_byte(name, '+')), size);
	for (size_t i = 0; i < name.len; i++)
		dst[i] = (char)ascii_lower(name.ptr[i]);
	return slice_of(dst, name.len);
}

void auth_scram_verifier(struct host *host, struct slice name, struct scram_verifier *v_out)
{
	struct appliance *app = appliance_of(host);
	struct slice detail;
	bool is_recent;
	struct slice plain = login_take_recent(name, &is_recent);
	struct user *user = users_resolve_login(app->users, &app->settings, plain, &detail);
	char label[DEVICE_LABEL_MAX_BYTES + 1];
	struct slice folder;
	login_split_detail(detail, label, &folder);
	struct user_device *device = user ? user_find_device(user, slice_str(label)) : NULL;
	if (user) {
		*v_out = device ? device->verifier : user->own.verifier;
		return;
	}
	char nobody[USER_NAME_MAX_BYTES];
	users_fake_verifier(app->users, auth_nobody(app, plain, nobody, sizeof(nobody)),
			    (uint32_t)app->settings.auth_iterations, v_out);
}
