#include "app/mail_walk.h"

#include "base/log.h"

void mail_walk_init(struct mail_walk *w, struct appliance *app)
{
	*w = (struct mail_walk){.app = app};
}

static void walk_leave_box(struct mail_walk *w)
{
	if (w->box)
		mailbox_close(w->box);
	w->box = NULL;
	w->next_uid = 1;
}

void mail_walk_close(struct mail_walk *w)
{
	walk_leave_box(w);
	if (w->account)
		account_close(&w->account);
}

static void walk_failed(struct mail_walk *w, const char *box, enum err err)
{
	log_warn(0, "%s%s%s cannot be opened: %s", w->user, *box ? ", " : "", box, err_text(err));
	w->failed++;
}

static struct user *walk_find_user(const struct mail_walk *w)
{
	struct user *user = users_first(w->app->users);
	while (user && (strcmp(user->name, w->user) <= 0 ||
			(w->only_user && strcmp(user->name, w->only_user) != 0)))
		user = users_next(w->app->users, user);
	return user;
}

static enum err walk_next_user(struct mail_walk *w, enum walk_event *event_out,
			       struct waiter *waiter)
{
	struct user *user = walk_find_user(w);
	*event_out = WALK_END;
	if (!user)
		return ERR_NONE;
	enum err err = account_open(w->app->host.store, slice_str(user->name), true, &w->account,
				    NULL, waiter);
	if (err == ERR_AGAIN)
		return err;
	memcpy(w->user, user->name, sizeof(w->user));
	w->box_name[0] = '\0';
	w->next_uid = 1;
	if (err)
		walk_failed(w, "", err);
	*event_out = WALK_USER;
	return ERR_NONE;
}

static struct mailbox *walk_find_box(const struct mail_walk *w)
{
	for (size_t i = 0; i < w->account->box_count; i++) {
		struct mailbox *box = w->account->boxes[i];
		if (strcmp(box->name, w->box_name) > 0 &&
		    (!w->only_box || strcmp(box->name, w->only_box) == 0))
			return box;
	}
	return NULL;
}

/* ERR_NOT_FOUND: the user has no more. */
static enum err walk_next_box(struct mail_walk *w, enum walk_event *event_out,
			      struct waiter *waiter)
{
	struct mailbox *box = walk_find_box(w);
	if (!box)
		return ERR_NOT_FOUND;
	enum err err = box->exists ? mailbox_open(box, waiter) : ERR_NONE;
	if (err == ERR_AGAIN)
		return err;
	if (!err && box->exists)
		w->box = box;
	if (slice_to_str(slice_str(box->name), w->box_name, sizeof(w->box_name)))
		return ERR_NOT_FOUND;
	if (err)
		walk_failed(w, w->box_name, err);
	*event_out = WALK_BOX;
	return ERR_NONE;
}

static bool walk_next_message(struct mail_walk *w)
{
	if (w->box->is_gone ||
	    mailbox_info(w->box, mailbox_position(w->box, w->next_uid), &w->info)) {
		walk_leave_box(w);
		return false;
	}
	w->next_uid = w->info.uid + 1;
	return true;
}

enum err mail_walk_next(struct mail_walk *w, enum walk_event *event_out, struct waiter *waiter)
{
	*event_out = WALK_MESSAGE;
	if (w->box && walk_next_message(w))
		return ERR_NONE;
	if (w->account) {
		enum err err = walk_next_box(w, event_out, waiter);
		if (err != ERR_NOT_FOUND)
			return err;
		account_close(&w->account);
	}
	return walk_next_user(w, event_out, waiter);
}
