#include "app/web_status.h"

#include <time.h>

#include "app/size_text.h"
#include "app/status.h"
#include "app/web_words.h"
#include "base/clock.h"

enum { CERTIFICATE_WARN_DAYS = 14, DAY_S = 86400, HOUR_S = 3600 };

static double number(const cJSON *o, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, key);
	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static bool is_true(const cJSON *o, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, key));
}

static cJSON *first_of(const cJSON *o, const char *key)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(o, key);
	return list ? list->child : NULL;
}

static void put_text(cJSON *o, enum lang lang, const char *key, const char *text_key)
{
	cJSON_AddStringToObject(o, key, web_text(lang, text_key));
}

/* "KEY_text" beside "KEY". */
static void put_size(cJSON *o, enum lang lang, const char *from, const char *to)
{
	char text[SIZE_TEXT_BYTES];
	size_text(lang, (uint64_t)number(o, from), text);
	cJSON_AddStringToObject(o, to, text);
}

static void put_count(cJSON *o, enum lang lang, const char *from, const char *to)
{
	char text[32];
	count_text(lang, (uint64_t)number(o, from), text);
	cJSON_AddStringToObject(o, to, text);
}

void status_put_time(cJSON *o, const char *key, int64_t at_s)
{
	time_t when = (time_t)at_s;
	struct tm tm;
	char text[32];
	localtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	cJSON_AddStringToObject(o, key, text);
}

/* A colour and its word: colour alone says nothing to many. */
static void put_level(cJSON *o, enum lang lang)
{
	int level = (int)number(o, "level");
	cJSON_AddStringToObject(o, "tag", level >= 90 ? "bad" : level >= 80 ? "warn" : "good");
	put_text(o, lang, "word",
		 level >= 90   ? "status.nearly_full"
		 : level >= 80 ? "status.filling"
			       : "status.fine");
}

/* --- parts -------------------------------------------------------------------------------------- */

static void put_uptime(cJSON *o, enum lang lang)
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
	cJSON_AddStringToObject(o, "uptime_text", text);
}

static void put_protocols(cJSON *o, enum lang lang, bool is_set_up)
{
	static const char *const names[SERVICE_COUNT] = {"IMAP", "POP3", "SMTP", "SMTP submission",
							 "LMTP", "HTTP"};
	const cJSON *services = cJSON_GetObjectItemCaseSensitive(o, "services");
	cJSON *all = cJSON_AddArrayToObject(o, "protocols");
	for (int i = 0; i < SERVICE_COUNT; i++) {
		const cJSON *from = cJSON_GetObjectItemCaseSensitive(
			services, status_service_name((enum service)i));
		cJSON *one = cJSON_Duplicate(from, true);
		bool listens = is_true(from, "listening"), is_on = is_true(from, "enabled");
		bool waits = is_on && !listens && !is_set_up;
		cJSON_AddStringToObject(one, "name", names[i]);
		cJSON_AddStringToObject(one, "tag",
					listens           ? "good"
					: is_on && !waits ? "bad"
							  : "");
		put_text(one, lang, "word",
			 listens ? "status.up"
			 : waits ? "status.waits"
			 : is_on ? "status.down"
				 : "status.off");
		cJSON_AddItemToArray(all, one);
	}
}

static void put_user_texts(cJSON *user, enum lang lang)
{
	put_size(user, lang, "bytes", "bytes_text");
	put_count(user, lang, "messages", "messages_text");
	if (number(user, "quota_bytes") > 0)
		put_size(user, lang, "quota_bytes", "quota_text");
	if (number(user, "quota_messages") > 0)
		put_count(user, lang, "quota_messages", "quota_messages_text");
	bool has_quota = number(user, "quota_bytes") > 0 || number(user, "quota_messages") > 0;
	cJSON_AddBoolToObject(user, "has_quota", has_quota);
	if (has_quota)
		put_level(user, lang);
}

static void put_delivery_texts(cJSON *delivery, enum lang lang)
{
	const cJSON *result = cJSON_GetObjectItemCaseSensitive(delivery, "result");
	const char *name = cJSON_IsString(result) ? result->valuestring : "";
	char key[64];
	snprintf(key, sizeof(key), "delivery.%s", name);
	bool is_good = strcmp(name, "OK") == 0;
	struct buf when;
	buf_init(&when, WORDS_MAX_BYTES);
	words_date(&when, lang, (int64_t)number(delivery, "at"));
	if (!buf_add_byte(&when, 0))
		cJSON_AddStringToObject(delivery, "at_text", (const char *)when.bytes);
	buf_free(&when);
	put_size(delivery, lang, "bytes", "bytes_text");
	cJSON_AddStringToObject(delivery, "tag", is_good ? "good" : "bad");
	cJSON_AddStringToObject(delivery, "word",
				web_text_or(lang, key, web_text(lang, "delivery.other")));
}

