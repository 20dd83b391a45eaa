#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "proto/protocols.h"
#include "support/fake_host.h"
#include "support/peer.h"
#include "support/scram_client.h"

static struct loop *loop;
static struct fake_host fake;
static struct peer peer;

/* --- a host that shows what it was asked ------------------------------------------------------ */

static const struct host_ops *fake_ops;
static struct host_ops nosy_ops;
static char seen[512];    /* the last envelope */
static bool is_undurable; /* delivery_finish waits */
static struct waiter *held;
static unsigned begun, ended;

static enum err nosy_begin(struct host *host, const struct envelope *e, struct delivery **out)
{
	begun++;
	snprintf(seen, sizeof(seen), "%s|" SLICE_FMT "|" SLICE_FMT "|" SLICE_FMT "|%llu", e->with,
		 SLICE_ARG(e->helo), SLICE_ARG(e->mail_from), SLICE_ARG(e->rcpt_to[0]),
		 (unsigned long long)e->size);
	return fake_ops->delivery_begin(host, e, out);
}

static enum err nosy_finish(struct delivery *d, struct waiter *w)
{
	held = w;
	return is_undurable ? ERR_AGAIN : fake_ops->delivery_finish(d, w);
}

static void nosy_end(struct delivery **d)
{
	ended++;
	fake_ops->delivery_end(d);
}

