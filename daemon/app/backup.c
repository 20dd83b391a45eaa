#include "app/backup.h"

#include <stdlib.h>

#include "app/admin_password.h"
#include "app/backup_format.h"
#include "app/mail_walk.h"
#include "app/mbox_write.h"
#include "app/tar.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "options.h"

enum { BACKUP_READ_BYTES = 16 * 1024, BACKUP_OUT_MAX_BYTES = 160 * 1024 };

enum backup_state { BACKUP_HEAD, BACKUP_WALK, BACKUP_BODY, BACKUP_DONE };

struct backup {
	struct appliance *app;
	enum backup_form form;
	enum backup_state state;
	bool is_stopped;
	struct buf out;
	struct entry_out entry; /* in the making */
	bool is_broken;         /* the message in hand cannot be read from walk.offset on */
	struct mbox_writer mbox;
	struct backup_count count;
	struct mail_walk walk;
	char only_user[USER_NAME_MAX_BYTES + 1], only_box[MAILBOX_NAME_MAX_BYTES + 1];
	uint8_t chunk[BACKUP_READ_BYTES];
};

enum err backup_new(struct appliance *app, const struct backup_options *options,
		    struct backup **backup_out)
{
	struct user *user = options->user ? users_find(app->users, slice_str(options->user)) : NULL;
	*backup_out = NULL;
	if (options->user && !user)
		return ERR_NOT_FOUND;
	struct backup *b = calloc(1, sizeof(*b));
	if (!b)
		return ERR_NOMEM;
	b->app = app;
	b->form = options->form;
	mail_walk_init(&b->walk, app);
	buf_init(&b->out, BACKUP_OUT_MAX_BYTES);
	entry_init(&b->entry);
	if (user) {
		memcpy(b->only_user, user->name, sizeof(user->name));
		b->walk.only_user = b->only_user;
	}
	if (options->mailbox) {
		if (slice_to_str(slice_str(options->mailbox), b->only_box, sizeof(b->only_box))) {
			backup_free(&b);
			return ERR_LIMIT;
		}
		b->walk.only_box = b->only_box;
	}
	*backup_out = b;
	return ERR_NONE;
}

/* --- what comes first --------------------------------------------------------------------------- */

static enum err backup_pad(struct backup *b, uint64_t size)
{
	static const uint8_t zeros[TAR_BLOCK_BYTES];
	return buf_add(&b->out, zeros, tar_padding(size));
}

static enum err backup_file(struct backup *b, const char *kind, const char *path, struct slice text)
{
	entry_file(&b->entry, kind, path);
	enum err err = entry_add(&b->entry, TAR_FILE, text.len, clock_wall_s(), &b->out);
	if (!err)
		err = buf_add_slice(&b->out, text);
	return err ? err : backup_pad(b, text.len);
}

static enum err backup_manifest(struct backup *b)
{
	struct buf text;
	buf_init(&text, 1024);
	enum err err =
		buf_addf(&text, "format = %d\nversion = %s\nhost = %s\ndate = %lld\nusers = %s\n",
			 BACKUP_FORMAT, SUREL_VERSION, b->app->hostname, (long long)clock_wall_s(),
			 *b->only_user ? b->only_user : "*");
	if (!err)
		err = backup_file(b, "manifest", BACKUP_ROOT "/manifest", buf_view(&text));
	buf_free(&text);
	return err;
}

/* As it stands on flash: comments, too. A missing one is all defaults. */
static enum err backup_settings(struct backup *b)
{
	struct buf text;
	buf_init(&text, CONF_FILE_MAX_BYTES);
	enum err err = file_read(b->app->config_path, &text);
	if (err)
		log_warn(0, "backup without the settings: %s", err_text(err));
	err = err ? ERR_NONE
		  : backup_file(b, "settings", BACKUP_ROOT "/surel.conf", buf_view(&text));
	buf_free(&text);
	return err;
}

/* For a box that has none yet: who restores it logs in as before. */
static enum err backup_admin(struct backup *b)
{
	struct buf text;
	enum err err = ERR_NONE;
	if (!admin_password_is_set(b->app))
		return ERR_NONE;
	buf_init(&text, 512);
	err = user_verifier_print(admin_password_verifier(b->app), &text);
	if (!err)
		err = backup_file(b, "admin", BACKUP_ROOT "/admin", buf_view(&text));
	buf_wipe(&text);
	return err;
}

static enum err backup_head(struct backup *b)
{
	b->state = BACKUP_WALK;
	if (b->form == BACKUP_MBOX)
		return ERR_NONE;
	enum err err = backup_manifest(b);
	if (err || *b->only_user)
		return err;
	err = backup_settings(b);
	return err ? err : backup_admin(b);
}

/* --- users and mailboxes ------------------------------------------------------------------------ */

static enum err backup_directory(struct backup *b)
{
	return entry_add(&b->entry, TAR_DIRECTORY, 0, clock_wall_s(), &b->out);
}

static enum err backup_user(struct backup *b)
{
	struct user *user = users_find(b->app->users, slice_str(b->walk.user));
	if (b->form == BACKUP_MBOX || !user)
		return ERR_NONE;
	b->count.users++;
	entry_user(&b->entry, user);
	return backup_directory(b);
}

static enum err backup_box(struct backup *b)
{
	struct mailbox *box = account_find(b->walk.account, slice_str(b->walk.box_name));
	if (b->form == BACKUP_MBOX || !box)
		return ERR_NONE;
	entry_box(&b->entry, b->walk.user, box);
	return backup_directory(b);
}

