/* /api/settings: the table as JSON, of the house or (?user=NAME, or "user" in the body) of one
 * owner. GET gives every row; POST takes {"user": NAME, "settings": {KEY: VALUE, ...}} or the rows
 * alone, all or none. null: back to the house's value, or to the default. 422 names each row that
 * was refused, with the same sentences as the page. */
#include <stdio.h>
#include <stdlib.h>

#include "app/web_setting.h"
#include "app/web_words.h"

enum { JSON_NUMBER_MAX = 1 << 30 };

static enum step api_refuse(struct http_exchange *x, int status, const char *key)
{
	struct model *answer = model_new();
	model_text(answer, "error", web_text(web_lang(x), key));
	return web_json(x, status, answer);
}

/* --- GET ---------------------------------------------------------------------------------------- */

static void add_value(struct model *one, const char *key, const struct setting *row,
		      const char *text)
{
	uint64_t number;
	if (row->type == SETTING_BOOL)
		model_bool(one, key, *text == 'y');
	else if (row->type == SETTING_NUMBER && !slice_u64(slice_str(text), INT64_MAX, &number))
		model_number(one, key, (int64_t)number);
	else
		model_text(one, key, text);
}

static void add_range(struct model *one, const struct setting *row)
{
	static const char *const types[] = {[SETTING_TEXT] = "text",
					    [SETTING_NUMBER] = "number",
					    [SETTING_BOOL] = "bool",
					    [SETTING_CHOICE] = "choice"};
	struct slice rest = slice_str(row->type == SETTING_CHOICE ? row->choices : "");
	model_text(one, "type", types[row->type]);
	if (row->type == SETTING_NUMBER)
		model_number(one, "min", (int64_t)row->min);
	if (row->type == SETTING_NUMBER)
		model_number(one, "max", (int64_t)row->max);
	if (row->type == SETTING_TEXT)
		model_number(one, "max", row->size - 1);
	struct model *choices = rest.len ? model_list(one, "choices") : NULL;
	while (rest.len)
		model_slice(choices, NULL, slice_word(&rest));
}

static void add_row(const struct row_form *f, const struct setting *row, struct model *all)
{
	char *value = row_value(&f->now, row);
	struct model *one = value ? model_object(all, row->key) : NULL;
	if (!one) {
		free(value);
		return;
	}
	add_value(one, "value", row, value);
	add_value(one, "default", row, row->initial);
	add_range(one, row);
	model_text(one, "scope", row->scope == SETTING_USER ? "user" : "house");
	if (f->user)
		model_bool(one, "own", appliance_overrides(f->app, f->user, row));
	model_bool(one, "needs_restart", row->needs_restart);
	model_text(one, "help", setting_help(row, f->lang));
	free(value);
}

static enum step api_tell(struct http_exchange *x, const struct row_form *f)
{
	struct model *answer = model_new(), *all = NULL;
	if (f->user)
		model_text(answer, "user", f->user);
	else
		model_null(answer, "user");
	all = model_object(answer, "settings");
	for (size_t i = 0; i < setting_count; i++)
		if (!f->user || setting_table[i].scope == SETTING_USER)
			add_row(f, &setting_table[i], all);
	return web_json(x, 200, answer);
}

/* --- POST --------------------------------------------------------------------------------------- */

static enum err put_value(struct row_form *f, const struct setting *row, const struct model *value)
{
	const struct slice refused_by_all = SLICE_LIT("\001");
	char text[32];
	switch (value->kind) {
	case MODEL_NULL: break;
	case MODEL_TEXT: return row_form_put(f, row, slice_str(value->text));
	case MODEL_NO: return row_form_put(f, row, SLICE_LIT("no"));
	case MODEL_YES: return row_form_put(f, row, SLICE_LIT("yes"));
	case MODEL_NUMBER:
		if (value->number < 0 || value->number > JSON_NUMBER_MAX)
			return row_form_put(f, row, refused_by_all);
		snprintf(text, sizeof(text), "%lld", (long long)value->number);
		return row_form_put(f, row, slice_str(text));
	case MODEL_FRACTION:
	case MODEL_LIST:
	case MODEL_OBJECT: return row_form_put(f, row, refused_by_all);
	}
	if (!f->user)
		return row_form_put(f, row, slice_str(row->initial));
	row_form_unset(f, row);
	return ERR_NONE;
}

