#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"
#include "support/suite.h"

struct echo {
	struct stream_user user;
	struct loop *loop;
	struct stream *stream;
	int peer_fd;
	char events[16];
	size_t event_count, to_send;
};

static void echo_send_more(struct echo *e)
{
	static const char block[4096];
	size_t room;
	while (e->to_send && (room = stream_room(e->stream)) > 0) {
		size_t n = e->to_send < room ? e->to_send : room;
		n = n < sizeof(block) ? n : sizeof(block);
		ck_assert_int_eq(stream_add(e->stream, slice_of(block, n)), ERR_NONE);
		e->to_send -= n;
	}
}

static void echo_on_stream(struct stream_user *user, enum stream_event event)
{
	struct echo *e = list_owner(user, struct echo, user);
	if (e->event_count < sizeof(e->events) - 1 && event != STREAM_ROOM)
		e->events[e->event_count++] = "RIOED"[event];
	if (event == STREAM_INPUT) {
		struct slice input = stream_input(e->stream);
		ck_assert_int_eq(stream_add(e->stream, input), ERR_NONE);
		stream_consume(e->stream, input.len);
	} else if (event == STREAM_ROOM) {
		echo_send_more(e);
	} else if (event == STREAM_DEAD) {
		stream_close(&e->stream);
	}
}

static void echo_open(struct echo *e)
{
	int fds[2];
	*e = (struct echo){.user.on_stream = echo_on_stream};
	ck_assert_int_eq(loop_new(&e->loop), ERR_NONE);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	ck_assert_int_eq(stream_new_fd(e->loop, fds[0], NULL, 1024, &e->stream), ERR_NONE);
	e->peer_fd = fds[1];
	stream_set_user(e->stream, &e->user);
}

static void echo_turn(struct echo *e, int turns)
{
	for (int i = 0; i < turns; i++)
		ck_assert_int_eq(loop_turn(e->loop, 0), ERR_NONE);
}

static void echo_close(struct echo *e)
{
	stream_abort(&e->stream);
	if (e->peer_fd >= 0)
		close(e->peer_fd);
	loop_free(&e->loop);
}

START_TEST(who_shuts_his_side_still_gets_his_replies)
{
	struct echo e;
	char back[16] = "";
	echo_open(&e);
	ck_assert_int_eq(send(e.peer_fd, "QUIT\r\n", 6, 0), 6);
	ck_assert_int_eq(shutdown(e.peer_fd, SHUT_WR), 0);
	echo_turn(&e, 5);
	ck_assert_str_eq(e.events, "RIE");
	ck_assert_int_eq(stream_add(e.stream, SLICE_LIT("bye")), ERR_NONE);
	stream_close(&e.stream);
	ck_assert_int_eq(recv(e.peer_fd, back, sizeof(back), 0), 9);
	ck_assert_str_eq(back, "QUIT\r\nbye");
	ck_assert_int_eq(recv(e.peer_fd, back, sizeof(back), 0), 0);
	echo_close(&e);
}
END_TEST

START_TEST(writing_to_a_peer_who_left_is_an_event_and_no_signal)
{
	struct echo e;
	echo_open(&e);
	echo_turn(&e, 2);
	stream_pause(e.stream, true);
	close(e.peer_fd);
	e.peer_fd = -1;
	ck_assert_int_eq(stream_add(e.stream, SLICE_LIT("anybody?")), ERR_NONE);
	echo_turn(&e, 3); /* SIGPIPE would end this process */
	ck_assert_str_eq(e.events, "RD");
	echo_close(&e);
}
END_TEST

START_TEST(a_paused_stream_does_not_keep_the_loop_awake)
{
	struct echo e;
	echo_open(&e);
	echo_turn(&e, 2);
	stream_pause(e.stream, true);
	ck_assert_int_eq(send(e.peer_fd, "later", 5, 0), 5);
	echo_turn(&e, 5);
	ck_assert(!loop_has_work(e.loop));
	ck_assert_str_eq(e.events, "R");
	stream_pause(e.stream, false);
	echo_turn(&e, 2);
	ck_assert_str_eq(e.events, "RI");
	echo_close(&e);
}
END_TEST

START_TEST(a_slow_reader_gets_all_and_never_more_than_the_high_water_waits)
{
	enum { TOTAL = 2 * 1000 * 1000 };
	struct echo e;
	char block[10000];
	size_t got = 0;
	echo_open(&e);
	echo_turn(&e, 2);
	e.to_send = TOTAL;
	echo_send_more(&e);
	while (got < TOTAL) {
		ck_assert_uint_le(stream_queued(e.stream), STREAM_HIGH_WATER);
		echo_turn(&e, 1);
		ssize_t n = recv(e.peer_fd, block, sizeof(block), 0);
		got += n > 0 ? (size_t)n : 0;
	}
	ck_assert_uint_eq(got, TOTAL);
	ck_assert_uint_eq(e.to_send, 0);
	echo_close(&e);
}
END_TEST

SUITE_MAIN("stream_fd", who_shuts_his_side_still_gets_his_replies,
	   writing_to_a_peer_who_left_is_an_event_and_no_signal,
	   a_paused_stream_does_not_keep_the_loop_awake,
	   a_slow_reader_gets_all_and_never_more_than_the_high_water_waits)
