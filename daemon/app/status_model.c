#include "app/status.h"

#include <stdio.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "app/history.h"
#include "app/ports.h"
#include "app/quota_watch.h"
#include "app/restore.h"
#include "app/system.h"
#include "base/clock.h"
#include "base/file.h"
#include "net/tls.h"
#include "options.h"

enum { DAY_S = 86400 };

static void add_number(struct model *o, const char *key, uint64_t value)
{
	model_number(o, key, (int64_t)value);
}

/* --- protocols ---------------------------------------------------------------------------------- */

static bool service_listens(const struct appliance *app, enum service service)
{
	for (size_t i = 0; i < LISTENERS_MAX; i++)
		if (app->ports[i].listener && app->ports[i].service == service)
			return true;
	return false;
}

static void model_services(struct model *o, const struct appliance *app)
{
	struct model *all = model_object(o, "services");
	for (int i = 0; i < SERVICE_COUNT; i++) {
		const struct service_counters *c = &app->services[i];
		struct model *one = model_object(all, status_service_name((enum service)i));
		model_bool(one, "enabled", port_is_enabled(&app->settings, (enum service)i));
		model_bool(one, "listening", service_listens(app, (enum service)i));
		add_number(one, "open", c->open);
		add_number(one, "connections", c->connections);
		add_number(one, "logins", c->logins);
		add_number(one, "failures", c->failures);
	}
}

/* --- the store and its users -------------------------------------------------------------------- */

static void model_store(struct model *o, struct appliance *a)
{
	struct store_status st;
	store_status(a->host.store, &st);
	uint64_t all = st.bytes_used + st.bytes_free;
	struct model *store = model_object(o, "store");
	model_text(store, "backend", store_backend_name(a->host.store));
	add_number(store, "messages", st.messages);
	add_number(store, "accounts", st.accounts);
	add_number(store, "bytes_used", st.bytes_used);
	add_number(store, "bytes_free", st.bytes_free);
	add_number(store, "percent", quota_percent(st.bytes_used, all));
	add_number(store, "level", quota_level(st.bytes_used, all));
	add_number(store, "bytes_written", st.bytes_written);
	add_number(store, "syncs", st.syncs);
	add_number(store, "io_errors", st.io_errors);
	model_bool(store, "read_only", st.is_read_only);
	model_bool(store, "full", st.is_full);
}

static void model_user(struct model *all, struct appliance *a, const struct user *u)
{
	struct user_figures f = status_user(a, u);
	struct model *one = model_row(all);
	unsigned bytes = quota_percent(f.bytes, f.quota_bytes);
	unsigned messages = quota_percent(f.messages, f.quota_messages);
	unsigned by_bytes = quota_level(f.bytes, f.quota_bytes);
	unsigned by_messages = quota_level(f.messages, f.quota_messages);
	model_text(one, "name", u->name);
	add_number(one, "messages", f.messages);
	add_number(one, "bytes", f.bytes);
	add_number(one, "quota_bytes", f.quota_bytes);
	add_number(one, "quota_messages", f.quota_messages);
	add_number(one, "percent", bytes > messages ? bytes : messages);
	add_number(one, "level", by_bytes > by_messages ? by_bytes : by_messages);
}

/* --- what came to pass -------------------------------------------------------------------------- */

static void model_deliveries(struct model *o, const struct appliance *app)
{
	const struct delivery_note *note;
	struct model *all = model_list(o, "deliveries");
	for (uint32_t i = 0; (note = delivery_log_at(&app->deliveries, i)); i++) {
		struct model *one = model_row(all);
		model_number(one, "at", note->at_s);
		model_text(one, "to", note->to);
		model_text(one, "from_domain", note->from_domain);
		add_number(one, "bytes", note->size);
		add_number(one, "recipients", note->wanted);
		add_number(one, "served", note->served);
		model_text(one, "result", note->result ? err_name(note->result) + 4 : "OK");
	}
}