static void smtp_setup(void)
{
	clock_freeze(1000 * 1000, 1790000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	fake_ops = fake.host.ops;
	nosy_ops = *fake_ops;
	nosy_ops.delivery_begin = nosy_begin;
	nosy_ops.delivery_finish = nosy_finish;
	nosy_ops.delivery_end = nosy_end;
	fake.host.ops = &nosy_ops;
	is_undurable = false;
	begun = ended = 0;
	fake_host_add_user(&fake, "bob", "secret");
}

static void smtp_teardown(void)
{
	peer_close(&peer);
	ck_assert_uint_eq(fake.session_count, 0);
	ck_assert_uint_eq(begun, ended);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

static void smtp_connect(enum service service)
{
	peer_open(&peer, loop, 64 * 1024);
	smtp_session_start(&fake.host, peer.stream, service, false);
	peer_settle(&peer);
	buf_clear(&peer.got);
}

/* Says it, and gives the last line of the answer. */
static const char *ask(const char *text)
{
	static char line[512];
	buf_clear(&peer.got);
	peer_send(&peer, slice_str(text));
	peer_settle(&peer);
	struct slice got = slice_trim(buf_view(&peer.got));
	size_t before = slice_rfind_byte(got, '\n');
	struct slice last = before == SIZE_MAX ? got : slice_from(got, before + 1);
	ck_assert_int_eq(slice_to_str(last, line, sizeof(line)), ERR_NONE);
	return line;
}

#define assert_reply(text, wanted) \
	ck_assert_msg(!strncmp(ask(text), wanted, strlen(wanted)), "%s", ask(""))

/* --- tests ------------------------------------------------------------------------------------ */

START_TEST(the_host_learns_who_sends_to_whom_and_how)
{
	static const struct {
		enum service service;
		const char *hello, *mail, *wanted;
	} rows[] = {
		{SERVICE_SMTP, "HELO Box\r\n", "MAIL FROM:<a@b.example>\r\n",
		 "SMTP|Box|a@b.example|bob@surel.test|0"},
		{SERVICE_SMTP, "EHLO [192.0.2.1]\r\n", "MAIL FROM:<> SIZE=77\r\n",
		 "ESMTP|[192.0.2.1]||bob@surel.test|77"},
		{SERVICE_SMTP, "EHLO x\r\n", "MAIL FROM:<\xc3\xa4@b> SMTPUTF8\r\n",
		 "UTF8SMTP|x|\xc3\xa4@b|bob@surel.test|0"},
		{SERVICE_SMTP, "EHLO x\r\n",
		 "AUTH PLAIN AGJvYgBzZWNyZXQ=\r\nMAIL FROM:<\"a\"@b>\r\n",
		 "ESMTPA|x|a@b|bob@surel.test|0"},
		{SERVICE_LMTP, "LHLO x\r\n", "MAIL FROM:<a@b>\r\n", "LMTP|x|a@b|bob@surel.test|0"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		smtp_setup();
		smtp_connect(rows[i].service);
		ask(rows[i].hello);
		assert_reply(rows[i].mail, "250 2.1.0");
		assert_reply("RCPT TO:<\"bob\"@surel.test>\r\n", "250 2.1.5");
		assert_reply("DATA\r\n", "354");
		assert_reply("x\r\n.\r\n", "250 2.0.0");
		ck_assert_str_eq(seen, rows[i].wanted);
		smtp_teardown();
	}
}
END_TEST

START_TEST(stored_is_said_only_when_it_is_durable)
{
	static const char *const ends[] = {"DATA\r\nx\r\n.\r\n", "BDAT 3 LAST\r\nx\r\n"};
	for (int i = 0; i < 2; i++) {
		smtp_setup();
		smtp_connect(SERVICE_SMTP);
		ask("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob>\r\n");
		is_undurable = true;
		ask(ends[i]);
		/* Nor does the next command overtake the answer. */
		ck_assert_str_eq(ask("NOOP\r\n"), "");
		is_undurable = false;
		held->wake(held);
		peer_settle(&peer);
		ck_assert(slice_starts(buf_view(&peer.got), SLICE_LIT("250 2.0.0 Stored\r\n250 ")));
		smtp_teardown();
	}
}
END_TEST

START_TEST(a_connection_lost_at_any_moment_forgets_the_message)
{
	static const char dialog[] = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob>\r\nDATA\r\nx\r\n.";
	for (size_t n = 1; n < sizeof(dialog); n++) {
		smtp_setup();
		fake.is_delayed = n % 2;
		smtp_connect(SERVICE_SMTP);
		peer_send(&peer, slice_of(dialog, n));
		peer_settle(&peer);
		peer_reset(&peer);
		peer_settle(&peer);
		ck_assert_uint_eq(fake_host_count_mail(&fake, "bob", "INBOX"), 0);
		smtp_teardown();
	}
}
END_TEST

/* A line of 1 MiB among others, a host that takes nothing at the first asking, small reads. */
START_TEST(long_lines_arrive_whole_through_a_slow_host)
{
	struct buf message, stored;
	buf_init(&message, 4 * 1024 * 1024);
	buf_init(&stored, 4 * 1024 * 1024);
	ck_assert_int_eq(buf_add_str(&message, "Subject: long\r\n\r\n"), ERR_NONE);
	for (uint32_t i = 0; i < 1024 * 1024; i++)
		ck_assert_int_eq(buf_add_byte(&message, (uint8_t)('a' + i * i % 26)), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&message, "\r\nend\r\n"), ERR_NONE);
	smtp_setup();
	fake.is_delayed = true;
	smtp_connect(SERVICE_SMTP);
	peer.read_chunk = 5000;
	ask("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob>\r\nDATA\r\n");
	peer_send(&peer, buf_view(&message));
	assert_reply(".\r\n", "250 2.0.0");
	ck_assert_int_eq(fake_host_read_mail(&fake, "bob", "INBOX", 0, &stored), ERR_NONE);
	ck_assert(slice_eq(buf_view(&stored), buf_view(&message)));
	smtp_teardown();
	buf_free(&message);
	buf_free(&stored);
}
END_TEST

START_TEST(recipients_and_transactions_have_a_ceiling)
{
	smtp_setup();
	fake.host.rcpt_max = 100;
	smtp_connect(SERVICE_SMTP);
	ask("EHLO x\r\nMAIL FROM:<>\r\n");
	for (int i = 0; i < 100; i++)
		assert_reply("RCPT TO:<bob>\r\n", "250 2.1.5");
	assert_reply("RCPT TO:<bob>\r\n", "452 4.5.3");
	/* All that were accepted get the message. */
	assert_reply("DATA\r\n", "354");
	assert_reply("x\r\n.\r\n", "250");
	for (int i = 1; i < 1000; i++)
		assert_reply("MAIL FROM:<>\r\nRSET\r\n", "250");
	assert_reply("MAIL FROM:<>\r\n", "452 4.5.3");
	smtp_teardown();
}
END_TEST

START_TEST(guessing_names_ends_the_session)
{
	smtp_setup();
	smtp_connect(SERVICE_SMTP);
	ask("EHLO x\r\nMAIL FROM:<>\r\n");
	unsigned asked = 0;
	for (; asked < 100 && !peer_is_closed(&peer); asked++) {
		char command[64];
		snprintf(command, sizeof(command), "RCPT TO:<name%u@surel.test>\r\n", asked);
		ask(command);
	}
	ck_assert_uint_gt(asked, 20);
	ck_assert_uint_lt(asked, 60);
	smtp_teardown();
}
END_TEST

static void scram_hear(struct buf *dst)
{
	struct slice got = buf_view(&peer.got);
	ck_assert(slice_starts(got, SLICE_LIT("334 ")));
	buf_clear(dst);
	ck_assert_int_eq(base64_decode(slice_between(got, 4, got.len - 2), dst), ERR_NONE);
	buf_clear(&peer.got);
}

static void scram_say(const char *before, struct slice message)
{
	struct buf line;
	buf_init(&line, 4096);
	ck_assert_int_eq(buf_add_str(&line, before), ERR_NONE);
	ck_assert_int_eq(base64_add(&line, message), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&line, "\r\n"), ERR_NONE);
	buf_clear(&peer.got);
	peer_send(&peer, buf_view(&line));
	peer_settle(&peer);
	buf_free(&line);
}

START_TEST(scram_logs_in_over_the_wire)
{
	struct scram_client client = {
		.user = "bob", .password = "secret", .gs2 = "n,,", .nonce = "fyko+d2lbbFgONRv"};
	struct buf ours, theirs;
	buf_init(&ours, 4096);
	buf_init(&theirs, 4096);
	smtp_setup();
	fake.is_delayed = true;
	smtp_connect(SERVICE_SUBMISSION);
	ask("EHLO x\r\n");
	scram_client_first(&client, &ours);
	scram_say("AUTH SCRAM-SHA-256 ", buf_view(&ours));
	scram_hear(&theirs);
	buf_clear(&ours);
	ck_assert_int_eq(scram_client_final(&client, buf_view(&theirs), &ours), ERR_NONE);
	scram_say("", buf_view(&ours));
	scram_hear(&theirs);
	ck_assert(scram_client_accepts(&client, buf_view(&theirs)));
	assert_reply("\r\n", "235 2.7.0");
	assert_reply("MAIL FROM:<bob>\r\n", "250");
	smtp_teardown();
	buf_free(&ours);
	buf_free(&theirs);
}
END_TEST

SUITE_MAIN("smtp", the_host_learns_who_sends_to_whom_and_how,
	   stored_is_said_only_when_it_is_durable,
	   a_connection_lost_at_any_moment_forgets_the_message,
	   long_lines_arrive_whole_through_a_slow_host, recipients_and_transactions_have_a_ceiling,
	   guessing_names_ends_the_session, scram_logs_in_over_the_wire)