static void refuse_key(struct model *fields, enum lang lang, const char *key)
{
	words_put(fields, key, lang, "set.unknown", &(struct word){"key", key}, 1);
}

static enum step api_answer_refused(struct http_exchange *x, const struct row_form *f,
				    struct model *answer)
{
	struct model *fields = model_get(answer, "fields");
	for (size_t i = 0; i < setting_count; i++)
		model_text(fields, setting_table[i].key, f->rows[i].error);
	model_text(answer, "error", web_text(f->lang, "form.errors"));
	return web_json(x, 422, answer);
}

static enum step api_answer_saved(struct http_exchange *x, size_t changed, bool needs_restart)
{
	struct model *answer = model_new();
	model_bool(answer, "saved", true);
	model_number(answer, "changed", (int64_t)changed);
	model_bool(answer, "needs_restart", needs_restart);
	return web_json(x, 200, answer);
}

/* *answer has the keys that are no rows. */
static enum step api_save(struct http_exchange *x, struct row_form *f, struct model *answer)
{
	size_t changed = 0;
	bool needs_restart = false;
	row_form_check(f);
	if (f->errors || model_has_members(model_get(answer, "fields")))
		return api_answer_refused(x, f, answer);
	enum err err = row_form_save(f, &changed, &needs_restart, NULL);
	if (err == ERR_SYNTAX)
		return api_answer_refused(x, f, answer);
	model_free(answer);
	return err ? api_refuse(x, 500, "error.500") : api_answer_saved(x, changed, needs_restart);
}

static enum step api_take(struct http_exchange *x, struct row_form *f, const struct model *rows)
{
	struct model *answer = model_new(), *fields = model_object(answer, "fields");
	enum err err = ERR_NONE;
	for (const struct model *one = rows->first; one && !err; one = one->next) {
		const struct setting *row = setting_find(slice_str(one->key));
		if (row)
			err = put_value(f, row, one);
		else
			refuse_key(fields, f->lang, one->key);
	}
	if (!err && model_is_whole(answer))
		return api_save(x, f, answer);
	model_free(answer);
	return api_refuse(x, 500, "error.500");
}

/* --- both --------------------------------------------------------------------------------------- */

/* The rows of a body; NULL: it is not what we take. "user" is taken out of it. */
static const struct model *body_rows(struct model *body, char *user, size_t user_size)
{
	const struct model *named = model_get(body, "user"), *rows = model_get(body, "settings");
	const char *name = model_get_text(body, "user");
	if (named && named->kind != MODEL_NULL &&
	    (!*name || slice_to_str(slice_str(name), user, user_size)))
		return NULL;
	model_remove(body, named);
	if (rows && rows->kind != MODEL_OBJECT)
		return NULL;
	return rows ? rows : body;
}

static enum step api_run(struct http_exchange *x, const char *user, const struct model *rows)
{
	struct appliance *app = web_app(x);
	const struct user *owner = *user ? users_find(app->users, slice_str(user)) : NULL;
	struct row_form *f = NULL;
	if (*user && !owner)
		return api_refuse(x, 404, "set.no_user");
	if (row_form_new(app, owner ? owner->name : NULL, web_lang(x), &f))
		return api_refuse(x, 500, "error.500");
	enum step step = rows ? api_take(x, f, rows) : api_tell(x, f);
	row_form_free(&f);
	return step;
}

enum step setting_api_run(struct http_exchange *x)
{
	char user[USER_NAME_MAX_BYTES + 1];
	struct model *json = NULL;
	snprintf(user, sizeof(user), "%s", web_query(x, "user"));
	if (x->request.method != HTTP_POST)
		return api_run(x, user, NULL);
	enum err err = model_parse(buf_view(&x->body), &json);
	const struct model *rows = err ? NULL : body_rows(json, user, sizeof(user));
	enum step step = rows ? api_run(x, user, rows) : api_refuse(x, 400, "set.not_json");
	model_free(json);
	return step;
}
