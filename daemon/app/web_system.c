#include "app/web_system.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/web_status.h"

/* --- what lies in the slots --------------------------------------------------------------------- */

/* A look at the devices, which may be slow: on the workers. */
struct slots_look {
	struct job job;
	const char *dir; /* from the command line: outlives everybody */
	struct slot_view views[SYSTEM_SLOTS];
	struct list waiters;
	bool is_done, is_abandoned;
};

static void look_run(struct job *job)
{
	struct slots_look *look = list_owner(job, struct slots_look, job);
	for (int i = 0; i < SYSTEM_SLOTS; i++)
		system_slot_look(look->dir, (enum system_slot)i, &look->views[i]);
}

static void look_done(struct job *job)
{
	struct slots_look *look = list_owner(job, struct slots_look, job);
	look->is_done = true;
	if (look->is_abandoned)
		free(look);
	else
		waiters_wake(&look->waiters);
}

static void look_end(struct http_exchange *x)
{
	struct slots_look *look = x->cmd;
	x->cmd = NULL;
	if (look->is_done)
		free(look);
	else
		look->is_abandoned = true;
}

static bool look_begin(struct http_exchange *x, struct appliance *app)
{
	struct slots_look *look = calloc(1, sizeof(*look));
	if (!look)
		return false;
	look->dir = app->system->dir;
	look->job = (struct job){.run = look_run, .done = look_done};
	list_init(&look->waiters);
	x->cmd = look;
	x->cmd_end = look_end;
	job_submit(worker_pool_runner(app->workers), &look->job);
	return true;
}

/* --- the page ----------------------------------------------------------------------------------- */

static void put_slot(struct model *all, struct http_exchange *x, int which)
{
	static const char *const tags[SLOT_STATES] = {"", "good", "warn", "good", "bad"};
	char key[32];
	const struct slot_view *view = &web_app(x)->system->slots[which];
	enum slot_state state = view->record.state;
	struct model *one = model_row(all);
	snprintf(key, sizeof(key), "system.state.%s", slot_state_name(state));
	model_text(one, "name", which == SYSTEM_SLOT_A ? "A" : "B");
	model_text(one, "tag", tags[state]);
	model_text(one, "word", web_text(web_lang(x), key));
	if (view->has_head && state != SLOT_EMPTY)
		model_text(one, "version", view->head.version);
}

static void put_slots(struct model *model, struct http_exchange *x)
{
	const struct slot_view *views = web_app(x)->system->slots;
	struct model *all = NULL;
	for (int i = 0; i < SYSTEM_SLOTS; i++) {
		const struct slot_view *view = &views[i];
		if (!view->is_there)
			continue;
		all = all ? all : model_list(model, "slots");
		put_slot(all, x, i);
		if (view->has_head && view->record.state == SLOT_NEW)
			model_text(model, "waiting", view->head.version);
	}
	model_bool(model, "has_slots", all != NULL);
}

static void put_reset(struct model *model, struct http_exchange *x, const char *what_error,
		      const char *password_error)
{
	enum lang lang = web_lang(x);
	const char *what = x->request.method == HTTP_POST ? web_field(x, "what") : "";
	struct model *choice =
		web_form_field(model, lang, "what", "system.reset.what", what, what_error);
	web_form_choice(choice, "keep-mail", web_text(lang, "system.reset.keep"),
			web_text(lang, "system.reset.keep.help"));
	web_form_choice(choice, "all", web_text(lang, "system.reset.all"),
			web_text(lang, "system.reset.all.help"));
	struct model *field = web_form_field(model, lang, "password", "system.reset.password", "",
					     password_error);
	model_text(field, "type", "password");
	model_text(field, "autocomplete", "current-password");
	model_bool(field, "required", true);
}

enum step system_show(struct http_exchange *x, int status, const char *what_error,
		      const char *password_error)
{
	struct appliance *app = web_app(x);
	struct model *model = model_new();
	if (app->system) {
		struct system_facts facts;
		char key[32];
		system_facts_read(app->system->dir, &facts);
		system_put_status(model, app);
		status_put_problems(x, model);
		snprintf(key, sizeof(key), "system.runs.%s", system_slot_name(facts.running));
		model_text(model, "runs", web_text(web_lang(x), key));
		put_slots(model, x);
		put_reset(model, x, what_error, password_error);
	}
	return web_page(x, status, "system", model);
}

static enum step run_page(struct http_exchange *x)
{
	struct appliance *app = web_app(x);
	if (!app->system)
		return system_show(x, 200, NULL, NULL);
	if (!x->cmd && !look_begin(x, app))
		return web_refuse(x, 503);
	struct slots_look *look = x->cmd;
	if (!look->is_done) {
		waiter_cancel(http_waiter(x));
		list_add_tail(&look->waiters, &http_waiter(x)->link);
		return STEP_MORE;
	}
	memcpy(app->system->slots, look->views, sizeof(app->system->slots));
	return system_show(x, 200, NULL, NULL);
}

/* --- restart ------------------------------------------------------------------------------------ */

enum step system_restarts(struct http_exchange *x, enum err err, const char *key)
{
	struct model *model = model_new();
	bool is_deaf = err == ERR_CLOSED || err == ERR_NOT_FOUND;
	model_bool(model, "is_good", !err);
	model_text(model, "sentence",
		   web_text(web_lang(x), !err      ? key
					 : is_deaf ? "system.deaf"
						   : "system.failed"));
	return web_page(x, err ? 503 : 200, "restarting", model);
}

static enum step run_restart(struct http_exchange *x)
{
	struct system *system = web_app(x)->system;
	if (!system)
		return web_refuse(x, 404);
	return system_restarts(x, system_request(system->dir, "restart"), "restarting.lead");
}

/* Where a form was posted to, asked for again: after a login, or by a reload. */
static enum step run_back(struct http_exchange *x)
{
	return http_redirect(x, "/system");
}

enum { SYSTEM_FORM_MAX_BYTES = 4096 };
static const struct http_route rows[] = {
	{.path = "/system", .methods = HTTP_GET, .access = WEB_ADMIN, .run = run_page},
	{.path = "/system/update",
	 .methods = HTTP_POST,
	 .streams_body = true,
	 .access = WEB_ADMIN,
	 .run = system_run_upload},
	{.path = "/system/restart",
	 .methods = HTTP_POST,
	 .body_max = SYSTEM_FORM_MAX_BYTES,
	 .access = WEB_ADMIN,
	 .run = run_restart},
	{.path = "/system/reset",
	 .methods = HTTP_POST,
	 .body_max = SYSTEM_FORM_MAX_BYTES,
	 .access = WEB_ADMIN,
	 .run = system_run_reset},
	{.path = "/system/*", .methods = HTTP_GET, .access = WEB_ADMIN, .run = run_back},
};
const struct http_routes web_system_routes = {rows, sizeof(rows) / sizeof(rows[0])};
