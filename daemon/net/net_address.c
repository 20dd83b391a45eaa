#include "net/net_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* The four bytes of an IPv4 address, mapped ones included; NULL for anything else. */
static const uint8_t *address_v4(const struct net_address *a)
{
	if (a->len == 0)
		return NULL;
	if (a->sa.sa_family == AF_INET)
		return (const uint8_t *)&a->v4.sin_addr;
	if (a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
		return a->v6.sin6_addr.s6_addr + 12;
	return NULL;
}

static const uint8_t *address_v6(const struct net_address *a)
{
	return a->len && a->sa.sa_family == AF_INET6 ? a->v6.sin6_addr.s6_addr : NULL;
}

void net_address_text(const struct net_address *a, char *dst, size_t dst_size)
{
	const uint8_t *v4 = address_v4(a), *v6 = address_v6(a);
	char text[NET_ADDRESS_TEXT_BYTES] = "unknown";
	if (v4)
		inet_ntop(AF_INET, v4, text, sizeof(text));
	else if (v6)
		inet_ntop(AF_INET6, v6, text, sizeof(text));
	snprintf(dst, dst_size, "%s", text);
}

uint16_t net_address_port(const struct net_address *a)
{
	if (a->len && a->sa.sa_family == AF_INET)
		return ntohs(a->v4.sin_port);
	return address_v6(a) ? ntohs(a->v6.sin6_port) : 0;
}

bool net_address_is_loopback(const struct net_address *a)
{
	const uint8_t *v4 = address_v4(a);
	if (v4)
		return v4[0] == 127;
	return address_v6(a) && IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

bool net_address_is_private(const struct net_address *a)
{
	const uint8_t *v4 = address_v4(a), *v6 = address_v6(a);
	if (net_address_is_loopback(a))
		return true;
	if (v4)
		return v4[0] == 10 || (v4[0] == 172 && (v4[1] & 0xF0) == 16) ||
		       (v4[0] == 192 && v4[1] == 168) || (v4[0] == 169 && v4[1] == 254);
	if (v6)
		return (v6[0] & 0xFE) == 0xFC || (v6[0] == 0xFE && (v6[1] & 0xC0) == 0x80);
	return false;
}

enum err net_address_parse(const char *text, uint16_t port, struct net_address *out)
{
	struct net_address a = {.len = 0};
	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
		a.len = sizeof(a.v4);
	} else if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1) {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(port);
		a.len = sizeof(a.v6);
	} else {
		return ERR_SYNTAX;
	}
	*out = a;
	return ERR_NONE;
}

void net_address_prefix(const struct net_address *a, uint8_t prefix[NET_PREFIX_BYTES])
{
	const uint8_t *v4 = address_v4(a), *v6 = address_v6(a);
	memset(prefix, 0, NET_PREFIX_BYTES);
	if (v4) {
		prefix[0] = 4;
		memcpy(prefix + 1, v4, 4);
	} else if (v6) {
		prefix[0] = 6;
		memcpy(prefix + 1, v6, 8);
	}
}
