#include "app/admin.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

void admin_reply_init(struct admin_reply *r)
{
	*r = (struct admin_reply){0};
	buf_init(&r->out, ADMIN_TEXT_MAX_BYTES);
	buf_init(&r->errors, 4096);
}

void admin_reply_free(struct admin_reply *r)
{
	buf_free(&r->out);
	buf_free(&r->errors);
}

PRINTF_LIKE(2, 0) static void admin_vsay(struct buf *dst, const char *fmt, va_list args)
{
	char text[1024];
	vsnprintf(text, sizeof(text), fmt, args);
	enum err err = buf_add_str(dst, text);
	if (err)
		log_warn(0, "answer of a command cut short: %s", err_text(err));
}

void admin_say(struct admin_reply *r, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	admin_vsay(&r->out, fmt, args);
	va_end(args);
}

void admin_fail(struct admin_reply *r, int exit_code, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	admin_vsay(&r->errors, fmt, args);
	va_end(args);
	r->exit_code = exit_code;
}

/* --- user -------------------------------------------------------------------------------------- */

static void admin_make_account(const struct admin_place *p, const char *name, struct admin_reply *r)
{
	struct account *account = NULL;
	/* A store that must wait makes the account at the first login or delivery instead. */
	enum err err = account_open(p->store, slice_str(name), true, &account, &r->ticket, NULL);
	if (!err)
		account_close(&account);
	else if (err != ERR_AGAIN)
		admin_fail(r, EXIT_FAILED, "the mailboxes of %s cannot be made: %s\n", name,
			   err_text(err));
}

static void admin_user_put(const struct admin_place *p, const char *name, const char *text,
			   bool is_new, struct admin_reply *r)
{
	struct scram_verifier verifier;
	if (user_name_check(slice_str(name))) {
		admin_fail(r, EXIT_USAGE,
			   "%s: a user name is made of letters a-z, digits, . _ and -, "
			   "optionally with @domain, and has at most %d characters\n",
			   name, USER_NAME_MAX_BYTES);
		return;
	}
	bool exists = users_find(p->users, slice_str(name));
	if (exists == is_new) {
		admin_fail(r, EXIT_FAILED, is_new ? "user %s exists already\n" : "no user %s\n",
			   name);
		return;
	}
	enum err err = user_verifier_parse(slice_str(text), &verifier);
	if (!err)
		err = users_put(p->users, slice_str(name), &verifier);
	if (err) {
		admin_fail(r, EXIT_FAILED, "user %s cannot be saved: %s\n", name, err_text(err));
		return;
	}
	/* As it was kept: Bob is bob. */
	name = users_find(p->users, slice_str(name))->name;
	if (is_new)
		admin_make_account(p, name, r);
	if (p->app && !is_new)
		appliance_drop_user(p->app, slice_str(name), GOODBYE_SWITCHED);
	if (p->app && appliance_listen(p->app))
		admin_fail(r, EXIT_FAILED, "the mail ports cannot be opened; see the log\n");
	admin_say(r, is_new ? "user %s added\n" : "password of %s changed\n", name);
}

static void admin_user_add(const struct admin_place *p, const struct admin_request *q,
			   struct admin_reply *r)
{
	admin_user_put(p, q->args[2], q->args[3], true, r);
}

static void admin_user_passwd(const struct admin_place *p, const struct admin_request *q,
			      struct admin_reply *r)
{
	admin_user_put(p, q->args[2], q->args[3], false, r);
}

static void admin_user_del(const struct admin_place *p, const struct admin_request *q,
			   struct admin_reply *r)
{
	struct user *user = users_find(p->users, slice_str(q->args[2]));
	bool keep_mail = q->count == 4;
	/* A mistyped option must not cost anybody his mail. */
	if (keep_mail && !slice_eq_str(slice_str(q->args[3]), "--keep-mail")) {
		admin_fail(r, EXIT_USAGE, "user del: %s is no option of it; --keep-mail is\n",
			   q->args[3]);
		return;
	}
	if (!user) {
		admin_fail(r, EXIT_FAILED, "no user %s\n", q->args[2]);
		return;
	}
	char name[sizeof(user->name)];
	memcpy(name, user->name, sizeof(name));
	if (p->app) {
		appliance_drop_user(p->app, slice_str(name), GOODBYE_SWITCHED);
		errands_end(p->app, name, "the user was deleted");
	}
	enum err err = keep_mail ? ERR_NONE : account_remove(p->store, slice_str(name), &r->ticket);
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	if (!err)
		err = users_remove(p->users, slice_str(name));
	if (err == ERR_IN_USE)
		admin_fail(r, EXIT_FAILED,
			   "user %s is not deleted: mail is just arriving; try again\n", name);
	else if (err)
		admin_fail(r, EXIT_FAILED, "user %s cannot be deleted: %s\n", name, err_text(err));
	else
		admin_say(r, "user %s deleted%s\n", name,
			  keep_mail ? ", mail kept" : " with all mail");
}

