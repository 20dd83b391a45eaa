#include "app/web_user.h"

/* --- a password for a device ------------------------------------------------------------------- */

static enum err device_apply(struct http_exchange *x, struct user_work *work,
			     const struct scram_verifier *verifier)
{
	return users_put_device(web_app(x)->users, slice_str(work->name), slice_str(work->label),
				verifier);
}

static enum step device_answer(struct http_exchange *x, struct user_work *work, enum err err)
{
	return err ? user_failed(x, err) : user_show_secret(x, work, "user.device.made");
}

static const char *device_refusal(const struct user *user, struct slice typed,
				  char label[DEVICE_LABEL_MAX_BYTES + 1])
{
	if (device_label_fold(typed, label))
		return "user.label.bad";
	if (user_find_device(user, slice_str(label)))
		return "user.label.taken";
	return user->device_count >= DEVICES_MAX ? "user.label.full" : NULL;
}

enum step user_run_device(struct http_exchange *x, struct user *user)
{
	char label[DEVICE_LABEL_MAX_BYTES + 1];
	struct user_errors errors = {
		.label = device_refusal(user, slice_trim(slice_str(web_field(x, "label"))), label)};
	if (errors.label)
		return user_page(x, user, &errors);
	struct user_work *work = user_work_begin(x, slice_str(user->name));
	if (!work)
		return user_failed(x, ERR_NOMEM);
	memcpy(work->label, label, sizeof(work->label));
	work->apply = device_apply;
	work->answer = device_answer;
	user_device_secret(work->secret);
	enum err err =
		password_make_device_new(web_app(x), user, slice_str(work->secret), &work->making);
	return err ? user_failed(x, err) : user_work_run(x);
}

/* --- revoking ---------------------------------------------------------------------------------- */

static enum step revoke_ask(struct http_exchange *x, const struct user *user, const char *label)
{
	struct model *model = model_new();
	model_text(model, "user", user->name);
	model_text(model, "label", label);
	return web_page(x, 200, "user_revoke", model);
}

enum step user_run_revoke(struct http_exchange *x, struct user *user)
{
	bool is_post = x->request.method == HTTP_POST;
	struct slice typed = slice_str(is_post ? web_field(x, "label") : web_query(x, "label"));
	const struct user_device *device = user_find_device(user, typed);
	char label[DEVICE_LABEL_MAX_BYTES + 1];
	if (!device)
		return web_refuse(x, 404);
	memcpy(label, device->label, sizeof(label));
	if (!is_post)
		return revoke_ask(x, user, label);
	enum err err =
		users_remove_device(web_app(x)->users, slice_str(user->name), slice_str(label));
	if (err)
		return user_failed(x, err);
	appliance_drop_device(web_app(x), slice_str(user->name), slice_str(label));
	return http_redirect(x, "/users/%s?done=revoked", user->name);
}

enum step user_run_end(struct http_exchange *x, struct user *user)
{
	uint32_t id = 0;
	if (slice_u32(slice_str(web_field(x, "id")), &id))
		return web_refuse(x, 400);
	list_for_each (node, &web_app(x)->sessions) {
		struct session *s = list_owner(node, struct session, link);
		if (s->id == id && s->login && strcmp(s->login->user, user->name) == 0) {
			session_end(s, GOODBYE_SWITCHED);
			break;
		}
	}
	/* It may have gone by itself meanwhile: that is what was wanted. */
	return http_redirect(x, "/users/%s?done=session_ended", user->name);
}

/* --- the password of the mailbox --------------------------------------------------------------- */

static enum err password_apply(struct http_exchange *x, struct user_work *work,
			       const struct scram_verifier *verifier)
{
	return user_command_verifier(x, work, "passwd", verifier);
}

static enum step password_answer(struct http_exchange *x, struct user_work *work, enum err err)
{
	if (err)
		return user_failed(x, err);
	return *work->secret ? user_show_secret(x, work, "user.password.made")
			     : http_redirect(x, "/users/%s?done=password_changed", work->name);
}

enum step user_run_password(struct http_exchange *x, struct user *user)
{
	struct user_errors errors = {0};
	struct user_work *work = user_work_begin(x, slice_str(user->name));
	if (!work)
		return user_failed(x, ERR_NOMEM);
	work->apply = password_apply;
	work->answer = password_answer;
	errors.password = user_password_start(x, work, &errors.again);
	if (!errors.password && !errors.again)
		return user_work_run(x);
	x->cmd_end(x);
	return user_page(x, user, &errors);
}

/* --- deleting ---------------------------------------------------------------------------------- */

static enum err delete_apply(struct http_exchange *x, struct user_work *work,
			     const struct scram_verifier *verifier)
{
	const char *args[] = {"user", "del", work->name, "--keep-mail"};
	(void)verifier;
	return user_command(x, work, args, work->keeps_mail ? 4 : 3);
}

static enum step delete_page(struct http_exchange *x, const char *name, const char *error)
{
	enum lang lang = web_lang(x);
	const char *mail = web_field(x, "mail");
	struct model *model = model_new();
	model_text(model, "user", name);
	struct model *choice = web_form_field(model, lang, "mail", "user.delete.mail",
					      *mail ? mail : "keep", NULL);
	web_form_choice(choice, "keep", web_text(lang, "user.delete.keep"), NULL);
	web_form_choice(choice, "erase", web_text(lang, "user.delete.erase"), NULL);
	struct model *field =
		web_form_field(model, lang, "name", "user.delete.name", web_field(x, "name"),
			       error ? web_text(lang, error) : NULL);
	model_text(field, "autocomplete", "off");
	model_bool(field, "is_plain", true);
	model_bool(field, "required", true);
	if (error)
		model_bool(model, "has_errors", true);
	return web_page(x, error ? 422 : 200, "user_delete", model);
}

static enum step delete_answer(struct http_exchange *x, struct user_work *work, enum err err)
{
	if (err == ERR_IN_USE)
		return delete_page(x, work->name, "user.delete.busy");
	return err ? user_failed(x, err) : http_redirect(x, "/users?done=user_deleted");
}

enum step user_run_delete(struct http_exchange *x, struct user *user)
{
	if (x->request.method != HTTP_POST)
		return delete_page(x, user->name, NULL);
	if (!slice_eq_str_nocase(slice_trim(slice_str(web_field(x, "name"))), user->name))
		return delete_page(x, user->name, "user.delete.name.bad");
	struct user_work *work = user_work_begin(x, slice_str(user->name));
	if (!work)
		return user_failed(x, ERR_NOMEM);
	/* Only who says so loses mail. */
	work->keeps_mail = strcmp(web_field(x, "mail"), "erase") != 0;
	work->apply = delete_apply;
	work->answer = delete_answer;
	return user_work_run(x);
}
