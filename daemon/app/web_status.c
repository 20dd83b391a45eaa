#include "app/web_status.h"

#include <time.h>

#include "app/size_text.h"
#include "app/status.h"
#include "app/web_words.h"
#include "base/clock.h"

enum { CERTIFICATE_WARN_DAYS = 14, DAY_S = 86400, HOUR_S = 3600 };

static int64_t number(const struct model *o, const char *key)
{
	return model_get_number(o, key);
}

static bool is_true(const struct model *o, const char *key)
{
	return model_get_bool(o, key);
}

static struct model *first_of(const struct model *o, const char *key)
{
	const struct model *list = model_get(o, key);
	return list ? list->first : NULL;
}

static void put_text(struct model *o, enum lang lang, const char *key, const char *text_key)
{
	model_text(o, key, web_text(lang, text_key));
}

/* "KEY_text" beside "KEY". */
static void put_size(struct model *o, enum lang lang, const char *from, const char *to)
{
	char text[SIZE_TEXT_BYTES];
	size_text(lang, (uint64_t)number(o, from), text);
	model_text(o, to, text);
}

static void put_count(struct model *o, enum lang lang, const char *from, const char *to)
{
	char text[32];
	count_text(lang, (uint64_t)number(o, from), text);
	model_text(o, to, text);
}

void status_put_time(struct model *o, const char *key, int64_t at_s)
{
	time_t when = (time_t)at_s;
	struct tm tm;
	char text[CLOCK_STAMP_BYTES];
	localtime_r(&when, &tm);
	clock_stamp(&tm, text);
	text[10] = ' ';
	text[16] = '\0';
	model_text(o, key, text);
}

/* A colour and its word: colour alone says nothing to many. */
static void put_level(struct model *o, enum lang lang)
{
	int level = (int)number(o, "level");
	model_text(o, "tag", level >= 90 ? "bad" : level >= 80 ? "warn" : "good");
	put_text(o, lang, "word",
		 level >= 90   ? "status.nearly_full"
		 : level >= 80 ? "status.filling"
			       : "status.fine");
}

/* --- parts -------------------------------------------------------------------------------------- */

static void put_uptime(struct model *o, enum lang lang)
{
	uint64_t s = (uint64_t)number(o, "uptime_s");
	char text[96];
	int n = 0;
	if (s >= DAY_S)
		n = snprintf(text, sizeof(text), "%llu %s ", (unsigned long long)(s / DAY_S),
			     web_text(lang, "unit.d"));
	snprintf(text + n, sizeof(text) - (size_t)n, "%llu %s %llu %s",
		 (unsigned long long)(s % DAY_S / HOUR_S), web_text(lang, "unit.h"),
		 (unsigned long long)(s % HOUR_S / 60), web_text(lang, "unit.min"));
	model_text(o, "uptime_text", text);
}

/* What is counted and what is so, once more. */
static void put_figures(struct model *to, const struct model *from)
{
	for (const struct model *m = from ? from->first : NULL; m; m = m->next)
		if (m->kind == MODEL_NUMBER)
			model_number(to, m->key, m->number);
		else
			model_bool(to, m->key, m->kind == MODEL_YES);
}

static void put_protocols(struct model *o, enum lang lang, bool is_set_up)
{
	static const char *const names[SERVICE_COUNT] = {"IMAP", "POP3", "SMTP", "SMTP submission",
							 "LMTP", "HTTP"};
	const struct model *services = model_get(o, "services");
	struct model *all = model_list(o, "protocols");
	for (int i = 0; i < SERVICE_COUNT; i++) {
		const struct model *from =
			model_get(services, status_service_name((enum service)i));
		struct model *one = model_row(all);
		put_figures(one, from);
		bool listens = is_true(from, "listening"), is_on = is_true(from, "enabled");
		bool waits = is_on && !listens && !is_set_up;
		model_text(one, "name", names[i]);
		model_text(one, "tag", listens ? "good" : is_on && !waits ? "bad" : "");
		put_text(one, lang, "word",
			 listens ? "status.up"
			 : waits ? "status.waits"
			 : is_on ? "status.down"
				 : "status.off");
	}
}

static void put_user_texts(struct model *user, enum lang lang)
{
	put_size(user, lang, "bytes", "bytes_text");
	put_count(user, lang, "messages", "messages_text");
	if (number(user, "quota_bytes") > 0)
		put_size(user, lang, "quota_bytes", "quota_text");
	if (number(user, "quota_messages") > 0)
		put_count(user, lang, "quota_messages", "quota_messages_text");
	bool has_quota = number(user, "quota_bytes") > 0 || number(user, "quota_messages") > 0;
	model_bool(user, "has_quota", has_quota);
	if (has_quota)
		put_level(user, lang);
}

static void put_delivery_texts(struct model *delivery, enum lang lang)
{
	const char *name = model_get_text(delivery, "result");
	char key[64];
	snprintf(key, sizeof(key), "delivery.%s", name);
	bool is_good = strcmp(name, "OK") == 0;
	char when[WORDS_DATE_BYTES];
	words_date(lang, number(delivery, "at"), when);
	model_text(delivery, "at_text", when);
	put_size(delivery, lang, "bytes", "bytes_text");
	model_text(delivery, "tag", is_good ? "good" : "bad");
	model_text(delivery, "word", web_text_or(lang, key, web_text(lang, "delivery.other")));
}

