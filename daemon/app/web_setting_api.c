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
	cJSON *answer = cJSON_CreateObject();
	cJSON_AddStringToObject(answer, "error", web_text(web_lang(x), key));
	return web_json(x, status, answer);
}

/* --- GET ---------------------------------------------------------------------------------------- */

static cJSON *value_new(const struct setting *row, const char *text)
{
	if (row->type == SETTING_BOOL)
		return cJSON_CreateBool(*text == 'y');
	if (row->type == SETTING_NUMBER)
		return cJSON_CreateNumber(strtod(text, NULL));
	return cJSON_CreateString(text);
}

static void add_range(cJSON *one, const struct setting *row)
{
	static const char *const types[] = {[SETTING_TEXT] = "text",
					    [SETTING_NUMBER] = "number",
					    [SETTING_BOOL] = "bool",
					    [SETTING_CHOICE] = "choice"};
	struct slice rest = slice_str(row->type == SETTING_CHOICE ? row->choices : "");
	char value[64];
	cJSON_AddStringToObject(one, "type", types[row->type]);
	if (row->type == SETTING_NUMBER)
		cJSON_AddNumberToObject(one, "min", (double)row->min);
	if (row->type == SETTING_NUMBER || row->type == SETTING_TEXT)
		cJSON_AddNumberToObject(one, "max", (double)row->max);
	cJSON *choices = rest.len ? cJSON_AddArrayToObject(one, "choices") : NULL;
	while (rest.len) {
		if (slice_to_str(slice_word(&rest), value, sizeof(value)))
			continue;
		cJSON *choice = cJSON_CreateString(value);
		if (!cJSON_AddItemToArray(choices, choice))
			cJSON_Delete(choice);
	}
}

static void add_row(const struct row_form *f, const struct setting *row, cJSON *all)
{
	char *value = row_value(&f->now, row);
	cJSON *one = value ? cJSON_AddObjectToObject(all, row->key) : NULL;
	if (!one) {
		free(value);
		return;
	}
	cJSON_AddItemToObject(one, "value", value_new(row, value));
	cJSON_AddItemToObject(one, "default", value_new(row, row->initial));
	add_range(one, row);
	cJSON_AddStringToObject(one, "scope", row->scope == SETTING_USER ? "user" : "house");
	if (f->user)
		cJSON_AddBoolToObject(one, "own", appliance_overrides(f->app, f->user, row));
	cJSON_AddBoolToObject(one, "needs_restart", row->needs_restart);
	cJSON_AddStringToObject(one, "help", setting_help(row, f->lang));
	free(value);
}

static enum step api_tell(struct http_exchange *x, const struct row_form *f)
{
	cJSON *answer = cJSON_CreateObject(), *all = NULL;
	if (f->user)
		cJSON_AddStringToObject(answer, "user", f->user);
	else
		cJSON_AddNullToObject(answer, "user");
	all = cJSON_AddObjectToObject(answer, "settings");
	for (size_t i = 0; i < setting_count; i++)
		if (!f->user || setting_table[i].scope == SETTING_USER)
			add_row(f, &setting_table[i], all);
	return web_json(x, 200, answer);
}

/* --- POST --------------------------------------------------------------------------------------- */

static enum err put_value(struct row_form *f, const struct setting *row, const cJSON *value)
{
	char text[32];
	if (cJSON_IsNull(value) && f->user) {
		row_form_unset(f, row);
		return ERR_NONE;
	}
	if (cJSON_IsNull(value))
		return row_form_put(f, row, slice_str(row->initial));
	if (cJSON_IsString(value))
		return row_form_put(f, row, slice_str(value->valuestring));
	if (cJSON_IsBool(value))
		return row_form_put(f, row, slice_str(cJSON_IsTrue(value) ? "yes" : "no"));
	/* A fraction, or what no row could hold, is put as something that every row refuses. */
	bool is_whole = cJSON_IsNumber(value) && value->valuedouble >= 0 &&
			value->valuedouble <= (double)JSON_NUMBER_MAX &&
			(double)(long)value->valuedouble == value->valuedouble;
	snprintf(text, sizeof(text), is_whole ? "%.0f" : "\001", is_whole ? value->valuedouble : 0);
	return row_form_put(f, row, slice_str(text));
}

static void refuse_key(cJSON *fields, enum lang lang, const char *key)
{
	struct buf why;
	buf_init(&why, WORDS_MAX_BYTES);
	words_say(&why, lang, "set.unknown", &(struct word){"key", key}, 1);
	if (!buf_add_byte(&why, 0))
		cJSON_AddStringToObject(fields, key, (const char *)why.bytes);
	buf_free(&why);
}

