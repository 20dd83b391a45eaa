#include "app/profile.h"

#include <stddef.h>
#include <stdio.h>

#include "base/codec.h"

bool profile_is_possible(const struct client_config *c)
{
	return (c->imap.is_on && c->imap.port) || (c->pop3.is_on && c->pop3.port) ||
	       (c->smtp.is_on && c->smtp.port);
}

/* Devices want a way in and a way out, both encrypted. */
static bool is_complete(const struct client_config *c, const struct client_service *incoming)
{
	return *c->address && incoming->is_on && incoming->port && c->smtp.is_on && c->smtp.port;
}

/* --- the model --------------------------------------------------------------------------------- */

struct profile_service {
	const char *name, *type, *srv, *way;
	size_t offset; /* in struct client_config */
};

static void put_service(struct model *row, const struct client_config *c,
			const struct profile_service *is)
{
	const struct client_service *s =
		(const struct client_service *)(const void *)((const char *)c + is->offset);
	bool is_smtp = s == &c->smtp;
	model_texts(row, "name type srv way", is->name, is->type, is->srv, is->way);
	model_bool(row, "is_pop3", s == &c->pop3);
	model_bool(row, "is_smtp", is_smtp);
	model_bool(row, "has_profile", !is_smtp && is_complete(c, s));
	if (!s->is_on)
		return;
	model_number(row, "port", s->port ? s->port : s->starttls_port);
	model_number(row, "tls", s->port);
	/* A name server cannot say "in clear text": such a port is better not found. */
	model_number(row, "starttls", c->has_tls ? s->starttls_port : 0);
}

void profile_put(struct model *model, const struct client_config *c)
{
	static const struct profile_service services[] = {
		{"POP3", "pop3", "pop3", "incoming", offsetof(struct client_config, pop3)},
		{"IMAP", "imap", "imap", "incoming", offsetof(struct client_config, imap)},
		{"SMTP", "smtp", "submission", "outgoing", offsetof(struct client_config, smtp)},
	};
	struct model *list = model_list(model, "services");
	model_texts(model, "host domain user address", c->host, c->domain, c->user, c->address);
	model_bool(model, "leaves_mail", c->leaves_mail);
	model_number(model, "leave_days", c->leave_days);
	model_bool(model, "has_tls", c->has_tls);
	model_bool(model, "has_services", c->imap.is_on || c->pop3.is_on || c->smtp.is_on);
	model_bool(model, "profiles", is_complete(c, &c->imap) || is_complete(c, &c->pop3));
	put_service(model_row(list), c, &services[c->pop3_first ? 0 : 1]);
	put_service(model_row(list), c, &services[c->pop3_first ? 1 : 0]);
	put_service(model_row(list), c, &services[2]);
}

/* --- the formats ------------------------------------------------------------------------------- */

static enum err fill_and_free(enum lang lang, const char *file, struct model *model,
			      struct buf *dst)
{
	enum err err = model_is_whole(model) ? web_fill(lang, file, model, dst) : ERR_NOMEM;
	model_free(model);
	return err;
}

enum err profile_write(const char *file, const struct client_config *c, struct buf *dst)
{
	struct model *model = model_new();
	profile_put(model, c);
	return fill_and_free(LANG_EN, file, model, dst);
}

enum err profile_outlook_error(enum outlook_error error, int64_t wall_s, struct buf *dst)
{
	struct model *model = model_new(), *told = model_object(model, "error");
	unsigned second = (unsigned)(wall_s % 86400);
	model_textf(told, "time", "%02u:%02u:%02u.0000000", second / 3600, second / 60 % 60,
		    second % 60);
	model_number(told, "code", error);
	model_text(told, "message",
		   error == OUTLOOK_NO_SUCH_ADDRESS   ? "The email address cannot be found."
		   : error == OUTLOOK_INVALID_REQUEST ? "Invalid Request"
						      : "Provider is not available");
	return fill_and_free(LANG_EN, PROFILE_OUTLOOK, model, dst);
}

static enum err put_uuid(struct model *in, const struct profile_apple *p, const char *purpose)
{
	char uuid[UUID_TEXT_BYTES];
	enum err err = profile_key_uuid(p->key, p->config->user, purpose, uuid);
	if (!err)
		model_text(in, "uuid", uuid);
	return err;
}

static enum err put_ca(struct model *ca, const struct profile_apple *p)
{
	struct buf text;
	buf_init(&text, PROFILE_MAX_BYTES);
	enum err err = base64_add(&text, p->ca_der);
	model_take(ca, "data", &text);
	return err ? err : put_uuid(ca, p, "ca");
}

enum err profile_apple(const struct profile_apple *p, struct buf *dst)
{
	const struct client_config *c = p->config;
	const struct client_service *s = p->is_pop3 ? &c->pop3 : &c->imap;
	if (!is_complete(c, s))
		return ERR_NOT_FOUND;
	struct model *model = model_new(), *incoming = model_object(model, "incoming");
	profile_put(model, c);
	model_text(incoming, "type", p->is_pop3 ? "POP" : "IMAP");
	model_number(incoming, "port", s->port);
	model_number(incoming, "smtp", c->smtp.port);
	enum err err = put_uuid(model, p, "profile");
	if (!err)
		err = put_uuid(incoming, p, p->is_pop3 ? "pop3" : "imap");
	if (!err && p->ca_der.len)
		err = put_ca(model_object(model, "ca"), p);
	if (!err)
		return fill_and_free(p->lang, "apple.xml", model, dst);
	model_free(model);
	return err;
}

/* Names of hosts and domains are plain (client_host_is_valid), but JSON counts its commas. */
enum err profile_pacc(const struct client_config *c, struct buf *dst)
{
	struct model *told = model_new(), *o = model_new();
	struct model *protocols = model_object(o, "protocols");
	profile_put(told, c);
	const struct model *services = model_get(told, "services");
	for (const struct model *s = services ? services->first : NULL; s; s = s->next)
		if (model_get_number(s, "tls"))
			model_text(model_object(protocols, model_get_text(s, "type")), "host",
				   c->host);
	model_bool(model_object(o, "authentication"), "password", true);
	model_text(model_object(model_object(o, "info"), "provider"), "name", c->domain);
	enum err err = model_is_whole(told) && model_is_whole(o) ? model_print(o, dst) : ERR_NOMEM;
	model_free(told);
	model_free(o);
	return err;
}
