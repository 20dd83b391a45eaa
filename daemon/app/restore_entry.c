#include "app/restore_parts.h"

#include <stdio.h>

#include "app/admin_password.h"
#include "app/appliance_settings.h"
#include "app/quota_watch.h"
#include "base/file.h"
#include "base/log.h"

enum { RESTORE_LIST_AT_ONCE = 2000 };

/* --- the user in hand --------------------------------------------------------------------------- */

void restore_leave(struct restore *r)
{
	mail_walk_close(&r->walk);
	r->is_listing = false;
	if (r->account) {
		quota_watch_check(r->app, r->owner, r->account);
		account_close(&r->account);
	}
	id_set_free(&r->ids);
	r->owner[0] = '\0';
}

static void restore_saw_ticket(struct restore *r, uint64_t ticket)
{
	if (ticket > r->ticket)
		r->ticket = ticket;
}

/* Two at once would both take what neither finds there: the second one waits. */
static enum err restore_take_turn(struct restore *r, struct waiter *w)
{
	struct appliance *app = r->app;
	if (app->restoring == r)
		return ERR_NONE;
	if (!app->restore_waiters.next)
		list_init(&app->restore_waiters);
	if (app->restoring) {
		waiter_cancel(w);
		list_add_tail(&app->restore_waiters, &w->link);
		return ERR_AGAIN;
	}
	app->restoring = r;
	app->restore_report = &r->report;
	return ERR_NONE;
}

void restore_end_turn(struct restore *r)
{
	struct appliance *app = r->app;
	if (app->restoring != r)
		return;
	if (r->ticket > app->import_ticket)
		app->import_ticket = r->ticket;
	app->restoring = NULL;
	app->restore_report = NULL;
	waiters_wake(&app->restore_waiters);
}

/* What was committed before, by this run or by one that was cut off, is visible only when it is
 * durable, and would be taken twice before. */
static enum err restore_settle(struct restore *r, struct waiter *w)
{
	uint64_t earlier = r->app->import_ticket;
	return store_wait(r->app->host.store, earlier > r->ticket ? earlier : r->ticket, w);
}

static enum err restore_open(struct restore *r, const char *name, struct waiter *w)
{
	enum err err = restore_take_turn(r, w);
	if (!err)
		err = restore_settle(r, w);
	if (!err)
		err = account_open(r->app->host.store, slice_str(name), true, &r->account, NULL, w);
	if (err)
		return err;
	appliance_set_quota(r->app, r->account);
	memcpy(r->owner, name, strlen(name) + 1);
	mail_walk_init(&r->walk, r->app);
	r->walk.only_user = r->owner;
	r->is_listing = true;
	return ERR_NONE;
}

/* ERR_NONE with is_listing: a part is done, others go first. */
static enum err restore_list(struct restore *r, struct waiter *w)
{
	for (int i = 0; i < RESTORE_LIST_AT_ONCE && r->is_listing; i++) {
		enum walk_event event;
		enum err err = mail_walk_next(&r->walk, &event, w);
		if (!err && event == WALK_MESSAGE)
			err = id_set_add(&r->ids, &r->walk.info.id);
		if (err)
			return err;
		r->is_listing = event != WALK_END;
	}
	return ERR_NONE;
}

/* ERR_NONE with wants_pause: not yet; ERR_NOT_FOUND: nobody is called so. */
static enum err restore_enter(struct restore *r, struct slice name, struct waiter *w)
{
	enum err err = ERR_NONE;
	const struct user *user = users_find(r->app->users, name);
	if (!user)
		return ERR_NOT_FOUND;
	if (r->account && strcmp(r->owner, user->name) != 0)
		restore_leave(r);
	if (!r->account)
		err = restore_open(r, user->name, w);
	if (!err && r->is_listing)
		err = restore_list(r, w);
	r->wants_pause = !err && r->is_listing;
	return err;
}

/* --- users, mailboxes --------------------------------------------------------------------------- */

