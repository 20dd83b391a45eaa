#include <cjson/cJSON.h>
#include <stdlib.h>

#include "app/profile.h"

static void put_protocol(cJSON *protocols, const char *name, const struct client_config *c,
			 const struct client_service *s)
{
	if (s->is_on && s->port)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(protocols, name), "host", c->host);
}

enum err profile_pacc(const struct client_config *c, struct buf *dst)
{
	cJSON *o = cJSON_CreateObject();
	cJSON *protocols = cJSON_AddObjectToObject(o, "protocols");
	if (c->pop3_first)
		put_protocol(protocols, "pop3", c, &c->pop3);
	put_protocol(protocols, "imap", c, &c->imap);
	if (!c->pop3_first)
		put_protocol(protocols, "pop3", c, &c->pop3);
	put_protocol(protocols, "smtp", c, &c->smtp);
	cJSON *authentication = cJSON_AddObjectToObject(o, "authentication");
	cJSON_AddTrueToObject(authentication, "password");
	cJSON *info = cJSON_AddObjectToObject(o, "info");
	cJSON *provider = cJSON_AddObjectToObject(info, "provider");
	cJSON_AddStringToObject(provider, "name", c->domain);
	char *text = cJSON_PrintUnformatted(o);
	enum err err = text ? buf_add_str(dst, text) : ERR_NOMEM;
	free(text);
	cJSON_Delete(o);
	return err;
}
