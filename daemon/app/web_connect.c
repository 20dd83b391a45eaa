/* How to set a device up: the page, its QR code, the profile for Apple's devices, the house's CA.
 * All of it is public, and the same for names that exist and names that do not. */
#include <stdio.h>

#include <mbedtls/sha256.h>

#include "app/certificate.h"
#include "app/page_door.h"
#include "app/profile.h"
#include "app/qr_svg.h"
#include "app/web_client.h"
#include "app/web_visit.h"
#include "app/web_words.h"

enum { CA_MAX_BYTES = 16 * 1024 };

/* --- the model --------------------------------------------------------------------------------- */

/* The fingerprint, to compare with what a device shows before it trusts. */
static void put_ca(struct http_exchange *x, struct model *model)
{
	uint8_t hash[32];
	char mark[3 * sizeof(hash) + 1];
	struct buf der;
	buf_init(&der, CA_MAX_BYTES);
	bool is_there = !certificate_house_ca(web_app(x), false, &der) &&
			!mbedtls_sha256(buf_view(&der).ptr, der.len, hash, 0);
	buf_free(&der);
	if (!is_there)
		return;
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(mark + 3 * i, 4, "%02X%s", hash[i], i + 1 < sizeof(hash) ? ":" : "");
	model_text(model_object(model, "ca"), "mark", mark);
}

/* The settings, and what name servers can be told of them. */
static void put_config(struct http_exchange *x, struct model *model, const struct client_config *c)
{
	char address[NET_ADDRESS_TEXT_BYTES];
	net_address_text(stream_local(x->session->stream), address, sizeof(address));
	profile_put(model, c);
	/* A name server needs a name to point to. */
	model_text(model, "dns_host",
		   client_host_is_numeric(slice_str(c->host)) ? web_app(x)->hostname : c->host);
	model_text(model, "box", address);
	model_number(model, "http_port", port_of_page(web_app(x), false));
}

static enum step page_of(struct http_exchange *x, const struct client_config *c)
{
	char path[WEB_URL_MAX], url[WEB_URL_MAX];
	if (web_connect_path(c->user, path, sizeof(path)) ||
	    web_connect_url(x, c, url, sizeof(url)))
		return web_refuse(x, 404);
	struct model *model = model_new();
	model_textf(model, "title", "%s: %s", web_text(web_lang(x), "connect.title"), c->address);
	model_texts(model, "here url", path, url);
	put_config(x, model, c);
	put_ca(x, model);
	return web_page(x, 200, "connect", model);
}

/* --- without a name ---------------------------------------------------------------------------- */

static enum step run_form(struct http_exchange *x)
{
	enum lang lang = web_lang(x);
	struct client_config c;
	char path[WEB_URL_MAX];
	const char *name = web_query(x, "name");
	bool is_good = *name && !web_client_config(x, slice_trim(slice_str(name)), &c) &&
		       !web_connect_path(c.user, path, sizeof(path));
	if (is_good)
		return http_redirect(x, "%s", path);
	struct model *model = model_new();
	struct model *field = web_form_field(model, lang, "name", "connect.name", name,
					     *name ? web_text(lang, "connect.name.bad") : NULL);
	model_bool(field, "is_plain", true);
	model_bool(field, "required", true);
	model_text(field, "autocomplete", "email");
	put_ca(x, model);
	if (!web_client_config(x, SLICE_EMPTY, &c))
		put_config(x, model, &c);
	return web_page(x, *name ? 422 : 200, "connect", model);
}

/* --- with one ---------------------------------------------------------------------------------- */

/* name: under which it is saved; NULL: it is shown. Frees the body. */
static enum step send_file(struct http_exchange *x, const char *type, const char *name,
			   enum err err, struct buf *body)
{
	if (!err && name)
		http_add_field(x, "Content-Disposition", "attachment; filename=\"%s\"", name);
	enum step step = err == ERR_NOT_FOUND ? web_refuse(x, 404)
			 : err                ? web_refuse(x, 500)
					      : http_reply(x, 200, type, buf_view(body));
	buf_free(body);
	return step;
}

static enum step send_qr(struct http_exchange *x, const struct client_config *c)
{
	char url[WEB_URL_MAX];
	struct buf svg;
	buf_init(&svg, QR_SVG_MAX_BYTES);
	enum err err = web_connect_url(x, c, url, sizeof(url));
	if (!err)
		err = qr_svg(url, url, &svg);
	return send_file(x, "image/svg+xml", NULL, err, &svg);
}

static enum err write_profile(struct http_exchange *x, const struct client_config *c, bool is_pop3,
			      struct buf *dst)
{
	struct profile_key key;
	struct buf ca;
	enum err err = profile_key_load(web_app(x)->data_dir, &key);
	if (err)
		return err;
	buf_init(&ca, CA_MAX_BYTES);
	err = certificate_house_ca(web_app(x), false, &ca);
	struct profile_apple p = {.config = c,
				  .key = &key,
				  .is_pop3 = is_pop3,
				  .ca_der = buf_view(&ca),
				  .lang = web_lang(x)};
	if (!err || err == ERR_NOT_FOUND)
		err = profile_apple(&p, dst);
	buf_free(&ca);
	return err;
}

static enum step send_profile(struct http_exchange *x, const struct client_config *c, bool is_pop3)
{
	struct buf body;
	buf_init(&body, PROFILE_MAX_BYTES);
	enum err err = write_profile(x, c, is_pop3, &body);
	return send_file(x, "application/x-apple-aspen-config", "surel.mobileconfig", err, &body);
}

static enum step run_connect(struct http_exchange *x)
{
	struct client_config c;
	struct slice what = x->tail;
	struct slice name = slice_split(&what, '/');
	if (!name.len || web_client_config(x, name, &c))
		return web_refuse(x, 404);
	if (!what.len)
		return page_of(x, &c);
	if (slice_eq_str(what, "qr.svg"))
		return send_qr(x, &c);
	if (slice_eq_str(what, "imap.mobileconfig"))
		return send_profile(x, &c, false);
	if (slice_eq_str(what, "pop3.mobileconfig"))
		return send_profile(x, &c, true);
	return web_refuse(x, 404);
}

/* --- the CA ------------------------------------------------------------------------------------ */

static enum step run_ca(struct http_exchange *x)
{
	bool as_pem = slice_ends_nocase(x->request.path, ".pem");
	struct buf body;
	buf_init(&body, CA_MAX_BYTES);
	enum err err = certificate_house_ca(web_app(x), as_pem, &body);
	return send_file(x, "application/x-x509-ca-cert", as_pem ? "surel-ca.pem" : "surel-ca.der",
			 err, &body);
}

static const struct http_route rows[] = {
	{.path = "/connect", .methods = HTTP_GET, .access = WEB_PUBLIC, .run = run_form},
	{.path = "/connect/*", .methods = HTTP_GET, .access = WEB_PUBLIC, .run = run_connect},
	{.path = "/ca.pem", .methods = HTTP_GET, .access = WEB_DEVICE, .run = run_ca},
	{.path = "/ca.der", .methods = HTTP_GET, .access = WEB_DEVICE, .run = run_ca},
};
const struct http_routes web_connect_routes = {rows, sizeof(rows) / sizeof(rows[0])};
