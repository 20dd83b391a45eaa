/* The first visit: /setup and, after it, /welcome. Until an administrator password is set, the gate
 * leads everybody here. */
#include "app/web_setup.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/admin_password.h"
#include "app/web_check.h"
#include "app/web_setup_form.h"
#include "app/web_wait.h"
#include "app/why_text.h"
#include "base/log.h"
#include "base/secret.h"

struct setup_attempt {
	struct web *web;
	struct setup_form form;
	struct web_wait before, after;
	struct password_work *admin, *user;
	bool is_checked, is_refused;
};

static void setup_end(struct http_exchange *x)
{
	struct setup_attempt *s = x->cmd;
	web_wait_end(&s->before);
	web_wait_end(&s->after);
	web_check_end(s->web, &s->admin);
	web_check_end(s->web, &s->user);
	s->web->has_setup_attempt = false;
	free(s);
}

static enum step setup_begin(struct http_exchange *x)
{
	struct web *web = web_state(x);
	/* Over many connections at once a guesser gets no further than over one. */
	struct setup_attempt *s = web->has_setup_attempt ? NULL : calloc(1, sizeof(*s));
	if (!s)
		return web_refuse(x, 429);
	s->web = web;
	web->has_setup_attempt = true;
	setup_form_init(&s->form, x);
	x->cmd = s;
	x->cmd_end = setup_end;
	web_wait_begin(&s->before, x,
		       throttle_before_ms(&web_app(x)->throttle, stream_peer(x->session->stream)));
	return STEP_MORE;
}

/* --- all or nothing ---------------------------------------------------------------------------- */

struct setup_rows {
	struct setting_change changes[2];
	struct buf before[2]; /* the values until now, to go back to */
};

static enum err setup_rows_init(struct setup_rows *r, struct http_exchange *x,
				const struct setup_form *f)
{
	static const char *const keys[2] = {"web.language", "time.zone"};
	const char *const values[2] = {f->language, f->zone};
	enum err err = ERR_NONE;
	for (size_t i = 0; i < 2; i++) {
		const struct setting *row = setting_find(slice_str(keys[i]));
		buf_init(&r->before[i], SETTING_TEXT_MAX);
		r->changes[i] = (struct setting_change){.row = row, .value = slice_str(values[i])};
		if (!err)
			err = setting_get(&web_app(x)->settings, row, &r->before[i]);
	}
	return err;
}

static void setup_rows_free(struct setup_rows *r)
{
	for (size_t i = 0; i < 2; i++)
		buf_free(&r->before[i]);
}

static void setup_rows_undo(struct setup_rows *r, struct appliance *a)
{
	for (size_t i = 0; i < 2; i++)
		r->changes[i].value = buf_view(&r->before[i]);
	if (appliance_change(a, NULL, r->changes, 2, LANG_EN, NULL, NULL))
		log_warn(0, "language and time zone stay changed after a set-up that failed");
}

/* The administrator's password comes last: with it the set-up is done, without it this page is asked
 * for again, and a mailbox that a power cut left behind is an ordinary one. */
static enum err setup_passwords_put(struct appliance *a, struct setup_attempt *s)
{
	struct scram_verifier admin, user;
	struct slice name = slice_str(s->form.user);
	enum err err = password_result(s->admin, &admin);
	if (!err && s->user)
		err = password_result(s->user, &user);
	if (!err && s->user)
		err = users_put(a->users, name, &user);
	if (err)
		return err;
	err = admin_password_put(a, &admin);
	if (err && s->user && users_remove(a->users, name))
		log_warn(0, "user %s stays after a set-up that failed", s->form.user);
	return err;
}

static enum err setup_commit(struct http_exchange *x, struct setup_attempt *s, struct buf *why)
{
	struct appliance *a = web_app(x);
	struct setup_rows rows;
	enum err err = setup_rows_init(&rows, x, &s->form);
	if (!err)
		err = appliance_change(a, NULL, rows.changes, 2, web_lang(x), why, NULL);
	if (!err) {
		err = setup_passwords_put(a, s);
		if (err)
			setup_rows_undo(&rows, a);
	}
	setup_rows_free(&rows);
	return err;
}

/* --- one attempt ------------------------------------------------------------------------------- */

static enum step setup_failed(struct http_exchange *x, enum err err, struct buf *why)
{
	struct model *model = model_new();
	char reason[512];
	if (!why->len || slice_to_str(buf_view(why), reason, sizeof(reason)))
		snprintf(reason, sizeof(reason), "%s", why_text(web_lang(x), err));
	model_text(model, "why", reason);
	log_error(x->session->id, "the set-up could not be saved: %s", reason);
	model_text(model, "sentence", web_textf(x, "setup.failed", model));
	model_text(model, "title", web_text(web_lang(x), "error.500.title"));
	return web_page(x, 500, "error", model);
}

