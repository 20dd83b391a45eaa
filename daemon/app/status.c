#include "app/status.h"

#include "app/history.h"
#include "app/size_text.h"
#include "base/clock.h"
#include "options.h"

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
	size_text(LANG_EN, w.today, today);
	size_text(LANG_EN, w.month, month);
	admin_say(r, "written to flash: %s today, %s this month\n", today, month);
}

static void status_text(const struct admin_place *p, struct admin_reply *r)
{
	struct store_status st;
	store_status(p->store, &st);
	admin_say(r, "surel %s, %s%s\n", SUREL_VERSION, p->app ? "running" : "not running",
		  clock_is_sane() ? "" : ", THE CLOCK IS NOT SET");
	if (p->app)
		status_running(p->app, r);
	admin_say(r, "store %s%s%s: %llu messages, %llu KiB used, %llu KiB free\n",
		  store_backend_name(p->store), st.is_read_only ? ", READ-ONLY" : "",
		  st.is_full ? ", FULL" : "", (unsigned long long)st.messages,
		  (unsigned long long)st.bytes_used / 1024,
		  (unsigned long long)st.bytes_free / 1024);
	for (struct user *u = users_first(p->users); u; u = users_next(p->users, u)) {
		struct user_figures f = status_user(p, u);
		admin_say(r, "  %-20s %llu messages, %llu KiB", u->name,
			  (unsigned long long)f.messages, (unsigned long long)f.bytes / 1024);
		if (f.quota_bytes)
			admin_say(r, " of %llu", (unsigned long long)f.quota_bytes / 1024);
		admin_say(r, "\n");
	}
}

static void status_json(const struct admin_place *p, struct admin_reply *r)
{
	struct model *o = status_model(p);
	if (!model_is_whole(o) || model_print(o, &r->out) || buf_add_byte(&r->out, '\n'))
		admin_fail(r, EXIT_FAILED, "out of memory\n");
	model_free(o);
}

void admin_status(const struct admin_place *place, bool as_json, struct admin_reply *reply)
{
	if (as_json)
		status_json(place, reply);
	else
		status_text(place, reply);
}
