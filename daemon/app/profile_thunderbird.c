#include "app/profile.h"
#include "app/xml_writer.h"

bool profile_is_possible(const struct client_config *c)
{
	return (c->imap.is_on && c->imap.port) || (c->pop3.is_on && c->pop3.port) ||
	       (c->smtp.is_on && c->smtp.port);
}

static void write_server(struct xml *x, const struct client_config *c, const char *element,
			 const char *type, const struct client_service *s)
{
	xml_open(x, element);
	xml_attr(x, "type", type);
	xml_leaf(x, "hostname", c->host);
	xml_leaf_number(x, "port", s->port);
	xml_leaf(x, "socketType", "SSL");
	xml_leaf(x, "username", c->user);
	/* Over TLS. SCRAM would be "password-encrypted", which clients take for CRAM-MD5. */
	xml_leaf(x, "authentication", "password-cleartext");
}

static void write_imap(struct xml *x, const struct client_config *c)
{
	if (!c->imap.is_on || !c->imap.port)
		return;
	write_server(x, c, "incomingServer", "imap", &c->imap);
	xml_close(x);
}

static void write_pop3(struct xml *x, const struct client_config *c)
{
	if (!c->pop3.is_on || !c->pop3.port)
		return;
	write_server(x, c, "incomingServer", "pop3", &c->pop3);
	xml_open(x, "pop3");
	xml_leaf(x, "leaveMessagesOnServer", c->leaves_mail ? "true" : "false");
	if (c->leave_days)
		xml_leaf_number(x, "daysToLeaveMessagesOnServer", c->leave_days);
	xml_close(x);
	xml_close(x);
}

enum err profile_thunderbird(const struct client_config *c, struct buf *dst)
{
	struct xml x;
	xml_begin(&x, dst, NULL);
	xml_open(&x, "clientConfig");
	xml_attr(&x, "version", "1.1");
	xml_open(&x, "emailProvider");
	xml_attr(&x, "id", c->domain);
	xml_leaf(&x, "domain", c->domain);
	xml_leaf(&x, "displayName", c->domain);
	xml_leaf(&x, "displayShortName", c->domain);
	/* Programs take the first one they know. */
	if (c->pop3_first)
		write_pop3(&x, c);
	write_imap(&x, c);
	if (!c->pop3_first)
		write_pop3(&x, c);
	if (c->smtp.is_on && c->smtp.port) {
		write_server(&x, c, "outgoingServer", "smtp", &c->smtp);
		xml_close(&x);
	}
	return xml_end(&x);
}
