#include "app/admin.h"

#include "app/appliance_settings.h"

/* --- user -------------------------------------------------------------------------------------- */

static void admin_make_account(struct appliance *a, const char *name, struct admin_reply *r)
{
	struct account *account = NULL;
	/* A store that must wait makes the account at the first login or delivery instead. */
	enum err err =
		account_open(a->host.store, slice_str(name), true, &account, &r->ticket, NULL);
	if (!err)
		account_close(&account);
	else if (err != ERR_AGAIN)
		admin_fail(r, EXIT_FAILED, "the mailboxes of %s cannot be made: %s", name,
			   err_text(err));
}

static void admin_user_put(struct appliance *a, const char *name, const char *text, bool is_new,
			   struct admin_reply *r)
{
	struct scram_verifier verifier;
	if (user_name_check(slice_str(name))) {
		admin_fail(r, EXIT_USAGE, USER_NAME_RULE, name, USER_NAME_MAX_BYTES);
		return;
	}
	bool exists = users_find(a->users, slice_str(name));
	if (exists == is_new) {
		admin_fail(r, EXIT_FAILED, is_new ? "user %s exists already" : "no user %s", name);
		return;
	}
	enum err err = user_verifier_parse(slice_str(text), &verifier);
	if (!err)
		err = users_put(a->users, slice_str(name), &verifier);
	if (err) {
		admin_fail(r, EXIT_FAILED, "user %s cannot be saved: %s", name, err_text(err));
		return;
	}
	/* As it was kept: Bob is bob. */
	name = users_find(a->users, slice_str(name))->name;
	if (is_new)
		admin_make_account(a, name, r);
	if (!is_new)
		appliance_drop_user(a, slice_str(name), GOODBYE_SWITCHED);
	appliance_apply(a); /* CAPA tells the strictest of all users */
	if (appliance_listen(a))
		admin_fail(r, EXIT_FAILED, "the mail ports cannot be opened; see the log");
	admin_say(r, is_new ? "user %s added\n" : "password of %s changed\n", name);
}

static void admin_user_add(struct appliance *a, const struct admin_request *q,
			   struct admin_reply *r)
{
	admin_user_put(a, q->args[2], q->args[3], true, r);
}

static void admin_user_passwd(struct appliance *a, const struct admin_request *q,
			      struct admin_reply *r)
{
	admin_user_put(a, q->args[2], q->args[3], false, r);
}

static void admin_user_del(struct appliance *a, const struct admin_request *q,
			   struct admin_reply *r)
{
	struct user *user = users_find(a->users, slice_str(q->args[2]));
	bool keep_mail = q->count == 4;
	/* A mistyped option must not cost anybody his mail. */
	if (keep_mail && !slice_eq_str(slice_str(q->args[3]), "--keep-mail")) {
		admin_fail(r, EXIT_USAGE, "user del: %s is no option of it; --keep-mail is",
			   q->args[3]);
		return;
	}
	if (!user) {
		admin_fail(r, EXIT_FAILED, "no user %s", q->args[2]);
		return;
	}
	char name[sizeof(user->name)];
	memcpy(name, user->name, sizeof(name));
	appliance_drop_user(a, slice_str(name), GOODBYE_SWITCHED);
	errands_end(a, name, "the user was deleted");
	enum err err =
		keep_mail ? ERR_NONE : account_remove(a->host.store, slice_str(name), &r->ticket);
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	if (!err)
		err = users_remove(a->users, slice_str(name));
	if (!err)
		err = appliance_forget(a, name);
	if (err == ERR_IN_USE)
		admin_fail(r, EXIT_FAILED,
			   "user %s is not deleted: mail is just arriving; try again", name);
	else if (err)
		admin_fail(r, EXIT_FAILED, "user %s cannot be deleted: %s", name, err_text(err));
	else
		admin_say(r, "user %s deleted%s\n", name,
			  keep_mail ? ", mail kept" : " with all mail");
}

static void admin_user_list(struct appliance *a, const struct admin_request *q,
			    struct admin_reply *r)
{
	(void)q;
	for (struct user *u = users_first(a->users); u; u = users_next(a->users, u))
		admin_say(r, "%s\n", u->name);
}

/* --- status ------------------------------------------------------------------------------------ */

static void admin_do_status(struct appliance *a, const struct admin_request *q,
			    struct admin_reply *r)
{
	if (q->count == 2 && !slice_eq_str(slice_str(q->args[1]), "--json"))
		admin_fail(r, EXIT_USAGE, "status: %s is no option of it; --json is", q->args[1]);
	else
		admin_status(a, q->count == 2, r);
}

/* --- the table --------------------------------------------------------------------------------- */

struct admin_command {
	const char *verb, *noun; /* noun NULL: none */
	size_t args_min, args_max;
	bool needs_store;
	void (*run)(struct appliance *a, const struct admin_request *q, struct admin_reply *r);
};

static const struct admin_command commands[] = {
	{"user", "add", 4, 4, true, admin_user_add},
	{"user", "passwd", 4, 4, false, admin_user_passwd},
	{"user", "del", 3, 4, true, admin_user_del},
	{"user", "list", 2, 2, false, admin_user_list},
	{"user", "device", 4, 6, false, admin_user_device},
	{"admin", "passwd", 3, 3, false, admin_admin_passwd},
	{"set", NULL, 3, 5, false, admin_set},
	{"get", NULL, 1, 4, false, admin_get},
	{"status", NULL, 1, 2, true, admin_do_status},
};

static bool admin_is(const struct admin_command *c, const struct admin_request *q)
{
	return q->count && slice_eq_str(slice_str(q->args[0]), c->verb) &&
	       (!c->noun || (q->count > 1 && slice_eq_str(slice_str(q->args[1]), c->noun)));
}

static const struct admin_command *admin_find(const struct admin_request *q)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (admin_is(&commands[i], q))
			return &commands[i];
	return NULL;
}

bool admin_needs_store(const struct admin_request *request)
{
	const struct admin_command *c = admin_find(request);
	return !c || c->needs_store;
}

void admin_run(struct appliance *a, const struct admin_request *request, struct admin_reply *reply)
{
	const struct admin_command *c = admin_find(request);
	if (c && request->count >= c->args_min && request->count <= c->args_max)
		c->run(a, request, reply);
	else
		admin_fail(reply, EXIT_USAGE, ADMIN_WRONG_USE);
}
