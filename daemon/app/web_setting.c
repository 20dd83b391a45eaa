/* /settings: which protocols are on, and every row of the table that belongs to the house; /manual:
 * the whole table explained. Both are made from the table, so no row can be forgotten. */
#include <stdio.h>
#include <stdlib.h>

#include "app/ports.h"
#include "app/web.h"
#include "app/web_row.h"
#include "app/web_visit.h"
#include "app/web_words.h"
#include "app/web_zone.h"
#include "app/why_text.h"
#include "app/web_setting.h"
#include "proto/protocols.h"

struct protocol_switch {
	enum service service;
	const char *key, *name;
};
static const struct protocol_switch switches[] = {
	{SERVICE_IMAP, "imap.enabled", "IMAP"},
	{SERVICE_POP3, "pop3.enabled", "POP3"},
	{SERVICE_SMTP, "smtp.enabled", "SMTP"},
	{SERVICE_SUBMISSION, "submission.enabled", "Submission"},
	{SERVICE_LMTP, "lmtp.enabled", "LMTP"},
};
enum { SWITCHES = sizeof(switches) / sizeof(switches[0]) };

static bool is_switch(const struct setting *row)
{
	for (size_t i = 0; i < SWITCHES; i++)
		if (strcmp(row->key, switches[i].key) == 0)
			return true;
	return false;
}

void setting_html_id(const struct setting *row, char id[SETTING_ID_MAX])
{
	snprintf(id, SETTING_ID_MAX, "%s", row->key);
	for (char *c = id; *c; c++)
		*c = *c == '.' || *c == '_' ? '-' : *c;
}

void setting_add_errors(const struct row_form *f, struct model *model)
{
	struct model *errors = model_list(model, "errors");
	model_bool(model, "has_errors", f->errors > 0);
	for (size_t i = 0; i < setting_count; i++) {
		char id[SETTING_ID_MAX];
		if (!f->rows[i].error)
			continue;
		struct model *error = model_row(errors);
		setting_html_id(&setting_table[i], id);
		model_text(error, "id", id);
		model_text(error, "label", words_label(f->lang, &setting_table[i]));
		model_text(error, "error", f->rows[i].error);
	}
}

/* As typed, or as it is. */
static char *value_shown(const struct row_form *f, const struct setting *row)
{
	const char *typed = f->rows[row - setting_table].value;
	return typed ? strdup(typed) : row_value(&f->now, row);
}

/* --- protocols ---------------------------------------------------------------------------------- */

static void add_ports(const struct appliance *a, enum service service, struct model *model)
{
	struct buf text;
	bool is_listening = false;
	buf_init(&text, WORDS_MAX_BYTES);
	for (const struct protocol *const *p = protocols; *p; p++)
		for (size_t i = 0; i < (*p)->port_count; i++) {
			const struct protocol_port *port = &(*p)->ports[i];
			char number[16];
			snprintf(number, sizeof(number), "%s%u", text.len ? ", " : "",
				 (unsigned)port_number(a, port));
			if (port->service == service && (a->host.tls || !port->is_implicit_tls))
				words_add(&text, number);
		}
	for (size_t i = 0; i < LISTENERS_MAX; i++)
		is_listening =
			is_listening || (a->ports[i].listener && a->ports[i].service == service);
	model_take(model, "ports", &text);
	model_bool(model, "listens", is_listening);
}

static void add_switches(const struct row_form *f, struct model *model)
{
	struct model *all = model_list(model, "switches");
	for (size_t i = 0; i < SWITCHES; i++) {
		char id[SETTING_ID_MAX];
		const struct setting *row = setting_find(slice_str(switches[i].key));
		char *value = row ? value_shown(f, row) : NULL;
		if (!value)
			continue;
		struct model *one = model_row(all);
		setting_html_id(row, id);
		model_text(one, "id", id);
		model_text(one, "key", row->key);
		model_text(one, "protocol", switches[i].name);
		model_text(one, "about", setting_help(row, f->lang));
		model_bool(one, "on", strcmp(value, "yes") == 0);
		model_number(one, "open", f->app->services[switches[i].service].open);
		add_ports(f->app, switches[i].service, one);
		model_text(one, "error", f->rows[row - setting_table].error);
		free(value);
	}
}

