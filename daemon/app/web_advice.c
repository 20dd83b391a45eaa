/* /advice: "Which one should I use?" The questions are a GET form, so an answer can be kept as a
 * bookmark; the settings are a second form that saves exactly what it lists. */
#include <stdio.h>
#include <stdlib.h>

#include "app/advice.h"
#include "app/web_setting.h"
#include "app/web_visit.h"
#include "app/web_words.h"
#include "store/store.h"

static const char *const questions[ADVICE_ANSWERS] = {"devices", "network", "space"};

/* -1: not answered. */
static int answer_of(struct http_exchange *x, const char *question)
{
	bool is_post = x->request.method == HTTP_POST;
	const char *text = is_post ? web_field(x, question) : web_query(x, question);
	return *text >= '0' && *text < '0' + ADVICE_ANSWERS && !text[1] ? *text - '0' : -1;
}

static unsigned read_answers(struct http_exchange *x, int answers[ADVICE_ANSWERS])
{
	unsigned given = 0;
	for (size_t i = 0; i < ADVICE_ANSWERS; i++) {
		answers[i] = answer_of(x, questions[i]);
		given += answers[i] >= 0;
	}
	return given;
}

static struct advice decide(const int answers[ADVICE_ANSWERS])
{
	return advice_decide((struct advice_answers){(enum advice_devices)answers[0],
						     (enum advice_network)answers[1],
						     (enum advice_space)answers[2]});
}

/* A protocol that is off for the house is switched on, too. */
static const struct setting *switch_needed(const struct appliance *a, const struct advice *advice)
{
	bool is_on = advice->is_imap ? a->settings.imap_enabled : a->settings.pop3_enabled;
	return is_on ? NULL
		     : setting_find(advice->is_imap ? SLICE_LIT("imap.enabled")
						    : SLICE_LIT("pop3.enabled"));
}

/* --- the page ----------------------------------------------------------------------------------- */

static void add_free_space(struct http_exchange *x, struct model *question)
{
	struct store_status st;
	char size[SIZE_TEXT_BYTES];
	store_status(web_app(x)->host.store, &st);
	size_text(web_lang(x), st.bytes_free, size);
	words_put(question, "help", web_lang(x), "advice.free", &(struct word){"free", size}, 1);
}

static void add_questions(struct http_exchange *x, const int answers[ADVICE_ANSWERS], bool is_asked,
			  struct model *model)
{
	struct model *all = model_list(model, "questions");
	for (size_t i = 0; i < ADVICE_ANSWERS; i++) {
		char key[48], number[12];
		struct model *question = model_row(all);
		snprintf(key, sizeof(key), "advice.%s", questions[i]);
		model_text(question, "id", questions[i]);
		model_text(question, "name", questions[i]);
		model_text(question, "label", web_text(web_lang(x), key));
		if (i == ADVICE_ANSWERS - 1)
			add_free_space(x, question);
		if (is_asked && answers[i] < 0)
			model_text(question, "error", web_text(web_lang(x), "advice.missing"));
		struct model *choices = model_list(question, "choices");
		for (int n = 0; n < ADVICE_ANSWERS; n++) {
			struct model *choice = model_row(choices);
			snprintf(key, sizeof(key), "advice.%s.%d", questions[i], n);
			snprintf(number, sizeof(number), "%d", n);
			model_text(choice, "value", number);
			model_text(choice, "label", web_text(web_lang(x), key));
			model_bool(choice, "is_chosen", answers[i] == n);
		}
	}
}

static void add_reasons(struct http_exchange *x, const struct advice *advice, struct model *model)
{
	struct model *reasons = model_list(model, "reasons");
	for (int i = 0; i < ADVICE_REASONS; i++) {
		char key[32];
		if (!(advice->reasons & (1u << i)))
			continue;
		snprintf(key, sizeof(key), "advice.reason.%d", i);
		words_put(reasons, NULL, web_lang(x), key,
			  &(struct word){"name", web_text(web_lang(x), "mail.name")}, 1);
	}
}

