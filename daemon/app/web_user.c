#include "app/web_user.h"

/* --- the list ---------------------------------------------------------------------------------- */

static enum err put_users(struct http_exchange *x, struct model *model)
{
	enum err err = ERR_NONE;
	struct model *rows = model_list(model, "users");
	for (struct user *u = users_first(web_app(x)->users); !err && u;
	     u = users_next(web_app(x)->users, u))
		err = user_put_figures(x, model_row(rows), u);
	model_bool(model, "has_users", model_has_members(rows));
	return err;
}

struct add_errors {
	const char *name, *password, *again; /* keys, or NULL */
};

static enum step list_page(struct http_exchange *x, const struct add_errors *errors)
{
	enum lang lang = web_lang(x);
	struct model *model = model_new();
	if (put_users(x, model) == ERR_AGAIN) {
		model_free(model);
		return STEP_MORE;
	}
	struct model *name = web_form_field(model, lang, "name", "setup.user", web_field(x, "name"),
					    errors->name ? web_text(lang, errors->name) : NULL);
	model_number(name, "maxlength", USER_NAME_MAX_BYTES);
	model_text(name, "autocomplete", "off");
	model_bool(name, "is_plain", true);
	model_bool(name, "required", true);
	user_password_fields(x, model, errors->password, errors->again);
	bool is_wrong = errors->name || errors->password || errors->again;
	if (is_wrong)
		model_bool(model, "has_errors", true);
	return web_page(x, is_wrong ? 422 : 200, "users", model);
}

static enum step run_api(struct http_exchange *x)
{
	struct model *model = model_new();
	if (put_users(x, model) != ERR_AGAIN)
		return web_json(x, 200, model);
	model_free(model);
	return STEP_MORE;
}

/* --- adding ------------------------------------------------------------------------------------ */

static enum err add_apply(struct http_exchange *x, struct user_work *work,
			  const struct scram_verifier *verifier)
{
	enum err err = user_command_verifier(x, work, "add", verifier);
	for (char *c = work->name; *c; c++) /* as it is kept: Bob is bob */
		*c = (char)ascii_lower((uint8_t)*c);
	return err;
}

static enum step add_answer(struct http_exchange *x, struct user_work *work, enum err err)
{
	if (err)
		return user_failed(x, err);
	return *work->secret ? user_show_secret(x, work, "user.added")
			     : http_redirect(x, "/users/%s?done=user_added", work->name);
}

static const char *name_refusal(struct users *users, struct slice name)
{
	if (user_name_check(name))
		return "setup.user.bad";
	if (users_find(users, name))
		return "setup.user.taken";
	return users_count(users) >= USERS_MAX ? "users.full" : NULL;
}

static enum step run_add(struct http_exchange *x)
{
	struct slice name = slice_trim(slice_str(web_field(x, "name")));
	struct add_errors errors = {.name = name_refusal(web_app(x)->users, name)};
	struct user_work *work = user_work_begin(x, errors.name ? SLICE_EMPTY : name);
	if (!work)
		return user_failed(x, ERR_NOMEM);
	work->apply = add_apply;
	work->answer = add_answer;
	errors.password = user_password_start(x, work, &errors.again);
	if (!errors.name && !errors.password && !errors.again)
		return user_work_run(x);
	x->cmd_end(x);
	return list_page(x, &errors);
}

static enum step run_users(struct http_exchange *x)
{
	if (x->cmd)
		return user_work_run(x);
	return x->request.method == HTTP_POST ? run_add(x) : list_page(x, &(struct add_errors){0});
}

/* --- one user ---------------------------------------------------------------------------------- */

static const struct {
	const char *path;
	unsigned methods;
	enum step (*run)(struct http_exchange *x, struct user *user);
} actions[] = {
	{"devices", HTTP_POST, user_run_device},
	{"revoke", HTTP_GET | HTTP_HEAD | HTTP_POST, user_run_revoke},
	{"password", HTTP_POST, user_run_password},
	{"delete", HTTP_GET | HTTP_HEAD | HTTP_POST, user_run_delete},
	{"end", HTTP_POST, user_run_end},
};

static enum step run_user(struct http_exchange *x)
{
	struct slice what = x->tail;
	struct slice name = slice_split(&what, '/');
	struct user *user = users_find(web_app(x)->users, name);
	if (x->cmd) /* the user may be gone by what is going on */
		return user_work_run(x);
	if (!user)
		return web_refuse(x, 404);
	if (!what.len)
		return x->request.method == HTTP_POST
			       ? web_refuse(x, 405)
			       : user_page(x, user, &(struct user_errors){0});
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!slice_eq_str(what, actions[i].path))
			continue;
		if (actions[i].methods & x->request.method)
			return actions[i].run(x, user);
		/* After a login, or by a reload: where it was asked from. */
		return http_redirect(x, "/users/%s", user->name);
	}
	return web_refuse(x, 404);
}

static const struct http_route rows[] = {
	{.path = "/users",
	 .methods = HTTP_GET | HTTP_POST,
	 .body_max = HTTP_FORM_MAX_BYTES,
	 .access = WEB_ADMIN,
	 .run = run_users},
	{.path = "/users/*",
	 .methods = HTTP_GET | HTTP_POST,
	 .body_max = HTTP_FORM_MAX_BYTES,
	 .access = WEB_ADMIN,
	 .run = run_user},
	{.path = "/api/users", .methods = HTTP_GET, .access = WEB_API, .run = run_api},
};
const struct http_routes web_user_routes = {rows, sizeof(rows) / sizeof(rows[0])};
