#include <stdlib.h>

#include "app/restore.h"
#include "app/size_text.h"
#include "app/web_backup.h"
#include "app/web_upload.h"
#include "base/log.h"

struct upload {
	struct web_upload upload; /* first */
	struct errand errand;
	struct restore *restore; /* from the first byte of the archive on */
	bool wants_settings;
};

static void upload_end(struct http_exchange *x)
{
	struct upload *u = x->cmd;
	x->cmd = NULL;
	x->cmd_end = NULL;
	if (!u)
		return;
	list_remove(&u->errand.link);
	restore_free(&u->restore);
	web_upload_free(&u->upload);
	free(u);
}

static void upload_on_end(struct errand *errand, const char *why)
{
	(void)why;
	list_remove(&errand->link);
	restore_stop(list_owner(errand, struct upload, errand)->restore);
}

static enum err upload_open(struct http_exchange *x, struct upload *u)
{
	struct restore_options options = {.settings = u->wants_settings};
	enum err err = restore_new(web_app(x), &options, &u->restore);
	if (err)
		return err;
	u->errand.owner = restore_owner(u->restore);
	u->errand.end = upload_on_end;
	list_add_tail(&web_app(x)->errands, &u->errand.link);
	return ERR_NONE;
}

enum { PART_ARCHIVE, PART_SETTINGS };

static enum err upload_use(struct http_exchange *x, struct web_upload *upload, struct slice *piece)
{
	struct upload *u = (struct upload *)upload;
	if (upload->part == PART_SETTINGS) {
		u->wants_settings = slice_starts(*piece, SLICE_LIT("yes"));
		*piece = SLICE_EMPTY;
		return ERR_NONE;
	}
	enum err err = u->restore ? ERR_NONE : upload_open(x, u);
	return err ? err : restore_write(u->restore, piece, http_waiter(x));
}

static bool upload_begin(struct http_exchange *x)
{
	static const char *const wanted[] = {
		[PART_ARCHIVE] = "archive", [PART_SETTINGS] = "settings", NULL};
	struct upload *u = calloc(1, sizeof(*u));
	if (!u)
		return false;
	u->upload = (struct web_upload){.wanted = wanted, .use = upload_use};
	x->cmd = u;
	x->cmd_end = upload_end;
	list_init(&u->errand.link);
	u->wants_settings = strcmp(web_query(x, "settings"), "yes") == 0;
	web_upload_begin(x, &u->upload);
	return true;
}

/* --- the answer --------------------------------------------------------------------------------- */

static void put_count(struct model *model, enum lang lang, const char *key, uint64_t count)
{
	char text[32];
	if (!count)
		return; /* no row of it */
	count_text(lang, count, text);
	model_text(model, key, text);
}

static const char *upload_why(const struct upload *u, const struct restore_report *report)
{
	switch (u->upload.failure) {
	case ERR_FULL: return "restore.full";
	case ERR_READ_ONLY:
	case ERR_IO: return "restore.io";
	case ERR_CLOSED: return "restore.stopped";
	default: break;
	}
	if (!report || !report->bytes)
		return "restore.empty";
	if (!*report->where)
		return "restore.foreign";
	return report->messages + report->known ? "restore.cut" : "restore.cut_early";
}

static enum step upload_answer(struct http_exchange *x, struct upload *u)
{
	const struct restore_report *report = u->restore ? restore_report(u->restore) : NULL;
	bool is_good = report && report->is_whole && !u->upload.failure;
	enum lang lang = web_lang(x);
	struct model *model = model_new();
	model_bool(model, "is_good", is_good);
	if (!is_good)
		model_text(model, "why", web_text(lang, upload_why(u, report)));
	if (report) {
		char messages[32];
		count_text(lang, report->messages, messages);
		model_text(model, "messages", messages);
		put_count(model, lang, "known", report->known);
		put_count(model, lang, "users", report->users);
		put_count(model, lang, "mailboxes", report->mailboxes);
		put_count(model, lang, "refused", report->refused);
		put_count(model, lang, "damaged", report->damaged);
		model_bool(model, "has_settings", report->has_settings);
		model_text(model, "settings_why", report->settings_why);
		if (!is_good && *report->where)
			model_text(model, "where", report->where);
	}
	if (is_good)
		log_info(0, "restore: %llu messages, %llu there already",
			 (unsigned long long)report->messages, (unsigned long long)report->known);
	upload_end(x);
	return web_page(x, is_good ? 200 : 422, "restored", model);
}

enum step restore_run_upload(struct http_exchange *x)
{
	if (!x->cmd && !upload_begin(x))
		return web_refuse(x, 503);
	struct upload *u = x->cmd;
	if (web_upload_run(x, &u->upload) == STEP_MORE)
		return STEP_MORE;
	if (u->restore && u->upload.failure != ERR_CLOSED) {
		enum err err = restore_finish(u->restore, http_waiter(x));
		if (err == ERR_AGAIN)
			return STEP_MORE;
		u->upload.failure = u->upload.failure ? u->upload.failure : err;
	}
	return upload_answer(x, u);
}
