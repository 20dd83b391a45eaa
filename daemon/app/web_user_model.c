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

static void put_date(struct model *object, const char *key, enum lang lang, int64_t at_s)
{
	char text[WORDS_DATE_BYTES];
	words_date(lang, at_s, text);
	model_text(object, key, text);
}

static void put_size(struct model *object, const char *key, enum lang lang, uint64_t bytes)
{
	char text[SIZE_TEXT_BYTES];
	size_text(lang, bytes, text);
	model_text(object, key, text);
}

static void put_quota(struct http_exchange *x, struct model *row, const struct user *user)
{
	struct policy policy;
	appliance_policy(web_app(x), user->name, &policy);
	uint64_t bytes = policy.quota_mib * 1024 * 1024;
	if (bytes) {
		put_size(row, "quota_text", web_lang(x), bytes);
		model_number(row, "quota_bytes", (int64_t)bytes);
		model_number(row, "quota_high", (int64_t)(bytes / 10 * 9));
	}
	if (policy.quota_messages)
		model_number(row, "quota_messages", (int64_t)policy.quota_messages);
}

static void put_login(struct model *o, enum lang lang, const struct recent_login *login)
{
	model_number(o, "at_s", login->at_s);
	put_date(o, "at_text", lang, login->at_s);
	model_texts(o, "service address device client", user_service_name(login->service),
		    login->address, login->device, login->client);
	model_bool(o, "is_tls", login->is_tls);
	model_number(o, "count", login->count);
	if (login->count > 1)
		model_bool(o, "often", true);
}

static const struct recent_login *logins_of(struct http_exchange *x, const struct user *user,
					    size_t *count_out)
{
	return recent_logins_of(web_app(x)->logins, user->name, count_out);
}

enum err user_put_figures(struct http_exchange *x, struct model *row, const struct user *user)
{
	enum lang lang = web_lang(x);
	struct account *account = NULL;
	size_t count = 0;
	enum err err = account_open(x->session->host->store, slice_str(user->name), false, &account,
				    NULL, http_waiter(x));
	if (err == ERR_AGAIN)
		return err;
	uint64_t bytes = account ? account->used_bytes : 0;
	model_text(row, "name", user->name);
	model_number(row, "bytes", (int64_t)bytes);
	model_number(row, "messages", account ? (int64_t)account->used_messages : 0);
	put_size(row, "bytes_text", lang, bytes);
	put_quota(x, row, user);
	const struct recent_login *logins = logins_of(x, user, &count);
	if (count) {
		put_date(row, "last_text", lang, logins[0].at_s);
		put_login(model_object(row, "last_login"), lang, &logins[0]);
	}
	if (account)
		account_close(&account);
	return ERR_NONE;
}

/* A template cannot count. */
static void put_has(struct model *model, const char *name, const struct model *all)
{
	model_bool(model, name, model_has_members(all));
}

void user_put_devices(struct http_exchange *x, struct model *model, const struct user *user)
{
	size_t count = 0;
	const struct recent_login *logins = logins_of(x, user, &count);
	struct model *devices = model_list(model, "devices");
	for (size_t i = 0; i < user->device_count; i++) {
		const struct user_device *device = &user->devices[i];
		struct model *o = model_row(devices);
		model_text(o, "label", device->label);
		model_number(o, "created_s", device->created_s);
		put_date(o, "made", web_lang(x), device->created_s);
		for (size_t k = 0; k < count; k++)
			if (strcmp(logins[k].device, device->label) == 0) {
				put_date(o, "last_text", web_lang(x), logins[k].at_s);
				break;
			}
	}
	put_has(model, "has_devices", devices);
}

void user_put_logins(struct http_exchange *x, struct model *model, const struct user *user)
{
	size_t count = 0;
	const struct recent_login *logins = logins_of(x, user, &count);
	struct model *all = model_list(model, "logins");
	for (size_t i = 0; i < count; i++)
		put_login(model_row(all), web_lang(x), &logins[i]);
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

void user_put_sessions(struct http_exchange *x, struct model *model, const struct user *user)
{
	size_t count = 0;
	const struct recent_login *logins = logins_of(x, user, &count);
	struct model *all = model_list(model, "sessions");
	list_for_each (node, &web_app(x)->sessions) {
		const struct session *s = list_owner(node, struct session, link);
		char address[NET_ADDRESS_TEXT_BYTES + 8];
		if (!s->login || strcmp(s->login->user, user->name) != 0)
			continue;
		int64_t age_s = (int64_t)(clock_mono_ms() - s->started_ms) / 1000;
		session_peer_text(s, address, sizeof(address));
		struct model *o = model_row(all);
		model_number(o, "id", s->id);
		model_texts(o, "service address device client", user_service_name(s->service),
			    address, s->login->device, client_of(logins, count, s->id));
		put_date(o, "since", web_lang(x), clock_wall_s() - age_s);
	}
	put_has(model, "has_sessions", all);
}
