#include "app/web_client.h"

#include <stdio.h>

#include "app/certificate.h"
#include "app/page_door.h"
#include "proto/protocols.h"

enum err web_client_config(struct http_exchange *x, struct slice address, struct client_config *out)
{
	struct appliance *a = web_app(x);
	struct policy policy = a->settings.policy;
	struct slice detail;
	struct user *user = users_resolve(a->users, &a->settings, address, &detail);
	if (user && net_address_is_private(stream_peer(x->session->stream)))
		appliance_policy(a, user->name, &policy);
	struct client_question q = {
		.settings = &a->settings,
		.policy = &policy,
		.hostname = a->hostname,
		.has_tls = a->host.tls,
		.port_base = a->options.port_base,
		.host = x->request.host,
		.address = address,
	};
	return client_config_make(&q, out);
}

enum err web_client_url(struct http_exchange *x, const struct client_config *c, bool is_tls,
			const char *path, char *dst, size_t dst_size)
{
	uint16_t port = port_of_page(web_app(x), is_tls);
	bool is_six = strchr(c->host, ':');
	char port_text[8] = "";
	if (port != (is_tls ? 443 : 80))
		snprintf(port_text, sizeof(port_text), ":%u", port);
	int n = snprintf(dst, dst_size, "http%s://%s%s%s%s%s", is_tls ? "s" : "", is_six ? "[" : "",
			 c->host, is_six ? "]" : "", port_text, path);
	return n < 0 || (size_t)n >= dst_size ? ERR_LIMIT : ERR_NONE;
}

static bool fits_path(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || (c && strchr("-._~@+", c));
}

enum err web_connect_path(const char *user, char *dst, size_t dst_size)
{
	struct buf path;
	buf_init(&path, dst_size);
	enum err err = buf_add_str(&path, "/connect/");
	for (const char *c = user; !err && *c; c++)
		err = fits_path((uint8_t)*c) ? buf_add_byte(&path, (uint8_t)*c)
					     : buf_addf(&path, "%%%02X", (uint8_t)*c);
	if (!err)
		err = slice_to_str(buf_view(&path), dst, dst_size);
	buf_free(&path);
	return err;
}

enum err web_connect_url(struct http_exchange *x, const struct client_config *c, char *dst,
			 size_t dst_size)
{
	struct appliance *a = web_app(x);
	char path[WEB_URL_MAX];
	struct buf ca;
	buf_init(&ca, 16 * 1024);
	bool knows_us = a->host.tls && certificate_house_ca(a, true, &ca) == ERR_NOT_FOUND;
	buf_free(&ca);
	enum err err = web_connect_path(c->user, path, sizeof(path));
	bool is_tls = a->host.tls && (knows_us || !a->settings.web_plain_lan);
	return err ? err : web_client_url(x, c, is_tls, path, dst, dst_size);
}