static enum step setup_finish(struct http_exchange *x, struct setup_attempt *s)
{
	struct appliance *a = web_app(x);
	struct buf why;
	/* Somebody else was faster. */
	if (admin_password_is_set(a))
		return http_redirect(x, "/login");
	buf_init(&why, 512);
	enum err err = setup_commit(x, s, &why);
	enum step step = err ? setup_failed(x, err, &why) : STEP_DONE;
	buf_free(&why);
	if (err)
		return step;
	secret_wipe(s->web->setup_code, sizeof(s->web->setup_code));
	if (appliance_listen(a))
		log_warn(0, "not all mail ports could be opened");
	web_log_in(x);
	log_info(x->session->id, "set up from the page");
	return s->user ? http_redirect(x, "/welcome?user=%s", s->form.user)
		       : http_redirect(x, "/welcome");
}

/* False: not now. */
static bool setup_make(struct http_exchange *x, struct setup_attempt *s, const char *password,
		       struct password_work **work)
{
	if (*work)
		return true;
	if (!web_check_may_begin(s->web) ||
	    password_make_new(web_app(x), slice_str(password), work))
		return false;
	s->web->checks++;
	return true;
}

static enum step setup_stretch(struct http_exchange *x, struct setup_attempt *s)
{
	const struct setup_form *f = &s->form;
	if (!setup_make(x, s, f->password, &s->admin) ||
	    (f->wants_user && !setup_make(x, s, f->user_password, &s->user)))
		return web_refuse(x, 429);
	if (password_is_busy(s->admin, http_waiter(x)) ||
	    (s->user && password_is_busy(s->user, http_waiter(x))))
		return STEP_MORE;
	return setup_finish(x, s);
}

static void setup_wrong_code(struct http_exchange *x, struct setup_attempt *s)
{
	char from[64];
	session_peer_text(x->session, from, sizeof(from));
	log_warn(x->session->id, "wrong set-up code from %s", from);
	s->form.errors.code = web_textf(x, "setup.code.wrong", NULL);
	web_wait_begin(&s->after, x,
		       throttle_failed_ms(&web_app(x)->throttle, stream_peer(x->session->stream),
					  SLICE_LIT(WEB_THROTTLE_NAME)));
}

/* With a wrong code nothing else is looked at: which names there are is nobody's business. */
static void setup_check(struct http_exchange *x, struct setup_attempt *s)
{
	s->is_checked = true;
	if (!setup_code_is_right(s->web, slice_str(s->form.code))) {
		s->is_refused = true;
		setup_wrong_code(x, s);
		return;
	}
	throttle_succeeded(&web_app(x)->throttle, stream_peer(x->session->stream),
			   SLICE_LIT(WEB_THROTTLE_NAME));
	s->is_refused = !setup_form_check(&s->form, x);
}

static enum step setup_post(struct http_exchange *x)
{
	if (!x->cmd && setup_begin(x) == STEP_DONE)
		return STEP_DONE;
	struct setup_attempt *s = x->cmd;
	if (web_wait_is_on(&s->before, x))
		return STEP_MORE;
	if (!s->is_checked)
		setup_check(x, s);
	if (!s->is_refused)
		return setup_stretch(x, s);
	if (s->form.errors.code && web_wait_is_on(&s->after, x))
		return STEP_MORE;
	return setup_form_show(&s->form, x, 422);
}

static enum step setup_run(struct http_exchange *x)
{
	struct setup_form form;
	if (x->request.method == HTTP_POST)
		return setup_post(x);
	setup_form_init(&form, x);
	return setup_form_show(&form, x, 200);
}

static enum step welcome_run(struct http_exchange *x)
{
	struct model *model = model_new();
	struct user *user = users_find(web_app(x)->users, slice_str(web_query(x, "user")));
	if (user)
		model_text(model, "user", user->name);
	return web_page(x, 200, "welcome", model);
}

static const struct http_route setup_rows[] = {
	{.path = "/setup",
	 .methods = HTTP_GET | HTTP_POST,
	 .body_max = 16 * 1024,
	 .access = WEB_SETUP,
	 .run = setup_run},
	{.path = "/welcome", .methods = HTTP_GET, .access = WEB_ADMIN, .run = welcome_run},
};
const struct http_routes web_setup_routes = {setup_rows,
					     sizeof(setup_rows) / sizeof(setup_rows[0])};