static void admin_user_list(const struct admin_place *p, const struct admin_request *q,
			    struct admin_reply *r)
{
	(void)q;
	for (struct user *u = users_first(p->users); u; u = users_next(u))
		admin_say(r, "%s\n", u->name);
}

/* --- set, get, status -------------------------------------------------------------------------- */

/* With a daemon or without one: the same check, the same file. */
static enum err admin_change(const struct admin_place *p, const char *user,
			     const struct setting_change *change, struct buf *why)
{
	struct conf before = {*p->settings, *p->overrides}, after;
	if (p->app)
		return appliance_change(p->app, user, change, 1, LANG_EN, why, NULL);
	enum err err = conf_change_saved(p->config_path, &before, user, change, 1, LANG_EN, why,
					 NULL, &after);
	if (!err) {
		overrides_free(p->overrides);
		*p->settings = after.settings;
		*p->overrides = after.overrides;
	}
	return err;
}

static void admin_set(const struct admin_place *p, const struct admin_request *q,
		      struct admin_reply *r)
{
	struct setting_change change = {.row = setting_find(slice_str(q->args[1])),
					.value = slice_str(q->args[2])};
	struct buf why;
	if (!change.row) {
		admin_fail(r, EXIT_FAILED, "no setting %s; `surel get` lists them\n", q->args[1]);
		return;
	}
	buf_init(&why, 1024);
	enum err err = admin_change(p, NULL, &change, &why);
	if (err && why.len)
		admin_fail(r, EXIT_FAILED, SLICE_FMT "\n", SLICE_ARG(buf_view(&why)));
	else if (err)
		admin_fail(r, EXIT_FAILED, "%s\n", err_text(err));
	else if (p->app && change.row->needs_restart)
		admin_say(r, "%s is saved and takes effect at the next start\n", change.row->key);
	buf_free(&why);
}

static void admin_get_one(const struct admin_place *p, const struct setting *row, bool with_key,
			  struct admin_reply *r)
{
	enum err err = with_key ? buf_addf(&r->out, "%s = ", row->key) : ERR_NONE;
	if (!err)
		err = setting_get(p->settings, row, &r->out);
	if (err)
		admin_fail(r, EXIT_FAILED, "%s: %s\n", row->key, err_text(err));
	admin_say(r, "\n");
}

static void admin_get(const struct admin_place *p, const struct admin_request *q,
		      struct admin_reply *r)
{
	if (q->count == 1) {
		for (size_t i = 0; i < setting_count; i++)
			admin_get_one(p, &setting_table[i], true, r);
		return;
	}
	const struct setting *row = setting_find(slice_str(q->args[1]));
	if (row)
		admin_get_one(p, row, false, r);
	else
		admin_fail(r, EXIT_FAILED, "no setting %s; `surel get` lists them\n", q->args[1]);
}

static void admin_do_status(const struct admin_place *p, const struct admin_request *q,
			    struct admin_reply *r)
{
	if (q->count == 2 && !slice_eq_str(slice_str(q->args[1]), "--json"))
		admin_fail(r, EXIT_USAGE, "status: %s is no option of it; --json is\n", q->args[1]);
	else
		admin_status(p, q->count == 2, r);
}

/* --- the table --------------------------------------------------------------------------------- */

struct admin_command {
	const char *verb, *noun; /* noun NULL: none */
	size_t args_min, args_max;
	bool needs_store;
	void (*run)(const struct admin_place *p, const struct admin_request *q,
		    struct admin_reply *r);
};

static const struct admin_command commands[] = {
	{"user", "add", 4, 4, true, admin_user_add},
	{"user", "passwd", 4, 4, false, admin_user_passwd},
	{"user", "del", 3, 4, true, admin_user_del},
	{"user", "list", 2, 2, false, admin_user_list},
	{"set", NULL, 3, 3, false, admin_set},
	{"get", NULL, 1, 2, false, admin_get},
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
	return c && c->needs_store;
}

void admin_run(const struct admin_place *place, const struct admin_request *request,
	       struct admin_reply *reply)
{
	const struct admin_command *c = admin_find(request);
	if (c && request->count >= c->args_min && request->count <= c->args_max)
		c->run(place, request, reply);
	else
		admin_fail(reply, EXIT_USAGE, "wrong use; see `surel help`\n");
}
