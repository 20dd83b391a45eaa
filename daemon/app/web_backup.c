#include "app/web_backup.h"

#include <stdlib.h>
#include <time.h>

#include "app/backup.h"
#include "app/size_text.h"
#include "base/clock.h"

/* --- the page ----------------------------------------------------------------------------------- */

/* A value for a query, behind what stands there already; closed by NUL. */
static enum err url_add(struct buf *url, const char *text)
{
	enum err err = ERR_NONE;
	for (const uint8_t *c = (const uint8_t *)text; *c && !err; c++) {
		bool is_plain = ascii_is_alpha(*c) || ascii_is_digit(*c) || *c == '-' || *c == '.';
		err = is_plain ? buf_add_byte(url, *c) : buf_addf(url, "%%%02X", *c);
	}
	return err ? err : buf_add_byte(url, '\0');
}

static void put_folders(struct model *row, const struct account *account)
{
	struct model *folders = model_list(row, "folders");
	for (size_t i = 0; i < account->box_count; i++) {
		const struct mailbox *box = account->boxes[i];
		struct buf url;
		if (!box->messages)
			continue;
		buf_init(&url, (size_t)4 * MAILBOX_NAME_MAX_BYTES);
		if (!url_add(&url, box->name)) {
			struct model *one = model_row(folders);
			model_text(one, "folder", box->name);
			model_text(one, "url", (const char *)buf_view(&url).ptr);
		}
		buf_free(&url);
	}
}

static void put_user(struct model *users, enum lang lang, const struct account *account)
{
	char text[SIZE_TEXT_BYTES], count[32];
	struct model *one = model_row(users);
	size_text(lang, account->used_bytes, text);
	count_text(lang, account->used_messages, count);
	model_text(one, "name", account->name);
	model_text(one, "bytes_text", text);
	model_text(one, "messages_text", count);
	put_folders(one, account);
}

static enum step run_page(struct http_exchange *x)
{
	struct appliance *app = web_app(x);
	struct model *model = model_new(), *users = model_list(model, "users");
	for (struct user *u = users_first(app->users); u; u = users_next(app->users, u)) {
		struct account *account = NULL;
		enum err err = account_open(app->host.store, slice_str(u->name), true, &account,
					    NULL, http_waiter(x));
		if (err == ERR_AGAIN) {
			model_free(model);
			return STEP_MORE;
		}
		if (err)
			continue;
		put_user(users, web_lang(x), account);
		account_close(&account);
	}
	model_bool(model, "has_users", model_has_members(users));
	return web_page(x, 200, "backup", model);
}

/* --- downloads ---------------------------------------------------------------------------------- */

struct download {
	struct errand errand;
	struct backup *backup;
	struct slice rest; /* of the piece in hand */
};

static void download_end(struct http_exchange *x)
{
	struct download *d = x->cmd;
	x->cmd = NULL;
	x->cmd_end = NULL;
	if (!d)
		return;
	list_remove(&d->errand.link);
	backup_free(&d->backup);
	free(d);
}

/* The next piece of it fails then, and cuts the connection. */
static void download_on_end(struct errand *errand, const char *why)
{
	(void)why;
	list_remove(&errand->link);
	backup_stop(list_owner(errand, struct download, errand)->backup);
}

static enum step download_run(struct http_exchange *x)
{
	struct download *d = x->cmd;
	size_t room;
	while ((room = http_room(x)) > 0 && !http_must_pause(x)) {
		if (!d->rest.len) {
			enum err err = backup_next(d->backup, &d->rest, http_waiter(x));
			if (err == ERR_AGAIN)
				return STEP_MORE;
			if (err)
				return http_abort(x);
		}
		if (!d->rest.len)
			return http_end(x);
		struct slice piece = slice_upto(d->rest, room);
		d->rest = slice_from(d->rest, piece.len);
		http_write(x, piece);
	}
	return STEP_MORE;
}

/* file: without its ending, of characters that are safe in a header. */
static enum step download_begin(struct http_exchange *x, const struct backup_options *options,
				const char *file)
{
	struct appliance *app = web_app(x);
	bool is_tar = options->form == BACKUP_TAR;
	time_t now = time(NULL);
	struct tm tm;
	char day[CLOCK_STAMP_BYTES];
	struct download *d = calloc(1, sizeof(*d));
	if (!d)
		return web_refuse(x, 503);
	list_init(&d->errand.link);
	x->cmd = d;
	x->cmd_end = download_end;
	enum err err = backup_new(app, options, &d->backup);
	if (err) {
		download_end(x);
		return web_refuse(x, err == ERR_NOT_FOUND ? 404 : 503);
	}
	d->errand.owner = backup_owner(d->backup);
	d->errand.end = download_on_end;
	list_add_tail(&app->errands, &d->errand.link);
	localtime_r(&now, &tm);
	clock_stamp(&tm, day);
	http_add_field(x, "Content-Disposition", "attachment; filename=\"%s-%.10s.%s\"", file, day,
		       is_tar ? "tar" : "mbox");
	http_begin(x, 200, is_tar ? "application/x-tar" : "application/mbox", UINT64_MAX);
	if (x->request.method == HTTP_HEAD) {
		download_end(x);
		return http_end(x);
	}
	return download_run(x);
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static enum step run_tar(struct http_exchange *x)
{
	if (x->cmd)
		return download_run(x);
	struct backup_options options = {.form = BACKUP_TAR, .user = or_null(web_query(x, "user"))};
	const struct user *user =
		options.user ? users_find(web_app(x)->users, slice_str(options.user)) : NULL;
	char file[USER_NAME_MAX_BYTES + 16];
	snprintf(file, sizeof(file), "surel-backup%s%s", user ? "-" : "", user ? user->name : "");
	return download_begin(x, &options, file);
}

/* "/backup/alice.mbox", "?folder=Sent" for one mailbox alone. */
static enum step run_mbox(struct http_exchange *x)
{
	char name[USER_NAME_MAX_BYTES + 8];
	if (x->cmd)
		return download_run(x);
	if (slice_eq_str(x->tail, "restore")) /* after a login, or by a reload */
		return http_redirect(x, "/backup");
	if (!slice_ends_nocase(x->tail, ".mbox") ||
	    slice_to_str(slice_upto(x->tail, x->tail.len - 5), name, sizeof(name)))
		return web_refuse(x, 404);
	const struct user *user = users_find(web_app(x)->users, slice_str(name));
	struct backup_options options = {
		.form = BACKUP_MBOX, .user = name, .mailbox = or_null(web_query(x, "folder"))};
	return user ? download_begin(x, &options, user->name) : web_refuse(x, 404);
}

static const struct http_route rows[] = {
	{.path = "/backup", .methods = HTTP_GET, .access = WEB_ADMIN, .run = run_page},
	{.path = "/backup/surel-backup.tar",
	 .methods = HTTP_GET,
	 .access = WEB_ADMIN,
	 .run = run_tar},
	{.path = "/backup/restore",
	 .methods = HTTP_POST,
	 .streams_body = true,
	 .access = WEB_ADMIN,
	 .run = restore_run_upload},
	{.path = "/backup/*", .methods = HTTP_GET, .access = WEB_ADMIN, .run = run_mbox},
};
const struct http_routes web_backup_routes = {rows, sizeof(rows) / sizeof(rows[0])};
