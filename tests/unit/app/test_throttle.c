#include "support/suite.h"

#include <arpa/inet.h>

#include "app/throttle.h"
#include "base/clock.h"

static struct throttle throttle;

static struct net_address address(const char *text)
{
	struct net_address a = {.len = sizeof(struct sockaddr_in)};
	struct sockaddr_in *four = (void *)&a.sa;
	struct sockaddr_in6 *six = (void *)&a.sa;
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
	} else {
		six->sin6_family = AF_INET6;
		ck_assert_int_eq(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
	}
	return a;
}

START_TEST(an_address_that_fails_often_waits_longer_and_longer_up_to_a_limit)
{
	clock_freeze(1000000, 1800000000);
	throttle_init(&throttle);
	struct net_address guesser = address("192.0.2.1"), other = address("192.0.2.2");
	uint32_t last = 0;
	for (int i = 0; i < 40; i++) {
		uint32_t before = throttle_before_ms(&throttle, &guesser);
		ck_assert_uint_ge(before, last);
		ck_assert_uint_le(before, THROTTLE_MAX_DELAY_MS);
		ck_assert(i <= THROTTLE_FREE_FAILURES || before > 0);
		ck_assert_uint_ge(throttle_failed_ms(&throttle, &guesser, SLICE_LIT("bob")),
				  THROTTLE_FAILURE_MS);
		last = before;
	}
	ck_assert_uint_eq(last, THROTTLE_MAX_DELAY_MS);
	/* Nobody else pays for it, not even with the same name. */
	ck_assert_uint_eq(throttle_before_ms(&throttle, &other), 0);
	/* A right password ends it, and so does time. */
	throttle_succeeded(&throttle, &guesser, SLICE_LIT("bob"));
	ck_assert_uint_eq(throttle_before_ms(&throttle, &guesser), 0);
	for (int i = 0; i < 12; i++)
		throttle_failed_ms(&throttle, &other, SLICE_LIT("bob"));
	ck_assert_uint_gt(throttle_before_ms(&throttle, &other), 0);
	clock_advance(2 * THROTTLE_HALF_LIFE_MS);
	ck_assert_uint_eq(throttle_before_ms(&throttle, &other), 0);
	clock_thaw();
}
END_TEST

START_TEST(a_v6_prefix_counts_as_one_and_loopback_never_waits)
{
	throttle_init(&throttle);
	struct net_address one = address("2001:db8::1"), two = address("2001:db8::2:3"),
			   far = address("2001:db8:1::1"), here = address("127.0.0.1");
	for (int i = 0; i < 20; i++) {
		throttle_failed_ms(&throttle, &one, SLICE_LIT("bob"));
		throttle_failed_ms(&throttle, &here, SLICE_LIT("bob"));
	}
	ck_assert_uint_gt(throttle_before_ms(&throttle, &two), 0);
	ck_assert_uint_eq(throttle_before_ms(&throttle, &far), 0);
	ck_assert_uint_eq(throttle_before_ms(&throttle, &here), 0);
}
END_TEST

START_TEST(more_addresses_than_the_table_holds_do_no_harm)
{
	throttle_init(&throttle);
	for (unsigned i = 0; i < 3 * THROTTLE_ENTRIES; i++) {
		struct net_address a = address("10.0.0.0");
		((struct sockaddr_in *)(void *)&a.sa)->sin_addr.s_addr = htonl(0x0a000000 + i);
		ck_assert_uint_eq(throttle_failed_ms(&throttle, &a, SLICE_LIT("x")) > 0, true);
	}
}
END_TEST

SUITE_MAIN("throttle", an_address_that_fails_often_waits_longer_and_longer_up_to_a_limit,
	   a_v6_prefix_counts_as_one_and_loopback_never_waits,
	   more_addresses_than_the_table_holds_do_no_harm)
