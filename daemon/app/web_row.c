#include "app/web_row.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/web.h"
#include "app/web_words.h"

enum err row_form_new(struct appliance *app, const char *user, enum lang lang,
		      struct row_form **form_out)
{
	struct row_form *f = calloc(1, sizeof(*f) + setting_count * sizeof(f->rows[0]));
	*form_out = NULL;
	if (!f)
		return ERR_NOMEM;
	f->app = app;
	f->lang = lang;
	f->now = app->settings;
	if (user) {
		f->user = strdup(user);
		appliance_policy(app, user, &f->now.policy);
	}
	f->then = f->now;
	*form_out = f;
	if (!user || f->user)
		return ERR_NONE;
	row_form_free(form_out);
	return ERR_NOMEM;
}

void row_form_free(struct row_form **form)
{
	struct row_form *f = *form;
	*form = NULL;
	if (!f)
		return;
	for (size_t i = 0; i < setting_count; i++) {
		free(f->rows[i].value);
		free(f->rows[i].error);
	}
	free(f->user);
	free(f);
}

struct row_input *row_form_at(struct row_form *form, const struct setting *row)
{
	return &form->rows[row - setting_table];
}

enum err row_form_put(struct row_form *form, const struct setting *row, struct slice value)
{
	struct row_input *in = row_form_at(form, row);
	char *copy = malloc(value.len + 1);
	if (!copy)
		return ERR_NOMEM;
	if (value.len)
		memcpy(copy, value.ptr, value.len);
	copy[value.len] = 0;
	free(in->value);
	in->value = copy;
	in->is_house = false;
	return ERR_NONE;
}

void row_form_unset(struct row_form *form, const struct setting *row)
{
	struct row_input *in = row_form_at(form, row);
	free(in->value);
	in->value = NULL;
	in->is_house = true;
}

void row_form_refuse(struct row_form *form, const struct setting *row, const char *sentence)
{
	struct row_input *in = row_form_at(form, row);
	if (!in->error)
		form->errors++;
	free(in->error);
	in->error = strdup(sentence);
}

/* --- from a form -------------------------------------------------------------------------------- */

/* ERR_NOT_FOUND: no such field. What is not text at all is read as an empty value, which a row
 * refuses or not as it likes. */
static enum err field_read(const struct http_exchange *x, const struct setting *row,
			   const char *suffix, struct buf *value)
{
	char name[96];
	snprintf(name, sizeof(name), "%s%s", row->key, suffix);
	buf_clear(value);
	enum err err = http_form(x, name, 0, value);
	return err == ERR_SYNTAX ? ERR_NONE : err;
}

/* Minutes that cannot be read are kept as typed; row_form_check refuses them. */
static enum err put_number(struct row_form *form, const struct setting *row, struct slice typed)
{
	uint64_t seconds = 0;
	char text[24];
	if (!words_in_minutes(row) || words_parse_minutes(typed, row->max, &seconds))
		return row_form_put(form, row, typed);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)seconds);
	return row_form_put(form, row, slice_str(text));
}

static void refuse_minutes(struct row_form *form, const struct setting *row)
{
	struct buf why;
	char max[24];
	snprintf(max, sizeof(max), "%u", (unsigned)(row->max / 60));
	buf_init(&why, WORDS_MAX_BYTES);
	words_say(&why, form->lang, "mail.minutes_wrong", &(struct word){"max", max}, 1);
	if (!buf_add_byte(&why, 0))
		row_form_refuse(form, row, (const char *)why.bytes);
	buf_free(&why);
}

static enum err read_number_field(struct row_form *form, const struct http_exchange *x,
				  const struct setting *row, struct buf *value)
{
	uint64_t seconds = 0;
	enum err err = field_read(x, row, ".n", value);
	if (err)
		return err == ERR_NOT_FOUND ? ERR_NONE : err;
	err = put_number(form, row, buf_view(value));
	if (!err && words_in_minutes(row) &&
	    words_parse_minutes(buf_view(value), row->max, &seconds))
		refuse_minutes(form, row);
	return err;
}

