#include "app/ports.h"

#include "base/log.h"
#include "proto/protocols.h"

/* Command lines are gathered by the protocols; data is taken out as it comes. */
enum { PORT_IN_MAX_BYTES = 16 * 1024 };

bool port_is_enabled(const struct settings *s, enum service service)
{
	switch (service) {
	case SERVICE_IMAP: return s->imap_enabled;
	case SERVICE_POP3: return s->pop3_enabled;
	case SERVICE_SMTP: return s->smtp_enabled;
	case SERVICE_SUBMISSION: return s->submission_enabled;
	case SERVICE_LMTP: return s->lmtp_enabled;
	case SERVICE_HTTP: return true;
	case SERVICE_COUNT: break;
	}
	return false;
}

static void port_accepted(void *owner, struct stream *stream, bool over_limit)
{
	struct open_port *p = owner;
	p->protocol->start(&p->app->host, stream, p->service, over_limit);
}

static enum err port_open(struct appliance *a, const struct protocol *protocol,
			  const struct protocol_port *port, const char *address)
{
	if (a->port_count == LISTENERS_MAX)
		return ERR_LIMIT;
	struct open_port *p = &a->ports[a->port_count];
	*p = (struct open_port){.app = a, .protocol = protocol, .service = port->service};
	struct listener_config config = {
		.address = address,
		.port = (uint16_t)(a->options.port_base + port->number),
		.is_implicit_tls = port->is_implicit_tls,
		.tls = a->host.tls,
		.table = a->connections,
		.in_max_bytes = PORT_IN_MAX_BYTES,
		.accepted = port_accepted,
		.owner = p,
	};
	enum err err = listener_open(a->loop, &config, &p->listener);
	if (err)
		log_error(0, "cannot listen on port %u (%s): %s", config.port, port->name,
			  err_text(err));
	else
		a->port_count++;
	return err;
}

static enum err port_open_everywhere(struct appliance *a, const struct protocol *protocol,
				     const struct protocol_port *port)
{
	enum err first = ERR_NONE;
	if (!port_is_enabled(&a->settings, port->service) ||
	    (port->is_implicit_tls && !a->host.tls))
		return ERR_NONE;
	for (size_t i = 0; i < (a->options.listen_count ? a->options.listen_count : 1); i++) {
		const char *address = a->options.listen_count ? a->options.listen[i] : NULL;
		enum err err = port_open(a, protocol, port, address);
		if (err && !first)
			first = err;
	}
	return first;
}

enum err ports_open(struct appliance *a)
{
	enum err first = ERR_NONE;
	for (const struct protocol *const *p = protocols; *p; p++)
		for (size_t i = 0; i < (*p)->port_count; i++) {
			enum err err = port_open_everywhere(a, *p, &(*p)->ports[i]);
			if (err && !first)
				first = err;
		}
	return a->port_count ? ERR_NONE : first;
}

void ports_close(struct appliance *a)
{
	while (a->port_count)
		listener_close(&a->ports[--a->port_count].listener);
}