static enum err restore_devices(struct restore *r)
{
	struct slice rest = buf_view(&r->tar.records), key, value;
	const struct slice prefix = SLICE_LIT(BACKUP_DEVICE);
	enum err err = ERR_NONE;
	while (!err && tar_next_record(&rest, &key, &value)) {
		struct scram_verifier v;
		if (!slice_starts(key, prefix) || user_verifier_parse(value, &v))
			continue;
		err = users_put_device(r->app->users, r->entry.user, slice_from(key, prefix.len),
				       &v);
		if (err == ERR_SYNTAX || err == ERR_LIMIT)
			err = ERR_NONE; /* a password for one device less */
	}
	return err;
}

static enum err restore_user(struct restore *r)
{
	const struct backup_entry *e = &r->entry;
	struct scram_verifier v;
	if (users_find(r->app->users, e->user))
		return ERR_NONE;
	enum err err = user_verifier_parse(e->verifier, &v);
	if (err) {
		r->report.damaged++;
		return ERR_NONE;
	}
	err = users_put(r->app->users, e->user, &v);
	if (!err)
		err = restore_devices(r);
	if (err)
		return err;
	r->report.users++;
	if (appliance_listen(r->app))
		log_error(0, "the mail ports cannot be opened");
	return ERR_NONE;
}

static enum err restore_change_box(struct restore *r, const struct box_change *change)
{
	uint64_t ticket = 0;
	enum err err = account_change_box(r->account, change, &ticket);
	restore_saw_ticket(r, ticket);
	return err == ERR_EXISTS ? ERR_NONE : err;
}

/* A use that another mailbox has by now stays there. */
static enum err restore_make_box(struct restore *r, struct slice name, uint32_t special_use)
{
	uint32_t taken = 0;
	for (size_t i = 0; i < r->account->box_count; i++)
		taken |= r->account->boxes[i]->special_use;
	struct box_change change = {
		.kind = BOX_CREATE, .name = name, .special_use = special_use & ~taken};
	enum err err = restore_change_box(r, &change);
	if (!err)
		r->report.mailboxes++;
	return err;
}

static enum err restore_box(struct restore *r, struct waiter *w)
{
	const struct backup_entry *e = &r->entry;
	enum err err = restore_enter(r, e->user, w);
	if (err || r->wants_pause)
		return err;
	struct mailbox *box = account_find(r->account, e->mailbox);
	if (box && (box->exists || !e->exists))
		return ERR_NONE;
	if (e->exists)
		err = restore_make_box(r, e->mailbox, e->special_use);
	struct box_change change = {.kind = BOX_SUBSCRIBE, .name = e->mailbox};
	if (!err && e->is_subscribed)
		err = restore_change_box(r, &change);
	return err;
}

/* --- messages ----------------------------------------------------------------------------------- */

static flags_t restore_flags(struct mailbox *box, struct slice names)
{
	flags_t flags = 0;
	for (struct slice word; (word = slice_word(&names)).len;) {
		flags_t flag = backup_system_flag(word);
		/* A mailbox whose keyword table is full keeps the message without it. */
		if (!flag && keywords_add(&box->keywords, word, &flag))
			flag = 0;
		flags |= flag;
	}
	return flags;
}

static enum err restore_begin(struct restore *r, struct mailbox *box)
{
	const struct backup_entry *e = &r->entry;
	struct append_target target = {.box = box, .flags = restore_flags(box, e->flags)};
	struct append_meta meta = {.targets = &target,
				   .target_count = 1,
				   .internal_date = e->internal_date,
				   .expected_bytes = r->tar.header.size,
				   .id = &e->id};
	r->id = e->id;
	r->is_sealed = false;
	enum err err = ingest_begin(r->app->host.store, &meta, &r->in);
	if (err != ERR_QUOTA)
		return err;
	r->report.refused++;
	return ERR_NONE;
}

