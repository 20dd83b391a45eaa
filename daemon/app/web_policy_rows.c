#include <stdio.h>
#include <stdlib.h>

#include "app/web_policy.h"
#include "app/web_setting.h"
#include "app/web_words.h"

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})
const struct policy_section policy_sections[POLICY_SECTIONS] = {
	{"pop3", KEYS("pop3.access", "pop3.after_download", "pop3.client_delete", "pop3.show_again",
		      "pop3.devices", "pop3.shows", "pop3.login_delay_s")},
	{"imap", KEYS("imap.access", "imap.auto_expunge", "imap.last_copy", "imap.folder_limit",
		      "imap.hide_capabilities")},
	{"clean", KEYS("pop3.delete_after_days", "pop3.delete_since", "trash.empty_days",
		       "junk.empty_days")},
	{"space", KEYS("quota.mib", "quota.messages")},
	{"more", KEYS(NULL)},
};
/* Stands inside another row. */
static const char folder_key[] = "pop3.folder";
static const char *const folder_limits[] = {"1000", "2000", "5000", "10000", NULL};

/* --- one row as it is shown --------------------------------------------------------------------- */

struct shown {
	const struct policy_page *page;
	const struct setting *row;
	char id[SETTING_ID_MAX]; /* the key with - for . */
	char *value;             /* as typed, or as it is */
	bool is_house;
	struct model *model, *options;
};

static bool shown_begin(struct shown *s, const struct policy_page *page, const struct setting *row)
{
	struct row_form *f = page->form;
	const struct row_input *in = row_form_at(f, row);
	*s = (struct shown){.page = page, .row = row};
	setting_html_id(row, s->id);
	s->is_house = in->is_house ||
		      (f->user && !in->value && !appliance_overrides(f->app, f->user, row));
	s->value =
		in->value ? strdup(in->value) : row_value(in->is_house ? &f->then : &f->now, row);
	return s->value != NULL;
}

static void add_id(const struct shown *s, struct model *model, const char *suffix)
{
	model_textf(model, "id", "%s-%s", s->id, suffix);
}

static struct model *add_option(struct shown *s, const char *value, bool is_on)
{
	struct model *o = model_row(s->options);
	add_id(s, o, value);
	model_text(o, "value", value);
	model_bool(o, "on", is_on);
	return o;
}

static void put_value(struct model *option, const struct shown *s, const char *value)
{
	struct buf text;
	buf_init(&text, WORDS_MAX_BYTES);
	words_value(&text, s->page->form->lang, s->row, value);
	model_take(option, "text", &text);
}

static void add_option_text(struct shown *s, const char *value, bool is_on)
{
	put_value(add_option(s, value, is_on), s, value);
}

/* "As the house: After 30 days". */
static void add_house_option(struct shown *s)
{
	const struct row_form *f = s->page->form;
	struct buf text;
	char *value = f->user ? row_value(&f->app->settings, s->row) : NULL;
	if (!value)
		return;
	buf_init(&text, WORDS_MAX_BYTES);
	words_add(&text, web_text(f->lang, "mail.as_house"));
	words_add(&text, " ");
	words_value(&text, f->lang, s->row, value);
	free(value);
	model_take(add_option(s, s->row->type == SETTING_TEXT ? "yes" : "house", s->is_house),
		   "text", &text);
}

static void add_check(const struct shown *s, struct model *option, const char *name,
		      const char *label)
{
	struct model *check = model_object(option, "check");
	add_id(s, check, name);
	model_text(check, "name", name);
	model_text(check, "text", web_text(s->page->form->lang, label));
}

/* --- kinds of rows ------------------------------------------------------------------------------ */

