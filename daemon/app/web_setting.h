/* web_setting - /settings, /manual, /api/settings and /advice: what these pages share. */
#ifndef APP_WEB_SETTING_H
#define APP_WEB_SETTING_H

#include "app/web.h"
#include "app/web_row.h"

enum { SETTING_ID_MAX = 64 };

/* The id of a row's control in the page: its key with - for . and _ */
void setting_html_id(const struct setting *row, char id[SETTING_ID_MAX]);
/* What {{>form_errors}} shows: "errors", "has_errors". */
void setting_add_errors(const struct row_form *form, struct model *model);

enum step setting_api_run(struct http_exchange *x); /* web_setting_api.c */
enum step advice_run(struct http_exchange *x);      /* web_advice.c */

#endif