/* --- messages ----------------------------------------------------------------------------------- */

static enum err backup_begin_tar(struct backup *b)
{
	const struct msg_info *info = &b->walk.info;
	entry_message(&b->entry, b->walk.user, b->walk.box, info);
	return entry_add(&b->entry, TAR_FILE, info->size, info->internal_date, &b->out);
}

static enum err backup_begin_mbox(struct backup *b)
{
	const struct msg_info *info = &b->walk.info;
	struct buf *names = &b->entry.text;
	buf_clear(names);
	enum err err =
		backup_flag_names(&b->walk.box->keywords, info->flags & ~FLAG_SYSTEM_ALL, names);
	return err ? err
		   : mbox_begin_message(&b->mbox, SLICE_EMPTY, info->internal_date, info->flags,
					buf_view(names), &b->out);
}

static enum err backup_begin(struct backup *b)
{
	return b->form == BACKUP_MBOX ? backup_begin_mbox(b) : backup_begin_tar(b);
}

static enum err backup_add(struct backup *b, size_t n)
{
	struct slice bytes = slice_of(b->chunk, n);
	return b->form == BACKUP_MBOX ? mbox_add(&b->mbox, bytes, &b->out)
				      : buf_add_slice(&b->out, bytes);
}

static enum err backup_end_message(struct backup *b)
{
	b->state = BACKUP_WALK;
	b->count.messages += !b->is_broken;
	if (b->form == BACKUP_MBOX)
		return mbox_end_message(&b->mbox, &b->out);
	enum err err = backup_pad(b, b->walk.info.size);
	return err || !b->is_broken ? err
				    : backup_file(b, "broken", BACKUP_ROOT "/broken", SLICE_EMPTY);
}

/* The first bytes are read before anything is written: what is gone or unreadable from its start on
 * leaves no trace. Of what is not whole the header has promised octets that are not to be had: zeros
 * take their place, and the entry behind them says so. In an mbox the message just ends. */
static enum err backup_body(struct backup *b, struct waiter *w)
{
	struct mail_walk *walk = &b->walk;
	uint64_t left = walk->info.size - walk->offset;
	size_t n = left < sizeof(b->chunk) ? (size_t)left : sizeof(b->chunk), got = 0;
	bool is_first = walk->offset == 0;
	if (!left || (b->is_broken && b->form == BACKUP_MBOX))
		return backup_end_message(b);
	if (b->is_broken) {
		memset(b->chunk, 0, n);
		walk->offset += n;
		return backup_add(b, n);
	}
	enum err err = mail_walk_read(walk, b->chunk, n, &got, w);
	if (err == ERR_AGAIN)
		return err;
	b->is_broken = err != ERR_NONE;
	if (err && is_first)
		b->state = BACKUP_WALK;
	if (err)
		return ERR_NONE;
	if (is_first)
		err = backup_begin(b);
	return err ? err : backup_add(b, got);
}

/* --- one piece after the other ------------------------------------------------------------------ */

static enum err backup_end(struct backup *b)
{
	b->state = BACKUP_DONE;
	return b->form == BACKUP_MBOX ? ERR_NONE : tar_add_end(&b->out);
}

static enum err backup_begin_message(struct backup *b)
{
	b->state = BACKUP_BODY;
	b->is_broken = false;
	return b->walk.info.size ? ERR_NONE : backup_begin(b);
}

static enum err backup_walk(struct backup *b, struct waiter *w)
{
	enum walk_event event;
	enum err err = mail_walk_next(&b->walk, &event, w);
	if (err)
		return err;
	switch (event) {
	case WALK_USER: return backup_user(b);
	case WALK_BOX: return backup_box(b);
	case WALK_MESSAGE: return backup_begin_message(b);
	case WALK_END: return backup_end(b);
	case WALK_BOX_END:
	case WALK_USER_END: return ERR_NONE;
	}
	return ERR_STATE;
}

static enum err backup_step(struct backup *b, struct waiter *w)
{
	switch (b->state) {
	case BACKUP_HEAD: return backup_head(b);
	case BACKUP_WALK: return backup_walk(b, w);
	case BACKUP_BODY: return backup_body(b, w);
	case BACKUP_DONE: break;
	}
	return ERR_NONE;
}

enum err backup_next(struct backup *b, struct slice *piece_out, struct waiter *w)
{
	buf_clear(&b->out);
	*piece_out = SLICE_EMPTY;
	while (!b->out.len && b->state != BACKUP_DONE) {
		enum err err = b->is_stopped ? ERR_CLOSED : backup_step(b, w);
		if (err)
			return err;
	}
	*piece_out = buf_view(&b->out);
	return ERR_NONE;
}

const char *backup_owner(const struct backup *b)
{
	return b->walk.user;
}

void backup_stop(struct backup *b)
{
	b->is_stopped = true;
	mail_walk_close(&b->walk);
}

void backup_count(const struct backup *b, struct backup_count *count_out)
{
	*count_out = b->count;
	count_out->broken = b->walk.failed;
}

void backup_free(struct backup **backup)
{
	struct backup *b = *backup;
	*backup = NULL;
	if (!b)
		return;
	mail_walk_close(&b->walk);
	buf_free(&b->out);
	entry_free(&b->entry);
	free(b);
}