static void add_setting(struct http_exchange *x, const struct setting *row, const char *value,
			struct model *rows)
{
	struct buf text;
	if (!row)
		return;
	struct model *one = model_row(rows);
	buf_init(&text, WORDS_MAX_BYTES);
	words_value(&text, web_lang(x), row, value);
	model_texts(one, "row key", words_label(web_lang(x), row), row->key);
	model_take(one, "value", &text);
}

static void add_advice(struct http_exchange *x, const int answers[ADVICE_ANSWERS],
		       struct model *model)
{
	struct advice advice = decide(answers);
	struct model *result = model_object(model, "result");
	struct model *owners = model_list(result, "owners");
	struct model *rows = model_list(result, "settings");
	struct model *given = model_list(result, "given");
	model_text(result, "protocol", advice.is_imap ? "IMAP" : "POP3");
	add_reasons(x, &advice, result);
	add_setting(x, switch_needed(web_app(x), &advice), "yes", rows);
	for (size_t i = 0; i < advice.row_count; i++)
		add_setting(x, setting_find(slice_str(advice.rows[i].key)), advice.rows[i].value,
			    rows);
	for (struct user *u = users_first(web_app(x)->users); u;
	     u = users_next(web_app(x)->users, u))
		model_text(model_row(owners), "owner", u->name);
	for (size_t i = 0; i < ADVICE_ANSWERS; i++) {
		struct model *one = model_row(given);
		model_text(one, "question", questions[i]);
		model_number(one, "answer", answers[i]);
	}
}

static enum step advice_show(struct http_exchange *x)
{
	int answers[ADVICE_ANSWERS];
	unsigned given = read_answers(x, answers);
	bool is_asked = x->request.query.len > 0 && (given > 0 || *web_query(x, "ask"));
	struct model *model = model_new();
	add_questions(x, answers, is_asked, model);
	if (given == ADVICE_ANSWERS)
		add_advice(x, answers, model);
	return web_page(x, is_asked && given < ADVICE_ANSWERS ? 422 : 200, "advice", model);
}

/* --- saving ------------------------------------------------------------------------------------- */

static enum err save_rows(struct http_exchange *x, const char *owner, const struct advice_row *rows,
			  size_t count)
{
	struct row_form *f = NULL;
	size_t changed = 0;
	bool needs_restart = false;
	enum err err = row_form_new(web_app(x), owner, web_lang(x), &f);
	for (size_t i = 0; !err && i < count; i++) {
		const struct setting *row = setting_find(slice_str(rows[i].key));
		if (row)
			err = row_form_put(f, row, slice_str(rows[i].value));
	}
	if (!err) {
		row_form_check(f);
		err = f->errors ? ERR_SYNTAX : row_form_save(f, &changed, &needs_restart, NULL);
	}
	row_form_free(&f);
	return err;
}

static enum step advice_save(struct http_exchange *x)
{
	int answers[ADVICE_ANSWERS];
	const char *name = web_field(x, "owner");
	const struct user *owner = *name ? users_find(web_app(x)->users, slice_str(name)) : NULL;
	if (read_answers(x, answers) < ADVICE_ANSWERS)
		return http_redirect(x, "/advice?ask=1");
	if (*name && !owner)
		return web_refuse(x, 404);
	struct advice advice = decide(answers);
	const struct setting *on = switch_needed(web_app(x), &advice);
	enum err err = save_rows(x, owner ? owner->name : NULL, advice.rows, advice.row_count);
	if (!err && on)
		err = save_rows(x, NULL, &(struct advice_row){on->key, "yes"}, 1);
	if (err)
		return web_refuse(x, 500);
	return http_redirect(x, "/mail%s%s?done=advice", owner ? "/" : "",
			     owner ? owner->name : "");
}

enum step advice_run(struct http_exchange *x)
{
	return x->request.method == HTTP_POST ? advice_save(x) : advice_show(x);
}