static enum err read_value(struct row_form *form, const struct http_exchange *x,
			   const struct setting *row, struct buf *value)
{
	struct buf house;
	struct slice given = buf_view(value);
	if (row->type == SETTING_NUMBER && slice_eq_str(given, "n"))
		return read_number_field(form, x, row, value);
	buf_init(&house, 16);
	bool is_house =
		form->user && ((row->type != SETTING_TEXT && slice_eq_str(given, "house")) ||
			       (field_read(x, row, ".house", &house) == ERR_NONE &&
				slice_eq_str(buf_view(&house), "yes")));
	buf_free(&house);
	if (!is_house)
		return row_form_put(form, row, given);
	row_form_unset(form, row);
	return ERR_NONE;
}

enum err row_form_read(struct row_form *form, const struct http_exchange *x,
		       const struct setting *row)
{
	struct buf value;
	buf_init(&value, HTTP_FORM_MAX_BYTES);
	enum err err = field_read(x, row, "", &value);
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	else if (!err)
		err = read_value(form, x, row, &value);
	buf_free(&value);
	return err;
}

/* --- checking and saving ------------------------------------------------------------------------ */

/* The table's sentences begin with the key, which means nothing to people. */
static void refuse_named(struct row_form *form, const struct setting *row, const char *sentence)
{
	char text[WORDS_MAX_BYTES];
	size_t len = strlen(row->key);
	bool is_named = strncmp(sentence, row->key, len) == 0;
	snprintf(text, sizeof(text), "%s%s", is_named ? web_text(form->lang, "set.this") : "",
		 is_named ? sentence + len : sentence);
	row_form_refuse(form, row, text);
}

static void check_row(struct row_form *form, const struct setting *row)
{
	struct row_input *in = row_form_at(form, row);
	struct buf why;
	if (in->is_house)
		setting_copy(&form->then, &form->app->settings, row);
	if (!in->value || in->error)
		return;
	buf_init(&why, WORDS_MAX_BYTES);
	enum err err = setting_set(&form->then, row, slice_str(in->value), form->lang, &why);
	if (err && !buf_add_byte(&why, 0))
		refuse_named(form, row, (const char *)why.bytes);
	buf_free(&why);
}

void row_form_check(struct row_form *form)
{
	for (size_t i = 0; i < setting_count; i++)
		check_row(form, &setting_table[i]);
}

static bool is_changed(struct row_form *form, const struct setting *row)
{
	const struct row_input *in = row_form_at(form, row);
	bool has_own = form->user && appliance_overrides(form->app, form->user, row);
	if (in->is_house)
		return has_own;
	if (!in->value)
		return false;
	return in->is_again || (form->user && !has_own) ||
	       !setting_is_same(&form->now, &form->then, row);
}

enum err row_form_save(struct row_form *form, size_t *changed_out, bool *restart_out,
		       struct buf *why)
{
	struct setting_change changes[SETTINGS_MAX];
	struct buf sentence;
	size_t n = 0, which = 0;
	*restart_out = false;
	for (size_t i = 0; i < setting_count && n < SETTINGS_MAX; i++) {
		const struct setting *row = &setting_table[i];
		if (!is_changed(form, row))
			continue;
		changes[n++] = (struct setting_change){.row = row,
						       .value = slice_str(form->rows[i].value),
						       .is_unset = form->rows[i].is_house};
		*restart_out = *restart_out || row->needs_restart;
	}
	*changed_out = n;
	if (n == 0)
		return ERR_NONE;
	buf_init(&sentence, WORDS_MAX_BYTES);
	enum err err =
		appliance_change(form->app, form->user, changes, n, form->lang, &sentence, &which);
	if (err && which < n && !buf_add_byte(&sentence, 0)) {
		row_form_refuse(form, changes[which].row, (const char *)sentence.bytes);
		err = ERR_SYNTAX;
	} else if (err && why) {
		enum err full = buf_add_slice(why, buf_view(&sentence));
		(void)full; /* the page says "not saved" by itself */
	}
	buf_free(&sentence);
	return err;
}

char *row_value(const struct settings *settings, const struct setting *row)
{
	struct buf value;
	char *text = NULL;
	buf_init(&value, SETTING_TEXT_MAX * 2);
	if (!setting_get(settings, row, &value) && !buf_add_byte(&value, 0))
		text = strdup((const char *)value.bytes);
	buf_free(&value);
	return text;
}
