#include "support/suite.h"

#include "proto/line.h"
#include "support/peer.h"

struct quiet_user {
	struct stream_user user;
};

static void quiet_on_stream(struct stream_user *user, enum stream_event event)
{
	(void)user;
	(void)event;
}

static struct loop *loop;
static struct peer peer;
static struct quiet_user quiet = {{quiet_on_stream}};

static void line_setup(const char *input, size_t len)
{
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	peer_open(&peer, loop, 4096);
	stream_set_user(peer.stream, &quiet.user);
	peer_send(&peer, slice_of(input, len));
	peer_settle(&peer);
}

static void line_teardown(void)
{
	struct stream *s = peer.stream;
	stream_abort(&s);
	peer_close(&peer);
	loop_free(&loop);
}

START_TEST(lines_end_at_crlf_or_at_lf_where_that_is_allowed)
{
	static const struct {
		const char *input;
		bool lf_too;
		enum step step;
		const char *text;
		size_t whole;
	} rows[] = {
		{"NOOP\r\nmore", false, STEP_DONE, "NOOP", 6},
		{"NOOP\r\nmore", true, STEP_DONE, "NOOP", 6},
		{"NOOP\nQUIT\r\n", true, STEP_DONE, "NOOP", 5},
		{"NOOP\nQUIT\r\n", false, STEP_DONE, "NOOP\nQUIT", 11},
		{"NO\rOP\r\n", true, STEP_DONE, "NO\rOP", 7},
		{"\r\n", false, STEP_DONE, "", 2},
		{"\n", true, STEP_DONE, "", 1},
		{"\n", false, STEP_MORE, "", 0},
		{"NOOP", true, STEP_MORE, "", 0},
		{"NOOP\r", true, STEP_MORE, "", 0},
		{"NOOP\r\r\n", false, STEP_DONE, "NOOP\r", 7},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct line_reader reader = {0};
		struct line line;
		line_setup(rows[i].input, strlen(rows[i].input));
		enum step step = line_next(&reader, peer.stream, 100, rows[i].lf_too, &line);
		ck_assert_int_eq(step, rows[i].step);
		if (step == STEP_DONE) {
			ck_assert(slice_eq_str(line.text, rows[i].text));
			ck_assert_uint_eq(line.whole, rows[i].whole);
			line_done(&reader, peer.stream, &line);
			ck_assert_uint_eq(stream_input(peer.stream).len,
					  strlen(rows[i].input) - rows[i].whole);
		}
		line_teardown();
	}
}
END_TEST

START_TEST(a_line_may_come_in_pieces)
{
	static const char input[] = "USER bob\r\nPASS x\r\n";
	struct line_reader reader = {0};
	struct line line;
	unsigned lines = 0;
	line_setup("", 0);
	for (size_t i = 0; i < sizeof(input) - 1; i++) {
		peer_send(&peer, slice_of(input + i, 1));
		peer_settle(&peer);
		if (line_next(&reader, peer.stream, 100, true, &line) != STEP_DONE)
			continue;
		ck_assert(slice_eq_str(line.text, lines ? "PASS x" : "USER bob"));
		line_done(&reader, peer.stream, &line);
		lines++;
	}
	ck_assert_uint_eq(lines, 2);
	line_teardown();
}
END_TEST

START_TEST(the_ceiling_counts_the_ending)
{
	for (size_t max = 5; max <= 7; max++) {
		struct line_reader reader = {0};
		struct line line;
		line_setup("NOOP\r\n", 6);
		ck_assert_int_eq(line_next(&reader, peer.stream, max, false, &line),
				 max < 6 ? STEP_BAD : STEP_DONE);
		line_teardown();
	}
}
END_TEST

START_TEST(too_long_a_line_is_skipped_to_its_end_and_no_further)
{
	struct line_reader reader = {0};
	struct line line;
	line_setup("aaaaaaaaaaaaaaaaaaaa", 20);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_BAD);
	ck_assert_uint_eq(stream_input(peer.stream).len, 0);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_MORE);
	/* The ending itself comes in two pieces. */
	peer_send(&peer, SLICE_LIT("bbbbbbbbbbbbbbbbbb\r"));
	peer_settle(&peer);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_MORE);
	ck_assert(reader.is_skipping);
	peer_send(&peer, SLICE_LIT("\nNOOP\r\n"));
	peer_settle(&peer);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_DONE);
	ck_assert(reader.is_skipping);
	ck_assert_uint_eq(line.text.len, 0);
	line_done(&reader, peer.stream, &line);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_DONE);
	ck_assert(!reader.is_skipping);
	ck_assert(slice_eq_str(line.text, "NOOP"));
	line_teardown();
}
END_TEST

START_TEST(too_long_a_line_that_came_whole_is_one_error)
{
	struct line_reader reader = {0};
	struct line line;
	line_setup("aaaaaaaaaaaaaaaaaaaa\r\nNOOP\r\n", 28);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_BAD);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_DONE);
	ck_assert(reader.is_skipping);
	line_done(&reader, peer.stream, &line);
	ck_assert_int_eq(line_next(&reader, peer.stream, 10, false, &line), STEP_DONE);
	ck_assert(slice_eq_str(line.text, "NOOP"));
	line_teardown();
}
END_TEST

SUITE_MAIN("line", lines_end_at_crlf_or_at_lf_where_that_is_allowed, a_line_may_come_in_pieces,
	   the_ceiling_counts_the_ending, too_long_a_line_is_skipped_to_its_end_and_no_further,
	   too_long_a_line_that_came_whole_is_one_error)
