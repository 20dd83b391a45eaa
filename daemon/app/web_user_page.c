#include "app/web_user.h"

enum step user_page(struct http_exchange *x, const struct user *user,
		    const struct user_errors *errors)
{
	enum lang lang = web_lang(x);
	struct model *model = model_new();
	if (user_put_figures(x, model_object(model, "figures"), user) == ERR_AGAIN) {
		model_free(model);
		return STEP_MORE;
	}
	model_text(model, "title", user->name);
	model_text(model, "user", user->name);
	user_put_devices(x, model, user);
	user_put_sessions(x, model, user);
	user_put_logins(x, model, user);
	struct model *label =
		web_form_field(model, lang, "label", "user.label", web_field(x, "label"),
			       errors->label ? web_text(lang, errors->label) : NULL);
	model_number(label, "maxlength", DEVICE_LABEL_MAX_BYTES);
	model_bool(label, "is_plain", true);
	model_bool(label, "required", true);
	user_password_fields(x, model, errors->password, errors->again);
	bool is_wrong = errors->label || errors->password || errors->again;
	if (is_wrong)
		model_bool(model, "has_errors", true);
	return web_page(x, is_wrong ? 422 : 200, "user", model);
}
