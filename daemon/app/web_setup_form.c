#include "app/web_setup_form.h"

#include <stdio.h>

#include "app/web_zone.h"

void setup_form_init(struct setup_form *f, struct http_exchange *x)
{
	bool is_post = x->request.method == HTTP_POST;
	*f = (struct setup_form){.language = "auto", .zone = web_app(x)->settings.time_zone};
	f->has_users = users_count(web_app(x)->users) > 0;
	f->code = is_post ? web_field(x, "code") : web_query(x, "code");
	f->password = is_post ? web_field(x, "password") : "";
	f->password_again = is_post ? web_field(x, "password_again") : "";
	f->user = is_post ? web_field(x, "user") : "";
	f->user_password = is_post ? web_field(x, "user_password") : "";
	if (is_post) {
		f->language = web_field(x, "language");
		f->zone = web_field(x, "zone");
	}
	f->wants_user = *f->user || *f->user_password || !f->has_users;
}

/* --- checks ------------------------------------------------------------------------------------ */

static size_t utf8_length(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((uint8_t)*text & 0xC0) != 0x80;
	return n;
}

static const char *password_complaint(const char *password)
{
	if (!*password)
		return "form.required";
	if (utf8_length(password) < SETUP_PASSWORD_MIN)
		return "setup.password.short";
	if (strlen(password) > PASSWORD_MAX_BYTES)
		return "setup.password.long";
	for (const char *c = password; *c; c++)
		if ((uint8_t)*c < ' ' || *c == 0x7F)
			return "setup.password.signs";
	return NULL;
}

static const char *user_complaint(const struct setup_form *f, struct http_exchange *x)
{
	if (!*f->user)
		return "form.required";
	if (user_name_check(slice_str(f->user)))
		return "setup.user.bad";
	return users_find(web_app(x)->users, slice_str(f->user)) ? "setup.user.taken" : NULL;
}

static const char *user_password_complaint(const struct setup_form *f)
{
	const char *complaint = password_complaint(f->user_password);
	if (!complaint && strcmp(f->user_password, f->password) == 0)
		return "setup.user_password.same";
	return complaint;
}

static const char *language_complaint(const struct setup_form *f)
{
	bool is_known = strcmp(f->language, "auto") == 0;
	for (int lang = 0; lang < LANG_COUNT; lang++)
		is_known |= strcmp(f->language, web_lang_tag((enum lang)lang)) == 0;
	return is_known ? NULL : "form.required";
}

static bool zone_is_rule(struct http_exchange *x, const char *zone)
{
	struct settings s = web_app(x)->settings;
	return !setting_set(&s, setting_find(SLICE_LIT("time.zone")), slice_str(zone), LANG_EN,
			    NULL);
}

/* True when there is something to complain about. */
static bool setup_complain(struct http_exchange *x, const char **error, const char *key)
{
	*error = key ? web_textf(x, key, NULL) : NULL;
	return key;
}

bool setup_form_check(struct setup_form *f, struct http_exchange *x)
{
	struct setup_errors *e = &f->errors;
	const char *again =
		strcmp(f->password, f->password_again) ? "setup.password.differs" : NULL;
	bool is_wrong = setup_complain(x, &e->password, password_complaint(f->password));
	is_wrong |= setup_complain(x, &e->password_again, e->password ? NULL : again);
	is_wrong |= f->wants_user && setup_complain(x, &e->user, user_complaint(f, x));
	is_wrong |=
		f->wants_user && setup_complain(x, &e->user_password, user_password_complaint(f));
	is_wrong |= setup_complain(x, &e->language, language_complaint(f));
	is_wrong |= setup_complain(x, &e->zone, zone_is_rule(x, f->zone) ? NULL : "form.required");
	return !is_wrong;
}

/* --- the page ---------------------------------------------------------------------------------- */

static void show_text(struct model *model, enum lang lang, const char *name, const char *value,
		      const char *error, const char *type, const char *autocomplete)
{
	char key[40];
	snprintf(key, sizeof(key), "setup.%s", name);
	struct model *field = web_form_field(model, lang, name, key, value, error);
	model_text(field, "type", type);
	model_text(field, "autocomplete", autocomplete);
	model_bool(field, "is_plain", true);
}

static void show_required(struct model *model, const char *name)
{
	model_bool(model_get(model, name), "required", true);
}

static void show_place(const struct setup_form *f, struct model *model, enum lang lang,
		       bool is_fresh)
{
	struct model *language = web_form_field(model, lang, "language", "setup.language",
						f->language, f->errors.language);
	web_form_choice(language, "auto", web_text(lang, "setup.language.auto"), NULL);
	for (int i = 0; i < LANG_COUNT; i++)
		web_form_choice(language, web_lang_tag((enum lang)i),
				web_text((enum lang)i, "lang.name"), NULL);
	struct model *zone =
		web_form_field(model, lang, "zone", "setup.zone", f->zone, f->errors.zone);
	web_zone_choices(zone, lang);
	if (is_fresh && !*f->zone)
		model_text(zone, "guess", "zone");
}

/* Passwords come back empty unless something else was wrong with the form: what was typed stays, and
 * the page is never cached. */
enum step setup_form_show(const struct setup_form *f, struct http_exchange *x, int status)
{
	enum lang lang = web_lang(x);
	const struct setup_errors *e = &f->errors;
	struct model *model = model_new();
	show_text(model, lang, "code", f->code, e->code, "text", "one-time-code");
	show_text(model, lang, "password", f->password, e->password, "password", "new-password");
	show_text(model, lang, "password_again", f->password_again, e->password_again, "password",
		  "new-password");
	show_text(model, lang, "user", f->user, e->user, "text", "off");
	show_text(model, lang, "user_password", f->user_password, e->user_password, "password",
		  "new-password");
	show_required(model, "code");
	show_required(model, "password");
	show_required(model, "password_again");
	if (f->has_users) {
		model_bool(model, "has_users", true);
	} else {
		show_required(model, "user");
		show_required(model, "user_password");
	}
	show_place(f, model, lang, status == 200);
	return web_page(x, status, "setup", model);
}
