#include "app/web.h"

#include <stdio.h>

/* Dots would be taken for members by the template. */
static void form_member_name(const char *name, char *dst, size_t dst_size)
{
	snprintf(dst, dst_size, "%s", name);
	for (char *c = dst; *c; c++)
		if (*c == '.')
			*c = '_';
}

static void form_note_error(struct model *form, struct model *field, const char *error)
{
	struct model *errors = model_get(form, "errors");
	if (!errors) {
		errors = model_list(form, "errors");
		model_bool(form, "has_errors", true);
	}
	struct model *row = model_row(errors);
	model_texts(row, "id label error", model_get_text(field, "id"),
		    model_get_text(field, "label"), error);
}

static struct model *form_field(struct model *form, enum lang lang, const char *name,
				const char *key, const char *error)
{
	char member[128], help_key[160];
	form_member_name(name, member, sizeof(member));
	snprintf(help_key, sizeof(help_key), "%s.help", key);
	struct model *field = model_object(form, member);
	model_texts(field, "name id label", name, member, web_text(lang, key));
	model_text(field, "help", web_text_or(lang, help_key, NULL));
	if (error) {
		model_text(field, "error", error);
		form_note_error(form, field, error);
	}
	return field;
}

struct model *web_form_field(struct model *form, enum lang lang, const char *name, const char *key,
			     const char *value, const char *error)
{
	struct model *field = form_field(form, lang, name, key, error);
	model_text(field, "value", value ? value : "");
	return field;
}

void web_form_choice(struct model *field, const char *value, const char *label, const char *help)
{
	const char *chosen = model_get_text(field, "value");
	struct model *choices = model_get(field, "choices");
	if (!choices)
		choices = model_list(field, "choices");
	struct model *row = model_row(choices);
	model_texts(row, "value label help", value, label, help);
	model_bool(row, "is_chosen", strcmp(chosen, value) == 0);
}

struct model *web_form_switch(struct model *form, enum lang lang, const char *name, const char *key,
			      bool is_on, const char *error)
{
	struct model *field = form_field(form, lang, name, key, error);
	model_bool(field, "is_on", is_on);
	return field;
}
