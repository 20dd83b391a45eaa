/* Who sent the request: the login's cookie, and before there is one, a cookie that ties a form to the
 * browser it was made for. */
#include <mbedtls/md.h>
#include <stdio.h>

#include "app/web_visit.h"
#include "base/codec.h"
#include "base/secret.h"

/* With TLS under a name that no page without TLS can set (RFC 6265bis 4.1.3.2). */
static const char *cookie_name(struct http_exchange *x, bool is_login)
{
	if (http_is_tls(x))
		return is_login ? "__Host-surel" : "__Host-surel-form";
	return is_login ? "surel" : "surel-form";
}

static void cookie_set(struct http_exchange *x, bool is_login, const char *value)
{
	http_add_field(x, "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
		       cookie_name(x, is_login), value, http_is_tls(x) ? "; Secure" : "",
		       *value ? "" : "; Max-Age=0");
}

/* --- before the login -------------------------------------------------------------------------- */

static void form_token(const struct web *web, struct slice cookie, char dst[WEB_TOKEN_TEXT + 1])
{
	uint8_t mac[32];
	struct buf hex;
	const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	dst[0] = 0;
	buf_init(&hex, WEB_TOKEN_TEXT);
	if (!mbedtls_md_hmac(sha256, web->form_key, sizeof(web->form_key), cookie.ptr, cookie.len,
			     mac) &&
	    !hex_add(&hex, slice_of(mac, sizeof(mac))) &&
	    slice_to_str(buf_view(&hex), dst, WEB_TOKEN_TEXT + 1))
		dst[0] = 0;
	buf_free(&hex);
}

static bool visit_shows_forms(struct http_exchange *x)
{
	unsigned access = x->route ? x->route->access : WEB_PUBLIC;
	return access != WEB_DEVICE && access != WEB_ASSET && access != WEB_API;
}

static void know_stranger(struct http_exchange *x, struct web_visit *v)
{
	char fresh[WEB_TOKEN_TEXT + 1];
	struct slice cookie = http_cookie(x, cookie_name(x, false));
	if (!visit_shows_forms(x))
		return;
	if (cookie.len != WEB_TOKEN_TEXT) {
		web_token(fresh);
		cookie = slice_str(fresh);
		cookie_set(x, false, fresh);
	}
	form_token(web_state(x), cookie, v->csrf);
}

/* --- the login --------------------------------------------------------------------------------- */

static struct web_session *visit_session(struct http_exchange *x)
{
	bool is_use = !x->route || x->route->access != WEB_API;
	return web_session_find(&web_state(x)->sessions, http_cookie(x, cookie_name(x, true)),
				http_is_tls(x), web_app(x)->admin.stored_key, is_use);
}

void web_visit_know(struct http_exchange *x, struct web_visit *v)
{
	struct web_session *session = visit_session(x);
	v->is_admin = session;
	if (session)
		memcpy(v->csrf, session->csrf, sizeof(v->csrf));
	else
		know_stranger(x, v);
}

void web_log_out(struct http_exchange *x)
{
	struct web_session *session = visit_session(x);
	if (session)
		web_session_end(session);
	if (session)
		cookie_set(x, true, "");
	web_visit(x)->is_admin = false;
}

void web_log_in(struct http_exchange *x)
{
	struct web_session *old = visit_session(x);
	if (old) /* nobody may plant a cookie that becomes a login later: always a new one */
		web_session_end(old);
	struct web_session *session = web_session_begin(&web_state(x)->sessions, http_is_tls(x),
							web_app(x)->admin.stored_key);
	cookie_set(x, true, session->token);
	web_visit(x)->is_admin = true;
}

/* --- was it our own page that sent it? --------------------------------------------------------- */

bool web_origin_is_ours(struct http_exchange *x, bool when_missing)
{
	char ours[HTTP_HEAD_MAX_BYTES];
	const struct http_request *q = &x->request;
	struct slice origin = http_field(x, "Origin"), site = http_field(x, "Sec-Fetch-Site");
	if (site.len && !slice_eq_str(site, "same-origin") && !slice_eq_str(site, "none"))
		return false;
	if (origin.len == 0)
		return when_missing || slice_eq_str(site, "same-origin");
	int n = snprintf(ours, sizeof(ours), "%s://" SLICE_FMT, http_is_tls(x) ? "https" : "http",
			 SLICE_ARG(q->host));
	if (q->port && n > 0 && (size_t)n < sizeof(ours))
		snprintf(ours + n, sizeof(ours) - (size_t)n, ":%u", q->port);
	return slice_eq_str_nocase(origin, ours);
}

bool web_token_is_right(struct http_exchange *x)
{
	const struct web_visit *v = web_visit(x);
	struct slice token = http_field(x, "X-CSRF-Token");
	if (token.len == 0)
		token = slice_str(x->route->streams_body ? web_query(x, "csrf")
							 : web_field(x, "csrf"));
	return *v->csrf && secret_eq(token, slice_str(v->csrf));
}
