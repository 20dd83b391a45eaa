/* Log in, log out, and the language: /login, /logout, /language. */
#include <stdlib.h>

#include "app/admin_password.h"
#include "app/password_check.h"
#include "app/web_check.h"
#include "app/web_language.h"
#include "app/web_visit.h"
#include "app/web_wait.h"
#include "base/log.h"

/* One attempt: waits for its turn, is stretched by a worker, and when wrong waits again. */
struct login_attempt {
	struct web *web;
	struct web_wait before, after;
	struct password_work *work;
	bool is_checked, is_right;
};

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
	struct login_attempt *attempt = x->cmd;
	web_wait_end(&attempt->before);
	web_wait_end(&attempt->after);
	web_check_end(attempt->web, &attempt->work);
	free(attempt);
}

static enum step login_begin(struct http_exchange *x)
{
	struct login_attempt *attempt = calloc(1, sizeof(*attempt));
	if (!attempt)
		return login_show(x, 429, "login.busy");
	attempt->web = web_state(x);
	x->cmd = attempt;
	x->cmd_end = login_end;
	web_wait_begin(&attempt->before, x,
		       throttle_before_ms(&web_app(x)->throttle, stream_peer(x->session->stream)));
	return STEP_MORE;
}

/* STEP_DONE: is_right tells. STEP_BAD: not now. */
static enum step login_check(struct http_exchange *x, struct login_attempt *attempt)
{
	if (!attempt->work) {
		if (!web_check_may_begin(attempt->web) ||
		    password_check_new(
			    web_app(x), &web_app(x)->admin,
			    slice_upto(slice_str(web_field(x, "password")), PASSWORD_MAX_BYTES),
			    &attempt->work))
			return STEP_BAD;
		attempt->web->checks++;
	}
	if (password_is_busy(attempt->work, http_waiter(x)))
		return STEP_MORE;
	attempt->is_right = password_is_right(attempt->work);
	attempt->is_checked = true;
	web_check_end(attempt->web, &attempt->work);
	return STEP_DONE;
}

static enum step login_right(struct http_exchange *x)
{
	throttle_succeeded(&web_app(x)->throttle, stream_peer(x->session->stream),
			   SLICE_LIT(WEB_THROTTLE_NAME));
	web_log_in(x);
	log_info(x->session->id, "the administrator has logged in to the page");
	return http_redirect(x, "%s", web_safe_path(web_field(x, "next")));
}

static void login_wrong(struct http_exchange *x, struct login_attempt *attempt)
{
	char from[64];
	session_peer_text(x->session, from, sizeof(from));
	log_warn(x->session->id, "page login failed from %s", from);
	web_wait_begin(&attempt->after, x,
		       throttle_failed_ms(&web_app(x)->throttle, stream_peer(x->session->stream),
					  SLICE_LIT(WEB_THROTTLE_NAME)));
}

static enum step login_post(struct http_exchange *x)
{
	if (!x->cmd && login_begin(x) == STEP_DONE)
		return STEP_DONE;
	struct login_attempt *attempt = x->cmd;
	if (web_wait_is_on(&attempt->before, x))
		return STEP_MORE;
	if (!attempt->is_checked) {
		enum step step = login_check(x, attempt);
		if (step == STEP_BAD)
			return login_show(x, 429, "login.busy");
		if (step == STEP_MORE)
			return STEP_MORE;
		if (!attempt->is_right)
			login_wrong(x, attempt);
	}
	if (attempt->is_right)
		return login_right(x);
	return web_wait_is_on(&attempt->after, x) ? STEP_MORE : login_show(x, 422, "login.wrong");
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

static enum step language_run(struct http_exchange *x)
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
	 .run = language_run},
};
const struct http_routes web_login_routes = {login_rows,
					     sizeof(login_rows) / sizeof(login_rows[0])};