static void put_flash(cJSON *o, enum lang lang)
{
	cJSON *flash = cJSON_GetObjectItemCaseSensitive(o, "flash");
	put_size(flash, lang, "bytes_today", "today_text");
	put_size(flash, lang, "bytes_month", "month_text");
	put_size(flash, lang, "bytes_last_month", "last_month_text");
	put_size(flash, lang, "month_projection", "projection_text");
	cJSON_AddBoolToObject(flash, "card_lasts", number(flash, "card_years") > 100);
}

/* --- what needs somebody's eye ------------------------------------------------------------------ */

static void warn(cJSON *all, enum lang lang, const char *tag, const char *key)
{
	cJSON *one = cJSON_CreateObject();
	cJSON_AddStringToObject(one, "tag", tag);
	put_text(one, lang, "text", key);
	cJSON_AddItemToArray(all, one);
}

void status_put_problems(struct http_exchange *x, cJSON *o)
{
	char key[80];
	for (cJSON *one = first_of(o, "problems"); one; one = one->next) {
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(one, "key");
		snprintf(key, sizeof(key), "problem.%s",
			 cJSON_IsString(name) ? name->valuestring : "");
		bool is_known = web_text_or(web_lang(x), key, NULL);
		cJSON_AddStringToObject(one, "tag", "bad");
		cJSON_AddStringToObject(one, "text",
					web_textf(x, is_known ? key : "problem.other", one));
	}
}

static void put_warnings(cJSON *o, enum lang lang)
{
	const cJSON *store = cJSON_GetObjectItemCaseSensitive(o, "store"), *protocol;
	cJSON *all = cJSON_AddArrayToObject(o, "warnings");
	bool has_users = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(o, "users")) > 0;
	bool is_down = false;
	cJSON_ArrayForEach(protocol, cJSON_GetObjectItemCaseSensitive(o, "protocols")) is_down |=
		has_users && is_true(protocol, "enabled") && !is_true(protocol, "listening");
	if (number(store, "io_errors") > 0)
		warn(all, lang, "bad", "warning.io");
	if (is_true(store, "read_only"))
		warn(all, lang, "bad", "warning.read_only");
	if (is_true(store, "full"))
		warn(all, lang, "bad", "warning.full");
	else if (number(store, "level") >= 80)
		warn(all, lang, number(store, "level") >= 90 ? "bad" : "warn", "warning.filling");
	/* A board's system has it among its problems. */
	if (!is_true(o, "clock_sane") && !cJSON_HasObjectItem(o, "problems"))
		warn(all, lang, "warn", "problem.clock-unset");
	if (is_down)
		warn(all, lang, "bad", "warning.down");
	if (cJSON_HasObjectItem(o, "certificate_days") &&
	    number(o, "certificate_days") < (double)CERTIFICATE_WARN_DAYS)
		warn(all, lang, "warn", "warning.certificate");
	if (!has_users)
		warn(all, lang, "warn", "warning.no_users");
}

/* --- the whole ---------------------------------------------------------------------------------- */

static cJSON *status_page_model(struct http_exchange *x)
{
	enum lang lang = web_lang(x);
	struct appliance *app = web_app(x);
	struct admin_place place = appliance_place(app);
	cJSON *o = status_model(&place), *item;
	cJSON *store = cJSON_GetObjectItemCaseSensitive(o, "store");
	put_uptime(o, lang);
	put_protocols(o, lang, users_count(app->users) > 0);
	put_size(store, lang, "bytes_used", "used_text");
	put_size(store, lang, "bytes_free", "free_text");
	put_count(store, lang, "messages", "messages_text");
	put_level(store, lang);
	for (item = first_of(o, "users"); item; item = item->next)
		put_user_texts(item, lang);
	cJSON_AddBoolToObject(o, "has_deliveries", first_of(o, "deliveries") != NULL);
	for (item = first_of(o, "deliveries"); item; item = item->next)
		put_delivery_texts(item, lang);
	put_flash(o, lang);
	put_size(cJSON_GetObjectItemCaseSensitive(o, "memory"), lang, "private_bytes",
		 "private_text");
	cJSON *restore = cJSON_GetObjectItemCaseSensitive(o, "restore");
	if (restore)
		put_size(restore, lang, "bytes", "bytes_text");
	cJSON *update = cJSON_GetObjectItemCaseSensitive(o, "update");
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
	for (struct user *u = users_first(app->users); u; u = users_next(u)) {
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
