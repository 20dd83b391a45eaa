#include "app/web_user.h"
#include "base/clock.h"

const char *user_service_name(enum service service)
{
	switch (service) {
	case SERVICE_IMAP: return "IMAP";
	case SERVICE_POP3: return "POP3";
	case SERVICE_SMTP:
	case SERVICE_SUBMISSION: return "SMTP";
	case SERVICE_LMTP: return "LMTP";
	case SERVICE_HTTP: return "HTTP";
	case SERVICE_COUNT: break;
	}
	return "";
}

static void put_text(cJSON *object, const char *key, struct buf *text)
{
	if (!buf_add_byte(text, 0))
		cJSON_AddStringToObject(object, key, (const char *)buf_view(text).ptr);
	buf_free(text);
}

static void put_date(cJSON *object, const char *key, enum lang lang, int64_t at_s)
{
	struct buf text;
	buf_init(&text, WORDS_MAX_BYTES);
	words_date(&text, lang, at_s);
	put_text(object, key, &text);
}

static void put_size(cJSON *object, const char *key, enum lang lang, uint64_t bytes)
{
	struct buf text;
	buf_init(&text, WORDS_MAX_BYTES);
	words_size(&text, lang, bytes);
	put_text(object, key, &text);
}

static void put_quota(struct http_exchange *x, cJSON *row, const struct user *user)
{
	struct policy policy;
	appliance_policy(web_app(x), user->name, &policy);
	uint64_t bytes = policy.quota_mib * 1024 * 1024;
	if (bytes) {
		put_size(row, "quota_text", web_lang(x), bytes);
		cJSON_AddNumberToObject(row, "quota_bytes", (double)bytes);
		cJSON_AddNumberToObject(row, "quota_high", (double)bytes * 0.9);
	}
	if (policy.quota_messages)
		cJSON_AddNumberToObject(row, "quota_messages", (double)policy.quota_messages);
}

static cJSON *login_model(enum lang lang, const struct recent_login *login)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "service", user_service_name(login->service));
	cJSON_AddNumberToObject(o, "at_s", (double)login->at_s);
	put_date(o, "at_text", lang, login->at_s);
	cJSON_AddStringToObject(o, "address", login->address);
	cJSON_AddStringToObject(o, "device", login->device);
	cJSON_AddStringToObject(o, "client", login->client);
	cJSON_AddBoolToObject(o, "is_tls", login->is_tls);
	cJSON_AddNumberToObject(o, "count", login->count);
	if (login->count > 1)
		cJSON_AddTrueToObject(o, "often");
	return o;
}

static const struct recent_login *logins_of(struct http_exchange *x, const struct user *user,
					    size_t *count_out)
{
	return recent_logins_of(web_app(x)->logins, user->name, count_out);
}

enum err user_put_row(struct http_exchange *x, cJSON *rows, const struct user *user)
{
	enum lang lang = web_lang(x);
	struct account *account = NULL;
	size_t count = 0;
	enum err err = account_open(x->session->host->store, slice_str(user->name), false, &account,
				    NULL, http_waiter(x));
	if (err == ERR_AGAIN)
		return err;
	cJSON *row = cJSON_CreateObject();
	uint64_t bytes = account ? account->used_bytes : 0;
	cJSON_AddStringToObject(row, "name", user->name);
	cJSON_AddNumberToObject(row, "bytes", (double)bytes);
	cJSON_AddNumberToObject(row, "messages", account ? (double)account->used_messages : 0);
	put_size(row, "bytes_text", lang, bytes);
	put_quota(x, row, user);
	const struct recent_login *logins = logins_of(x, user, &count);
	if (count) {
		put_date(row, "last_text", lang, logins[0].at_s);
		cJSON_AddItemToObject(row, "last_login", login_model(lang, &logins[0]));
	}
	if (account)
		account_close(&account);
	if (!cJSON_AddItemToArray(rows, row))
		cJSON_Delete(row);
	return ERR_NONE;
}

/* A template cannot count. */
static void put_has(cJSON *model, const char *name, const cJSON *all)
{
	cJSON_AddBoolToObject(model, name, cJSON_GetArraySize(all) > 0);
}

void user_put_devices(struct http_exchange *x, cJSON *model, const struct user *user)
{
	size_t count = 0;
	const struct recent_login *logins = logins_of(x, user, &count);
	cJSON *devices = cJSON_AddArrayToObject(model, "devices");
	for (size_t i = 0; i < user->device_count; i++) {
		const struct user_device *device = &user->devices[i];
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "label", device->label);
		cJSON_AddNumberToObject(o, "created_s", (double)device->created_s);
		put_date(o, "made", web_lang(x), device->created_s);
		for (size_t k = 0; k < count; k++)
			if (strcmp(logins[k].device, device->label) == 0) {
				put_date(o, "last_text", web_lang(x), logins[k].at_s);
				break;
			}
		if (!cJSON_AddItemToArray(devices, o))
			cJSON_Delete(o);
	}
	put_has(model, "has_devices", devices);
}

void user_put_logins(struct http_exchange *x, cJSON *model, const struct user *user)
{
	size_t count = 0;
	const struct recent_login *logins = logins_of(x, user, &count);
	cJSON *all = cJSON_AddArrayToObject(model, "logins");
	for (size_t i = 0; i < count; i++) {
		cJSON *o = login_model(web_lang(x), &logins[i]);
		if (!cJSON_AddItemToArray(all, o))
			cJSON_Delete(o);
	}
	put_has(model, "has_logins", all);
}

/* What a program has called itself is noted with its login. */
static const char *client_of(const struct recent_login *logins, size_t count, uint32_t session)
{
	for (size_t i = 0; i < count; i++)
		if (logins[i].session == session)
			return logins[i].client;
	return "";
}

void user_put_sessions(struct http_exchange *x, cJSON *model, const struct user *user)
{
	size_t count = 0;
	const struct recent_login *logins = logins_of(x, user, &count);
	cJSON *all = cJSON_AddArrayToObject(model, "sessions");
	list_for_each (node, &web_app(x)->sessions) {
		const struct session *s = list_owner(node, struct session, link);
		char address[NET_ADDRESS_TEXT_BYTES + 8];
		if (!s->login || strcmp(s->login->user, user->name) != 0)
			continue;
		int64_t age_s = (int64_t)(clock_mono_ms() - s->started_ms) / 1000;
		session_peer_text(s, address, sizeof(address));
		cJSON *o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "id", s->id);
		cJSON_AddStringToObject(o, "service", user_service_name(s->service));
		cJSON_AddStringToObject(o, "address", address);
		cJSON_AddStringToObject(o, "device", s->login->device);
		cJSON_AddStringToObject(o, "client", client_of(logins, count, s->id));
		put_date(o, "since", web_lang(x), clock_wall_s() - age_s);
		if (!cJSON_AddItemToArray(all, o))
			cJSON_Delete(o);
	}
	put_has(model, "has_sessions", all);
}
