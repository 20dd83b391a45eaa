#include "app/status.h"

#include "app/history.h"
#include "app/size_text.h"
#include "base/clock.h"
#include "options.h"

const char *status_service_name(enum service service)
{
	static const char *const names[SERVICE_COUNT] = {
		[SERVICE_IMAP] = "imap", [SERVICE_POP3] = "pop3",
		[SERVICE_SMTP] = "smtp", [SERVICE_SUBMISSION] = "submission",
		[SERVICE_LMTP] = "lmtp", [SERVICE_HTTP] = "http",
	};
	return names[service];
}

struct user_figures status_user(struct appliance *a, const struct user *u)
{
	struct user_figures f = {0};
	struct account *account = NULL;
	struct policy policy;
	appliance_policy(a, u->name, &policy);
	f.quota_bytes = policy.quota_mib * 1024 * 1024;
	f.quota_messages = policy.quota_messages;
	if (account_open(a->host.store, slice_str(u->name), false, &account, NULL, NULL))
		return f;
	f.bytes = account->used_bytes;
	f.messages = account->used_messages;
	f.is_known = true;
	account_close(&account);
	return f;
}

static void status_running(struct appliance *app, struct admin_reply *r)
{
	struct wear w;
	char today[SIZE_TEXT_BYTES], month[SIZE_TEXT_BYTES];
	admin_say(r, "up %llu s, %u of %u connections, %llu messages delivered\n",
		  (unsigned long long)(clock_mono_ms() - app->started_ms) / 1000,
		  conn_table_count(app->connections), app->connections_max,
		  (unsigned long long)app->delivered);
	for (int i = 0; i < SERVICE_COUNT; i++) {
		const struct service_counters *c = &app->services[i];
		admin_say(r, "  %-10s %u open, %llu connections, %llu logins, %llu failed\n",
			  status_service_name((enum service)i), c->open,
			  (unsigned long long)c->connections, (unsigned long long)c->logins,
			  (unsigned long long)c->failures);
	}
	history_wear(app, &w);
	if (!w.since_s)
		return; /* nobody counts */
	size_text(LANG_EN, w.today, today);
	size_text(LANG_EN, w.month, month);
	admin_say(r, "written to flash: %s today, %s this month\n", today, month);
}

static void status_text(struct appliance *a, struct admin_reply *r)
{
	struct store_status st;
	store_status(a->host.store, &st);
	admin_say(r, "surel %s, %s%s\n", SUREL_VERSION,
		  a->options.is_tool ? "not running" : "running",
		  clock_is_sane() ? "" : ", THE CLOCK IS NOT SET");
	if (!a->options.is_tool)
		status_running(a, r);
	admin_say(r, "store %s%s%s: %llu messages, %llu KiB used, %llu KiB free\n",
		  store_backend_name(a->host.store), st.is_read_only ? ", READ-ONLY" : "",
		  st.is_full ? ", FULL" : "", (unsigned long long)st.messages,
		  (unsigned long long)st.bytes_used / 1024,
		  (unsigned long long)st.bytes_free / 1024);
	for (struct user *u = users_first(a->users); u; u = users_next(a->users, u)) {
		struct user_figures f = status_user(a, u);
		admin_say(r, "  %-20s %llu messages, %llu KiB", u->name,
			  (unsigned long long)f.messages, (unsigned long long)f.bytes / 1024);
		if (f.quota_bytes)
			admin_say(r, " of %llu", (unsigned long long)f.quota_bytes / 1024);
		admin_say(r, "\n");
	}
}

void admin_status(struct appliance *a, bool as_json, struct admin_reply *reply)
{
	if (as_json)
		status_json(a, reply);
	else
		status_text(a, reply);
}
