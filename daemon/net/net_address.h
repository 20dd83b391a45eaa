/* net_address - who is at the other end: an IPv4 or IPv6 address and port.
 *
 * IPv4 addresses mapped into IPv6 (::ffff:192.0.2.1) count as IPv4 everywhere. An address of any
 * other family, or none (memory transports), is neither loopback nor private. */
#ifndef NET_NET_ADDRESS_H
#define NET_NET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/err.h"

struct net_address { /* of a peer or of ourselves */
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len; /* 0: unknown */
};

enum { NET_ADDRESS_TEXT_BYTES = INET6_ADDRSTRLEN, NET_PREFIX_BYTES = 9 };

void net_address_text(const struct net_address *a, char *dst, size_t dst_size); /* "192.0.2.1" */
uint16_t net_address_port(const struct net_address *a);
bool net_address_is_loopback(const struct net_address *a);
bool net_address_is_private(const struct net_address *a); /* RFC 1918, fc00::/7, link-local, lo */
/* Numeric text only; ERR_SYNTAX for anything else. */
MUST_CHECK enum err net_address_parse(const char *text, uint16_t port, struct net_address *out);
/* What counts as one household: a family byte, then v4 /32 or v6 /64, zero-filled. */
void net_address_prefix(const struct net_address *a, uint8_t prefix[NET_PREFIX_BYTES]);

#endif
