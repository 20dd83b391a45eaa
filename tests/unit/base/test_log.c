#include "base/log.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/suite.h"

static const char *tail(struct buf *b, size_t max_bytes)
{
	buf_init(b, max_bytes + 1);
	b->max_bytes = max_bytes;
	ck_assert_int_eq(log_tail(b), ERR_NONE);
	b->max_bytes = max_bytes + 1;
	ck_assert_int_eq(buf_add_byte(b, 0), ERR_NONE);
	return (const char *)buf_view(b).ptr;
}

START_TEST(a_line_has_time_level_session_and_no_control_bytes)
{
	struct buf b;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_INFO);
	clock_freeze(0, 1800000000);
	log_info(7, "from %s", "a\r\nb\x1B[31m\x7F\xC3\xA4");
	log_error(0, "daemon");
	log_debug(0, "not wanted");
	ck_assert_str_eq(tail(&b, 4096), "2027-01-15T08:00:00Z info: [7] from a??b?[31m?\xC3\xA4\n"
					 "2027-01-15T08:00:00Z error: daemon\n");
	buf_free(&b);
	log_set_level(LOG_LEVEL_ERROR);
	log_warn(0, "too quiet for this");
	ck_assert_ptr_null(strstr(tail(&b, 4096), "quiet"));
	buf_free(&b);
}
END_TEST

START_TEST(a_line_of_syslog_says_where_it_belongs)
{
	char text[600] = "", wanted[64];
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/surel-log-%d", (int)getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	log_set_syslog(at.sun_path);
	log_open(LOG_TO_SYSLOG, LOG_LEVEL_INFO);
	log_error(7, "it is full");
	ck_assert_int_gt(recv(fd, text, sizeof(text) - 1, 0), 0);
	snprintf(wanted, sizeof(wanted), "<19>surel[%d]: [7] it is full", (int)getpid());
	ck_assert_str_eq(text, wanted);
	/* Nobody reads: lines are lost, and nobody waits. */
	for (int i = 0; i < 100; i++)
		log_info(0, "line %d", i);
	close(fd);
	unlink(at.sun_path);
	log_info(0, "nobody is there");
	log_open(LOG_TO_NOBODY, LOG_LEVEL_INFO);
}
END_TEST

START_TEST(long_lines_are_cut)
{
	struct buf b;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_INFO);
	clock_freeze(0, 1800000000);
	log_info(4294967295u, "%0*d", 2000, 0);
	const char *text = tail(&b, 8192);
	ck_assert_uint_lt(strlen(text), 600);
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	buf_free(&b);
}
END_TEST

START_TEST(a_flood_is_dropped_and_counted)
{
	struct buf b;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_INFO);
	clock_freeze(5000, 1800000000);
	for (int i = 0; i < 1000; i++)
		log_info(0, "flood %d", i);
	const char *text = tail(&b, 8192);
	ck_assert_ptr_nonnull(strstr(text, "flood 199\n"));
	ck_assert_ptr_null(strstr(text, "flood 200\n"));
	buf_free(&b);
	clock_advance(1000);
	log_info(0, "calm again");
	text = tail(&b, 8192);
	const char *note = strstr(text, "warn: 800 log lines dropped\n");
	ck_assert_ptr_nonnull(note);
	ck_assert_ptr_nonnull(strstr(note, "calm again\n"));
	buf_free(&b);
}
END_TEST

/* Whatever the room and wherever the ring is cut, the tail is whole lines and ends with the newest. */
START_TEST(the_tail_is_whole_lines_and_the_newest)
{
	log_open(LOG_TO_NOBODY, LOG_LEVEL_INFO);
	clock_freeze(0, 1800000000);
	for (int i = 0; i < 600; i++) {
		struct buf b;
		char newest[64];
		clock_advance(i % 100 == 0 ? 1000 : 0);
		log_info(0, "line %d %0*d", i, i % 37 + 1, 0);
		snprintf(newest, sizeof(newest), "line %d ", i);
		const char *text = tail(&b, 8192 - (size_t)i * 13);
		ck_assert_msg(text[0] == '2', "cut at %d: %.20s", i, text);
		ck_assert_ptr_nonnull(strstr(text, newest));
		ck_assert_int_eq(text[strlen(text) - 1], '\n');
		buf_free(&b);
	}
	struct buf exact, small;
	log_info(0, "last but one");
	log_info(0, "last");
	static const char both[] = "2027-01-15T08:00:06Z info: last but one\n"
				   "2027-01-15T08:00:06Z info: last\n";
	ck_assert_str_eq(tail(&exact, sizeof(both) - 1), both);
	buf_free(&exact);
	ck_assert_str_eq(tail(&exact, sizeof(both) - 2), strchr(both, '\n') + 1);
	buf_free(&exact);
	ck_assert_str_eq(tail(&small, 10), "");
	buf_free(&small);
}
END_TEST

SUITE_MAIN("log", a_line_has_time_level_session_and_no_control_bytes,
	   a_line_of_syslog_says_where_it_belongs, long_lines_are_cut,
	   a_flood_is_dropped_and_counted, the_tail_is_whole_lines_and_the_newest)
