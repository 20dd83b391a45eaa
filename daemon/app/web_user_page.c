#include "app/web_user.h"

enum step user_page(struct http_exchange *x, const struct user *user,
		    const struct user_errors *errors)
{
	enum lang lang = web_lang(x);
	cJSON *rows = cJSON_CreateArray();
	if (user_put_row(x, rows, user) == ERR_AGAIN) {
		cJSON_Delete(rows);
		return STEP_MORE;
	}
	cJSON *model = cJSON_CreateObject();
	cJSON *figures = cJSON_DetachItemFromArray(rows, 0);
	cJSON_Delete(rows);
	if (!cJSON_AddItemToObject(model, "figures", figures))
		cJSON_Delete(figures);
	cJSON_AddStringToObject(model, "title", user->name);
	cJSON_AddStringToObject(model, "user", user->name);
	user_put_devices(x, model, user);
	user_put_sessions(x, model, user);
	user_put_logins(x, model, user);
	cJSON *label = web_form_field(model, lang, "label", "user.label", web_field(x, "label"),
				      errors->label ? web_text(lang, errors->label) : NULL);
	cJSON_AddNumberToObject(label, "maxlength", DEVICE_LABEL_MAX_BYTES);
	cJSON_AddTrueToObject(label, "is_plain");
	cJSON_AddTrueToObject(label, "required");
	user_password_fields(x, model, errors->password, errors->again);
	bool is_wrong = errors->label || errors->password || errors->again;
	if (is_wrong)
		cJSON_AddTrueToObject(model, "has_errors");
	return web_page(x, is_wrong ? 422 : 200, "user", model);
}
