/* listener - a listening socket that hands out accepted streams within limits.
 *
 * Two ceilings are kept by a connection table shared between listeners: connections in all and
 * per address prefix (v4 /32, v6 /64). Above them `accepted` is told so, so that the protocol can
 * say why in its own words before it closes; when CONN_REFUSALS_AT_ONCE of those are still under
 * way, further ones are closed without a word. Out of descriptors, a connection is accepted with
 * one kept in reserve and closed at once, so that it does not wait and the loop does not spin. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/stream.h"

struct listener;
struct conn_table;

enum { CONN_REFUSALS_AT_ONCE = 16 };

struct conn_limits {
	uint32_t all, per_address;
};
MUST_CHECK enum err conn_table_new(const struct conn_limits *limits, struct conn_table **out);
/* For a service that must not crowd out the others: with ceilings and refusals of its own, but what it
 * admits counts against `whole`'s ceiling of all, too. */
MUST_CHECK enum err conn_table_new_within(struct conn_table *whole, const struct conn_limits *limits,
                                          struct conn_table **out);
void     conn_table_set_limits(struct conn_table *t, const struct conn_limits *limits);
uint32_t conn_table_count(const struct conn_table *t); /* those within included */
void     conn_table_free(struct conn_table **t); /* lives on until its last stream is gone */
/* Counts the stream until its memory goes (a goodbye takes up to 12 s); for what did not come from
 * a listener. ERR_LIMIT: above a ceiling; ERR_NOMEM. Both leave it uncounted. */
MUST_CHECK enum err conn_table_admit(struct conn_table *t, struct stream *s);
/* The same for one that will be refused: ERR_LIMIT when too many are under way. */
MUST_CHECK enum err conn_table_refuse(struct conn_table *t, struct stream *s);

struct listener_config {
	const char *address;     /* numeric; NULL: all, IPv6 (where there is any) and IPv4 */
	uint16_t    port;        /* 0: the kernel chooses (tests); ask listener_port */
	bool        is_implicit_tls;
	struct tls_context *tls; /* for is_implicit_tls; a reference is taken */
	struct conn_table  *table;
	size_t      in_max_bytes;
	/* Gives the new session its stream; it owns it from here. `over_limit` tells why to refuse. */
	void (*accepted)(void *owner, struct stream *s, bool over_limit);
	void *owner;
};

/* ERR_IN_USE: the port is taken; ERR_DENIED: not allowed; ERR_SYNTAX: not a numeric address;
 * ERR_NOT_FOUND: no interface has this address. The sockets are bound when it returns. */
MUST_CHECK enum err listener_open(struct loop *loop, const struct listener_config *config,
                                  struct listener **listener_out);
uint16_t listener_port(const struct listener *l);
void     listener_close(struct listener **l);

#endif
