#include "net/stream.h"

#include <stdio.h>

#include "base/clock.h"
#include "unit/net/listening.h"

START_TEST(whole_input_comes_as_one_event)
{
	struct listening l;
	listening_open(&l, 8192);
	script_feed_str(l.peer, "a001 NOOP\r\n");
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RI");
	ck_assert(slice_eq_str(buf_view(&l.got), "a001 NOOP\r\n"));
	ck_assert_uint_eq(stream_input(l.stream).len, 0);
	listening_close(&l);
}
END_TEST

START_TEST(chunked_input_comes_as_many_events)
{
	struct listening l;
	listening_open(&l, 8192);
	script_chunk(l.peer, 1);
	script_feed_str(l.peer, "NOOP\r\n");
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RIIIIII");
	ck_assert(slice_eq_str(buf_view(&l.got), "NOOP\r\n"));
	listening_close(&l);
}
END_TEST

START_TEST(input_stops_at_the_ceiling_and_goes_on_when_consumed)
{
	struct listening l;
	listening_open(&l, 10);
	l.consumes = false;
	script_feed_str(l.peer, "0123456789abcdefghijKLM");
	script_settle(l.loop);
	ck_assert(slice_eq_str(stream_input(l.stream), "0123456789"));
	ck_assert_uint_eq(script_unread(l.peer), 13);
	stream_consume(l.stream, 4);
	script_settle(l.loop);
	ck_assert(slice_eq_str(stream_input(l.stream), "456789abcd"));
	stream_set_in_max(l.stream, 12);
	script_settle(l.loop);
	ck_assert(slice_eq_str(stream_input(l.stream), "456789abcdef"));
	stream_set_in_max(l.stream, 3); /* less than there is: only stops reading */
	stream_consume(l.stream, 9);
	script_settle(l.loop);
	ck_assert(slice_eq_str(stream_input(l.stream), "def"));
	stream_consume(l.stream, 1);
	script_settle(l.loop);
	ck_assert(slice_eq_str(stream_input(l.stream), "efg"));
	listening_close(&l);
}
END_TEST

START_TEST(a_peer_who_never_stops_gets_one_scratch_buffer_a_turn)
{
	static const char flood[100000];
	struct listening l;
	listening_open(&l, SIZE_MAX);
	script_settle(l.loop);
	script_feed(l.peer, slice_of(flood, sizeof(flood)));
	for (size_t turns = 1; turns <= sizeof(flood) / LOOP_SCRATCH_BYTES; turns++) {
		ck_assert_int_eq(loop_turn(l.loop, 0), ERR_NONE);
		ck_assert_uint_eq(l.got.len, turns * LOOP_SCRATCH_BYTES);
	}
	script_settle(l.loop);
	ck_assert_uint_eq(l.got.len, sizeof(flood));
	listening_close(&l);
}
END_TEST

START_TEST(a_paused_stream_does_not_read)
{
	struct listening l;
	listening_open(&l, 100);
	stream_pause(l.stream, true);
	script_feed_str(l.peer, "later");
	script_eof(l.peer);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "R");
	stream_pause(l.stream, false);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RIE");
	ck_assert(stream_at_eof(l.stream));
	listening_close(&l);
}
END_TEST

START_TEST(without_a_user_nothing_is_read_or_told)
{
	struct listening l = {.user.on_stream = listening_on_stream, .consumes = true};
	buf_init(&l.got, 100);
	ck_assert_int_eq(loop_new(&l.loop), ERR_NONE);
	ck_assert_int_eq(script_stream_new(l.loop, 100, &l.peer, &l.stream), ERR_NONE);
	stream_on_gone(l.stream, listening_gone, &l);
	script_feed_str(l.peer, "early");
	script_settle(l.loop);
	ck_assert_uint_eq(script_unread(l.peer), 5);
	stream_set_user(l.stream, &l.user);
	ck_assert_str_eq(l.events, ""); /* not from inside our own call */
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RI");
	listening_close(&l);
}
END_TEST

