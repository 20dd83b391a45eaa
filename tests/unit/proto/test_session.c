#include "support/suite.h"

#include <stdlib.h>

#include "base/clock.h"
#include "proto/line.h"
#include "support/fake_host.h"
#include "support/peer.h"

/* A protocol of our own: one letter a command. It greets with "hi". */
struct toy {
	struct session s;
	struct line_reader reader;
	size_t left; /* of a long answer */
	bool has_greeted, is_waiting;
};

static unsigned toys_freed, toys_run;
static struct list toy_waiters;

static enum step toy_command(struct toy *toy, uint8_t letter)
{
	struct session *s = &toy->s;
	switch (letter) {
	case 'q': session_sayf(s, "bye\r\n"); return STEP_DONE;
	case 'x': return STEP_BAD;
	case 'l': toy->left = 200 * 1024; return STEP_MORE;
	case 'e':
		session_sayf(s, session_count_error(s) ? "too many\r\n" : "no\r\n");
		return STEP_MORE;
	case 'w':
		toy->is_waiting = true;
		list_add_tail(&toy_waiters, &s->waiter.link);
		return STEP_MORE;
	case 'k': session_end(s, GOODBYE_SHUTDOWN); return STEP_MORE;
	default: session_sayf(s, "ok\r\n"); return STEP_MORE;
	}
}

static enum step toy_write_long(struct toy *toy)
{
	while (toy->left) {
		if (session_must_pause(&toy->s))
			return STEP_MORE;
		size_t n = toy->left < 1000 ? toy->left : 1000;
		uint8_t block[1000];
		memset(block, 'z', sizeof(block));
		session_say(&toy->s, slice_of(block, n));
		toy->left -= n;
	}
	return STEP_DONE;
}

static enum step toy_run(struct session *s)
{
	struct toy *toy = (struct toy *)s;
	struct line line;
	toys_run++;
	if (!toy->has_greeted)
		session_sayf(s, "hi\r\n");
	toy->has_greeted = true;
	if (toy->is_waiting && waiter_is_waiting(&s->waiter))
		return STEP_MORE;
	if (toy->is_waiting)
		session_sayf(s, "woken\r\n");
	toy->is_waiting = false;
	while (toy_write_long(toy) == STEP_DONE &&
	       line_next(&toy->reader, s->stream, 100, true, &line) == STEP_DONE) {
		uint8_t letter = line.text.len ? line.text.ptr[0] : ' ';
		line_done(&toy->reader, s->stream, &line);
		enum step step = toy_command(toy, letter);
		if (step != STEP_MORE || toy->is_waiting || s->is_over)
			return step;
	}
	return STEP_MORE;
}

static void toy_goodbye(struct session *s, enum goodbye why)
{
	session_sayf(s, "goodbye %d\r\n", (int)why);
}

static bool toy_is_idle(const struct session *s)
{
	(void)s;
	return true;
}

static void toy_free(struct session *s)
{
	toys_freed++;
	free(s);
}

static const struct session_ops toy_ops = {"toy", toy_run, toy_goodbye, toy_is_idle, toy_free};

static struct loop *loop;
static struct fake_host fake;
static struct peer peer;
static struct toy *toy;

