#include "app/web_policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/expiry.h"
#include "app/pop3_window.h"
#include "app/web_setting.h"
#include "app/web_visit.h"
#include "app/web_words.h"
#include "app/why_text.h"

enum policy_stage { POLICY_OPEN, POLICY_TAKE, POLICY_COUNT, POLICY_SHOW };
enum policy_counted { COUNT_NOT_ASKED, COUNT_DONE, COUNT_NO_CLOCK, COUNT_FAILED };

/* One request, which may have to wait for the account and for the preview. */
struct policy_request {
	struct policy_page page;
	enum policy_stage stage;
	bool is_post, wants_preview, is_refused, is_answered;
	char failure[WORDS_MAX_BYTES];
	struct expiry_preview *preview;
	struct expiry_count count;
	enum policy_counted counted;
};

static void policy_request_end(struct http_exchange *x)
{
	struct policy_request *r = x->cmd;
	x->cmd = NULL;
	if (!r)
		return;
	expiry_preview_free(&r->preview);
	if (r->page.account)
		account_close(&r->page.account);
	row_form_free(&r->page.form);
	free(r);
}

/* The owner that the path names; NULL and *is_house for "/mail". */
static const struct user *owner_find(struct http_exchange *x, bool *is_house)
{
	*is_house = x->tail.len == 0;
	return *is_house ? NULL : users_find(web_app(x)->users, x->tail);
}

static struct policy_request *policy_request_begin(struct http_exchange *x,
						   const struct user *owner)
{
	struct policy_request *r = calloc(1, sizeof(*r));
	if (!r ||
	    row_form_new(web_app(x), owner ? owner->name : NULL, web_lang(x), &r->page.form)) {
		free(r);
		return NULL;
	}
	r->is_post = x->request.method == HTTP_POST;
	r->wants_preview = r->is_post && (*web_field(x, "preview") || *web_query(x, "preview"));
	x->cmd = r;
	x->cmd_end = policy_request_end;
	return r;
}

/* --- what was asked for ------------------------------------------------------------------------- */

/* Boxes that were ticked stand before what was typed. */
static enum err read_mask(struct row_form *f, const struct http_exchange *x,
			  const struct setting *row)
{
	struct row_input *in = row_form_at(f, row);
	struct buf all, word;
	enum err err = ERR_NONE, found = ERR_NONE;
	if (!in->value)
		return ERR_NONE;
	buf_init(&all, HTTP_FORM_MAX_BYTES);
	buf_init(&word, HTTP_FORM_MAX_BYTES);
	for (unsigned nth = 0; !err && !found; nth++) {
		buf_clear(&word);
		found = http_form(x, "hide", nth, &word);
		if (!found && !(err = buf_add_slice(&all, buf_view(&word))))
			err = buf_add_byte(&all, ' ');
	}
	if (!err)
		err = buf_add_str(&all, in->value);
	if (!err)
		err = row_form_put(f, row, slice_trim(buf_view(&all)));
	buf_free(&all);
	buf_free(&word);
	return err;
}

/* The folder goes with the choice to show one: it is asked for nowhere else. */
static enum err settle_folder(struct row_form *f)
{
	const struct setting *shows = setting_find(SLICE_LIT("pop3.shows"));
	const struct setting *row = setting_find(SLICE_LIT("pop3.folder"));
	if (!shows || !row)
		return ERR_NONE;
	const struct row_input *chosen = row_form_at(f, shows);
	struct row_input *in = row_form_at(f, row);
	if (chosen->is_house) {
		row_form_unset(f, row);
	} else if (chosen->value && strcmp(chosen->value, "folder") != 0) {
		free(in->value);
		in->value = NULL;
	} else if (chosen->value && in->value && !*in->value) {
		row_form_refuse(f, row, web_text(f->lang, "mail.folder_wrong"));
		row_form_refuse(f, shows, web_text(f->lang, "mail.folder_wrong"));
	}
	return ERR_NONE;
}

static enum err policy_read(struct http_exchange *x, struct row_form *f)
{
	enum err err = ERR_NONE;
	const struct setting *access = setting_find(SLICE_LIT("pop3.access"));
	for (size_t i = 0; !err && i < setting_count; i++) {
		const struct setting *row = &setting_table[i];
		if (row->scope != SETTING_USER || row->is_managed)
			continue;
		err = row_form_read(f, x, row);
		if (!err && strcmp(row->key, "imap.hide_capabilities") == 0)
			err = read_mask(f, x, row);
	}
	if (!err)
		err = settle_folder(f);
	if (!err && access)
		row_form_at(f, access)->is_again = *web_field(x, "restart") != 0;
	if (!err)
		row_form_check(f);
	return err;
}