/* "After [30] days": the number stands inside its sentence. */
static void add_number_option(struct shown *s, bool is_on)
{
	const struct row_form *f = s->page->form;
	char key[96];
	struct buf number;
	struct model *option = add_option(s, "n", is_on), *input = model_object(option, "number");
	snprintf(key, sizeof(key), "unit.%s", s->row->key);
	struct slice unit = slice_str(web_text(f->lang, key));
	size_t at = slice_find(unit, SLICE_LIT("{{n}}"));
	struct slice before = slice_upto(unit, at),
		     after = slice_from(unit, at == SIZE_MAX ? at : at + 5);
	model_textf(input, "label", SLICE_FMT "…" SLICE_FMT, SLICE_ARG(before), SLICE_ARG(after));
	if (before.len == 0)
		model_text(option, "aria", model_get_text(input, "label"));
	model_slice(option, "text", before);
	model_slice(input, "after", after);
	buf_init(&number, WORDS_MAX_BYTES);
	uint64_t n = 0;
	if (is_on && words_in_minutes(s->row) && !slice_u64(slice_str(s->value), s->row->max, &n) &&
	    !row_form_at(s->page->form, s->row)->error)
		words_minutes(&number, n);
	else if (is_on)
		words_add(&number, s->value);
	model_take(input, "value", &number);
}

static void add_number_options(struct shown *s)
{
	bool is_preset = false, is_none = strcmp(s->value, "0") == 0;
	bool has_presets = strcmp(s->row->key, "imap.folder_limit") == 0;
	add_option_text(s, "0", !s->is_house && is_none);
	for (size_t i = 0; has_presets && folder_limits[i]; i++) {
		bool is_on = !s->is_house && strcmp(s->value, folder_limits[i]) == 0;
		add_option_text(s, folder_limits[i], is_on);
		is_preset = is_preset || is_on;
	}
	add_number_option(s, !s->is_house && !is_none && !is_preset);
}

/* POP3's window: what is on since when, and what saving it again would do. */
static void add_access_option(struct shown *s, const char *value, bool is_on)
{
	const struct row_form *f = s->page->form;
	bool is_since = strcmp(value, "from-now-on") == 0 && f->now.policy.pop3_from_s &&
			f->now.policy.pop3_access == POP3_FROM_NOW_ON;
	struct model *option = add_option(s, value, is_on);
	char date[WORDS_DATE_BYTES];
	words_date(f->lang, (int64_t)f->now.policy.pop3_from_s, date);
	if (is_since)
		words_put(option, "text", f->lang, "mail.since", &(struct word){"from", date}, 1);
	else
		put_value(option, s, value);
	if (is_since)
		add_check(s, option, "restart", "mail.restart");
	else if (strcmp(value, "all") == 0)
		add_check(s, option, "reset", "mail.reset");
}

static void add_folder(struct model *items, const char *name, const char *chosen)
{
	struct model *item = model_row(items);
	model_text(item, "name", name);
	model_bool(item, "on", strcmp(name, chosen) == 0);
}

/* The owner's own folders to choose from; the house can only name one. */
static void add_folder_pick(const struct shown *s, struct model *option)
{
	struct policy_page *page = (struct policy_page *)(uintptr_t)s->page;
	const struct setting *row = setting_find(slice_str(folder_key));
	struct shown folder;
	if (!row || !shown_begin(&folder, page, row))
		return;
	const char *error = row_form_at(page->form, row)->error;
	struct model *pick = model_object(option, page->account ? "pick" : "write");
	model_text(pick, "id", folder.id);
	model_text(pick, "name", row->key);
	model_text(pick, "value", folder.value);
	if (error)
		model_text(pick, "wrong", error);
	struct model *items = page->account ? model_list(pick, "items") : NULL;
	bool is_there = false;
	for (size_t i = 0; items && i < page->account->box_count; i++) {
		const struct mailbox *box = page->account->boxes[i];
		if (box->exists)
			add_folder(items, box->name, folder.value);
		is_there = is_there || (box->exists && strcmp(box->name, folder.value) == 0);
	}
	if (items && !is_there)
		add_folder(items, folder.value, folder.value);
	free(folder.value);
}

static void add_choice_options(struct shown *s)
{
	/* The default comes first. */
	const char *yes_no = *s->row->initial == 'y' ? "yes no" : "no yes";
	struct slice rest = slice_str(s->row->type == SETTING_BOOL ? yes_no : s->row->choices);
	char value[64];
	while (rest.len) {
		if (slice_to_str(slice_word(&rest), value, sizeof(value)))
			continue;
		bool is_on = !s->is_house && strcmp(s->value, value) == 0;
		if (strcmp(s->row->key, "pop3.access") == 0)
			add_access_option(s, value, is_on);
		else
			add_option_text(s, value, is_on);
		if (strcmp(s->row->key, "pop3.shows") == 0 && strcmp(value, "folder") == 0)
			add_folder_pick(s, s->options ? s->options->last : NULL);
	}
}

