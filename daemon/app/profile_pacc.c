#include "app/model.h"

#include "app/profile.h"

static void put_protocol(struct model *protocols, const char *name, const struct client_config *c,
			 const struct client_service *s)
{
	if (s->is_on && s->port)
		model_text(model_object(protocols, name), "host", c->host);
}

enum err profile_pacc(const struct client_config *c, struct buf *dst)
{
	struct model *o = model_new();
	struct model *protocols = model_object(o, "protocols");
	if (c->pop3_first)
		put_protocol(protocols, "pop3", c, &c->pop3);
	put_protocol(protocols, "imap", c, &c->imap);
	if (!c->pop3_first)
		put_protocol(protocols, "pop3", c, &c->pop3);
	put_protocol(protocols, "smtp", c, &c->smtp);
	struct model *authentication = model_object(o, "authentication");
	model_bool(authentication, "password", true);
	struct model *info = model_object(o, "info");
	struct model *provider = model_object(info, "provider");
	model_text(provider, "name", c->domain);
	enum err err = model_is_whole(o) ? model_print(o, dst) : ERR_NOMEM;
	model_free(o);
	return err;
}
