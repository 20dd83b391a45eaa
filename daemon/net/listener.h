/* listener - a listening socket that hands out accepted streams within limits.
 *
 * Two ceilings are kept by a connection table shared between listeners: connections in all and
 * per address prefix (v4 /32, v6 /64). Above them `refuse` is called with the bare stream, so that
 * the protocol can say why in its own words before it closes. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/stream.h"

struct listener;
struct conn_table;

struct conn_limits {
	uint32_t all, per_address;
};
MUST_CHECK enum err conn_table_new(const struct conn_limits *limits, struct conn_table **out);
void     conn_table_set_limits(struct conn_table *t, const struct conn_limits *limits);
uint32_t conn_table_count(const struct conn_table *t);
void     conn_table_free(struct conn_table **t);

struct listener_config {
	const char *address;     /* numeric; NULL: all, IPv6 and IPv4 */
	uint16_t    port;        /* 0: the kernel chooses (tests); ask listener_port */
	bool        is_implicit_tls;
	struct tls_context *tls; /* NULL: no TLS on this port */
	struct conn_table  *table;
	size_t      in_max_bytes;
	/* Gives the new session its stream; it owns it from here. `over_limit` tells why to refuse. */
	void (*accepted)(void *owner, struct stream *s, bool over_limit);
	void *owner;
};

MUST_CHECK enum err listener_open(struct loop *loop, const struct listener_config *config,
                                  struct listener **listener_out);
uint16_t listener_port(const struct listener *l);
void     listener_close(struct listener **l);
/* Streams made by a listener leave the table when they are closed. */

#endif
