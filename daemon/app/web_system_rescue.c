/* The page of a board whose data partition cannot be used: what is wrong, restart, wipe. Nobody can log
 * in, as nobody knows a password any more: whoever is in the house may do it (web_gate.c). */
#include "app/web_status.h"
#include "app/web_system.h"
#include "base/log.h"

static enum step rescue_show(struct http_exchange *x, int status, const char *error)
{
	struct model *model = model_new();
	system_put_status(model, web_app(x));
	status_put_problems(x, model);
	struct model *field = web_form_field(model, web_lang(x), "word", "rescue.word", "", error);
	model_text(field, "autocomplete", "off");
	model_bool(field, "is_plain", true);
	model_bool(field, "required", true);
	return web_page(x, status, "rescue", model);
}

static enum step run_page(struct http_exchange *x)
{
	return rescue_show(x, 200, NULL);
}

static enum step run_restart(struct http_exchange *x)
{
	return system_restarts(x, system_request(web_app(x)->system->dir, "restart"),
			       "restarting.lead");
}

/* Asked for in the language of the page, understood in each. */
static bool is_confirmed(struct slice typed)
{
	for (int lang = 0; lang < LANG_COUNT; lang++)
		if (slice_eq_str_nocase(typed, web_text((enum lang)lang, "rescue.confirm")))
			return true;
	return false;
}

static enum step run_wipe(struct http_exchange *x)
{
	if (!is_confirmed(slice_trim(slice_str(web_field(x, "word")))))
		return rescue_show(x, 422, web_text(web_lang(x), "rescue.word.wrong"));
	log_warn(x->session->id, "asked by the page to wipe everything");
	return system_restarts(x, system_request(web_app(x)->system->dir, "wipe"),
			       "restarting.wipe");
}

static enum step run_back(struct http_exchange *x)
{
	return http_redirect(x, "/");
}

enum { RESCUE_FORM_MAX_BYTES = 4096 };
static const struct http_route rows[] = {
	{.path = "/", .methods = HTTP_GET, .access = WEB_PUBLIC, .run = run_page},
	{.path = "/language",
	 .methods = HTTP_POST,
	 .body_max = RESCUE_FORM_MAX_BYTES,
	 .access = WEB_PUBLIC,
	 .run = web_run_language},
	{.path = "/restart",
	 .methods = HTTP_POST,
	 .body_max = RESCUE_FORM_MAX_BYTES,
	 .access = WEB_PUBLIC,
	 .run = run_restart},
	{.path = "/wipe",
	 .methods = HTTP_POST,
	 .body_max = RESCUE_FORM_MAX_BYTES,
	 .access = WEB_PUBLIC,
	 .run = run_wipe},
	/* Bookmarks of the usual page, and its forms asked for again. */
	{.path = "/*", .methods = HTTP_GET, .access = WEB_PUBLIC, .run = run_back},
};
static const struct http_routes rescue_routes = {rows, sizeof(rows) / sizeof(rows[0])};
static const struct http_routes *const rescue_tables[] = {&web_asset_routes, &rescue_routes, NULL};
static const struct http_site the_rescue_site = {
	.tables = rescue_tables,
	.gate = web_gate,
	.admit = web_admit,
	.error_page = web_error_page,
};
const struct http_site *const rescue_site = &the_rescue_site;