static void toy_start(enum service service, bool over_limit)
{
	toys_freed = toys_run = 0;
	list_init(&toy_waiters);
	clock_freeze(5000, 1790000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	peer_open(&peer, loop, 4096);
	toy = calloc(1, sizeof(*toy));
	session_start(&toy->s, &toy_ops, service, &fake.host, peer.stream, over_limit);
	peer_settle(&peer);
}

static void toy_expect(const char *text)
{
	peer_settle(&peer);
	ck_assert(slice_eq_str(buf_view(&peer.got), text));
	buf_clear(&peer.got);
}

static void toy_say(const char *text)
{
	peer_send(&peer, slice_str(text));
}

static void toy_end(void)
{
	peer_close(&peer);
	ck_assert_uint_eq(toys_freed, 1);
	ck_assert_uint_eq(fake.session_count, 0);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

START_TEST(it_greets_answers_and_quits)
{
	toy_start(SERVICE_POP3, false);
	toy_expect("hi\r\n");
	toy_say("a\r\nb\nq\r\nc\r\n");
	toy_expect("ok\r\nok\r\nbye\r\n");
	ck_assert(peer_is_closed(&peer));
	toy_end();
}
END_TEST

START_TEST(a_client_that_half_closes_still_gets_all_its_answers)
{
	toy_start(SERVICE_SMTP, false);
	peer.take_chunk = 1000;
	toy_say("a\r\nl\r\nb\r\n");
	peer_half_close(&peer);
	peer_settle(&peer);
	ck_assert_uint_eq(peer.got.len, 4 + 4 + 200 * 1024 + 4);
	ck_assert(peer_is_closed(&peer));
	ck_assert_uint_eq(toys_freed, 1);
	toy_end();
}
END_TEST

START_TEST(who_waits_for_an_answer_is_not_stranded)
{
	toy_start(SERVICE_SMTP, false);
	toy_say("w\r\n");
	peer_half_close(&peer);
	toy_expect("hi\r\n");
	ck_assert_uint_eq(toys_freed, 0);
	waiters_wake(&toy_waiters);
	toy_expect("woken\r\n");
	ck_assert_uint_eq(toys_freed, 1);
	toy_end();
}
END_TEST

START_TEST(a_wake_runs_the_session_later_and_not_inside)
{
	toy_start(SERVICE_SMTP, false);
	toy_say("w\r\n");
	toy_expect("hi\r\n");
	unsigned before = toys_run;
	waiters_wake(&toy_waiters);
	ck_assert_uint_eq(toys_run, before);
	toy_expect("woken\r\n");
	toy_end();
}
END_TEST

START_TEST(long_output_stops_when_there_is_no_room_and_goes_on)
{
	toy_start(SERVICE_SMTP, false);
	toy_expect("hi\r\n");
	peer.take_chunk = 1;
	toy_say("l\r\n");
	for (int i = 0; i < 20; i++)
		peer_turn(&peer);
	ck_assert_uint_gt(toy->left, 100 * 1024);
	peer.take_chunk = 0;
	peer_settle(&peer);
	ck_assert_uint_eq(peer.got.len, 200 * 1024);
	toy_end();
}
END_TEST

START_TEST(a_login_must_come_in_time_whatever_else_is_said)
{
	toy_start(SERVICE_POP3, false);
	session_set_timeout(&toy->s, 20 * 1000);
	toy_expect("hi\r\n");
	for (int i = 0; i < 2; i++) {
		clock_advance(14 * 1000);
		toy_say("a\r\n");
		toy_expect("ok\r\n");
	}
	clock_advance(1999);
	toy_expect("");
	clock_advance(2);
	toy_expect("goodbye 0\r\n");
	toy_end();
}
END_TEST

START_TEST(after_login_only_idle_time_counts)
{
	toy_start(SERVICE_POP3, false);
	fake_host_add_user(&fake, "bob", "secret");
	struct account *account = fake_host_account(&fake, "bob");
	ck_assert_int_eq(login_new(account, SLICE_LIT("bob"), SLICE_EMPTY, &toy->s.login),
			 ERR_NONE);
	session_set_timeout(&toy->s, 60 * 1000);
	toy_expect("hi\r\n");
	for (int i = 0; i < 5; i++) {
		clock_advance(59 * 1000);
		toy_say("a\r\n");
		toy_expect("ok\r\n");
	}
	clock_advance(59 * 1000);
	toy_expect("");
	clock_advance(1001);
	toy_expect("goodbye 0\r\n");
	ck_assert_uint_eq(toys_freed, 1);
	toy_end();
}
END_TEST

START_TEST(a_slow_reader_is_not_idle)
{
	toy_start(SERVICE_SMTP, false);
	session_set_timeout(&toy->s, 10 * 1000);
	toy_say("l\r\n");
	peer.take_chunk = 3000;
	for (int i = 0; i < 60; i++) {
		clock_advance(1000);
		peer_turn(&peer);
	}
	ck_assert_uint_eq(toys_freed, 0);
	peer.take_chunk = 0;
	peer_settle(&peer);
	ck_assert_uint_eq(peer.got.len, 4 + 200 * 1024);
	toy_end();
}
END_TEST

START_TEST(over_the_limit_it_says_so_and_nothing_else)
{
	toy_start(SERVICE_IMAP, true);
	toy_expect("goodbye 4\r\n");
	ck_assert_uint_eq(toys_run, 0);
	ck_assert_uint_eq(toys_freed, 1);
	toy_end();
}
END_TEST

START_TEST(it_can_be_ended_from_inside_and_from_outside)
{
	toy_start(SERVICE_SMTP, false);
	toy_say("k\r\na\r\n");
	toy_expect("hi\r\ngoodbye 1\r\n");
	ck_assert_uint_eq(toys_freed, 1);
	toy_end();

	toy_start(SERVICE_SMTP, false);
	toy_expect("hi\r\n");
	session_end(&toy->s, GOODBYE_EVICTED);
	ck_assert_uint_eq(toys_freed, 1);
	toy_expect("goodbye 3\r\n");
	toy_end();
}
END_TEST

START_TEST(a_lost_connection_frees_the_session_also_while_it_waits)
{
	toy_start(SERVICE_SMTP, false);
	toy_say("w\r\n");
	peer_settle(&peer);
	peer_reset(&peer);
	peer_settle(&peer);
	ck_assert_uint_eq(toys_freed, 1);
	ck_assert(list_is_empty(&toy_waiters));
	toy_end();

	toy_start(SERVICE_SMTP, false);
	toy_say("x\r\n");
	peer_settle(&peer);
	ck_assert_uint_eq(toys_freed, 1);
	toy_end();
}
END_TEST

START_TEST(strangers_may_err_less_often)
{
	static const struct {
		enum service service;
		unsigned allowed;
	} rows[] = {{SERVICE_POP3, SESSION_ERRORS_BEFORE_LOGIN},
		    {SERVICE_LMTP, SESSION_ERRORS_AFTER_LOGIN}};
	for (size_t i = 0; i < 2; i++) {
		toy_start(rows[i].service, false);
		for (unsigned n = 0; n < rows[i].allowed; n++)
			ck_assert(!session_count_error(&toy->s));
		ck_assert(session_count_error(&toy->s));
		session_forgive(&toy->s);
		ck_assert(!session_count_error(&toy->s));
		toy_end();
	}
}
END_TEST

START_TEST(passwords_in_clear_only_from_here_or_where_the_lan_is_trusted)
{
	static const struct {
		const char *address;
		bool lan, may;
	} rows[] = {
		{"127.0.0.1", false, true},    {"::1", false, true},
		{"192.168.1.2", false, false}, {"192.168.1.2", true, true},
		{"192.0.2.1", true, false},    {"fd00::1", true, true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		toy_start(SERVICE_POP3, false);
		peer_set_address(&peer, rows[i].address);
		fake.host.allow_plaintext_lan = rows[i].lan;
		ck_assert_int_eq(session_may_take_password(&toy->s), rows[i].may);
		toy_end();
	}
}
END_TEST

SUITE_MAIN("session", it_greets_answers_and_quits,
	   a_client_that_half_closes_still_gets_all_its_answers,
	   who_waits_for_an_answer_is_not_stranded, a_wake_runs_the_session_later_and_not_inside,
	   long_output_stops_when_there_is_no_room_and_goes_on,
	   a_login_must_come_in_time_whatever_else_is_said, after_login_only_idle_time_counts,
	   a_slow_reader_is_not_idle, over_the_limit_it_says_so_and_nothing_else,
	   it_can_be_ended_from_inside_and_from_outside,
	   a_lost_connection_frees_the_session_also_while_it_waits, strangers_may_err_less_often,
	   passwords_in_clear_only_from_here_or_where_the_lan_is_trusted)
