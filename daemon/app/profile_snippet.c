#include "app/profile.h"
#include "app/xml_writer.h"

/* RFC 6186 3.4: what is encrypted from the first byte comes first. */
enum { PRIORITY_TLS = 0, PRIORITY_STARTTLS = 10 };

struct srv {
	const char *service;
	unsigned priority;
	uint16_t port; /* 0: decidedly not here */
};

enum { SRV_COUNT = 6 };

static void srv_list(const struct client_config *c, struct srv list[SRV_COUNT])
{
	const struct srv all[SRV_COUNT] = {
		{"_imaps", PRIORITY_TLS, c->imap.is_on ? c->imap.port : 0},
		{"_imap", PRIORITY_STARTTLS, c->imap.is_on ? c->imap.starttls_port : 0},
		{"_pop3s", PRIORITY_TLS, c->pop3.is_on ? c->pop3.port : 0},
		{"_pop3", PRIORITY_STARTTLS, c->pop3.is_on ? c->pop3.starttls_port : 0},
		{"_submissions", PRIORITY_TLS, c->smtp.is_on ? c->smtp.port : 0},
		{"_submission", PRIORITY_STARTTLS, c->smtp.is_on ? c->smtp.starttls_port : 0},
	};
	memcpy(list, all, sizeof(all));
	/* A name server cannot say "in clear text": such a port is better not found. */
	for (size_t i = 1; !c->has_tls && i < SRV_COUNT; i += 2)
		list[i].port = 0;
}

enum err profile_srv(const struct client_config *c, struct buf *dst)
{
	struct srv list[SRV_COUNT];
	enum err err = ERR_NONE;
	srv_list(c, list);
	for (size_t i = 0; !err && i < SRV_COUNT; i++) {
		const struct srv *s = &list[i];
		err = s->port ? buf_addf(dst, "%s._tcp.%s. IN SRV %u 1 %u %s.\n", s->service,
					 c->domain, s->priority, s->port, c->host)
			      : buf_addf(dst, "%s._tcp.%s. IN SRV 0 0 0 .\n", s->service,
					 c->domain);
	}
	return err;
}

enum err profile_dnsmasq(const struct client_config *c, const char *box_address, struct buf *dst)
{
	struct srv list[SRV_COUNT];
	enum err err = ERR_NONE;
	srv_list(c, list);
	if (box_address)
		err = buf_addf(dst, "host-record=%s,autoconfig.%s,autodiscover.%s,%s\n", c->host,
			       c->domain, c->domain, box_address);
	for (size_t i = 0; !err && i < SRV_COUNT; i++) {
		const struct srv *s = &list[i];
		err = s->port ? buf_addf(dst, "srv-host=%s._tcp.%s,%s,%u,%u,1\n", s->service,
					 c->domain, c->host, s->port, s->priority)
			      : buf_addf(dst, "srv-host=%s._tcp.%s\n", s->service, c->domain);
	}
	return err;
}

static void put_service(struct xml *x, const char *type, uint16_t port)
{
	xml_open(x, "service");
	xml_leaf(x, "type", type);
	xml_leaf_number(x, "port", port);
	xml_close(x);
}

enum err profile_avahi(const struct client_config *c, uint16_t http_port, struct buf *dst)
{
	struct xml x;
	struct srv list[SRV_COUNT];
	char type[32];
	srv_list(c, list);
	xml_begin(&x, dst, "service-group SYSTEM \"avahi-service.dtd\"");
	xml_open(&x, "service-group");
	xml_open(&x, "name");
	xml_attr(&x, "replace-wildcards", "yes");
	xml_text(&x, SLICE_LIT("Surel (%h)"));
	xml_close(&x);
	put_service(&x, "_http._tcp", http_port);
	for (size_t i = 0; i < SRV_COUNT; i++) {
		struct buf name;
		buf_init(&name, sizeof(type));
		if (!list[i].port)
			continue;
		enum err err = buf_addf(&name, "%s._tcp", list[i].service);
		if (!err)
			err = slice_to_str(buf_view(&name), type, sizeof(type));
		if (err)
			x.err = err;
		else
			put_service(&x, type, list[i].port);
		buf_free(&name);
	}
	return xml_end(&x);
}