static void put_flash(struct model *o, enum lang lang)
{
	struct model *flash = model_get(o, "flash");
	put_size(flash, lang, "bytes_today", "today_text");
	put_size(flash, lang, "bytes_month", "month_text");
	put_size(flash, lang, "bytes_last_month", "last_month_text");
	put_size(flash, lang, "month_projection", "projection_text");
	model_bool(flash, "card_lasts", number(flash, "card_years") > 100);
}

/* --- what needs somebody's eye ------------------------------------------------------------------ */

static void warn(struct model *all, enum lang lang, const char *tag, const char *key)
{
	struct model *one = model_row(all);
	model_text(one, "tag", tag);
	put_text(one, lang, "text", key);
}

void status_put_problems(struct http_exchange *x, struct model *o)
{
	char key[80];
	for (struct model *one = first_of(o, "problems"); one; one = one->next) {
		snprintf(key, sizeof(key), "problem.%s", model_get_text(one, "key"));
		bool is_known = web_text_or(web_lang(x), key, NULL);
		model_texts(one, "tag text", "bad",
			    web_textf(x, is_known ? key : "problem.other", one));
	}
}

static void put_warnings(struct model *o, enum lang lang)
{
	const struct model *store = model_get(o, "store");
	struct model *all = model_list(o, "warnings");
	bool has_users = model_has_members(model_get(o, "users"));
	bool is_down = false;
	for (const struct model *p = first_of(o, "protocols"); p; p = p->next)
		is_down |= has_users && is_true(p, "enabled") && !is_true(p, "listening");
	if (number(store, "io_errors") > 0)
		warn(all, lang, "bad", "warning.io");
	if (is_true(store, "read_only"))
		warn(all, lang, "bad", "warning.read_only");
	if (is_true(store, "full"))
		warn(all, lang, "bad", "warning.full");
	else if (number(store, "level") >= 80)
		warn(all, lang, number(store, "level") >= 90 ? "bad" : "warn", "warning.filling");
	/* A board's system has it among its problems. */
	if (!is_true(o, "clock_sane") && !model_get(o, "problems"))
		warn(all, lang, "warn", "problem.clock-unset");
	if (is_down)
		warn(all, lang, "bad", "warning.down");
	if (model_get(o, "certificate_days") &&
	    number(o, "certificate_days") < CERTIFICATE_WARN_DAYS)
		warn(all, lang, "warn", "warning.certificate");
	if (!has_users)
		warn(all, lang, "warn", "warning.no_users");
}

/* --- the whole ---------------------------------------------------------------------------------- */

static struct model *status_page_model(struct http_exchange *x)
{
	enum lang lang = web_lang(x);
	struct appliance *app = web_app(x);
	struct model *o = status_model(app), *item;
	struct model *store = model_get(o, "store");
	put_uptime(o, lang);
	put_protocols(o, lang, users_count(app->users) > 0);
	put_size(store, lang, "bytes_used", "used_text");
	put_size(store, lang, "bytes_free", "free_text");
	put_count(store, lang, "messages", "messages_text");
	put_level(store, lang);
	for (item = first_of(o, "users"); item; item = item->next)
		put_user_texts(item, lang);
	model_bool(o, "has_deliveries", first_of(o, "deliveries") != NULL);
	for (item = first_of(o, "deliveries"); item; item = item->next)
		put_delivery_texts(item, lang);
	put_flash(o, lang);
	put_size(model_get(o, "memory"), lang, "private_bytes", "private_text");
	struct model *restore = model_get(o, "restore");
	if (restore)
		put_size(restore, lang, "bytes", "bytes_text");
	struct model *update = model_get(o, "update");
	if (update)
		put_size(update, lang, "bytes", "bytes_text");
	status_put_problems(x, o);
	put_warnings(o, lang);
	return o;
}

/* Accounts that are not in memory are read first: their figures would be zeros. */
static enum err status_load_accounts(struct http_exchange *x)
{
	struct appliance *app = web_app(x);
	for (struct user *u = users_first(app->users); u; u = users_next(app->users, u)) {
		struct account *account = NULL;
		enum err err = account_open(app->host.store, slice_str(u->name), false, &account,
					    NULL, http_waiter(x));
		if (err == ERR_AGAIN)
			return err;
		if (!err)
			account_close(&account);
	}
	return ERR_NONE;
}

static enum step run_status(struct http_exchange *x)
{
	if (status_load_accounts(x))
		return STEP_MORE;
	return web_page(x, 200, "status", status_page_model(x));
}

static enum step run_api_status(struct http_exchange *x)
{
	if (status_load_accounts(x))
		return STEP_MORE;
	return web_json(x, 200, status_page_model(x));
}

static const struct http_route rows[] = {
	{.path = "/", .methods = HTTP_GET, .access = WEB_ADMIN, .run = run_status},
	{.path = "/api/status", .methods = HTTP_GET, .access = WEB_API, .run = run_api_status},
	{.path = "/log", .methods = HTTP_GET, .access = WEB_ADMIN, .run = status_run_log},
};
const struct http_routes web_status_routes = {rows, sizeof(rows) / sizeof(rows[0])};
