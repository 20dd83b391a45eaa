/* web_row - what a form, or a JSON request, wants of the rows of the settings table: taken in,
 * checked as a whole, saved as a whole.
 *
 * One struct row_form is one attempt, for the house or for one owner. What was not given stays as
 * it is. After row_form_check `then` holds the settings as they would be, also while some rows are
 * wrong: those keep their old value there, their input stays as it was typed, and each has a
 * sentence for people. */
#ifndef APP_WEB_ROW_H
#define APP_WEB_ROW_H

#include "app/model.h"

#include "app/appliance.h"
#include "proto/http/http.h"

struct row_input {
	char *value; /* as typed; NULL: not given */
	char *error; /* a sentence; NULL: none */
	bool is_house; /* as the house: no value of his own */
	bool is_again; /* save it even when it is the same: a new watermark */
};
struct row_form {
	struct appliance *app;
	enum lang lang;
	char *user; /* NULL: the house */
	struct settings now, then;
	unsigned errors;
	struct row_input rows[]; /* in the order of setting_table */
};

MUST_CHECK enum err row_form_new(struct appliance *app, const char *user, enum lang lang,
                                 struct row_form **form_out);
void row_form_free(struct row_form **form); /* stores NULL */
struct row_input *row_form_at(struct row_form *form, const struct setting *row);

/* Memory: ERR_NOMEM. */
MUST_CHECK enum err row_form_put(struct row_form *form, const struct setting *row,
                                 struct slice value);
void row_form_unset(struct row_form *form, const struct setting *row);
void row_form_refuse(struct row_form *form, const struct setting *row, const char *sentence);
/* The field KEY of a form. "house": as the house; "n": a number from the field KEY.n, in minutes
 * where the page shows minutes; the field KEY.house = yes beside a text: as the house. */
MUST_CHECK enum err row_form_read(struct row_form *form, const struct http_exchange *x,
                                  const struct setting *row);

void row_form_check(struct row_form *form);
/* Saves what differs from what is. ERR_SYNTAX: refused, a row has a sentence; other errors: nothing
 * was saved, `why` (may be NULL) says so. *changed_out rows, *restart_out: one needs a restart. */
MUST_CHECK enum err row_form_save(struct row_form *form, size_t *changed_out, bool *restart_out,
                                  struct buf *why);
/* The effective value of a row as the table prints it: malloc'd, NULL without memory. */
char *row_value(const struct settings *settings, const struct setting *row);

#endif
