#include <stdlib.h>

#include "app/multipart.h"
#include "app/restore.h"
#include "app/size_text.h"
#include "app/web_backup.h"
#include "base/log.h"

enum { UPLOAD_PIECE_BYTES = 16 * 1024 };

/* An upload. What cannot be used any more is still read to its end, or the browser would show a broken
 * connection instead of the answer. */
struct upload {
	struct errand errand;
	struct restore *restore; /* from the first byte of the archive on */
	struct multipart parts;
	bool is_multipart;
	bool in_archive, in_settings, wants_settings;
	struct buf held; /* a piece of the archive or of a field, on its way */
	bool is_over;    /* nothing more is wanted */
	bool is_read;    /* nothing more comes */
	enum err failure;
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
	multipart_free(&u->parts);
	buf_free(&u->held);
	free(u);
}

static void upload_on_end(struct errand *errand, const char *why)
{
	(void)why;
	list_remove(&errand->link);
	restore_stop(list_owner(errand, struct upload, errand)->restore);
}

static bool upload_begin(struct http_exchange *x)
{
	struct upload *u = calloc(1, sizeof(*u));
	struct slice type = http_field(x, "Content-Type");
	if (!u)
		return false;
	x->cmd = u;
	x->cmd_end = upload_end;
	list_init(&u->errand.link);
	buf_init(&u->held, UPLOAD_PIECE_BYTES);
	u->is_multipart = slice_starts_nocase(type, "multipart/");
	u->wants_settings = strcmp(web_query(x, "settings"), "yes") == 0;
	/* Without a boundary nothing can be found in it: read, and answered as empty. */
	if (u->is_multipart && multipart_init(&u->parts, type))
		u->is_over = true;
	return true;
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

/* --- taking it ---------------------------------------------------------------------------------- */

/* What is in `held`. STEP_DONE: it is used up. */
static enum step upload_use(struct http_exchange *x, struct upload *u)
{
	struct slice piece = buf_view(&u->held);
	size_t before = piece.len;
	enum err err = ERR_NONE;
	if (u->in_settings)
		u->wants_settings = slice_starts(piece, SLICE_LIT("yes"));
	else if (u->in_archive && !u->restore)
		err = upload_open(x, u);
	if (!err && u->in_archive)
		err = restore_write(u->restore, &piece, http_waiter(x));
	else
		piece.len = 0;
	if (err && err != ERR_AGAIN) {
		u->failure = err;
		u->is_over = true;
		piece.len = 0;
	}
	buf_consume(&u->held, before - piece.len);
	return u->held.len ? STEP_MORE : STEP_DONE;
}

/* Takes a piece off the bytes at hand. */
static enum err upload_find(struct upload *u, struct slice *bytes)
{
	struct slice data = SLICE_EMPTY;
	if (!u->is_multipart) {
		u->in_archive = true;
		data = *bytes;
		*bytes = slice_from(*bytes, bytes->len);
		return buf_add_slice(&u->held, data);
	}
	switch (multipart_next(&u->parts, bytes, &data)) {
	case MULTIPART_MORE: break;
	case MULTIPART_PART:
		u->in_archive = strcmp(u->parts.name, "archive") == 0;
		u->in_settings = strcmp(u->parts.name, "settings") == 0;
		break;
	case MULTIPART_DATA:
		return u->in_archive || u->in_settings ? buf_add_slice(&u->held, data) : ERR_NONE;
	case MULTIPART_CLOSE: u->in_archive = u->in_settings = false; break;
	case MULTIPART_END:
	case MULTIPART_BAD: u->is_over = true; break;
	}
	return ERR_NONE;
}

/* STEP_DONE: the body is over. */
static enum step upload_read(struct http_exchange *x, struct upload *u)
{
	while (!http_must_pause(x)) {
		struct slice bytes = SLICE_EMPTY;
		if (u->held.len && upload_use(x, u) == STEP_MORE) {
			if (waiter_is_waiting(http_waiter(x)))
				return STEP_MORE;
			continue;
		}
		enum step step = http_read(x, &bytes);
		if (step != STEP_MORE || !bytes.len)
			return step;
		bytes = slice_upto(bytes, UPLOAD_PIECE_BYTES);
		size_t before = bytes.len;
		if (u->is_over)
			bytes.len = 0;
		else if (upload_find(u, &bytes))
			u->is_over = true;
		http_consume(x, before - bytes.len);
	}
	return STEP_MORE;
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
	switch (u->failure) {
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
	bool is_good = report && report->is_whole && !u->failure;
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
		return web_refuse(x, 503, "503");
	struct upload *u = x->cmd;
	if (!u->is_read) {
		enum step step = upload_read(x, u);
		if (step == STEP_MORE)
			return STEP_MORE;
		if (step == STEP_BAD)
			u->failure = u->failure ? u->failure : ERR_SYNTAX;
		u->is_read = true;
	}
	if (u->restore && u->failure != ERR_CLOSED) {
		enum err err = restore_finish(u->restore, http_waiter(x));
		if (err == ERR_AGAIN)
			return STEP_MORE;
		u->failure = u->failure ? u->failure : err;
	}
	return upload_answer(x, u);
}