/* --- the other rows ----------------------------------------------------------------------------- */

static void add_choice(struct model *choices, const struct row_form *f, const struct setting *row,
		       const char *value, const char *chosen)
{
	struct model *choice = model_row(choices);
	model_text(choice, "value", value);
	model_text(choice, "label", words_choice(f->lang, row, value));
	model_bool(choice, "is_chosen", strcmp(value, chosen) == 0);
}

static void add_choices(struct model *field, const struct row_form *f, const struct setting *row,
			const char *chosen)
{
	struct slice rest = slice_str(row->type == SETTING_BOOL ? "yes no" : row->choices);
	struct model *choices = model_list(field, "choices");
	char value[64];
	while (rest.len)
		if (!slice_to_str(slice_word(&rest), value, sizeof(value)))
			add_choice(choices, f, row, value, chosen);
}

/* "Largest message accepted, MiB (a number from 1 to 1024, default 64)." What may be written into a
 * row of text is told by its help and by the message that refuses it. */
static void add_row_help(struct model *field, enum lang lang, const struct setting *row)
{
	struct buf text;
	enum err err = ERR_NONE;
	buf_init(&text, WORDS_MAX_BYTES);
	words_add(&text, setting_help(row, lang));
	if (row->type != SETTING_TEXT) {
		words_add(&text, " (");
		if (row->type == SETTING_NUMBER)
			err = setting_describe(row, lang, &text);
		else
			words_say(&text, lang, "set.default",
				  &(struct word){"value", words_choice(lang, row, row->initial)},
				  1);
		words_add(&text, ")");
	}
	words_add(&text, ".");
	if (row->needs_restart) {
		words_add(&text, " ");
		words_add(&text, web_text(lang, "set.restart"));
	}
	if (!err && !buf_add_byte(&text, 0))
		model_text(field, "help", (const char *)text.bytes);
	buf_free(&text);
}

static void add_row(struct model *rows, const struct row_form *f, const struct setting *row)
{
	bool is_zone = row->type == SETTING_TEXT && row->has_form == form_time_zone;
	bool is_list = row->type == SETTING_BOOL || row->type == SETTING_CHOICE || is_zone;
	const char *error = f->rows[row - setting_table].error;
	char id[SETTING_ID_MAX], *value = value_shown(f, row);
	if (!value)
		return;
	struct model *field = model_object(model_row(rows), is_list ? "list" : "text");
	setting_html_id(row, id);
	model_text(field, "id", id);
	model_text(field, "name", row->key);
	model_text(field, "label", words_label(f->lang, row));
	model_text(field, "value", value);
	if (error)
		model_text(field, "error", error);
	if (row->type == SETTING_NUMBER)
		model_text(field, "inputmode", "numeric");
	else
		model_bool(field, "is_plain", true);
	if (is_zone)
		web_zone_choices(field, f->lang);
	else if (is_list)
		add_choices(field, f, row, value);
	if (!is_zone)
		add_row_help(field, f->lang, row);
	free(value);
}

static struct slice group_of(const struct setting *row)
{
	struct slice rest = slice_str(row->key);
	return slice_split(&rest, '.');
}

static struct model *group_find(struct model *groups, const struct row_form *f,
				const struct setting *row)
{
	char name[64], key[80];
	if (!groups || slice_to_str(group_of(row), name, sizeof(name)))
		return NULL;
	for (struct model *group = groups->first; group; group = group->next)
		if (strcmp(model_get_text(group, "group"), name) == 0)
			return model_get(group, "rows");
	struct model *group = model_row(groups);
	snprintf(key, sizeof(key), "group.%s", name);
	model_text(group, "group", name);
	model_text(group, "title", web_text_or(f->lang, key, name));
	return model_list(group, "rows");
}

