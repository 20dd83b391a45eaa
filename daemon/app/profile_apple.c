#include <stdio.h>

#include "app/profile.h"
#include "app/xml_writer.h"
#include "base/codec.h"

#define PLIST_DOCTYPE                                   \
	"plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" " \
	"\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\""

static void put_string(struct xml *x, const char *key, const char *value)
{
	xml_leaf(x, "key", key);
	xml_leaf(x, "string", value);
}

static void put_number(struct xml *x, const char *key, uint64_t value)
{
	xml_leaf(x, "key", key);
	xml_leaf_number(x, "integer", value);
}

static void put_true(struct xml *x, const char *key)
{
	xml_leaf(x, "key", key);
	xml_leaf(x, "true", "");
}

/* What every payload has. The identifier is told by the UUID too: a name that the owner may change
 * must not make a second account of it. */
static void put_payload(struct xml *x, const struct profile_apple *p, const char *type,
			const char *purpose, const char *title)
{
	char uuid[UUID_TEXT_BYTES] = "", identifier[64];
	enum err err = profile_key_uuid(p->key, p->config->user, purpose, uuid);
	if (!x->err)
		x->err = err;
	snprintf(identifier, sizeof(identifier), "mail.surel.%s", uuid);
	put_string(x, "PayloadType", type);
	put_number(x, "PayloadVersion", 1);
	put_string(x, "PayloadIdentifier", identifier);
	put_string(x, "PayloadUUID", uuid);
	put_string(x, "PayloadDisplayName", title);
}

static void put_server(struct xml *x, const struct client_config *c, const char *direction,
		       const struct client_service *s)
{
	char key[64];
#define KEY(what) (snprintf(key, sizeof(key), "%sMailServer" what, direction), key)
	put_string(x, KEY("HostName"), c->host);
	put_number(x, KEY("PortNumber"), s->port);
	put_true(x, KEY("UseSSL")); /* it cannot say STARTTLS: the port is the one for TLS */
	put_string(x, KEY("Username"), c->user);
	put_string(x, KEY("Authentication"), "EmailAuthPassword");
#undef KEY
}

static void put_account(struct xml *x, const struct profile_apple *p)
{
	const struct client_config *c = p->config;
	xml_open(x, "dict");
	put_payload(x, p, "com.apple.mail.managed", p->is_pop3 ? "pop3" : "imap", c->address);
	put_string(x, "EmailAccountType", p->is_pop3 ? "EmailTypePOP" : "EmailTypeIMAP");
	put_string(x, "EmailAccountDescription", c->address);
	put_string(x, "EmailAddress", c->address);
	put_server(x, c, "Incoming", p->is_pop3 ? &c->pop3 : &c->imap);
	put_server(x, c, "Outgoing", &c->smtp);
	put_true(x, "OutgoingPasswordSameAsIncomingPassword");
	xml_close(x);
}

static void put_ca(struct xml *x, const struct profile_apple *p)
{
	struct buf text;
	buf_init(&text, PROFILE_MAX_BYTES);
	xml_open(x, "dict");
	put_payload(x, p, "com.apple.security.root", "ca", "Surel");
	put_string(x, "PayloadCertificateFileName", "surel-ca.cer");
	xml_leaf(x, "key", "PayloadContent");
	xml_open(x, "data");
	enum err err = base64_add(&text, p->ca_der);
	if (!x->err)
		x->err = err;
	xml_text(x, buf_view(&text));
	xml_close(x);
	xml_close(x);
	buf_free(&text);
}

enum err profile_apple(const struct profile_apple *p, struct buf *dst)
{
	const struct client_config *c = p->config;
	const struct client_service *incoming = p->is_pop3 ? &c->pop3 : &c->imap;
	struct xml x;
	/* Both directions, or the device refuses the account. */
	if (!*c->address || !incoming->is_on || !incoming->port || !c->smtp.is_on || !c->smtp.port)
		return ERR_NOT_FOUND;
	xml_begin(&x, dst, PLIST_DOCTYPE);
	xml_open(&x, "plist");
	xml_attr(&x, "version", "1.0");
	xml_open(&x, "dict");
	put_payload(&x, p, "Configuration", "profile", p->title);
	put_string(&x, "PayloadDescription", p->text);
	put_string(&x, "PayloadOrganization", c->domain);
	xml_leaf(&x, "key", "PayloadContent");
	xml_open(&x, "array");
	put_account(&x, p);
	if (p->ca_der.len)
		put_ca(&x, p);
	return xml_end(&x);
}