static enum step api_answer_refused(struct http_exchange *x, const struct row_form *f,
				    cJSON *fields)
{
	cJSON *answer = cJSON_CreateObject();
	for (size_t i = 0; i < setting_count; i++)
		if (f->rows[i].error)
			cJSON_AddStringToObject(fields, setting_table[i].key, f->rows[i].error);
	cJSON_AddStringToObject(answer, "error", web_text(f->lang, "form.errors"));
	if (!cJSON_AddItemToObject(answer, "fields", fields))
		cJSON_Delete(fields);
	return web_json(x, 422, answer);
}

static enum step api_answer_saved(struct http_exchange *x, size_t changed, bool needs_restart)
{
	cJSON *answer = cJSON_CreateObject();
	cJSON_AddTrueToObject(answer, "saved");
	cJSON_AddNumberToObject(answer, "changed", (double)changed);
	cJSON_AddBoolToObject(answer, "needs_restart", needs_restart);
	return web_json(x, 200, answer);
}

static enum step api_save(struct http_exchange *x, struct row_form *f, cJSON *fields)
{
	size_t changed = 0;
	bool needs_restart = false;
	row_form_check(f);
	if (f->errors || cJSON_GetArraySize(fields))
		return api_answer_refused(x, f, fields);
	enum err err = row_form_save(f, &changed, &needs_restart, NULL);
	if (err == ERR_SYNTAX)
		return api_answer_refused(x, f, fields);
	cJSON_Delete(fields);
	return err ? api_refuse(x, 500, "error.500") : api_answer_saved(x, changed, needs_restart);
}

static enum step api_take(struct http_exchange *x, struct row_form *f, const cJSON *rows)
{
	cJSON *fields = cJSON_CreateObject();
	const cJSON *one = NULL;
	enum err err = ERR_NONE;
	cJSON_ArrayForEach(one, rows)
	{
		const struct setting *row = setting_find(slice_str(one->string));
		if (!row)
			refuse_key(fields, f->lang, one->string);
		else if (!err)
			err = put_value(f, row, one);
	}
	if (!err)
		return api_save(x, f, fields);
	cJSON_Delete(fields);
	return api_refuse(x, 500, "error.500");
}

/* --- both --------------------------------------------------------------------------------------- */

/* The rows of a body; NULL: it is not what we take. "user" is taken out of it. */
static const cJSON *body_rows(cJSON *body, char *user, size_t user_size)
{
	cJSON *named = cJSON_DetachItemFromObjectCaseSensitive(body, "user");
	const char *name = cJSON_GetStringValue(named);
	bool is_good = !named || cJSON_IsNull(named) || name;
	if (name)
		is_good = *name && slice_to_str(slice_str(name), user, user_size) == ERR_NONE;
	cJSON_Delete(named);
	cJSON *rows = cJSON_GetObjectItemCaseSensitive(body, "settings");
	if (!is_good || !cJSON_IsObject(body))
		return NULL;
	return rows ? (cJSON_IsObject(rows) ? rows : NULL) : body;
}

static enum step api_run(struct http_exchange *x, const char *user, const cJSON *rows)
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

/* One value of JSON and nothing behind it. cJSON's strings end at a NUL: half of a value would be
 * saved as if it were all of it. */
static cJSON *body_parse(struct slice body)
{
	const char *end = NULL;
	if (slice_find(body, SLICE_LIT("\\u0000")) != SIZE_MAX)
		return NULL;
	cJSON *json = cJSON_ParseWithLengthOpts((const char *)body.ptr, body.len, &end, false);
	size_t used = json ? (size_t)((const uint8_t *)end - body.ptr) : 0;
	if (!slice_trim(slice_from(body, used)).len)
		return json;
	cJSON_Delete(json);
	return NULL;
}

enum step setting_api_run(struct http_exchange *x)
{
	char user[USER_NAME_MAX_BYTES + 1];
	struct slice body = buf_view(&x->body);
	snprintf(user, sizeof(user), "%s", web_query(x, "user"));
	if (x->request.method != HTTP_POST)
		return api_run(x, user, NULL);
	cJSON *json = body_parse(body);
	const cJSON *rows = json ? body_rows(json, user, sizeof(user)) : NULL;
	enum step step = rows ? api_run(x, user, rows) : api_refuse(x, 400, "set.not_json");
	cJSON_Delete(json);
	return step;
}
