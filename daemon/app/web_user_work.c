#include <stdio.h>
#include <stdlib.h>

#include "app/admin.h"
#include "app/web_user.h"
#include "app/why_text.h"
#include "base/log.h"
#include "base/secret.h"

static void work_end(struct http_exchange *x)
{
	struct user_work *work = x->cmd;
	x->cmd = NULL;
	if (!work)
		return;
	password_work_free(&work->making);
	secret_wipe(work, sizeof(*work));
	free(work);
}

struct user_work *user_work_begin(struct http_exchange *x, struct slice name)
{
	struct user_work *work = calloc(1, sizeof(*work));
	if (!work || slice_to_str(name, work->name, sizeof(work->name))) {
		free(work);
		return NULL;
	}
	x->cmd = work;
	x->cmd_end = work_end;
	return work;
}

static enum err work_apply(struct http_exchange *x, struct user_work *work)
{
	struct scram_verifier verifier = {0};
	enum err err = work->making ? password_result(work->making, &verifier) : ERR_NONE;
	if (!err)
		err = work->apply(x, work, work->making ? &verifier : NULL);
	secret_wipe(&verifier, sizeof(verifier));
	return err;
}

enum step user_work_run(struct http_exchange *x)
{
	struct user_work *work = x->cmd;
	if (!work->is_applied) {
		if (work->making && password_is_busy(work->making, http_waiter(x)))
			return STEP_MORE;
		work->is_applied = true;
		work->err = work_apply(x, work);
	}
	if (!work->err)
		work->err = store_wait(x->session->host->store, work->ticket, http_waiter(x));
	if (work->err == ERR_AGAIN) {
		work->err = ERR_NONE;
		return STEP_MORE;
	}
	return work->answer(x, work, work->err);
}

enum err user_command(struct http_exchange *x, struct user_work *work, const char *const *args,
		      size_t count)
{
	struct admin_request request = {.count = count};
	struct admin_reply reply;
	memcpy(request.args, args, count * sizeof(args[0]));
	admin_reply_init(&reply);
	admin_run(web_app(x), &request, &reply);
	work->ticket = reply.ticket;
	bool failed = reply.exit_code != EXIT_OK;
	struct slice said = slice_trim(buf_view(failed ? &reply.errors : &reply.out));
	if (failed)
		log_warn(x->session->id, "asked by the page: " SLICE_FMT, SLICE_ARG(said));
	else
		log_info(x->session->id, "asked by the page: " SLICE_FMT, SLICE_ARG(said));
	bool is_busy = failed && slice_find(said, SLICE_LIT("just arriving")) != SIZE_MAX;
	admin_reply_free(&reply);
	return is_busy ? ERR_IN_USE : failed ? ERR_IO : ERR_NONE;
}

enum err user_command_verifier(struct http_exchange *x, struct user_work *work, const char *verb,
			       const struct scram_verifier *verifier)
{
	struct buf text;
	buf_init(&text, 1024);
	enum err err = user_verifier_print(verifier, &text);
	if (!err)
		err = buf_add_byte(&text, 0);
	const char *args[] = {"user", verb, work->name, (const char *)buf_view(&text).ptr};
	if (!err)
		err = user_command(x, work, args, 4);
	buf_wipe(&text);
	return err;
}

enum step user_failed(struct http_exchange *x, enum err err)
{
	struct model *model = model_new();
	words_put(model, "sentence", web_lang(x), "users.failed",
		  &(struct word){"why", why_text(web_lang(x), err)}, 1);
	model_text(model, "title", web_text(web_lang(x), "error.500.title"));
	return web_page(x, 500, "error", model);
}

enum step user_show_secret(struct http_exchange *x, const struct user_work *work, const char *done)
{
	char login[sizeof(work->name) + sizeof(work->label) + 1];
	/* By this name a program that proves its password without sending it (SCRAM) gets in too, and
	 * POP3 knows which device it serves. */
	snprintf(login, sizeof(login), "%s%s%s", work->name, *work->label ? "+" : "", work->label);
	struct model *model = model_new();
	words_put(model, "done", web_lang(x), done,
		  (struct word[]){{"user", work->name}, {"label", work->label}}, 2);
	model_text(model, "title", login);
	model_text(model, "login", login);
	model_text(model, "user", work->name);
	model_text(model, "secret", work->secret);
	return web_page(x, 200, "user_secret", model);
}

/* --- a new password ---------------------------------------------------------------------------- */

static void password_field(struct model *form, enum lang lang, const char *name, const char *key,
			   const char *error)
{
	/* What was typed does not come back: a page with a password in it may be kept somewhere. */
	struct model *field =
		web_form_field(form, lang, name, key, "", error ? web_text(lang, error) : NULL);
	model_text(field, "type", "password");
	model_text(field, "autocomplete", "new-password");
}

void user_password_fields(struct http_exchange *x, struct model *form, const char *error,
			  const char *again_error)
{
	enum lang lang = web_lang(x);
	web_form_switch(form, lang, "generate", "users.generate", *web_field(x, "generate"), NULL);
	password_field(form, lang, "password", "setup.password", error);
	password_field(form, lang, "password_again", "setup.password_again", again_error);
}

const char *user_password_start(struct http_exchange *x, struct user_work *work,
				const char **again_out)
{
	const char *password = web_field(x, "password");
	*again_out = NULL;
	if (*web_field(x, "generate")) {
		user_device_secret(work->secret);
		password = work->secret;
	} else if (strlen(password) < PASSWORD_MIN_BYTES) {
		return "setup.password.short";
	} else if (strcmp(password, web_field(x, "password_again")) != 0) {
		*again_out = "setup.password.differs";
		return NULL;
	}
	enum err err = password_make_new(web_app(x), slice_str(password), &work->making);
	if (!err)
		return NULL;
	return err == ERR_SYNTAX ? "setup.password.signs" : "setup.password.long";
}
