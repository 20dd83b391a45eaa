#include "app/pop3_window.h"

#include <stdlib.h>

#include "base/log.h"
#include "proto/pop3/pop3_note.h"

struct window_name {
	char text[USER_NAME_MAX_BYTES + 1];
};

/* One order under way. No account stays open between two turns: nobody has to wait for it. */
struct window_errand {
	struct errand errand;
	struct pop3_order order;
	char device[POP3_LABEL_MAX + 1];
	struct window_name *names; /* those it is for, and how far it is */
	size_t count, at;
};

static void window_free(struct window_errand *e)
{
	errand_leave(&e->errand);
	free(e->names);
	free(e);
}

static void window_end(struct errand *errand, const char *why)
{
	struct window_errand *e = list_owner(errand, struct window_errand, errand);
	log_warn(0, "pop3: %zu users are left out: %s", e->count - e->at, why);
	window_free(e);
}

static enum err window_account(struct window_errand *e, struct account *account)
{
	enum err err = ERR_NONE;
	for (size_t i = 0; i < account->box_count && !err; i++) {
		uint64_t ticket; /* the store makes it durable by itself */
		if (account->boxes[i]->exists)
			err = pop3_note_order(account->boxes[i], &e->order, &ticket);
	}
	return err;
}

/* The next user. ERR_NOT_FOUND: he has no mailboxes yet, or is gone. */
static enum err window_user(struct window_errand *e)
{
	struct account *account = NULL;
	enum err err = account_open(e->errand.app->host.store, slice_str(e->names[e->at].text),
				    false, &account, NULL, &e->errand.waiter);
	if (err)
		return err;
	err = window_account(e, account);
	account_close(&account);
	return err;
}

static void window_turn(struct errand *errand)
{
	struct window_errand *e = list_owner(errand, struct window_errand, errand);
	enum err err = e->at < e->count ? window_user(e) : ERR_NONE;
	if (err == ERR_AGAIN)
		return;
	if (err && err != ERR_NOT_FOUND)
		log_warn(0, "pop3: the state of %s cannot be changed: %s", e->names[e->at].text,
			 err_text(err));
	if (++e->at < e->count)
		errand_go_on(errand);
	else
		window_free(e);
}

static enum err window_new(struct appliance *a, struct window_errand **errand_out)
{
	struct window_errand *e = calloc(1, sizeof(*e));
	*errand_out = e;
	if (!e)
		return ERR_NOMEM;
	e->errand.run = window_turn;
	e->errand.end = window_end;
	errand_begin(&e->errand, a);
	e->names = calloc(users_count(a->users) + 1, sizeof(*e->names));
	if (e->names)
		return ERR_NONE;
	window_free(e);
	*errand_out = NULL;
	return ERR_NOMEM;
}

static void window_add(struct window_errand *e, const struct user *user)
{
	memcpy(e->names[e->count++].text, user->name, sizeof(user->name));
}

enum err pop3_window_begin(struct appliance *a, const char *user)
{
	const struct setting *from = setting_find(SLICE_LIT("pop3.from"));
	struct window_errand *e = NULL;
	struct policy policy = a->settings.policy;
	enum err err = window_new(a, &e);
	if (err)
		return err;
	if (user)
		appliance_policy(a, user, &policy);
	for (struct user *u = users_first(a->users); u; u = users_next(a->users, u)) {
		struct policy his;
		appliance_policy(a, u->name, &his);
		bool is_meant =
			user ? strcmp(user, u->name) == 0 : !appliance_overrides(a, u->name, from);
		if (is_meant && his.pop3_access == POP3_FROM_NOW_ON)
			window_add(e, u);
	}
	e->order.window_s = (int64_t)policy.pop3_from_s;
	return ERR_NONE;
}

static enum err window_for_one(struct appliance *a, const char *name, struct window_errand **e_out)
{
	struct user *user = users_find(a->users, slice_str(name));
	*e_out = NULL;
	enum err err = user ? window_new(a, e_out) : ERR_NOT_FOUND;
	if (!err)
		window_add(*e_out, user);
	return err;
}

enum err pop3_window_reset(struct appliance *a, const char *user)
{
	struct window_errand *e;
	enum err err = window_for_one(a, user, &e);
	if (err)
		return err;
	e->order.offers_again = true;
	return ERR_NONE;
}

enum err pop3_device_forget(struct appliance *a, const char *user, const char *device)
{
	struct window_errand *e;
	enum err err = window_for_one(a, user, &e);
	if (err)
		return err;
	err = slice_to_str(slice_str(device), e->device, sizeof(e->device));
	if (err) {
		window_free(e);
		return ERR_NOT_FOUND;
	}
	e->order.forget = e->device;
	return ERR_NONE;
}
