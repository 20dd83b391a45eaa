/* web_host - which names the page answers to: a guard against DNS rebinding.
 *
 * A web site of somebody else can let its own name point to this box; the browser then takes the
 * page for a part of that site. The Host field tells: it must be a name of ours. Pure. */
#ifndef APP_WEB_HOST_H
#define APP_WEB_HOST_H

#include "base/slice.h"
#include "net/net_address.h"

struct web_names {
	const char *hostname;     /* with and without .local */
	const char *further[2];   /* settings tls.names, web.hosts: words */
	const struct net_address *local; /* our end of the connection */
};

/* Host without its port. True for the names above, surel.local, localhost, our own address, and
 * loopback and private addresses: no name is needed to ask for those, so nobody can own one. */
bool web_host_is_ours(const struct web_names *names, struct slice host);

#endif
