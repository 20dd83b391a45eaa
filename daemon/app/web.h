/* web - the configuration page: what its pages share.
 *
 * The way of a request: proto/http reads it; web_gate checks the Host field against the allow-list
 * (DNS rebinding), redirects to TLS where that is asked for, sends everybody to the set-up page
 * until an administrator password is set, finds the session by its cookie and the language, and
 * refuses a POST without the session's CSRF token; then the handler of the route runs. A page is a
 * model (a cJSON object, the same that the JSON API gives) filled into a template (web/NAME.html).
 *
 * Templates are a small Mustache: {{key}} escaped, {{#list}}..{{/list}} sections over arrays,
 * objects and true values, {{^key}}..{{/key}} for none, {{>part}} includes, {{t.key}} a text in the
 * page's language (web/text/AREA.en, AREA.id: lines `key = text`). A text may hold {{keys}} too.
 * No page needs script; web/*.js only makes them nicer. */
#ifndef APP_WEB_H
#define APP_WEB_H

#include <cjson/cJSON.h>

#include "app/appliance.h"
#include "proto/http/http.h"

enum web_access {    /* of a route */
	WEB_PUBLIC,  /* anybody: login, assets, what devices ask to set themselves up */
	WEB_SETUP,   /* only while no administrator password is set, from private addresses */
	WEB_ADMIN,   /* who has logged in; POST needs the CSRF token (field "csrf") */
	WEB_API,     /* the same, but answers 401 and JSON instead of a redirect to /login */
};

struct appliance *web_app(struct http_exchange *x);
enum lang web_lang(struct http_exchange *x);
bool web_is_admin(struct http_exchange *x);
/* A text by key, in this language; the key itself when there is none (a test looks for that). */
const char *web_text(enum lang lang, const char *key);
const char *web_lang_tag(enum lang lang); /* "en", "id" */

/* Fills model (taken over in all cases; NULL: none) into web/NAME.html inside the frame of all
 * pages. Adds to the model: lang, csrf, path, is_admin, hostname, version, notice (from ?done=KEY:
 * the text notice.KEY). STEP_DONE. */
enum step web_page(struct http_exchange *x, int status, const char *name, cJSON *model);
enum step web_json(struct http_exchange *x, int status, cJSON *model); /* takes the model over */
/* A field of the form as a C string on the exchange's arena-like buffer; "" when it is missing or
 * broken. Good until the exchange is over. */
const char *web_field(struct http_exchange *x, const char *name);
const char *web_query(struct http_exchange *x, const char *name);

/* One table of routes for each file with handlers; web_site.c lists them. */
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
extern const struct http_site web_site;

#endif
