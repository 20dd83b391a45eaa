/* web_visit - what the page's own files share: the state of the page, and of one request to it. For
 * web*.c alone; pages that only show and take forms need app/web.h and nothing else. */
#ifndef APP_WEB_VISIT_H
#define APP_WEB_VISIT_H

#include "app/web.h"
#include "app/web_session.h"
#include "base/arena.h"

enum {
	WEB_CODE_TEXT = 9,            /* "1234-5678" */
	WEB_CHECKS_AT_ONCE_MAX = 4,   /* passwords that wait to be stretched: the worker has others */
	WEB_FIELDS_MAX_BYTES = 256 * 1024, /* of all form fields that a handler asked for */
};

#define WEB_THROTTLE_NAME " page" /* as a user's name for app/throttle.h; nobody has that one */

/* Of the appliance. */
struct web {
	struct web_sessions sessions;
	uint8_t form_key[32];                 /* makes tokens of forms before the login */
	char setup_code[WEB_CODE_TEXT + 1];   /* "" once an administrator password is set */
	bool has_setup_attempt;               /* one is under way: guesses are made one by one */
	unsigned checks;                      /* under way */
};

/* Of a request: x->site_data, from the gate on. */
struct web_visit {
	enum lang lang;
	bool is_admin;
	char csrf[WEB_TOKEN_TEXT + 1];        /* of the login; before it, made of a cookie of its own */
	struct arena arena;
};

struct web_visit *web_visit(struct http_exchange *x); /* NULL: the head was too broken for a gate */
struct web *web_state(struct http_exchange *x);

/* web_gate.c */
enum step web_gate(struct http_exchange *x);
enum step web_admit(struct http_exchange *x);
void      web_error_page(struct http_exchange *x, int status);
/* A refusal in a sentence: the text error.STATUS, or error.KEY, under the heading of the status.
 * STEP_DONE. */
enum step web_refuse(struct http_exchange *x, int status);
enum step web_refuse_for(struct http_exchange *x, int status, const char *key);
void web_add_security_fields(struct http_exchange *x);
/* POST /language (web_login.c). */
enum step web_run_language(struct http_exchange *x);
/* Is it the browser's own session? Gives it one, ends the one it has. */
void web_log_in(struct http_exchange *x);
void web_log_out(struct http_exchange *x);
/* A path of this site to go to: begins with one '/', nothing odd in it. Else "/". */
const char *web_safe_path(const char *path);
/* Is the peer in the house: a private address, or one on the same IPv6 network as ours? */
bool web_is_near(struct http_exchange *x);

/* web_cookie.c: cookies and tokens. */
void web_visit_know(struct http_exchange *x, struct web_visit *v); /* who is it? sets is_admin, csrf */
bool web_origin_is_ours(struct http_exchange *x, bool when_missing);
bool web_token_is_right(struct http_exchange *x);

#endif
