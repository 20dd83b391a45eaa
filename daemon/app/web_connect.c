/* How to set a device up: the page, its QR code, the profile for Apple's devices, the house's CA.
 * All of it is public, and the same for names that exist and names that do not. */
#include <stdio.h>

#include <mbedtls/sha256.h>

#include "app/certificate.h"
#include "app/profile.h"
#include "app/qr_svg.h"
#include "app/web_client.h"
#include "app/web_visit.h"
#include "app/web_words.h"

enum { CONNECT_TEXT_MAX = 8 * 1024, CA_MAX_BYTES = 16 * 1024 };

/* --- the model --------------------------------------------------------------------------------- */

static void put_row(struct model *rows, enum lang lang, const char *name, const char *use,
		    const struct client_service *s)
{
	if (!s->is_on)
		return;
	struct model *row = model_row(rows);
	model_text(row, "name", name);
	model_text(row, "use", web_text(lang, use));
	model_number(row, "port", s->port ? s->port : s->starttls_port);
	model_text(row, "security", s->port ? "SSL/TLS" : web_text(lang, "connect.unencrypted"));
	if (s->port)
		model_number(row, "starttls", s->starttls_port);
}

static void put_rows(struct model *model, enum lang lang, const struct client_config *c)
{
	struct model *rows = model_list(model, "rows");
	if (c->pop3_first)
		put_row(rows, lang, "POP3", "connect.pop3", &c->pop3);
	put_row(rows, lang, "IMAP", "connect.imap", &c->imap);
	if (!c->pop3_first)
		put_row(rows, lang, "POP3", "connect.pop3", &c->pop3);
	put_row(rows, lang, "SMTP", "connect.smtp", &c->smtp);
}

static void put_link(struct model *links, enum lang lang, const char *path, const char *kind)
{
	char text[WEB_URL_MAX + 32], key[32];
	struct model *link = model_row(links);
	snprintf(text, sizeof(text), "%s/%s.mobileconfig", path, kind);
	snprintf(key, sizeof(key), "connect.apple.%s", kind);
	model_text(link, "path", text);
	model_text(link, "label", web_text(lang, key));
}

/* A profile needs a way in and a way out, both encrypted. */
static bool has_profile(const struct client_config *c, const struct client_service *s)
{
	return s->is_on && s->port && c->smtp.is_on && c->smtp.port;
}

static void put_profiles(struct model *model, enum lang lang, const struct client_config *c,
			 const char *path)
{
	if (!has_profile(c, &c->imap) && !has_profile(c, &c->pop3))
		return;
	struct model *links = model_list(model_object(model, "profiles"), "links");
	if (has_profile(c, &c->pop3) && c->pop3_first)
		put_link(links, lang, path, "pop3");
	if (has_profile(c, &c->imap))
		put_link(links, lang, path, "imap");
	if (has_profile(c, &c->pop3) && !c->pop3_first)
		put_link(links, lang, path, "pop3");
}

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

static void put_snippet(struct model *snippets, enum lang lang, const char *key, enum err err,
			struct buf *text)
{
	struct model *one = err ? NULL : model_row(snippets);
	model_texts(one, "id title", strrchr(key, '.') + 1, web_text(lang, key));
	model_take(one, "text", text);
}

static void put_snippets(struct http_exchange *x, struct model *model,
			 const struct client_config *asked)
{
	char address[NET_ADDRESS_TEXT_BYTES];
	enum lang lang = web_lang(x);
	struct client_config c = *asked;
	struct buf text;
	struct model *snippets = model_list(model, "snippets");
	net_address_text(stream_local(x->session->stream), address, sizeof(address));
	/* A name server needs a name to point to. */
	if (client_host_is_numeric(slice_str(c.host)))
		snprintf(c.host, sizeof(c.host), "%s", web_app(x)->hostname);
	buf_init(&text, CONNECT_TEXT_MAX);
	put_snippet(snippets, lang, "connect.dns.srv", profile_srv(&c, &text), &text);
	put_snippet(snippets, lang, "connect.dns.dnsmasq",
		    profile_dnsmasq(&c, *address ? address : NULL, &text), &text);
	put_snippet(snippets, lang, "connect.dns.avahi",
		    profile_avahi(&c, web_client_port(x, false), &text), &text);
}

static void put_title(struct model *model, enum lang lang, const struct client_config *c)
{
	char title[CLIENT_NAME_MAX + 64];
	snprintf(title, sizeof(title), "%s: %s", web_text(lang, "connect.title"), c->address);
	model_text(model, "title", title);
}