/* --- saving ------------------------------------------------------------------------------------- */

static enum err policy_save(struct http_exchange *x, struct policy_request *r,
			    const char **done_out)
{
	struct row_form *f = r->page.form;
	size_t changed = 0;
	bool needs_restart = false;
	struct buf why;
	buf_init(&why, sizeof(r->failure) - 1);
	enum err err = row_form_save(f, &changed, &needs_restart, &why);
	if (!err && f->then.policy.pop3_access == POP3_ALL_MAIL && *web_field(x, "reset")) {
		err = pop3_window_reset(f->app, f->user);
		changed++;
	}
	if (err && err != ERR_SYNTAX) {
		const char *text = why.len ? NULL : why_text(f->lang, err);
		snprintf(r->failure, sizeof(r->failure), SLICE_FMT "%s", SLICE_ARG(buf_view(&why)),
			 text ? text : "");
	}
	buf_free(&why);
	*done_out = changed ? "saved" : "same";
	return err;
}

static enum step policy_answer_saved(struct http_exchange *x, const char *done)
{
	return http_redirect(x, SLICE_FMT "?done=%s", SLICE_ARG(x->request.path), done);
}

/* --- the page ----------------------------------------------------------------------------------- */

static void add_counted(const struct policy_request *r, struct model *model)
{
	enum lang lang = r->page.form->lang;
	char number[24], size[SIZE_TEXT_BYTES];
	size_text(lang, r->count.bytes, size);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)r->count.messages);
	if (r->counted == COUNT_NOT_ASKED)
		model_text(model, "preview", "");
	else
		words_put(model, "preview", lang,
			  r->counted == COUNT_NO_CLOCK ? "mail.preview_clock"
			  : r->counted == COUNT_FAILED ? "mail.preview_failed"
			  : r->count.messages          ? "mail.preview_some"
						       : "mail.preview_none",
			  (struct word[]){{"n", number}, {"size", size}}, 2);
}

static void add_owners(const struct row_form *f, struct model *model)
{
	struct model *owners = model_list(model, "owners");
	for (struct user *u = users_first(f->app->users); u; u = users_next(f->app->users, u)) {
		struct model *owner = model_row(owners);
		model_text(owner, "name", u->name);
		model_text(owner, "owner", u->name);
		model_bool(owner, "on", f->user && strcmp(u->name, f->user) == 0);
	}
}

static void add_switched_off(const struct row_form *f, struct model *section, const char *id)
{
	bool is_pop3 = strcmp(id, "pop3") == 0, is_imap = strcmp(id, "imap") == 0;
	bool is_off = (is_pop3 && !f->app->settings.pop3_enabled) ||
		      (is_imap && !f->app->settings.imap_enabled);
	if (is_off)
		words_put(section, "off", f->lang, "mail.off_house",
			  &(struct word){"protocol", is_pop3 ? "POP3" : "IMAP"}, 1);
}

static void add_sections(const struct policy_page *page, struct model *model)
{
	struct model *sections = model_list(model, "sections");
	for (size_t i = 0; i < POLICY_SECTIONS; i++) {
		char key[32];
		struct model *section = model_row(sections);
		const char *id = policy_sections[i].id;
		snprintf(key, sizeof(key), "mail.%s", id);
		model_text(section, "sid", id);
		model_text(section, "name", web_text(page->form->lang, key));
		add_switched_off(page->form, section, id);
		policy_add_rows(page, &policy_sections[i], section);
		if (strcmp(id, "space") == 0)
			model_bool(section, "has_usage", true);
		if (strcmp(id, "clean") == 0)
			model_bool(section, "has_preview", true);
		if (!model_has_members(model_get(section, "rows")))
			model_remove(sections, section);
	}
}

static enum step policy_show(struct http_exchange *x, struct policy_request *r)
{
	struct row_form *f = r->page.form;
	bool is_new = r->is_post && !r->is_refused;
	struct model *model = model_new();
	model_bool(model, "is_new", r->is_post);
	r->page.example = f->user ? f->user : web_text(f->lang, "mail.name");
	policy_add_words(&r->page, r->is_post, model);
	add_counted(r, model);
	if (is_new &&
	    slice_find_nocase(http_field(x, "Accept"), SLICE_LIT("application/json")) != SIZE_MAX)
		return web_json(x, 200, model);
	if (f->user)
		model_text(model, "owner", f->user);
	if (*r->failure)
		model_text(model, "failure", r->failure);
	add_owners(f, model);
	setting_add_errors(f, model);
	add_sections(&r->page, model);
	policy_add_owner(&r->page, model);
	return web_page(x, r->is_refused ? 422 : 200, "mail", model);
}