static void model_flash(struct model *o, struct appliance *app)
{
	struct wear w;
	history_wear(app, &w);
	struct model *flash = model_object(o, "flash");
	add_number(flash, "bytes_today", w.today);
	add_number(flash, "bytes_month", w.month);
	add_number(flash, "bytes_last_month", w.last_month);
	add_number(flash, "bytes_total", w.total);
	model_number(flash, "since", w.since_s);
	add_number(flash, "month_projection", w.month_projection);
	add_number(flash, "card_tb", HISTORY_CARD_TB);
	add_number(flash, "card_years", w.card_years);
}

static void model_memory(struct model *o)
{
	struct sysinfo box;
	uint64_t all = 0, resident = 0, shared = 0;
	struct buf text;
	struct model *memory = model_object(o, "memory");
	buf_init(&text, 128);
	struct slice rest = file_read("/proc/self/statm", &text) ? SLICE_EMPTY : buf_view(&text);
	/* In pages: all of it, what is in memory, and what of that files have (proc(5)). */
	if (!slice_u64(slice_word(&rest), UINT32_MAX, &all) &&
	    !slice_u64(slice_word(&rest), UINT32_MAX, &resident) &&
	    !slice_u64(slice_word(&rest), UINT32_MAX, &shared) && resident >= shared)
		add_number(memory, "private_bytes", (resident - shared) * (uint64_t)getpagesize());
	buf_free(&text);
	if (sysinfo(&box) == 0) {
		add_number(memory, "total_bytes", (uint64_t)box.totalram * box.mem_unit);
		add_number(memory, "free_bytes",
			   (uint64_t)(box.freeram + box.bufferram) * box.mem_unit);
	}
}

static void model_certificate(struct model *o, const struct appliance *app)
{
	if (!app->host.tls)
		return;
	int64_t not_after = tls_context_not_after(app->host.tls);
	int64_t left_s = not_after - clock_wall_or_floor_s();
	model_number(o, "certificate_not_after", not_after);
	int64_t days = left_s / DAY_S - (left_s < 0);
	model_number(o, "certificate_days", days);
}

static void model_restore(struct model *o, const struct appliance *app)
{
	const struct restore_report *report = app->restore_report;
	if (!report)
		return;
	struct model *restore = model_object(o, "restore");
	add_number(restore, "bytes", report->bytes);
	add_number(restore, "messages", report->messages);
	add_number(restore, "known", report->known);
}

static void model_running(struct model *o, struct appliance *app)
{
	model_text(o, "hostname", app->hostname);
	add_number(o, "uptime_s", (clock_mono_ms() - app->started_ms) / 1000);
	add_number(o, "connections", app->connections ? conn_table_count(app->connections) : 0);
	add_number(o, "connections_max", app->connections_max);
	add_number(o, "delivered", app->delivered);
	model_bool(o, "listening", app->listening);
	model_services(o, app);
	model_certificate(o, app);
	model_deliveries(o, app);
	model_flash(o, app);
	model_memory(o);
	model_restore(o, app);
	system_put_status(o, app);
}

struct model *status_model(struct appliance *a)
{
	struct model *o = model_new();
	model_text(o, "version", SUREL_VERSION);
	model_bool(o, "running", !a->options.is_tool);
	model_number(o, "time", clock_wall_s());
	model_bool(o, "clock_sane", clock_is_sane());
	if (!a->options.is_tool)
		model_running(o, a);
	model_store(o, a);
	struct model *users = model_list(o, "users");
	for (struct user *u = users_first(a->users); u; u = users_next(a->users, u))
		model_user(users, a, u);
	return o;
}

void status_json(struct appliance *a, struct admin_reply *r)
{
	struct model *o = status_model(a);
	if (!model_is_whole(o) || model_print(o, &r->out) || buf_add_byte(&r->out, '\n'))
		admin_fail(r, EXIT_FAILED, "out of memory");
	model_free(o);
}
