#include <stdio.h>
#include <stdlib.h>

#include "app/multipart.h"
#include "app/update.h"
#include "app/web_system.h"
#include "base/log.h"
#include "options.h"

/* What is refused is still read to its end, or the browser would show a broken connection instead of
 * the answer. */
struct system_upload {
	struct update *update; /* NULL: there was none to be had */
	struct multipart parts;
	struct buf held; /* a piece of the update, on its way */
	bool is_multipart, is_in_update;
	bool is_over; /* nothing more of the body is wanted */
	bool is_read, is_broken, is_late;
};

static void upload_end(struct http_exchange *x)
{
	struct system_upload *u = x->cmd;
	x->cmd = NULL;
	x->cmd_end = NULL;
	if (!u)
		return;
	update_free(&u->update);
	multipart_free(&u->parts);
	buf_free(&u->held);
	free(u);
}

static enum err upload_begin(struct http_exchange *x)
{
	struct slice type = http_field(x, "Content-Type");
	struct system_upload *u = calloc(1, sizeof(*u));
	if (!u)
		return ERR_NOMEM;
	enum err err = update_new(web_app(x), &u->update);
	u->is_late = err == ERR_IN_USE;
	u->is_over = u->is_broken = err;
	x->cmd = u;
	x->cmd_end = upload_end;
	buf_init(&u->held, UPDATE_PIECE_BYTES);
	u->is_multipart = slice_starts_nocase(type, "multipart/");
	u->is_in_update = !u->is_multipart;
	/* Without a boundary nothing can be found in it: read, and answered as empty. */
	if (u->is_multipart && multipart_init(&u->parts, type))
		u->is_over = true;
	return ERR_NONE;
}

/* Takes a piece off the bytes at hand, into `held`. */
static enum err upload_find(struct system_upload *u, struct slice *bytes)
{
	struct slice data = SLICE_EMPTY;
	if (!u->is_multipart) {
		data = *bytes;
		*bytes = slice_from(*bytes, bytes->len);
		return buf_add_slice(&u->held, data);
	}
	switch (multipart_next(&u->parts, bytes, &data)) {
	case MULTIPART_MORE: break;
	case MULTIPART_PART: u->is_in_update = strcmp(u->parts.name, "update") == 0; break;
	case MULTIPART_DATA: return u->is_in_update ? buf_add_slice(&u->held, data) : ERR_NONE;
	case MULTIPART_CLOSE: u->is_in_update = false; break;
	case MULTIPART_END:
	case MULTIPART_BAD: u->is_over = true; break;
	}
	return ERR_NONE;
}

/* STEP_MORE: the update has no room for what is held. */
static enum step upload_pass(struct http_exchange *x, struct system_upload *u)
{
	struct slice piece = buf_view(&u->held);
	size_t before = piece.len;
	enum err err = update_write(u->update, &piece, http_waiter(x));
	buf_consume(&u->held, before - piece.len);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err) /* no memory for a piece */
		u->is_over = u->is_broken = true;
	return err ? STEP_BAD : STEP_DONE;
}

/* STEP_DONE: the body is over. */
static enum step upload_read(struct http_exchange *x, struct system_upload *u)
{
	while (!http_must_pause(x)) {
		struct slice bytes = SLICE_EMPTY;
		if (u->held.len && !u->is_broken && upload_pass(x, u) == STEP_MORE)
			return STEP_MORE;
		enum step step = http_read(x, &bytes);
		if (step != STEP_MORE || !bytes.len)
			return step;
		bytes = slice_upto(bytes, UPDATE_PIECE_BYTES);
		size_t before = bytes.len;
		if (u->is_over)
			bytes.len = 0;
		else if (upload_find(u, &bytes))
			u->is_over = u->is_broken = true;
		http_consume(x, before - bytes.len);
	}
	return STEP_MORE;
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
		return web_refuse(x, 404, "404");
	if (!x->cmd && upload_begin(x))
		return web_refuse(x, 503, "503");
	struct system_upload *u = x->cmd;
	if (!u->is_read) {
		enum step step = upload_read(x, u);
		if (step == STEP_MORE)
			return STEP_MORE;
		u->is_broken |= step == STEP_BAD;
		u->is_read = true;
	}
	if (u->is_late)
		return web_refuse(x, 409, "update_busy");
	if (u->is_broken)
		return web_refuse(x, 503, "503");
	if (update_finish(u->update, http_waiter(x)) == ERR_AGAIN)
		return STEP_MORE;
	return upload_answer(x, u);
}
