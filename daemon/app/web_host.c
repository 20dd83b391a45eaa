#include "app/web_host.h"

#include <stdio.h>

static struct slice host_without_dot(struct slice host) /* "surel.local." is the same name */
{
	return host.len && host.ptr[host.len - 1] == '.' ? slice_upto(host, host.len - 1) : host;
}

static bool host_is_name(struct slice host, const char *name)
{
	char local[300];
	if (!*name)
		return false;
	snprintf(local, sizeof(local), "%s.local", name);
	if (slice_eq_str_nocase(host, name) || slice_eq_str_nocase(host, local))
		return true;
	/* The box box.example.org is announced in the house as box.local. */
	snprintf(local, sizeof(local), "%.*s.local", (int)strcspn(name, "."), name);
	return slice_eq_str_nocase(host, local);
}

static bool host_is_listed(struct slice host, const char *words)
{
	struct slice rest = slice_str(words), word;
	while ((word = slice_word(&rest)).len)
		if (slice_eq_nocase(word, host))
			return true;
	return false;
}

static bool host_is_address(struct slice host, const struct net_address *local)
{
	char text[NET_ADDRESS_TEXT_BYTES + 1], ours[NET_ADDRESS_TEXT_BYTES + 1],
		canonical[NET_ADDRESS_TEXT_BYTES + 1];
	struct net_address address;
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = slice_between(host, 1, host.len - 1);
	if (slice_to_str(host, text, sizeof(text)) || net_address_parse(text, 0, &address))
		return false;
	if (net_address_is_private(&address))
		return true;
	net_address_text(local, ours, sizeof(ours));
	net_address_text(&address, canonical, sizeof(canonical));
	return strcmp(ours, canonical) == 0;
}

bool web_host_is_ours(const struct web_names *names, struct slice host)
{
	host = host_without_dot(host);
	if (host_is_name(host, names->hostname) || slice_eq_str_nocase(host, "surel.local") ||
	    slice_eq_str_nocase(host, "localhost"))
		return true;
	for (size_t i = 0; i < 2; i++)
		if (names->further[i] && host_is_listed(host, names->further[i]))
			return true;
	return host_is_address(host, names->local);
}
