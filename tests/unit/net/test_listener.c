#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "support/suite.h"

enum { MAX_ACCEPTED = 256 };

struct hall {
	struct loop *loop;
	struct conn_table *table;
	struct listener *listener;
	struct stream *streams[MAX_ACCEPTED];
	bool over_limit[MAX_ACCEPTED];
	size_t count;
	bool closes_listener;
};

static void hall_accepted(void *owner, struct stream *s, bool over_limit)
{
	struct hall *h = owner;
	h->over_limit[h->count] = over_limit;
	h->streams[h->count++] = s;
	if (h->closes_listener)
		listener_close(&h->listener);
}

static void hall_open(struct hall *h, const char *address, uint32_t all, uint32_t per_address)
{
	struct conn_limits limits = {all, per_address};
	*h = (struct hall){.count = 0};
	log_open(LOG_TO_NOBODY, LOG_LEVEL_DEBUG);
	ck_assert_int_eq(loop_new(&h->loop), ERR_NONE);
	ck_assert_int_eq(conn_table_new(&limits, &h->table), ERR_NONE);
	struct listener_config config = {.address = address,
					 .table = h->table,
					 .in_max_bytes = 1024,
					 .accepted = hall_accepted,
					 .owner = h};
	ck_assert_int_eq(listener_open(h->loop, &config, &h->listener), ERR_NONE);
	ck_assert_uint_gt(listener_port(h->listener), 0);
}

static void hall_close(struct hall *h)
{
	for (size_t i = 0; i < h->count; i++)
		stream_abort(&h->streams[i]);
	if (h->table)
		ck_assert_uint_eq(conn_table_count(h->table), 0);
	listener_close(&h->listener);
	conn_table_free(&h->table);
	loop_free(&h->loop);
}

static void hall_turn(struct hall *h, int turns)
{
	for (int i = 0; i < turns; i++)
		ck_assert_int_eq(loop_turn(h->loop, 0), ERR_NONE);
}