/* --- output ----------------------------------------------------------------------------------- */

START_TEST(pieces_of_a_turn_leave_in_one_write)
{
	struct listening l;
	listening_open(&l, 100);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("* OK ")), ERR_NONE);
	ck_assert_int_eq(stream_addf(l.stream, "%s %d\r\n", "ready", 42), ERR_NONE);
	ck_assert_uint_eq(stream_queued(l.stream), 15);
	ck_assert_uint_eq(script_writes(l.peer), 0);
	script_settle(l.loop);
	ck_assert_uint_eq(script_writes(l.peer), 1);
	ck_assert(slice_eq_str(script_output(l.peer), "* OK ready 42\r\n"));
	ck_assert_uint_eq(stream_queued(l.stream), 0);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("now")), ERR_NONE);
	stream_flush(l.stream);
	ck_assert_uint_eq(script_writes(l.peer), 2);
	listening_close(&l);
}
END_TEST

static void add_bytes(struct stream *s, size_t n)
{
	static const char block[1024];
	for (; n; n -= n < sizeof(block) ? n : sizeof(block))
		ck_assert_int_eq(
			stream_add(s, slice_of(block, n < sizeof(block) ? n : sizeof(block))),
			ERR_NONE);
}

START_TEST(much_output_leaves_before_the_turn_ends)
{
	struct listening l;
	listening_open(&l, 100);
	add_bytes(l.stream, STREAM_FLUSH_BYTES - 1);
	ck_assert_uint_eq(script_writes(l.peer), 0);
	add_bytes(l.stream, 1);
	ck_assert_uint_eq(script_writes(l.peer), 1);
	ck_assert_uint_eq(stream_queued(l.stream), 0);
	listening_close(&l);
}
END_TEST

START_TEST(water_marks_stop_and_start_a_long_reply)
{
	struct listening l;
	listening_open(&l, 100);
	script_settle(l.loop);
	script_window(l.peer, 0);
	ck_assert_uint_eq(stream_room(l.stream), STREAM_HIGH_WATER);
	add_bytes(l.stream, 1000);
	ck_assert_uint_eq(stream_room(l.stream), STREAM_HIGH_WATER - 1000);
	add_bytes(l.stream, STREAM_HIGH_WATER - 1000);
	ck_assert_uint_eq(stream_room(l.stream), 0);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "R");
	script_window(l.peer,
		      STREAM_HIGH_WATER - STREAM_LOW_WATER - 1); /* one byte above low water */
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "R");
	script_window(l.peer, 1);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RO");
	script_window(l.peer, 100); /* nobody asked again: nobody is told again */
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RO");
	script_window(l.peer, SIZE_MAX);
	script_settle(l.loop);
	ck_assert_uint_eq(script_output(l.peer).len, STREAM_HIGH_WATER);
	listening_close(&l);
}
END_TEST

START_TEST(a_peer_who_never_reads_is_dropped_at_the_end_of_the_slack)
{
	struct listening l;
	listening_open(&l, 100);
	script_settle(l.loop);
	script_window(l.peer, 0);
	add_bytes(l.stream, STREAM_HIGH_WATER + STREAM_SLACK_BYTES);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("x")), ERR_LIMIT);
	ck_assert_str_eq(l.events, "R"); /* DEAD comes from the loop, not from inside stream_add */
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("x")), ERR_CLOSED);
	ck_assert_int_eq(stream_addf(l.stream, "%d", 1), ERR_CLOSED);
	ck_assert_uint_eq(stream_room(l.stream), 0);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RD");
	ck_assert_ptr_null(l.stream);
	listening_close(&l);
}
END_TEST

