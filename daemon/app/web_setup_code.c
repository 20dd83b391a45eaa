#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>

#include "app/admin_password.h"
#include "app/page_door.h"
#include "app/system.h"
#include "app/web_setup.h"
#include "base/log.h"
#include "base/secret.h"

/* An address of the house: names need somebody who answers for them. False: there is none yet. */
static bool house_address(char *dst, size_t dst_size)
{
	struct ifaddrs *all = NULL;
	bool is_found = false;
	if (getifaddrs(&all) != 0)
		return false;
	for (struct ifaddrs *i = all; i && !is_found; i = i->ifa_next) {
		struct net_address address = {.len = sizeof(address.v4)};
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET ||
		    i->ifa_flags & IFF_LOOPBACK)
			continue;
		memcpy(&address.v4, i->ifa_addr, sizeof(address.v4));
		is_found = net_address_is_private(&address);
		if (is_found)
			net_address_text(&address, dst, dst_size);
	}
	freeifaddrs(all);
	return is_found;
}

/* Where the page is, as well as the daemon can know. */
static void setup_url(const struct appliance *a, char *dst, size_t dst_size)
{
	unsigned port = port_of_page(a, false);
	char address[64];
	const char *host = a->options.listen_count                   ? a->options.listen[0]
			   : house_address(address, sizeof(address)) ? address
								     : a->hostname;
	const char *local = host != a->hostname || strchr(host, '.') ? "" : ".local";
	bool is_v6 = strchr(host, ':');
	char port_text[8] = "";
	if (port != 80)
		snprintf(port_text, sizeof(port_text), ":%u", port);
	snprintf(dst, dst_size, "http://%s%s%s%s%s/setup", is_v6 ? "[" : "", host, is_v6 ? "]" : "",
		 local, port_text);
}

/* Eight digits, with or without marks between them, as they are shown: "1234-5678". */
static bool code_format(struct slice typed, char dst[WEB_CODE_TEXT + 1])
{
	size_t n = 0;
	for (size_t i = 0; i < typed.len; i++) {
		uint8_t c = typed.ptr[i];
		if (c == '-' || c == ' ')
			continue;
		if (n == 4)
			dst[n++] = '-';
		if (n == WEB_CODE_TEXT || c < '0' || c > '9')
			return false;
		dst[n++] = (char)c;
	}
	dst[n] = 0;
	return n == WEB_CODE_TEXT;
}

/* Eight digits, one guess at a time, each of at least a second, of many seconds after the first few
 * (app/throttle.h): years for all of them. */
static void code_choose(const struct appliance *a, char dst[WEB_CODE_TEXT + 1])
{
	char chosen[32];
	system_setup_code_read(a->options.system_dir, chosen, sizeof(chosen));
	if (code_format(slice_str(chosen), dst))
		return;
	uint64_t random = secret_random_u64() % 100000000;
	snprintf(dst, WEB_CODE_TEXT + 1, "%04u-%04u", (unsigned)(random / 10000),
		 (unsigned)(random % 10000));
}

void setup_code_begin(struct appliance *a)
{
	char url[400];
	if (admin_password_is_set(a))
		return;
	code_choose(a, a->web->setup_code);
	setup_url(a, url, sizeof(url));
	log_warn(0, "set-up code %s for %s", a->web->setup_code, url);
}

void setup_code_print(const struct appliance *a)
{
	char url[400];
	if (!*a->web->setup_code)
		return;
	setup_url(a, url, sizeof(url));
	printf("surel: set-up code %s for %s\n", a->web->setup_code, url);
	fflush(stdout);
}

bool setup_code_is_right(const struct web *web, struct slice typed)
{
	char plain[WEB_CODE_TEXT + 1];
	return *web->setup_code && code_format(typed, plain) &&
	       secret_eq(slice_str(plain), slice_str(web->setup_code));
}
