#include <stdio.h>

#include "app/profile.h"
#include "app/xml_writer.h"

#define NS_ANSWER  "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
#define NS_OUTLOOK "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"

static void write_protocol(struct xml *x, const struct client_config *c, const char *type,
			   const struct client_service *s)
{
	if (!s->is_on || !s->port)
		return;
	xml_open(x, "Protocol");
	xml_leaf(x, "Type", type);
	xml_leaf(x, "Server", c->host);
	xml_leaf_number(x, "Port", s->port);
	xml_leaf(x, "DomainRequired", "off");
	xml_leaf(x, "LoginName", c->user);
	xml_leaf(x, "SPA", "off"); /* on, unless it is said */
	xml_leaf(x, "SSL", "on");
	xml_leaf(x, "Encryption", "TLS");
	xml_leaf(x, "AuthRequired", "on");
	if (s == &c->smtp) {
		xml_leaf(x, "UsePOPAuth", "off");
		xml_leaf(x, "SMTPLast", "off");
	}
	xml_close(x);
}

enum err profile_outlook(const struct client_config *c, struct buf *dst)
{
	struct xml x;
	xml_begin(&x, dst, NULL);
	xml_open(&x, "Autodiscover");
	xml_attr(&x, "xmlns", NS_ANSWER);
	xml_open(&x, "Response");
	xml_attr(&x, "xmlns", NS_OUTLOOK);
	xml_open(&x, "User");
	xml_leaf(&x, "DisplayName", c->address);
	xml_close(&x);
	xml_open(&x, "Account");
	xml_leaf(&x, "AccountType", "email");
	xml_leaf(&x, "Action", "settings");
	if (c->pop3_first)
		write_protocol(&x, c, "POP3", &c->pop3);
	write_protocol(&x, c, "IMAP", &c->imap);
	if (!c->pop3_first)
		write_protocol(&x, c, "POP3", &c->pop3);
	write_protocol(&x, c, "SMTP", &c->smtp);
	return xml_end(&x);
}

static const char *outlook_error_text(enum outlook_error error)
{
	switch (error) {
	case OUTLOOK_NO_SUCH_ADDRESS: return "The email address cannot be found.";
	case OUTLOOK_INVALID_REQUEST: return "Invalid Request";
	case OUTLOOK_NO_PROVIDER: return "Provider is not available";
	}
	return "";
}

enum err profile_outlook_error(enum outlook_error error, int64_t wall_s, struct buf *dst)
{
	struct xml x;
	char time[32];
	unsigned second = (unsigned)(wall_s % 86400);
	snprintf(time, sizeof(time), "%02u:%02u:%02u.0000000", second / 3600, second / 60 % 60,
		 second % 60);
	xml_begin(&x, dst, NULL);
	xml_open(&x, "Autodiscover");
	xml_attr(&x, "xmlns", NS_ANSWER);
	xml_open(&x, "Response");
	xml_open(&x, "Error");
	xml_attr(&x, "Time", time);
	xml_attr(&x, "Id", "0");
	xml_leaf_number(&x, "ErrorCode", error);
	xml_leaf(&x, "Message", outlook_error_text(error));
	xml_leaf(&x, "DebugData", "");
	return xml_end(&x);
}