static enum err restore_message(struct restore *r, struct waiter *w)
{
	const struct backup_entry *e = &r->entry;
	enum err err = restore_enter(r, e->user, w);
	if (err || r->wants_pause)
		return err;
	if (id_set_has(&r->ids, &e->id)) {
		r->report.known++;
		return ERR_NONE;
	}
	struct mailbox *box = account_find(r->account, e->mailbox);
	if (!box || !box->exists)
		err = restore_make_box(r, e->mailbox, 0);
	if (err)
		return err;
	box = account_find(r->account, e->mailbox);
	return box ? restore_begin(r, box) : ERR_NOT_FOUND;
}

/* --- entries ------------------------------------------------------------------------------------ */

static enum err restore_any(struct restore *r, struct waiter *w)
{
	switch (r->entry.kind) {
	case BACKUP_IS_MANIFEST: r->has_manifest = r->wants_text = true; return ERR_NONE;
	case BACKUP_IS_SETTINGS: r->wants_text = r->options.settings; return ERR_NONE;
	case BACKUP_IS_ADMIN: r->wants_text = true; return ERR_NONE;
	case BACKUP_IS_USER: return restore_user(r);
	case BACKUP_IS_BOX: return restore_box(r, w);
	case BACKUP_IS_MESSAGE: return restore_message(r, w);
	case BACKUP_IS_OTHER:
	case BACKUP_IS_BROKEN: break;
	}
	return ERR_NONE;
}

enum err restore_entry(struct restore *r, struct waiter *w)
{
	buf_clear(&r->text);
	r->wants_text = false;
	enum err err = restore_any(r, w);
	/* One entry that cannot be had must not keep the others out. */
	if (err == ERR_NOT_FOUND || err == ERR_SYNTAX || err == ERR_DENIED || err == ERR_LIMIT) {
		r->report.damaged++;
		err = ERR_NONE;
	}
	return err;
}

static enum err restore_check_manifest(struct restore *r)
{
	struct slice rest = buf_view(&r->text);
	while (rest.len) {
		struct slice value = slice_split(&rest, '\n'), key = slice_split(&value, '=');
		uint32_t format = 0;
		if (!slice_eq_str(slice_trim(key), "format"))
			continue;
		if (!slice_u32(slice_trim(value), &format) && format == BACKUP_FORMAT)
			return ERR_NONE;
	}
	r->report.why = "it was made by another version of Surel";
	return ERR_SYNTAX;
}

/* Only where there is none: nobody becomes administrator by a file. */
static enum err restore_admin(struct restore *r)
{
	struct scram_verifier v;
	if (admin_password_is_set(r->app) || user_verifier_parse(buf_view(&r->text), &v))
		return ERR_NONE;
	return admin_password_put(r->app, &v);
}

enum err restore_entry_is_whole(struct restore *r)
{
	r->has_entry = false;
	if (r->entry.kind == BACKUP_IS_MANIFEST)
		return restore_check_manifest(r);
	if (r->entry.kind == BACKUP_IS_SETTINGS && r->wants_text)
		return buf_add_slice(&r->settings, buf_view(&r->text));
	if (r->entry.kind == BACKUP_IS_ADMIN && r->wants_text)
		return restore_admin(r);
	if (!r->in)
		return ERR_NONE;
	r->is_sealed = true;
	return ingest_seal(r->in);
}

/* Checked as a whole before the file is replaced. */
enum err restore_settings(struct restore *r)
{
	struct buf why;
	struct conf fresh;
	buf_init(&why, 512);
	conf_init(&fresh);
	enum err err = conf_parse(buf_view(&r->settings), &fresh, &why);
	if (err)
		log_warn(0, "the settings of the backup are not taken over: " SLICE_FMT,
			 SLICE_ARG(buf_view(&why)));
	if (err)
		snprintf(r->report.settings_why, sizeof(r->report.settings_why), SLICE_FMT,
			 SLICE_ARG(why.len ? buf_view(&why) : slice_str(err_text(err))));
	buf_free(&why);
	conf_free(&fresh);
	if (err)
		return ERR_NONE;
	err = file_replace(r->app->config_path, buf_view(&r->settings), 0600);
	if (!err)
		appliance_reload(r->app);
	r->report.has_settings = !err;
	return err;
}