static enum step page_of(struct http_exchange *x, const struct client_config *c)
{
	enum lang lang = web_lang(x);
	char path[WEB_URL_MAX], url[WEB_URL_MAX], qr[WEB_URL_MAX + 8];
	if (web_connect_path(c->user, path, sizeof(path)) ||
	    web_connect_url(x, c, url, sizeof(url)))
		return web_refuse(x, 404, "404");
	snprintf(qr, sizeof(qr), "%s/qr.svg", path);
	struct model *model = model_new();
	put_title(model, lang, c);
	model_text(model, "user", c->user);
	model_text(model, "address", c->address);
	model_text(model, "host", c->host);
	model_text(model, "url", url);
	model_text(model, "qr", qr);
	model_bool(model, "has_tls", c->has_tls);
	put_rows(model, lang, c);
	put_profiles(model, lang, c, path);
	put_ca(x, model);
	put_snippets(x, model, c);
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
		put_snippets(x, model, &c);
	return web_page(x, *name ? 422 : 200, "connect", model);
}

/* --- with one ---------------------------------------------------------------------------------- */

static enum step send_qr(struct http_exchange *x, const struct client_config *c)
{
	char url[WEB_URL_MAX];
	struct buf svg;
	buf_init(&svg, QR_SVG_MAX_BYTES);
	enum err err = web_connect_url(x, c, url, sizeof(url));
	if (!err)
		err = qr_svg(url, url, &svg);
	enum step step = err ? web_refuse(x, 500, "500")
			     : http_reply(x, 200, "image/svg+xml", buf_view(&svg));
	buf_free(&svg);
	return step;
}

static enum err words_to_str(enum lang lang, const char *key, const struct client_config *c,
			     char *dst, size_t dst_size)
{
	struct buf text;
	buf_init(&text, dst_size - 1);
	words_say(&text, lang, key, &(struct word){"address", c->address}, 1);
	enum err err = slice_to_str(buf_view(&text), dst, dst_size);
	buf_free(&text);
	return err;
}

static enum err write_profile(struct http_exchange *x, const struct client_config *c, bool is_pop3,
			      struct buf *dst)
{
	struct profile_key key;
	struct buf ca;
	char title[CLIENT_NAME_MAX + 64], text[CLIENT_NAME_MAX + 512];
	enum lang lang = web_lang(x);
	enum err err = words_to_str(lang, "connect.profile", c, title, sizeof(title));
	if (!err)
		err = words_to_str(lang, "connect.profile.text", c, text, sizeof(text));
	if (!err)
		err = profile_key_load(web_app(x)->data_dir, &key);
	if (err)
		return err;
	buf_init(&ca, CA_MAX_BYTES);
	err = certificate_house_ca(web_app(x), false, &ca);
	struct profile_apple p = {.config = c,
				  .key = &key,
				  .is_pop3 = is_pop3,
				  .ca_der = buf_view(&ca),
				  .title = title,
				  .text = text};
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
	enum step step = STEP_DONE;
	if (err == ERR_NOT_FOUND) {
		step = web_refuse(x, 404, "404");
	} else if (err) {
		step = web_refuse(x, 500, "500");
	} else {
		http_add_field(x, "Content-Disposition",
			       "attachment; filename=\"surel.mobileconfig\"");
		step = http_reply(x, 200, "application/x-apple-aspen-config", buf_view(&body));
	}
	buf_free(&body);
	return step;
}

static enum step run_connect(struct http_exchange *x)
{
	struct client_config c;
	struct slice what = x->tail;
	struct slice name = slice_split(&what, '/');
	if (!name.len || web_client_config(x, name, &c))
		return web_refuse(x, 404, "404");
	if (!what.len)
		return page_of(x, &c);
	if (slice_eq_str(what, "qr.svg"))
		return send_qr(x, &c);
	if (slice_eq_str(what, "imap.mobileconfig"))
		return send_profile(x, &c, false);
	if (slice_eq_str(what, "pop3.mobileconfig"))
		return send_profile(x, &c, true);
	return web_refuse(x, 404, "404");
}

/* --- the CA ------------------------------------------------------------------------------------ */

static enum step run_ca(struct http_exchange *x)
{
	bool as_pem = slice_ends_nocase(x->request.path, ".pem");
	struct buf body;
	buf_init(&body, CA_MAX_BYTES);
	enum err err = certificate_house_ca(web_app(x), as_pem, &body);
	enum step step = STEP_DONE;
	if (err) {
		step = web_refuse(x, err == ERR_NOT_FOUND ? 404 : 500,
				  err == ERR_NOT_FOUND ? "404" : "500");
	} else {
		http_add_field(x, "Content-Disposition", "attachment; filename=\"surel-ca.%s\"",
			       as_pem ? "pem" : "der");
		step = http_reply(x, 200, "application/x-x509-ca-cert", buf_view(&body));
	}
	buf_free(&body);
	return step;
}

static const struct http_route rows[] = {
	{.path = "/connect", .methods = HTTP_GET, .access = WEB_PUBLIC, .run = run_form},
	{.path = "/connect/*", .methods = HTTP_GET, .access = WEB_PUBLIC, .run = run_connect},
	{.path = "/ca.pem", .methods = HTTP_GET, .access = WEB_DEVICE, .run = run_ca},
	{.path = "/ca.der", .methods = HTTP_GET, .access = WEB_DEVICE, .run = run_ca},
};
const struct http_routes web_connect_routes = {rows, sizeof(rows) / sizeof(rows[0])};