/* Connects from `from` (NULL: as it comes); the handshake is the kernel's, so nothing blocks. */
static int dial(const struct hall *h, const char *to, const char *from)
{
	struct net_address at, source;
	ck_assert_int_eq(net_address_parse(to, listener_port(h->listener), &at), ERR_NONE);
	int fd = socket(at.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (from) {
		ck_assert_int_eq(net_address_parse(from, 0, &source), ERR_NONE);
		ck_assert_int_eq(bind(fd, &source.sa, source.len), 0);
	}
	if (connect(fd, &at.sa, at.len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool machine_has_ipv6(void)
{
	struct net_address at;
	ck_assert_int_eq(net_address_parse("::1", 0, &at), ERR_NONE);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && bind(fd, &at.sa, at.len) == 0;
	if (fd >= 0)
		close(fd);
	return has;
}

START_TEST(without_an_address_both_families_are_served_on_one_port)
{
	struct hall h;
	char text[NET_ADDRESS_TEXT_BYTES];
	hall_open(&h, NULL, 10, 10);
	int v4 = dial(&h, "127.0.0.1", NULL);
	ck_assert_int_ge(v4, 0);
	hall_turn(&h, 2);
	ck_assert_uint_eq(h.count, 1);
	net_address_text(stream_peer(h.streams[0]), text, sizeof(text));
	ck_assert_str_eq(text, "127.0.0.1");
	ck_assert_uint_eq(net_address_port(stream_local(h.streams[0])), listener_port(h.listener));
	if (machine_has_ipv6()) {
		int v6 = dial(&h, "::1", NULL);
		ck_assert_int_ge(v6, 0);
		hall_turn(&h, 2);
		ck_assert_uint_eq(h.count, 2);
		net_address_text(stream_peer(h.streams[1]), text, sizeof(text));
		ck_assert_str_eq(text, "::1");
		close(v6);
	}
	close(v4);
	hall_close(&h);
}
END_TEST

START_TEST(one_address_serves_that_one_only)
{
	struct hall h;
	hall_open(&h, "127.0.0.2", 10, 10);
	ck_assert_int_eq(dial(&h, "127.0.0.1", NULL), -1);
	int fd = dial(&h, "127.0.0.2", NULL);
	ck_assert_int_ge(fd, 0);
	close(fd);
	hall_close(&h);
}
END_TEST

START_TEST(what_cannot_be_bound_is_told)
{
	struct hall h;
	struct listener *second = NULL;
	hall_open(&h, "127.0.0.1", 10, 10);
	struct listener_config config = {.address = "127.0.0.1",
					 .port = listener_port(h.listener),
					 .table = h.table,
					 .accepted = hall_accepted};
	ck_assert_int_eq(listener_open(h.loop, &config, &second), ERR_IN_USE);
	config.address = "localhost";
	ck_assert_int_eq(listener_open(h.loop, &config, &second), ERR_SYNTAX);
	config.address = "192.0.2.77"; /* documentation only: on no interface */
	ck_assert_int_eq(listener_open(h.loop, &config, &second), ERR_NOT_FOUND);
	ck_assert_ptr_null(second);
	config.address = "127.0.0.1";
	listener_close(&h.listener);
	ck_assert_int_eq(listener_open(h.loop, &config, &second), ERR_NONE); /* SO_REUSEADDR */
	listener_close(&second);
	hall_close(&h);
}
END_TEST

START_TEST(accepted_sockets_are_tuned_and_do_not_block)
{
	struct hall h;
	hall_open(&h, "127.0.0.1", 10, 10);
	int fd = dial(&h, "127.0.0.1", NULL);
	hall_turn(&h, 2);
	ck_assert_uint_eq(h.count, 1);
	int found = 0;
	for (int other = 3; other < 64;
	     other++) { /* the accepted one: its peer is fd's own address */
		struct net_address peer = {.len = sizeof(peer.v6)};
		int nodelay = 0, keepalive = 0;
		socklen_t len = sizeof(int);
		if (other == fd || getpeername(other, &peer.sa, &peer.len) != 0)
			continue;
		ck_assert_int_eq(getsockopt(other, IPPROTO_TCP, TCP_NODELAY, &nodelay, &len), 0);
		ck_assert_int_eq(getsockopt(other, SOL_SOCKET, SO_KEEPALIVE, &keepalive, &len), 0);
		ck_assert(nodelay && keepalive);
		ck_assert(fcntl(other, F_GETFL) & O_NONBLOCK);
		ck_assert(fcntl(other, F_GETFD) & FD_CLOEXEC);
		found++;
	}
	ck_assert_int_eq(found, 1);
	close(fd);
	hall_close(&h);
}
END_TEST

START_TEST(limits_in_all_and_per_address)
{
	struct hall h;
	int fds[6];
	hall_open(&h, "127.0.0.1", 4, 2);
	static const char *const from[6] = {"127.0.0.5", "127.0.0.5", "127.0.0.5",
					    "127.0.0.6", "127.0.0.7", "127.0.0.8"};
	static const bool refused[6] = {false, false, true, false, false, true};
	for (size_t i = 0; i < 6; i++) {
		fds[i] = dial(&h, "127.0.0.1", from[i]);
		hall_turn(&h, 2);
		ck_assert_uint_eq(h.count, i + 1);
		ck_assert_int_eq(h.over_limit[i], refused[i]);
	}
	ck_assert_uint_eq(conn_table_count(h.table), 4);
	/* A place is free again when a stream has gone, and not before. */
	stream_abort(&h.streams[0]);
	ck_assert_uint_eq(conn_table_count(h.table), 3);
	int again = dial(&h, "127.0.0.1", "127.0.0.5");
	hall_turn(&h, 2);
	ck_assert_uint_eq(h.count, 7);
	ck_assert(!h.over_limit[6]);
	struct conn_limits more = {100, 3};
	conn_table_set_limits(h.table, &more);
	int third = dial(&h, "127.0.0.1", "127.0.0.5");
	hall_turn(&h, 2);
	ck_assert(!h.over_limit[7]);
	for (size_t i = 0; i < 6; i++)
		close(fds[i]);
	close(again);
	close(third);
	hall_close(&h);
}
END_TEST

START_TEST(refusals_are_bounded_too)
{
	struct hall h;
	int fds[CONN_REFUSALS_AT_ONCE + 5];
	size_t n = sizeof(fds) / sizeof(fds[0]);
	char byte;
	hall_open(&h, "127.0.0.1", 1, 1);
	for (size_t i = 0; i < n; i++)
		fds[i] = dial(&h, "127.0.0.1", NULL);
	hall_turn(&h, 8);
	ck_assert_uint_eq(h.count, 1 + CONN_REFUSALS_AT_ONCE);
	ck_assert(!h.over_limit[0] && h.over_limit[1] && h.over_limit[h.count - 1]);
	ck_assert_int_eq(recv(fds[n - 1], &byte, 1, 0), 0); /* closed without a word */
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	hall_close(&h);
}
END_TEST

START_TEST(a_part_has_its_own_ceiling_within_the_whole)
{
	struct hall h;
	int fds[5];
	struct conn_table *whole = NULL;
	struct conn_limits all = {3, 3};
	hall_open(&h, "127.0.0.1", 2, 2);
	conn_table_free(&h.table);
	ck_assert_int_eq(conn_table_new(&all, &whole), ERR_NONE);
	struct conn_limits part = {2, 2};
	ck_assert_int_eq(conn_table_new_within(whole, &part, &h.table), ERR_NONE);
	listener_close(&h.listener);
	struct listener_config config = {.address = "127.0.0.1",
					 .table = h.table,
					 .in_max_bytes = 1000,
					 .accepted = hall_accepted,
					 .owner = &h};
	ck_assert_int_eq(listener_open(h.loop, &config, &h.listener), ERR_NONE);
	for (size_t i = 0; i < 3; i++) {
		fds[i] = dial(&h, "127.0.0.1", NULL);
		hall_turn(&h, 2);
		ck_assert_int_eq(h.over_limit[i], i == 2);
	}
	/* The refused one takes no place of the others. */
	ck_assert_uint_eq(conn_table_count(whole), 2);
	/* The whole may be full while the part is not. */
	struct conn_limits few = {1, 1}, many = {10, 10};
	conn_table_set_limits(whole, &few);
	conn_table_set_limits(h.table, &many);
	fds[3] = dial(&h, "127.0.0.1", NULL);
	hall_turn(&h, 2);
	ck_assert(h.over_limit[3]);
	conn_table_set_limits(whole, &many);
	fds[4] = dial(&h, "127.0.0.1", NULL);
	hall_turn(&h, 2);
	ck_assert(!h.over_limit[4]);
	ck_assert_uint_eq(conn_table_count(whole), 3);
	conn_table_free(&whole); /* its memory stays as long as its part has streams */
	for (size_t i = 0; i < 5; i++)
		close(fds[i]);
	hall_close(&h);
}
END_TEST

START_TEST(a_table_outlives_its_owner_as_long_as_streams_do)
{
	struct hall h;
	hall_open(&h, "127.0.0.1", 10, 10);
	int fd = dial(&h, "127.0.0.1", NULL);
	hall_turn(&h, 2);
	listener_close(&h.listener);
	conn_table_free(&h.table);
	close(fd);
	hall_close(&h);
}
END_TEST

START_TEST(a_listener_may_be_closed_by_the_one_who_accepts)
{
	struct hall h;
	hall_open(&h, NULL, 10, 10);
	h.closes_listener = true;
	int one = dial(&h, "127.0.0.1", NULL), two = dial(&h, "127.0.0.1", NULL);
	hall_turn(&h, 3);
	ck_assert_uint_eq(h.count, 1);
	ck_assert_ptr_null(h.listener);
	close(one);
	close(two);
	hall_close(&h);
}
END_TEST

START_TEST(out_of_descriptors_the_peer_is_turned_away_and_the_loop_sleeps)
{
	struct hall h;
	struct rlimit limit;
	char byte;
	hall_open(&h, "127.0.0.1", 100, 100);
	int fd = dial(&h, "127.0.0.1", NULL), next = dial(&h, "127.0.0.1", NULL);
	int free_fd = dup(0); /* the lowest free one */
	close(free_fd);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	struct rlimit low = {(rlim_t)free_fd, limit.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	hall_turn(&h, 4);
	ck_assert_uint_eq(h.count, 0);
	ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
	ck_assert_int_eq(recv(next, &byte, 1, 0), 0);
	uint64_t before = clock_mono_ms();
	ck_assert_int_eq(loop_turn(h.loop, 20), ERR_NONE);
	ck_assert_uint_ge(clock_mono_ms() - before, 15);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	int later = dial(&h, "127.0.0.1", NULL);
	hall_turn(&h, 2);
	ck_assert_uint_eq(h.count, 1);
	close(fd);
	close(next);
	close(later);
	hall_close(&h);
}
END_TEST

SUITE_MAIN("listener", without_an_address_both_families_are_served_on_one_port,
	   one_address_serves_that_one_only, what_cannot_be_bound_is_told,
	   accepted_sockets_are_tuned_and_do_not_block, limits_in_all_and_per_address,
	   refusals_are_bounded_too, a_part_has_its_own_ceiling_within_the_whole,
	   a_table_outlives_its_owner_as_long_as_streams_do,
	   a_listener_may_be_closed_by_the_one_who_accepts,
	   out_of_descriptors_the_peer_is_turned_away_and_the_loop_sleeps)
