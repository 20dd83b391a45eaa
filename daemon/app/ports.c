#include "app/ports.h"

#include "app/page_door.h"
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

uint16_t port_number(const struct appliance *a, const struct protocol_port *port)
{
	uint16_t page = page_door_number(a, port);
	return page ? page : (uint16_t)(a->options.port_base + port->number);
}

/* Nothing listens for mail before there is a user; ports that are open stay so without one. */
static bool port_is_wanted(const struct appliance *a, const struct protocol_port *port)
{
	if (a->options.is_tool || (port->is_implicit_tls && !a->host.tls))
		return false;
	if (!page_door_is(port->service) && !a->listening &&
	    (!a->users || users_count(a->users) == 0))
		return false;
	return port_is_enabled(&a->settings, port->service);
}

static void port_accepted(void *owner, struct stream *stream, bool over_limit)
{
	struct open_port *p = owner;
	if (page_door_is(p->service) && !over_limit)
		page_door_make_room(p->app);
	p->protocol->start(&p->app->host, stream, p->service, over_limit);
}

/* Its place in the table, or a free one; listeners know it by its address. NULL: the table is full. */
static struct open_port *port_find(struct appliance *a, const struct protocol_port *port,
				   const char *address)
{
	struct open_port *free_one = NULL;
	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		struct open_port *p = &a->ports[i];
		if (p->listener && p->port == port && p->address == address)
			return p;
		if (!p->listener && !free_one)
			free_one = p;
	}
	return free_one;
}

static enum err port_open_at(struct appliance *a, const struct protocol *protocol,
			     const struct protocol_port *port, const char *address)
{
	struct open_port *p = port_find(a, port, address);
	if (!p)
		return ERR_LIMIT;
	if (p->listener)
		return ERR_NONE;
	*p = (struct open_port){.app = a,
				.protocol = protocol,
				.port = port,
				.address = address,
				.service = port->service};
	struct listener_config config = {
		.address = address,
		.port = port_number(a, port),
		.is_implicit_tls = port->is_implicit_tls,
		.tls = a->host.tls,
		.table = page_door_is(port->service) ? a->page_connections : a->connections,
		.in_max_bytes = PORT_IN_MAX_BYTES,
		.accepted = port_accepted,
		.owner = p,
	};
	enum err err = listener_open(a->loop, &config, &p->listener);
	if (err) {
		p->listener = NULL;
		log_error(0, "cannot listen on port %u (%s): %s", config.port, port->name,
			  err_text(err));
	} else if (!page_door_is(port->service)) {
		a->listening = true;
	}
	return err;
}

/* At every address asked for; without any the first is NULL, which means all. */
static void port_open(struct appliance *a, const struct protocol *protocol,
		      const struct protocol_port *port, bool *is_open, enum err *failure)
{
	size_t i = 0;
	do {
		enum err err = port_open_at(a, protocol, port, a->options.listen[i]);
		if (err)
			*failure = err;
		else
			*is_open = true;
	} while (++i < a->options.listen_count);
}

void ports_close_unwanted(struct appliance *a)
{
	for (size_t i = 0; i < LISTENERS_MAX; i++)
		if (a->ports[i].listener && !port_is_wanted(a, a->ports[i].port))
			listener_close(&a->ports[i].listener);
	list_for_each (node, &a->sessions) {
		struct session *s = list_owner(node, struct session, link);
		if (!port_is_enabled(&a->settings, s->service))
			session_end(s, GOODBYE_SWITCHED);
	}
}

enum err ports_open(struct appliance *a)
{
	enum err failure = ERR_NONE;
	bool is_open = false;
	for (const struct protocol *const *p = protocols; *p; p++)
		for (size_t i = 0; i < (*p)->port_count; i++)
			if (port_is_wanted(a, &(*p)->ports[i]))
				port_open(a, *p, &(*p)->ports[i], &is_open, &failure);
	return is_open ? ERR_NONE : failure;
}

void ports_close(struct appliance *a)
{
	for (size_t i = 0; i < LISTENERS_MAX; i++)
		if (a->ports[i].listener)
			listener_close(&a->ports[i].listener);
}
