#include "app/page_door.h"

#include "app/ports.h"
#include "proto/protocols.h"

/* An eighth of all connections, but not less: a browser opens several. */
enum { PAGE_CONNECTIONS_MIN = 16 };

bool page_door_is(enum service service)
{
	return service == SERVICE_HTTP;
}

uint16_t page_door_number(const struct appliance *a, const struct protocol_port *port)
{
	const struct appliance_options *o = &a->options;
	if (port->service != SERVICE_HTTP)
		return 0;
	return port->is_implicit_tls ? o->page_tls_port : o->page_port;
}

uint16_t port_of_page(const struct appliance *a, bool is_tls)
{
	for (const struct protocol *const *p = protocols; *p; p++)
		for (size_t i = 0; i < (*p)->port_count; i++) {
			const struct protocol_port *port = &(*p)->ports[i];
			if (port->service == SERVICE_HTTP && port->is_implicit_tls == is_tls)
				return port_number(a, port);
		}
	return 0;
}

static struct conn_limits page_limits(const struct appliance *a)
{
	uint32_t max = a->connections_max / 8;
	return (struct conn_limits){max > PAGE_CONNECTIONS_MIN ? max : PAGE_CONNECTIONS_MIN,
				    a->per_address_max};
}

enum err page_door_open(struct appliance *a)
{
	struct conn_limits limits = page_limits(a);
	return conn_table_new_within(a->connections, &limits, &a->page_connections);
}

void page_door_limit(struct appliance *a)
{
	struct conn_limits limits = page_limits(a);
	conn_table_set_limits(a->page_connections, &limits);
}

void page_door_make_room(struct appliance *a)
{
	uint32_t count, max = page_limits(a).all;
	if (conn_table_count(a->page_connections) <= max * 3 / 4)
		return;
	struct session *oldest = appliance_oldest_idle(a, SERVICE_HTTP, NULL, &count);
	if (oldest)
		session_end(oldest, GOODBYE_EVICTED);
}