static bool is_house_row(const struct setting *row)
{
	return row->scope == SETTING_HOUSE && !row->is_managed;
}

static enum step setting_show(struct http_exchange *x, const struct row_form *f,
			      const char *failure)
{
	struct model *model = model_new();
	add_switches(f, model);
	struct model *groups = model_list(model, "groups");
	for (size_t i = 0; i < setting_count; i++)
		if (is_house_row(&setting_table[i]) && !is_switch(&setting_table[i]))
			add_row(group_find(groups, f, &setting_table[i]), f, &setting_table[i]);
	setting_add_errors(f, model);
	model_text(model, "failure", failure);
	return web_page(x, failure || f->errors ? 422 : 200, "settings", model);
}

static enum step setting_take(struct http_exchange *x, struct row_form *f)
{
	struct buf why;
	size_t changed = 0;
	bool needs_restart = false;
	enum err err = ERR_NONE;
	for (size_t i = 0; !err && i < setting_count; i++)
		if (is_house_row(&setting_table[i]))
			err = row_form_read(f, x, &setting_table[i]);
	row_form_check(f);
	if (f->errors)
		return setting_show(x, f, NULL);
	buf_init(&why, WORDS_MAX_BYTES);
	if (!err)
		err = row_form_save(f, &changed, &needs_restart, &why);
	bool has_words = err && why.len && !buf_add_byte(&why, 0);
	enum step step = STEP_DONE;
	if (err)
		step = setting_show(x, f,
				    has_words ? (const char *)why.bytes : why_text(f->lang, err));
	else
		step = http_redirect(x, "/settings?done=%s",
				     needs_restart ? "restart"
				     : changed     ? "saved"
						   : "same");
	buf_free(&why);
	return step;
}

static enum step setting_run(struct http_exchange *x)
{
	struct row_form *f = NULL;
	enum step step = STEP_DONE;
	if (row_form_new(web_app(x), NULL, web_lang(x), &f))
		return web_refuse(x, 500);
	if (x->request.method == HTTP_POST)
		step = setting_take(x, f);
	else
		step = setting_show(x, f, NULL);
	row_form_free(&f);
	return step;
}

/* --- the manual --------------------------------------------------------------------------------- */

static void manual_add_range(struct model *model, enum lang lang, const struct setting *row)
{
	struct buf text;
	buf_init(&text, WORDS_MAX_BYTES);
	if (setting_describe(row, lang, &text))
		buf_clear(&text);
	model_take(model, "range", &text);
}

static enum step manual_run(struct http_exchange *x)
{
	enum lang lang = web_lang(x);
	struct model *model = model_new(), *rows = model_list(model, "rows");
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_table[i];
		if (row->is_managed)
			continue;
		struct model *one = model_row(rows);
		model_text(one, "key", row->key);
		model_text(one, "about", setting_help(row, lang));
		model_bool(one, "is_own", row->scope == SETTING_USER);
		model_bool(one, "needs_restart", row->needs_restart);
		manual_add_range(one, lang, row);
	}
	return web_page(x, 200, "manual", model);
}

static const struct http_route setting_routes[] = {
	{"/settings", HTTP_GET | HTTP_POST, WEB_ADMIN, false, HTTP_FORM_MAX_BYTES, setting_run},
	{"/manual", HTTP_GET, WEB_ADMIN, false, 0, manual_run},
	{"/api/settings", HTTP_GET | HTTP_POST, WEB_API, false, HTTP_FORM_MAX_BYTES,
	 setting_api_run},
	{"/advice", HTTP_GET | HTTP_POST, WEB_ADMIN, false, HTTP_FORM_MAX_BYTES, advice_run},
};
const struct http_routes web_setting_routes = {setting_routes,
					       sizeof(setting_routes) / sizeof(setting_routes[0])};
