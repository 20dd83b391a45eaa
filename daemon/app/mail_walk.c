#include "app/mail_walk.h"

#include <stdio.h>

#include "app/admin.h"
#include "base/log.h"

/* Thousands of them would say no more than some hundreds do. */
enum { WALK_COMPLAINTS_MAX = 200 };

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
	w->is_box_over = false;
}

void mail_walk_close(struct mail_walk *w)
{
	walk_leave_box(w);
	if (w->account)
		account_close(&w->account);
}

static void walk_failed(struct mail_walk *w, uint32_t uid, enum err err)
{
	const char *comma = *w->box_name ? ", " : "";
	char message[24] = "";
	if (uid)
		snprintf(message, sizeof(message), ", UID %u", uid);
	if (!w->complaints)
		log_warn(0, "%s%s%s%s cannot be read: %s", w->user, comma, w->box_name, message,
			 err_text(err));
	else if (w->failed < WALK_COMPLAINTS_MAX)
		admin_say(w->complaints, "%s%s%s%s: %s\n", w->user, comma, w->box_name, message,
			  err_text(err));
	w->failed++;
}

static struct user *walk_find_user(struct mail_walk *w)
{
	struct user *user = users_first(w->app->users);
	while (user && (strcmp(user->name, w->user) <= 0 ||
			(w->only_user && strcmp(user->name, w->only_user) != 0) ||
			(w->wants_user && !w->wants_user(w, user))))
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
	enum err err = account_open(w->app->host.store, slice_str(user->name), false, &w->account,
				    NULL, waiter);
	if (err == ERR_AGAIN)
		return err;
	memcpy(w->user, user->name, sizeof(w->user));
	w->box_name[0] = '\0';
	w->next_uid = 1;
	if (err && err != ERR_NOT_FOUND) /* he has no mailboxes yet */
		walk_failed(w, 0, err);
	*event_out = WALK_USER;
	return ERR_NONE;
}

static struct mailbox *walk_find_box(struct mail_walk *w)
{
	for (size_t i = 0; i < w->account->box_count; i++) {
		struct mailbox *box = w->account->boxes[i];
		if (strcmp(box->name, w->box_name) > 0 &&
		    (!w->only_box || strcmp(box->name, w->only_box) == 0) &&
		    (!w->wants_box || w->wants_box(w, box)))
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
		walk_failed(w, 0, err);
	*event_out = WALK_BOX;
	return ERR_NONE;
}

static bool walk_next_message(struct mail_walk *w)
{
	w->is_box_over = w->box->is_gone ||
			 mailbox_info(w->box, mailbox_position(w->box, w->next_uid), &w->info);
	w->next_uid = w->info.uid + 1;
	w->offset = 0;
	return !w->is_box_over;
}

enum err mail_walk_next(struct mail_walk *w, enum walk_event *event_out, struct waiter *waiter)
{
	if (w->box && !w->is_box_over) {
		*event_out = walk_next_message(w) ? WALK_MESSAGE : WALK_BOX_END;
		return ERR_NONE;
	}
	walk_leave_box(w);
	if (!w->account)
		return walk_next_user(w, event_out, waiter);
	enum err err = walk_next_box(w, event_out, waiter);
	if (err != ERR_NOT_FOUND)
		return err;
	account_close(&w->account);
	*event_out = WALK_USER_END;
	return ERR_NONE;
}

enum err mail_walk_read(struct mail_walk *w, uint8_t *dst, size_t n, size_t *got_out,
			struct waiter *waiter)
{
	enum err err = mailbox_read(w->box, &w->info, MSG_BODY, w->offset, dst, n, got_out, waiter);
	if (err == ERR_AGAIN)
		return err;
	if (!err && !*got_out && w->offset != w->info.size)
		err = ERR_CORRUPT; /* its size is not what it should be */
	w->offset += err ? 0 : *got_out;
	if (err && err != ERR_GONE)
		walk_failed(w, w->info.uid, err);
	return err;
}
