/* Log in, log out, and the language: /login, /logout, /language. */
#include <stdlib.h>

#include "app/admin_password.h"
#include "app/web_admin_check.h"
#include "app/web_language.h"
#include "base/log.h"

static enum step login_show(struct http_exchange *x, int status, const char *error_key)
{
	enum lang lang = web_lang(x);
	struct model *model = model_new();
	const char *next =
		x->request.method == HTTP_POST ? web_field(x, "next") : web_query(x, "next");
	model_text(model, "next", web_safe_path(next));
	struct model *field = web_form_field(model, lang, "password", "login.password", "",
					     error_key ? web_text(lang, error_key) : NULL);
	model_text(field, "type", "password");
	model_text(field, "autocomplete", "current-password");
	model_bool(field, "required", true);
	return web_page(x, status, "login", model);
}

static void login_end(struct http_exchange *x)
{
	admin_check_end(x->cmd);
	free(x->cmd);
	x->cmd = NULL;
}

static bool login_begin(struct http_exchange *x)
{
	struct admin_check *check = calloc(1, sizeof(*check));
	if (!check)
		return false;
	x->cmd = check;
	x->cmd_end = login_end;
	admin_check_begin(x, check);
	return true;
}

static enum step login_right(struct http_exchange *x)
{
	web_log_in(x);
	log_info(x->session->id, "the administrator has logged in to the page");
	return http_redirect(x, "%s", web_safe_path(web_field(x, "next")));
}

static enum step login_post(struct http_exchange *x)
{
	if (!x->cmd && !login_begin(x))
		return login_show(x, 429, "login.busy");
	struct admin_check *check = x->cmd;
	enum step step = admin_check_run(x, check, "password");
	if (step == STEP_MORE)
		return STEP_MORE;
	if (step == STEP_BAD)
		return login_show(x, 429, "login.busy");
	return check->is_right ? login_right(x) : login_show(x, 422, "login.wrong");
}

static enum step login_run(struct http_exchange *x)
{
	if (x->request.method == HTTP_POST)
		return login_post(x);
	return web_is_admin(x) ? http_redirect(x, "%s", web_safe_path(web_query(x, "next")))
			       : login_show(x, 200, NULL);
}

static enum step logout_run(struct http_exchange *x)
{
	web_log_out(x);
	return http_redirect(x, "/login?done=logout");
}

enum step web_run_language(struct http_exchange *x)
{
	enum lang lang;
	const char *back = web_safe_path(web_field(x, "back"));
	if (web_language_find(slice_str(web_field(x, "lang")), &lang))
		http_add_field(x, "Set-Cookie",
			       "lang=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict%s",
			       web_lang_tag(lang), http_is_tls(x) ? "; Secure" : "");
	return http_redirect(x, "%s", back);
}

enum { LOGIN_FORM_MAX_BYTES = 4096 };
static const struct http_route login_rows[] = {
	{.path = "/login",
	 .methods = HTTP_GET | HTTP_POST,
	 .body_max = LOGIN_FORM_MAX_BYTES,
	 .access = WEB_PUBLIC,
	 .run = login_run},
	{.path = "/logout",
	 .methods = HTTP_POST,
	 .body_max = LOGIN_FORM_MAX_BYTES,
	 .access = WEB_ADMIN,
	 .run = logout_run},
	{.path = "/language",
	 .methods = HTTP_POST,
	 .body_max = LOGIN_FORM_MAX_BYTES,
	 .access = WEB_PUBLIC,
	 .run = web_run_language},
};
const struct http_routes web_login_routes = {login_rows,
					     sizeof(login_rows) / sizeof(login_rows[0])};