START_TEST(short_writes_lose_and_double_nothing)
{
	struct listening l;
	struct buf sent;
	listening_open(&l, 100);
	buf_init(&sent, SIZE_MAX);
	script_write_chunk(l.peer, 7);
	for (int i = 0; i < 3000; i++) {
		char line[32];
		int n = snprintf(line, sizeof(line), "line %d\r\n", i);
		ck_assert_int_eq(buf_add(&sent, line, (size_t)n), ERR_NONE);
		ck_assert_int_eq(stream_add(l.stream, slice_of(line, (size_t)n)), ERR_NONE);
		if (i % 50 == 0) {
			script_window(l.peer, (size_t)(i % 400));
			script_settle(l.loop);
		}
	}
	script_window(l.peer, SIZE_MAX);
	script_settle(l.loop);
	ck_assert(slice_eq(script_output(l.peer), buf_view(&sent)));
	buf_free(&sent);
	listening_close(&l);
}
END_TEST

/* --- ends ------------------------------------------------------------------------------------- */

START_TEST(half_close_comes_after_the_input_and_leaves_output_alone)
{
	struct listening l;
	listening_open(&l, 100);
	l.echoes = true;
	script_feed_str(l.peer, "QUIT\r\n");
	script_eof(l.peer);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RIE");
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("bye\r\n")), ERR_NONE);
	script_settle(l.loop);
	ck_assert(slice_eq_str(script_output(l.peer), "QUIT\r\nbye\r\n"));
	listening_close(&l);
}
END_TEST

START_TEST(a_broken_transport_is_told_once)
{
	struct listening l;
	listening_open(&l, 100);
	script_settle(l.loop);
	script_fail(l.peer, ERR_IO);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RD");
	listening_close(&l);
}
END_TEST

START_TEST(a_failing_write_kills_from_the_loop_only)
{
	struct listening l;
	listening_open(&l, 100);
	stream_pause(l.stream, true);
	script_settle(l.loop);
	script_fail(l.peer, ERR_IO);
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "R"); /* paused: nobody looked */
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("x")), ERR_NONE);
	stream_flush(l.stream);
	ck_assert_str_eq(l.events, "R");
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RD");
	listening_close(&l);
}
END_TEST

START_TEST(closing_inside_an_event_sends_what_is_queued)
{
	struct listening l;
	listening_open(&l, 100);
	l.echoes = false;
	l.closes_on_input = true;
	script_settle(l.loop);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("* BYE\r\n")), ERR_NONE);
	script_feed_str(l.peer, "LOGOUT\r\nmore");
	script_settle(l.loop);
	ck_assert_str_eq(l.events, "RI");
	ck_assert(slice_eq_str(script_output(l.peer), "* BYE\r\n"));
	ck_assert(script_is_shut(l.peer));
	ck_assert_uint_eq(l.gone, 1);
	listening_close(&l);
}
END_TEST

START_TEST(aborting_inside_an_event_drops_what_is_queued)
{
	struct listening l;
	listening_open(&l, 100);
	l.aborts_on_input = true;
	script_settle(l.loop);
	script_window(l.peer, 0);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("never")), ERR_NONE);
	script_settle(l.loop);
	script_feed_str(l.peer, "x");
	script_settle(l.loop);
	ck_assert_uint_eq(script_output(l.peer).len, 0);
	ck_assert_uint_eq(l.gone, 1);
	listening_close(&l);
}
END_TEST

START_TEST(a_goodbye_waits_for_a_slow_reader_but_not_for_ever)
{
	struct listening l;
	clock_freeze(1000, 0);
	listening_open(&l, 100);
	script_window(l.peer, 3);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("goodbye")), ERR_NONE);
	stream_close(&l.stream);
	ck_assert_ptr_null(l.stream);
	script_settle(l.loop);
	ck_assert(slice_eq_str(script_output(l.peer), "goo"));
	clock_advance(9999);
	script_settle(l.loop);
	ck_assert(!script_is_closed(l.peer));
	script_window(l.peer, 2);
	script_settle(l.loop);
	ck_assert(slice_eq_str(script_output(l.peer), "goodb"));
	clock_advance(1);
	script_settle(l.loop);
	ck_assert(script_is_closed(l.peer));
	ck_assert_uint_eq(l.gone, 1);
	listening_close(&l);
}
END_TEST

