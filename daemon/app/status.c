#include <cjson/cJSON.h>
#include <stdlib.h>

#include "app/admin.h"
#include "base/clock.h"
#include "options.h"
#include "net/tls.h"

static const char *const service_names[SERVICE_COUNT] = {
	[SERVICE_IMAP] = "imap", [SERVICE_POP3] = "pop3",
	[SERVICE_SMTP] = "smtp", [SERVICE_SUBMISSION] = "submission",
	[SERVICE_LMTP] = "lmtp", [SERVICE_HTTP] = "http",
};

static uint64_t status_uptime_s(const struct appliance *app)
{
	return (clock_mono_ms() - app->started_ms) / 1000;
}

struct user_figures {
	uint64_t bytes, messages;
	bool known;
};

static struct user_figures status_user(const struct admin_place *p, const struct user *u)
{
	struct user_figures f = {0};
	struct account *account = NULL;
	if (account_open(p->store, slice_str(u->name), false, &account, NULL, NULL))
		return f;
	f = (struct user_figures){account->used_bytes, account->used_messages, true};
	account_close(&account);
	return f;
}

static void status_text(const struct admin_place *p, struct admin_reply *r)
{
	struct store_status st;
	store_status(p->store, &st);
	admin_say(r, "surel %s, %s\n", SUREL_VERSION, p->app ? "running" : "not running");
	if (p->app)
		admin_say(r, "up %llu s, %u of %u connections, %llu messages delivered\n",
			  (unsigned long long)status_uptime_s(p->app),
			  conn_table_count(p->app->connections), p->app->connections_max,
			  (unsigned long long)p->app->delivered);
	for (int i = 0; p->app && i < SERVICE_COUNT; i++) {
		const struct service_counters *c = &p->app->services[i];
		admin_say(r, "  %-10s %u open, %llu connections, %llu logins, %llu failed\n",
			  service_names[i], c->open, (unsigned long long)c->connections,
			  (unsigned long long)c->logins, (unsigned long long)c->failures);
	}
	admin_say(r, "store %s%s%s: %llu messages, %llu KiB used, %llu KiB free\n",
		  store_backend_name(p->store), st.is_read_only ? ", READ-ONLY" : "",
		  st.is_full ? ", FULL" : "", (unsigned long long)st.messages,
		  (unsigned long long)st.bytes_used / 1024,
		  (unsigned long long)st.bytes_free / 1024);
	for (struct user *u = users_first(p->users); u; u = users_next(u)) {
		struct user_figures f = status_user(p, u);
		admin_say(r, "  %-20s %llu messages, %llu KiB\n", u->name,
			  (unsigned long long)f.messages, (unsigned long long)f.bytes / 1024);
	}
}

static cJSON *status_services(const struct appliance *app)
{
	cJSON *all = cJSON_CreateObject();
	for (int i = 0; all && i < SERVICE_COUNT; i++) {
		const struct service_counters *c = &app->services[i];
		cJSON *one = cJSON_AddObjectToObject(all, service_names[i]);
		cJSON_AddNumberToObject(one, "open", c->open);
		cJSON_AddNumberToObject(one, "connections", (double)c->connections);
		cJSON_AddNumberToObject(one, "logins", (double)c->logins);
		cJSON_AddNumberToObject(one, "failures", (double)c->failures);
	}
	return all;
}

static cJSON *status_store(const struct admin_place *p)
{
	struct store_status st;
	store_status(p->store, &st);
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "backend", store_backend_name(p->store));
	cJSON_AddNumberToObject(o, "messages", (double)st.messages);
	cJSON_AddNumberToObject(o, "accounts", st.accounts);
	cJSON_AddNumberToObject(o, "bytes_used", (double)st.bytes_used);
	cJSON_AddNumberToObject(o, "bytes_free", (double)st.bytes_free);
	cJSON_AddNumberToObject(o, "bytes_written", (double)st.bytes_written);
	cJSON_AddNumberToObject(o, "syncs", (double)st.syncs);
	cJSON_AddBoolToObject(o, "read_only", st.is_read_only);
	cJSON_AddBoolToObject(o, "full", st.is_full);
	return o;
}

static cJSON *status_users(const struct admin_place *p)
{
	cJSON *all = cJSON_CreateArray();
	for (struct user *u = users_first(p->users); all && u; u = users_next(u)) {
		struct user_figures f = status_user(p, u);
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "name", u->name);
		cJSON_AddNumberToObject(one, "messages", (double)f.messages);
		cJSON_AddNumberToObject(one, "bytes", (double)f.bytes);
		cJSON_AddItemToArray(all, one);
	}
	return all;
}

static void status_json(const struct admin_place *p, struct admin_reply *r)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "version", SUREL_VERSION);
	cJSON_AddBoolToObject(o, "running", p->app != NULL);
	if (p->app) {
		cJSON_AddNumberToObject(o, "uptime_s", (double)status_uptime_s(p->app));
		cJSON_AddNumberToObject(o, "connections", conn_table_count(p->app->connections));
		cJSON_AddNumberToObject(o, "connections_max", p->app->connections_max);
		cJSON_AddNumberToObject(o, "delivered", (double)p->app->delivered);
		cJSON_AddBoolToObject(o, "listening", p->app->listening);
		cJSON_AddItemToObject(o, "services", status_services(p->app));
		if (p->app->host.tls)
			cJSON_AddNumberToObject(o, "certificate_not_after",
						(double)tls_context_not_after(p->app->host.tls));
	}
	cJSON_AddItemToObject(o, "store", status_store(p));
	cJSON_AddItemToObject(o, "users", status_users(p));
	char *text = cJSON_PrintUnformatted(o);
	if (!text || buf_add_str(&r->out, text) || buf_add_byte(&r->out, '\n'))
		admin_fail(r, EXIT_FAILED, "out of memory\n");
	free(text);
	cJSON_Delete(o);
}

void admin_status(const struct admin_place *place, bool as_json, struct admin_reply *reply)
{
	if (as_json)
		status_json(place, reply);
	else
		status_text(place, reply);
}
