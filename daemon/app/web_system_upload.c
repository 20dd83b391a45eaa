#include <stdio.h>
#include <stdlib.h>

#include "app/update.h"
#include "app/web_system.h"
#include "app/web_upload.h"
#include "base/log.h"
#include "options.h"

struct system_upload {
	struct web_upload upload; /* first */
	struct update *update;    /* NULL: there was none to be had */
};

static void upload_end(struct http_exchange *x)
{
	struct system_upload *u = x->cmd;
	x->cmd = NULL;
	x->cmd_end = NULL;
	if (!u)
		return;
	update_free(&u->update);
	web_upload_free(&u->upload);
	free(u);
}

static enum err upload_use(struct http_exchange *x, struct web_upload *upload, struct slice *piece)
{
	return update_write(((struct system_upload *)upload)->update, piece, http_waiter(x));
}

static bool upload_begin(struct http_exchange *x)
{
	static const char *const wanted[] = {"update", NULL};
	struct system_upload *u = calloc(1, sizeof(*u));
	if (!u)
		return false;
	u->upload = (struct web_upload){.wanted = wanted, .use = upload_use};
	u->upload.failure = update_new(web_app(x), &u->update);
	u->upload.is_over = u->upload.failure;
	x->cmd = u;
	x->cmd_end = upload_end;
	web_upload_begin(x, &u->upload);
	return true;
}

/* --- the answer --------------------------------------------------------------------------------- */

static enum step upload_answer(struct http_exchange *x, const struct system_upload *u)
{
	const struct update_result *result = update_result(u->update);
	enum lang lang = web_lang(x);
	struct model *model = model_new();
	char key[48];
	bool is_good = !result->fault;
	snprintf(key, sizeof(key), "update.%s", update_fault_name(result->fault));
	model_bool(model, "is_good", is_good);
	model_text(model, "new_version", result->head.version);
	model_text(model, "its_board", result->head.board);
	model_text(model, "why", web_textf(x, key, model));
	int order = update_version_cmp(result->head.version, SUREL_VERSION);
	if (is_good && order <= 0)
		model_text(model, "remark", web_text(lang, order ? "update.older" : "update.same"));
	if (is_good)
		log_info(x->session->id, "update to %s is ready in slot %s", result->head.version,
			 system_slot_name(result->slot));
	return web_page(x, is_good ? 200 : 422, "updated", model);
}

enum step system_run_upload(struct http_exchange *x)
{
	if (!web_app(x)->system)
		return web_refuse(x, 404);
	if (!x->cmd && !upload_begin(x))
		return web_refuse(x, 503);
	struct system_upload *u = x->cmd;
	if (web_upload_run(x, &u->upload) == STEP_MORE)
		return STEP_MORE;
	if (!u->update && u->upload.failure == ERR_IN_USE)
		return web_refuse_for(x, 409, "update_busy");
	if (u->upload.failure)
		return web_refuse(x, 503);
	if (update_finish(u->update, http_waiter(x)) == ERR_AGAIN)
		return STEP_MORE;
	return upload_answer(x, u);
}
