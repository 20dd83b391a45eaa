/* web - the configuration page: what its pages share. web/README.md shows how a page is made.
 *
 * The way of a request: proto/http reads it; web_gate checks the Host field against the allow-list
 * (DNS rebinding), redirects to TLS where that is asked for, sends everybody to the set-up page
 * until an administrator password is set, finds the session by its cookie and the language, and
 * refuses a POST without the session's CSRF token; then the handler of the route runs. A page is a
 * model (app/model.h, the same that the JSON API gives) filled into a template (web/NAME.html).
 *
 * Templates are a small Mustache: {{key}} escaped, {{#list}}..{{/list}} sections over arrays,
 * objects and true values, {{^key}}..{{/key}} for none, {{>part}} includes, {{t.key}} a text in the
 * page's language (web/text/AREA.en, AREA.id: lines `key = text`). A text may hold {{keys}} too.
 * No page needs script; web/surel.js only makes them nicer. */
#ifndef APP_WEB_H
#define APP_WEB_H

#include "app/model.h"

#include "app/appliance.h"
#include "proto/http/http.h"

enum web_access {    /* of a route */
	WEB_PUBLIC,  /* anybody: login, assets, what devices ask to set themselves up */
	WEB_SETUP,   /* only while no administrator password is set, from private addresses */
	WEB_ADMIN,   /* who has logged in; POST needs the CSRF token (field "csrf") */
	WEB_API,     /* the same, but answers 401 and JSON instead of a redirect to /login; the token
	              * may come in the field X-CSRF-Token */
	WEB_DEVICE,  /* what mail programs ask by themselves: under any Host name, over plain HTTP too,
	              * POST without a token. Nothing secret, nothing changed, no cookies */
	WEB_ASSET,   /* anybody, and may be cached; everything else is no-store */
};

struct appliance *web_app(struct http_exchange *x);
enum lang web_lang(struct http_exchange *x);
bool web_is_admin(struct http_exchange *x);
/* A text by key, in this language; the key itself when there is none (a test looks for that).
 * Good until the handler returns. web_text_or: `otherwise` (may be NULL) when there is none. */
const char *web_text(enum lang lang, const char *key);
const char *web_text_or(enum lang lang, const char *key, const char *otherwise);
/* A text with its {{keys}} filled in, as plain text: for sentences in a model or in JSON. "" when
 * memory is short. Good until the exchange is over. */
const char *web_textf(struct http_exchange *x, const char *key, const struct model *model);
const char *web_lang_tag(enum lang lang); /* "en", "id" */

/* Fills model (taken over in all cases; NULL: none) into web/NAME.html inside the frame of all
 * pages. Adds to the model what is not there yet: lang, csrf, path, is_admin, hostname, version,
 * title (the text NAME.title), nav, notice (from ?done=KEY: the text notice.KEY). STEP_DONE. */
enum step web_page(struct http_exchange *x, int status, const char *name, struct model *model);
/* Only the template web/FILE ("autoconfig.xml"), without the frame: appended to dst. */
MUST_CHECK enum err web_fill(enum lang lang, const char *file, const struct model *model, struct buf *dst);
/* The token for forms, as {{csrf}}; for a form that streams (a file): action="/restore?csrf=..." */
const char *web_csrf(struct http_exchange *x);
enum step web_json(struct http_exchange *x, int status, struct model *model); /* takes the model over */
/* A field of the form as a C string on the exchange's arena-like buffer; "" when it is missing or
 * broken. Good until the exchange is over. */
const char *web_field(struct http_exchange *x, const char *name);
const char *web_query(struct http_exchange *x, const char *name);

/* The model of one control for the partials field_*.html, added to `form` under `name`:
 * {name, id, label, help, value, error}; label and help are texts by key, help the key KEY.help if
 * there is one. error: NULL or a sentence. Dots in the name become _ in the model: {{#pop3_access}}
 * {{>field_choice}}{{/pop3_access}}. An error is also added to form.errors, for {{>form_errors}}.
 * What a partial knows besides (type, min, max, unit, ...) the caller adds to the object. NULL: no
 * memory (further calls are harmless). */
struct model *web_form_field(struct model *form, enum lang lang, const char *name, const char *key,
                      const char *value, const char *error);
/* One more choice of it (radio or select). is_chosen is that value == field.value. */
void web_form_choice(struct model *field, const char *value, const char *label, const char *help);
/* A check box: is it on? */
struct model *web_form_switch(struct model *form, enum lang lang, const char *name, const char *key, bool is_on,
                       const char *error);

/* One table of routes for each file with handlers; app/sources.mk lists them. */
extern const struct http_routes *const site_tables[]; /* closed by NULL */
extern const struct http_routes web_setup_routes;   /* web_setup.c: first visit */
extern const struct http_routes web_login_routes;   /* web_login.c: /login, /logout, /language */
extern const struct http_routes web_asset_routes;   /* web_asset.c: /style.css, /surel.js, icon */
extern const struct http_routes web_user_routes;    /* web_user.c: /users, passwords, devices */
extern const struct http_routes web_policy_routes;  /* web_policy.c: /mail: POP3 and IMAP */
extern const struct http_routes web_setting_routes; /* web_setting.c: /settings, /advice */
extern const struct http_routes web_connect_routes; /* web_connect.c: /connect/NAME, QR, profile */
extern const struct http_routes web_autoconfig_routes; /* web_autoconfig.c: Thunderbird, Outlook */
extern const struct http_routes web_status_routes;  /* web_status.c: / and /api/status, log */
extern const struct http_routes web_backup_routes;  /* web_backup.c: backup, restore, mbox */
extern const struct http_routes web_system_routes;  /* web_system.c: version, update, reset */
extern const struct http_site web_site;

#endif