/* --- stages ------------------------------------------------------------------------------------- */

/* An owner who never got mail has no account yet: the page shows what it can. */
static enum step policy_open(struct http_exchange *x, struct policy_request *r)
{
	struct row_form *f = r->page.form;
	enum err err = f->user ? account_open(f->app->host.store, slice_str(f->user), false,
					      &r->page.account, NULL, http_waiter(x))
			       : ERR_NONE;
	if (err == ERR_AGAIN)
		return STEP_MORE;
	r->stage = r->is_post ? POLICY_TAKE : POLICY_SHOW;
	return STEP_DONE;
}

static enum step policy_take(struct http_exchange *x, struct policy_request *r)
{
	struct row_form *f = r->page.form;
	const char *done = NULL;
	enum err err = policy_read(x, f);
	r->stage = POLICY_SHOW;
	r->is_refused = err || f->errors;
	if (err)
		snprintf(r->failure, sizeof(r->failure), "%s", why_text(f->lang, err));
	if (r->is_refused)
		return STEP_DONE;
	if (!r->wants_preview) {
		r->is_refused = policy_save(x, r, &done) != ERR_NONE;
		r->is_answered = !r->is_refused;
		return r->is_refused ? STEP_DONE : policy_answer_saved(x, done);
	}
	err = expiry_preview_new(f->app, f->user, &f->then.policy, &r->preview);
	r->counted = err == ERR_STATE ? COUNT_NO_CLOCK : COUNT_FAILED;
	r->stage = err ? POLICY_SHOW : POLICY_COUNT;
	return STEP_DONE;
}

static enum step policy_count(struct http_exchange *x, struct policy_request *r)
{
	for (;;) {
		switch (expiry_preview_run(r->preview, http_waiter(x), &r->count)) {
		case STEP_DONE: r->counted = COUNT_DONE; break;
		case STEP_BAD: r->counted = COUNT_FAILED; break;
		case STEP_MORE:
			if (waiter_is_waiting(http_waiter(x)) || http_must_pause(x))
				return STEP_MORE;
			continue;
		}
		r->stage = POLICY_SHOW;
		return STEP_DONE;
	}
}

static enum step policy_run(struct http_exchange *x)
{
	struct policy_request *r = x->cmd;
	if (!r) {
		bool is_house = false;
		const struct user *owner = owner_find(x, &is_house);
		if (!owner && !is_house)
			return web_refuse(x, 404);
		r = policy_request_begin(x, owner);
		if (!r)
			return web_refuse(x, 500);
	}
	for (;;) {
		enum step step = STEP_DONE;
		switch (r->stage) {
		case POLICY_OPEN: step = policy_open(x, r); break;
		case POLICY_TAKE: step = policy_take(x, r); break;
		case POLICY_COUNT: step = policy_count(x, r); break;
		case POLICY_SHOW: return policy_show(x, r);
		}
		if (step == STEP_MORE || r->is_answered)
			return step;
	}
}

/* GET /mail?owner=NAME: the list on top of the page, without script. */
static enum step policy_house(struct http_exchange *x)
{
	const char *owner = x->cmd ? "" : web_query(x, "owner");
	const struct user *user = *owner ? users_find(web_app(x)->users, slice_str(owner)) : NULL;
	return user ? http_redirect(x, "/mail/%s", user->name) : policy_run(x);
}

static enum step policy_forget(struct http_exchange *x)
{
	struct appliance *app = web_app(x);
	const struct user *owner = users_find(app->users, x->tail);
	if (!owner)
		return web_refuse(x, 404);
	enum err err = pop3_device_forget(app, owner->name, web_field(x, "device"));
	return err && err != ERR_NOT_FOUND
		       ? web_refuse(x, 500)
		       : http_redirect(x, "/mail/%s?done=forgotten", owner->name);
}

static const struct http_route policy_routes[] = {
	{"/mail", HTTP_GET | HTTP_POST, WEB_ADMIN, false, HTTP_FORM_MAX_BYTES, policy_house},
	{"/mail/*", HTTP_GET | HTTP_POST, WEB_ADMIN, false, HTTP_FORM_MAX_BYTES, policy_run},
	{"/forget/*", HTTP_POST, WEB_ADMIN, false, HTTP_FORM_MAX_BYTES, policy_forget},
};
const struct http_routes web_policy_routes = {policy_routes,
					      sizeof(policy_routes) / sizeof(policy_routes[0])};
