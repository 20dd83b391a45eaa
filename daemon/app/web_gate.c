/* The gate: what every request passes before its handler (app/web.h). */
#include <stdio.h>
#include <stdlib.h>

#include "app/admin_password.h"
#include "app/page_door.h"
#include "app/web_host.h"
#include "app/web_language.h"
#include "app/web_pack.h"
#include "app/web_visit.h"
#include "base/secret.h"

/* --- answers ----------------------------------------------------------------------------------- */

void web_add_security_fields(struct http_exchange *x)
{
	static const char *const fields[][2] = {
		{"Content-Security-Policy",
		 "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
		 "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		/* Not no-referrer: with that, browsers send "Origin: null" with our own forms (Fetch,
		 * "append a request Origin header"), and the gate could not tell them from others'. */
		{"Referrer-Policy", "same-origin"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		http_add_field(x, fields[i][0], "%s", fields[i][1]);
	if (!x->route || x->route->access != WEB_ASSET)
		http_add_field(x, "Cache-Control", "no-store");
}

static struct model *refusal_model(struct http_exchange *x)
{
	char host[HTTP_HEAD_MAX_BYTES];
	struct model *model = model_new();
	if (slice_to_str(x->request.host, host, sizeof(host)))
		host[0] = 0;
	model_text(model, "host", host);
	model_text(model, "hostname", web_app(x)->hostname);
	return model;
}

/* Programs get the sentence alone, people a page. */
enum step web_refuse_for(struct http_exchange *x, int status, const char *key)
{
	char title[40], sentence_key[80];
	unsigned access = x->route ? x->route->access : WEB_PUBLIC;
	struct model *model = refusal_model(x);
	snprintf(title, sizeof(title), "error.%d.title", status);
	snprintf(sentence_key, sizeof(sentence_key), "error.%s", key);
	const char *sentence = web_textf(x, sentence_key, model);
	if (access == WEB_API) {
		model_text(model, "error", sentence);
		return web_json(x, status, model);
	}
	if (access == WEB_DEVICE) {
		model_free(model);
		return http_reply(x, status, "text/plain; charset=utf-8", slice_str(sentence));
	}
	model_text(model, "title", web_text(web_lang(x), title));
	model_text(model, "sentence", sentence);
	model_bool(model, "is_linked", status == 404 || status == 405 || status == 500);
	return web_page(x, status, "error", model);
}

enum step web_refuse(struct http_exchange *x, int status)
{
	char key[16];
	snprintf(key, sizeof(key), "%d", status);
	return web_refuse_for(x, status, key);
}

static void visit_free(void *site_data)
{
	struct web_visit *v = site_data;
	arena_reset(&v->arena);
	secret_wipe(v, sizeof(*v));
	free(v);
}

static struct web_visit *visit_begin(struct http_exchange *x)
{
	struct web_visit *v = calloc(1, sizeof(*v));
	web_add_security_fields(x);
	if (!v)
		return NULL;
	arena_init(&v->arena, WEB_FIELDS_MAX_BYTES);
	v->lang = web_language(x);
	x->site_data = v;
	x->site_data_free = visit_free;
	return v;
}

void web_error_page(struct http_exchange *x, int status)
{
	/* There is none yet where the head was too broken to be shown to the gate. */
	if (web_visit(x) || visit_begin(x))
		(void)web_refuse(x, status);
	else
		(void)http_reply(x, status, "text/plain; charset=utf-8",
				 SLICE_LIT("Out of memory.\n"));
}

/* A path as it may stand in a Location field. */
static const char *gate_path(struct http_exchange *x, bool with_query)
{
	struct buf text;
	const struct http_request *q = &x->request;
	buf_init(&text, 4 * HTTP_HEAD_MAX_BYTES);
	enum err err = ERR_NONE;
	for (size_t i = 0; i < q->path.len && !err; i++) {
		uint8_t c = q->path.ptr[i];
		bool is_plain =
			ascii_is_alpha(c) || ascii_is_digit(c) || (c && strchr("/-._~@+", c));
		err = is_plain ? buf_add_byte(&text, c) : buf_addf(&text, "%%%02X", c);
	}
	if (!err && with_query && q->query.len)
		err = buf_addf(&text, "?" SLICE_FMT, SLICE_ARG(q->query));
	const char *kept = err ? NULL : arena_str(&web_visit(x)->arena, buf_view(&text));
	buf_free(&text);
	return kept ? kept : "/";
}

const char *web_safe_path(const char *path)
{
	if (path[0] != '/' || path[1] == '/' || strlen(path) > 512)
		return "/";
	for (const char *c = path; *c; c++)
		if (*c <= ' ' || *c == '\\' || *c == 0x7F)
			return "/"; /* browsers take a backslash for a slash */
	return path;
}

/* --- who and where ----------------------------------------------------------------------------- */

bool web_is_near(struct http_exchange *x)
{
	uint8_t theirs[NET_PREFIX_BYTES], ours[NET_PREFIX_BYTES];
	const struct net_address *peer = stream_peer(x->session->stream);
	const struct net_address *local = stream_local(x->session->stream);
	if (net_address_is_private(peer))
		return true;
	if (!peer->len || !local->len)
		return false;
	/* Most homes give their devices public IPv6 addresses, all of one network. */
	net_address_prefix(peer, theirs);
	net_address_prefix(local, ours);
	return memcmp(theirs, ours, sizeof(ours)) == 0;
}

static bool gate_knows_host(struct http_exchange *x)
{
	const struct appliance *a = web_app(x);
	struct web_names names = {
		.hostname = a->hostname,
		.further = {a->settings.tls_names, a->settings.web_hosts},
		.local = stream_local(x->session->stream),
	};
	return web_host_is_ours(&names, x->request.host);
}

static bool gate_wants_tls(struct http_exchange *x)
{
	if (http_is_tls(x) || net_address_is_loopback(stream_peer(x->session->stream)))
		return false;
	return !web_is_near(x) || (web_app(x)->host.tls && !web_app(x)->settings.web_plain_lan);
}

static enum step gate_to_tls(struct http_exchange *x)
{
	unsigned port = port_of_page(web_app(x), true);
	if (!web_app(x)->host.tls || x->request.method == HTTP_POST)
		return web_refuse_for(x, 403, "no_tls");
	if (port == 443)
		http_add_field(x, "Location", "https://" SLICE_FMT "%s", SLICE_ARG(x->request.host),
			       gate_path(x, true));
	else
		http_add_field(x, "Location", "https://" SLICE_FMT ":%u%s",
			       SLICE_ARG(x->request.host), port, gate_path(x, true));
	return http_reply(x, 307, "text/plain; charset=utf-8", SLICE_EMPTY);
}

/* --- the gate ---------------------------------------------------------------------------------- */

static enum step gate_before_setup(struct http_exchange *x, unsigned access)
{
	bool is_form = x->request.method == HTTP_POST;
	if (!web_is_near(x))
		return web_refuse_for(x, 403, "setup_away");
	if (access == WEB_ASSET || access == WEB_SETUP ||
	    slice_eq_str(x->request.path, "/language"))
		return STEP_MORE;
	if (access == WEB_DEVICE || access == WEB_API || is_form)
		return web_refuse_for(x, 403, "setup_first");
	return http_redirect(x, "/setup");
}

static enum step gate_by_access(struct http_exchange *x, unsigned access)
{
	if (access == WEB_SETUP)
		return http_redirect(x, "/");
	if (web_is_admin(x) || (access != WEB_ADMIN && access != WEB_API))
		return STEP_MORE;
	if (access == WEB_API)
		return web_refuse(x, 401);
	return http_redirect(x, "/login?next=%s%s", gate_path(x, false),
			     x->request.method == HTTP_POST ? "&done=expired" : "");
}

enum step web_gate(struct http_exchange *x)
{
	unsigned access = x->route ? x->route->access : WEB_PUBLIC;
	struct web_visit *v = visit_begin(x);
	if (!v)
		return http_reply(x, 503, "text/plain; charset=utf-8",
				  SLICE_LIT("Out of memory.\n"));
	/* Style, script and icon are no secret: the page that tells of a wrong name needs them. */
	if (access != WEB_DEVICE && access != WEB_ASSET && !gate_knows_host(x))
		return web_refuse(x, 421);
	if (access != WEB_DEVICE && gate_wants_tls(x))
		return gate_to_tls(x);
	web_visit_know(x, v);
	if (access != WEB_DEVICE && x->request.method == HTTP_POST && !web_origin_is_ours(x, true))
		return web_refuse_for(x, 403, "origin");
	if (web_app(x)->options.is_rescue)
		return web_is_near(x) ? STEP_MORE : web_refuse_for(x, 403, "setup_away");
	if (!admin_password_is_set(web_app(x)))
		return gate_before_setup(x, access);
	return gate_by_access(x, access);
}

enum step web_admit(struct http_exchange *x)
{
	unsigned access = x->route->access;
	if (x->request.method != HTTP_POST || access == WEB_DEVICE || web_token_is_right(x))
		return STEP_MORE;
	/* Forms that need no login have no secret of one either: that our own page sent it is enough. */
	if (access != WEB_ADMIN && access != WEB_API && web_origin_is_ours(x, false))
		return STEP_MORE;
	return web_refuse_for(x, 403, "csrf");
}