START_TEST(the_last_reply_is_not_overtaken_by_a_reset)
{
	struct listening l;
	clock_freeze(1000, 0);
	listening_open(&l, 100);
	script_stay_open(l.peer);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("421 later")), ERR_NONE);
	stream_close(&l.stream);
	ck_assert(slice_eq_str(script_output(l.peer), "421 later"));
	ck_assert(script_is_shut(l.peer));
	script_feed_str(l.peer,
			"EHLO me\r\n"); /* still on its way when we closed: read, not reset */
	script_settle(l.loop);
	ck_assert_uint_eq(script_unread(l.peer), 0);
	ck_assert(!script_is_closed(l.peer));
	clock_advance(2000);
	script_settle(l.loop);
	ck_assert(script_is_closed(l.peer));
	listening_close(&l);
}
END_TEST

START_TEST(a_flooding_peer_cannot_keep_a_closed_stream)
{
	struct listening l;
	struct buf flood;
	clock_freeze(1000, 0);
	listening_open(&l, 100);
	script_stay_open(l.peer);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("bye")), ERR_NONE);
	stream_close(&l.stream);
	buf_init(&flood, 65536);
	uint8_t *room = NULL;
	ck_assert_int_eq(buf_reserve(&flood, 65536, &room), ERR_NONE);
	memset(room, 'f', 65536);
	buf_commit(&flood, 65536);
	for (int i = 0; i < 5; i++) {
		script_feed(l.peer, buf_view(&flood));
		script_settle(l.loop);
	}
	ck_assert(script_is_closed(l.peer));
	buf_free(&flood);
	listening_close(&l);
}
END_TEST

START_TEST(a_stream_that_says_goodbye_goes_with_its_loop)
{
	struct listening l;
	listening_open(&l, 100);
	script_window(l.peer, 0);
	ck_assert_int_eq(stream_add(l.stream, SLICE_LIT("bye")), ERR_NONE);
	stream_close(&l.stream);
	listening_close(&l); /* frees the loop, checks that the stream has gone */
}
END_TEST

START_TEST(idle_streams_hold_no_buffers)
{
	struct listening l;
	listening_open(&l, 100000);
	l.echoes = true;
	for (int i = 0; i < 10; i++) {
		script_feed_str(l.peer, "some bytes");
		script_settle(l.loop);
		ck_assert_ptr_null(stream_input(l.stream).ptr);
	}
	listening_close(&l);
}
END_TEST

SUITE_MAIN("stream", whole_input_comes_as_one_event, chunked_input_comes_as_many_events,
	   input_stops_at_the_ceiling_and_goes_on_when_consumed,
	   a_peer_who_never_stops_gets_one_scratch_buffer_a_turn, a_paused_stream_does_not_read,
	   without_a_user_nothing_is_read_or_told, pieces_of_a_turn_leave_in_one_write,
	   much_output_leaves_before_the_turn_ends, water_marks_stop_and_start_a_long_reply,
	   a_peer_who_never_reads_is_dropped_at_the_end_of_the_slack,
	   short_writes_lose_and_double_nothing,
	   half_close_comes_after_the_input_and_leaves_output_alone,
	   a_broken_transport_is_told_once, a_failing_write_kills_from_the_loop_only,
	   closing_inside_an_event_sends_what_is_queued,
	   aborting_inside_an_event_drops_what_is_queued,
	   a_goodbye_waits_for_a_slow_reader_but_not_for_ever,
	   the_last_reply_is_not_overtaken_by_a_reset, a_flooding_peer_cannot_keep_a_closed_stream,
	   a_stream_that_says_goodbye_goes_with_its_loop, idle_streams_hold_no_buffers)
