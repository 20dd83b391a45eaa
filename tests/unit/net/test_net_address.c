#include "net/net_address.h"

#include <string.h>

#include "support/suite.h"

START_TEST(what_an_address_is)
{
	static const struct {
		const char *text, *shown;
		bool is_loopback, is_private;
	} rows[] = {
		{"127.0.0.1", "127.0.0.1", true, true},
		{"127.255.1.2", "127.255.1.2", true, true},
		{"::1", "::1", true, true},
		{"10.1.2.3", "10.1.2.3", false, true},
		{"172.16.0.1", "172.16.0.1", false, true},
		{"172.31.255.255", "172.31.255.255", false, true},
		{"172.32.0.1", "172.32.0.1", false, false},
		{"172.15.0.1", "172.15.0.1", false, false},
		{"192.168.9.9", "192.168.9.9", false, true},
		{"192.169.0.1", "192.169.0.1", false, false},
		{"169.254.1.1", "169.254.1.1", false, true},
		{"100.64.0.1", "100.64.0.1", false, false}, /* a provider's NAT is not the house */
		{"8.8.8.8", "8.8.8.8", false, false},
		{"0.0.0.0", "0.0.0.0", false, false},
		{"fd00::1", "fd00::1", false, true},
		{"fc12:3::1", "fc12:3::1", false, true},
		{"fe80::1", "fe80::1", false, true},
		{"febf::1", "febf::1", false, true},
		{"fec0::1", "fec0::1", false, false},
		{"2001:db8::1", "2001:db8::1", false, false},
		{"::", "::", false, false},
		{"::ffff:127.0.0.1", "127.0.0.1", true, true},
		{"::ffff:192.168.0.1", "192.168.0.1", false, true},
		{"::ffff:8.8.8.8", "8.8.8.8", false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_address a;
		char text[NET_ADDRESS_TEXT_BYTES];
		ck_assert_int_eq(net_address_parse(rows[i].text, 143, &a), ERR_NONE);
		net_address_text(&a, text, sizeof(text));
		ck_assert_str_eq(text, rows[i].shown);
		ck_assert_uint_eq(net_address_port(&a), 143);
		ck_assert_msg(net_address_is_loopback(&a) == rows[i].is_loopback, "%s",
			      rows[i].text);
		ck_assert_msg(net_address_is_private(&a) == rows[i].is_private, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(an_unknown_address_is_nothing_special)
{
	struct net_address none = {.len = 0};
	char text[8];
	net_address_text(&none, text, sizeof(text));
	ck_assert_str_eq(text, "unknown");
	ck_assert(!net_address_is_loopback(&none));
	ck_assert(!net_address_is_private(&none));
	ck_assert_uint_eq(net_address_port(&none), 0);
	net_address_text(&none, text, 4);
	ck_assert_str_eq(text, "unk");
}
END_TEST

START_TEST(only_numbers_are_addresses)
{
	static const char *const bad[] = {"",          "localhost", "127.1",
					  "1.2.3.256", "1.2.3.4 ",  "fe80::1%lo"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct net_address a = {.len = 99};
		ck_assert_msg(net_address_parse(bad[i], 1, &a) == ERR_SYNTAX, "%s", bad[i]);
		ck_assert_uint_eq(a.len, 99);
	}
}
END_TEST

START_TEST(a_household_is_one_prefix)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"0.0.0.0", "::", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_address a, b;
		uint8_t x[NET_PREFIX_BYTES], y[NET_PREFIX_BYTES];
		ck_assert_int_eq(net_address_parse(rows[i].a, 1, &a), ERR_NONE);
		ck_assert_int_eq(net_address_parse(rows[i].b, 2, &b), ERR_NONE);
		net_address_prefix(&a, x);
		net_address_prefix(&b, y);
		ck_assert_msg((memcmp(x, y, sizeof(x)) == 0) == rows[i].same, "%s", rows[i].b);
	}
}
END_TEST

SUITE_MAIN("net_address", what_an_address_is, an_unknown_address_is_nothing_special,
	   only_numbers_are_addresses, a_household_is_one_prefix)