/* A text: the words of the capability mask that we announce are boxes, the others are typed. */
static void add_mask_options(struct shown *s)
{
	const struct row_form *f = s->page->form;
	struct slice rest = slice_str(s->is_house ? "" : s->value);
	struct buf others;
	struct model *option = add_option(s, f->user ? "no" : "", !s->is_house);
	if (f->user)
		model_text(option, "text", web_text(f->lang, "mail.own"));
	struct model *mask = model_object(option, "mask");
	struct model *boxes = model_list(mask, "boxes");
	struct policy p = {0};
	bool fits = !slice_to_str(rest, p.imap_hide, sizeof(p.imap_hide));
	for (const char *const *name = policy_capabilities; *name; name++) {
		struct model *box = model_row(boxes);
		model_text(box, "name", *name);
		model_bool(box, "on", fits && policy_hides(&p, *name));
	}
	buf_init(&others, HTTP_FORM_MAX_BYTES);
	while (rest.len) {
		struct slice word = slice_word(&rest);
		bool is_box = false;
		for (const char *const *name = policy_capabilities; *name; name++)
			is_box = is_box || slice_eq_str_nocase(word, *name);
		if (!is_box && word.len && (others.len == 0 || !buf_add_byte(&others, ' ')) &&
		    buf_add_slice(&others, word))
			break;
	}
	model_take(mask, "value", &others);
}

static void add_options(struct shown *s)
{
	switch (s->row->type) {
	case SETTING_NUMBER: add_number_options(s); break;
	case SETTING_BOOL:
	case SETTING_CHOICE: add_choice_options(s); break;
	case SETTING_TEXT: add_mask_options(s); break;
	}
}

/* --- a section ---------------------------------------------------------------------------------- */

static bool add_help(const struct shown *s)
{
	char key[96];
	snprintf(key, sizeof(key), "help.%s", s->row->key);
	if (!web_text_or(s->page->form->lang, key, NULL))
		return false;
	words_put(s->model, "help", s->page->form->lang, key,
		  &(struct word){"name", s->page->example}, 1);
	return true;
}

static void add_row(const struct policy_page *page, const struct setting *row, struct model *rows)
{
	struct shown s;
	if (!shown_begin(&s, page, row))
		return;
	const char *error = row_form_at(page->form, row)->error;
	bool is_text = row->type == SETTING_TEXT;
	char text[192];
	s.model = model_row(rows);
	model_text(s.model, "rid", s.id);
	model_text(s.model, "key", row->key);
	snprintf(text, sizeof(text), "%s%s", row->key, is_text ? ".house" : "");
	model_text(s.model, "radio", text);
	model_text(s.model, "label", words_label(page->form->lang, row));
	model_bool(s.model, "is_text", is_text && !page->form->user);
	if (error)
		model_text(s.model, "error", error);
	bool has_help = add_help(&s);
	snprintf(text, sizeof(text), "%s%s%s%s%s", has_help ? s.id : "", has_help ? "-help" : "",
		 has_help && error ? " " : "", error ? s.id : "", error ? "-error" : "");
	model_text(s.model, "described", text);
	s.options = model_list(s.model, "options");
	add_house_option(&s);
	add_options(&s);
	free(s.value);
}

static bool is_named(const struct setting *row)
{
	for (size_t i = 0; i < POLICY_SECTIONS; i++)
		for (const char *const *key = policy_sections[i].keys; *key; key++)
			if (strcmp(*key, row->key) == 0)
				return true;
	return strcmp(row->key, folder_key) == 0;
}

void policy_add_rows(const struct policy_page *page, const struct policy_section *section,
		     struct model *model)
{
	struct model *rows = model_list(model, "rows");
	for (const char *const *key = section->keys; *key; key++) {
		const struct setting *row = setting_find(slice_str(*key));
		if (row)
			add_row(page, row, rows);
	}
	if (section != &policy_sections[POLICY_SECTIONS - 1])
		return;
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_table[i];
		if (row->scope == SETTING_USER && !row->is_managed && !is_named(row))
			add_row(page, row, rows);
	}
}
