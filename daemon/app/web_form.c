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

static void form_note_error(cJSON *form, cJSON *field, const char *error)
{
	cJSON *errors = cJSON_GetObjectItemCaseSensitive(form, "errors");
	if (!errors) {
		errors = cJSON_AddArrayToObject(form, "errors");
		cJSON_AddTrueToObject(form, "has_errors");
	}
	cJSON *row = cJSON_CreateObject();
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(field, "id"));
	const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(field, "label"));
	cJSON_AddStringToObject(row, "id", id ? id : "");
	cJSON_AddStringToObject(row, "label", label ? label : "");
	cJSON_AddStringToObject(row, "error", error);
	if (!cJSON_AddItemToArray(errors, row))
		cJSON_Delete(row);
}

static cJSON *form_field(cJSON *form, enum lang lang, const char *name, const char *key,
			 const char *error)
{
	char member[128], help_key[160];
	form_member_name(name, member, sizeof(member));
	snprintf(help_key, sizeof(help_key), "%s.help", key);
	const char *help = web_text_or(lang, help_key, NULL);
	cJSON *field = cJSON_AddObjectToObject(form, member);
	cJSON_AddStringToObject(field, "name", name);
	cJSON_AddStringToObject(field, "id", member);
	cJSON_AddStringToObject(field, "label", web_text(lang, key));
	if (help)
		cJSON_AddStringToObject(field, "help", help);
	if (error) {
		cJSON_AddStringToObject(field, "error", error);
		form_note_error(form, field, error);
	}
	return field;
}

cJSON *web_form_field(cJSON *form, enum lang lang, const char *name, const char *key,
		      const char *value, const char *error)
{
	cJSON *field = form_field(form, lang, name, key, error);
	cJSON_AddStringToObject(field, "value", value ? value : "");
	return field;
}

void web_form_choice(cJSON *field, const char *value, const char *label, const char *help)
{
	const char *chosen = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(field, "value"));
	cJSON *choices = cJSON_GetObjectItemCaseSensitive(field, "choices");
	if (!choices)
		choices = cJSON_AddArrayToObject(field, "choices");
	cJSON *row = cJSON_CreateObject();
	cJSON_AddStringToObject(row, "value", value);
	cJSON_AddStringToObject(row, "label", label);
	if (help)
		cJSON_AddStringToObject(row, "help", help);
	cJSON_AddBoolToObject(row, "is_chosen", chosen && strcmp(chosen, value) == 0);
	if (!cJSON_AddItemToArray(choices, row))
		cJSON_Delete(row);
}

cJSON *web_form_switch(cJSON *form, enum lang lang, const char *name, const char *key, bool is_on,
		       const char *error)
{
	cJSON *field = form_field(form, lang, name, key, error);
	cJSON_AddBoolToObject(field, "is_on", is_on);
	return field;
}
