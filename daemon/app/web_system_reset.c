#include <stdlib.h>

#include "app/web_admin_check.h"
#include "app/web_system.h"

static void reset_end(struct http_exchange *x)
{
	admin_check_end(x->cmd);
	free(x->cmd);
	x->cmd = NULL;
}

static bool reset_begin(struct http_exchange *x)
{
	struct admin_check *check = calloc(1, sizeof(*check));
	if (!check)
		return false;
	x->cmd = check;
	x->cmd_end = reset_end;
	admin_check_begin(x, check);
	return true;
}

enum step system_run_reset(struct http_exchange *x)
{
	struct appliance *app = web_app(x);
	enum lang lang = web_lang(x);
	const char *what = web_field(x, "what");
	if (!app->system)
		return web_refuse(x, 404);
	if (strcmp(what, "keep-mail") != 0 && strcmp(what, "all") != 0)
		return system_show(x, 422, web_text(lang, "system.reset.choose"), NULL);
	if (!x->cmd && !reset_begin(x))
		return web_refuse(x, 503);
	struct admin_check *check = x->cmd;
	enum step step = admin_check_run(x, check, "password");
	if (step == STEP_MORE)
		return STEP_MORE;
	if (step == STEP_BAD)
		return system_show(x, 429, NULL, web_text(lang, "login.busy"));
	if (!check->is_right)
		return system_show(x, 422, NULL, web_text(lang, "login.wrong"));
	return system_restarts(x, system_reset(app, what), "restarting.reset");
}
