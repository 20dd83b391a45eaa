<<<<<<< HEAD
/* Memory runs out at every request of POP3, SMTP and LMTP sessions. They may refuse, or end the
 * connection; they never crash or leak. What they said is done is done, and what they refused is not;
 * only where the connection broke before the answer it may be either, as with any network. */
#include "support/suite.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/protocols.h"
#include "support/failing_malloc.h"
#include "support/fake_host.h"
#include "support/peer.h"

enum { IN_MAX = 64 * 1024, PEER_BYTES = 1 << 20 };

static struct loop *loop;
static struct fake_host fake;

static void setup(void)
{
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	clock_freeze(1000, 1700000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	fake_host_add_user(&fake, "bob", "secret");
}

static void teardown(void)
{
	ck_assert_uint_eq(fake.session_count, 0);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

static void give_room(struct buf *b)
{
	uint8_t *room = NULL;
	ck_assert_int_eq(buf_reserve(b, PEER_BYTES, &room), ERR_NONE);
}

static unsigned count(struct slice hay, const char *needle)
{
	unsigned n = 0;
	for (size_t at; (at = slice_find(hay, slice_str(needle))) != SIZE_MAX; n++)
		hay = slice_from(hay, at + 1);
	return n;
}

/* One session, with the n-th request for memory failing. True when there was an n-th. */
static bool run(struct peer *peer, enum service service, const char *const *script, unsigned n)
{
	peer_open(peer, loop, IN_MAX);
	give_room(&peer->got);
	give_room(&peer->sent);
	failing_malloc_arm(n);
	if (service == SERVICE_POP3)
		pop3_session_start(&fake.host, peer->stream, false);
	else
		smtp_session_start(&fake.host, peer->stream, service, false);
	for (; *script; script++) {
		if (!peer_is_closed(peer))
			peer_send(peer, slice_str(*script));
		peer_settle(peer);
	}
	failing_malloc_disarm();
	return failing_malloc_has_fired();
}

START_TEST(pop3_deletes_with_an_ok_or_not_at_all)
{
	static const char *const script[] = {
		"CAPA\r\nAUTH\r\nAUTH LOGIN\r\nYm9i\r\n*\r\nAUTH SCRAM-SHA-256 "
		"biwsbj1ib2Iscj1hYmM=\r\n*\r\n",
		"USER bob\r\nPASS secret\r\n",
		"LIST\r\nUIDL\r\nRETR 1\r\nTOP 2 1\r\n",
		"DELE 1\r\n",
		"QUIT\r\n",
		NULL,
	};
	bool has_failed = true;
	for (unsigned n = 1; has_failed; n++) {
		struct peer peer;
		setup();
		for (int i = 0; i < 2; i++)
			fake_host_add_mail(&fake, "bob", "INBOX", SLICE_LIT("x\r\n\r\ny\r\n"), 0,
					   0);
		has_failed = run(&peer, SERVICE_POP3, script, n);
		struct slice said = buf_view(&peer.got);
		bool is_marked = count(said, "+OK Marked") == 1;
		bool is_deleted = is_marked && count(said, "+OK Goodbye") == 1;
		bool is_kept = !is_marked || count(said, "Nothing was deleted") == 1;
		ck_assert(has_failed || is_deleted);
		uint32_t left = fake_host_count_mail(&fake, "bob", "INBOX");
		ck_assert(!is_deleted || left == 1);
		ck_assert(!is_kept || left == 2);
		peer_close(&peer);
		teardown();
	}
}
END_TEST

static void check_delivery(enum service service)
{
	static const char *const script[] = {
		"EHLO x\r\nLHLO x\r\n",
		"AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n",
		"MAIL FROM:<a@b> SIZE=10\r\n",
		"RCPT TO:<\"bob\"@localhost>\r\nRCPT TO:<nobody>\r\n",
		"DATA\r\n",
		"one\r\n.\r\n",
		"RSET\r\nMAIL FROM:<>\r\n",
		"RCPT TO:<bob>\r\n",
		"BDAT 3\r\ntwo",
		"BDAT 2 LAST\r\n\r\n",
		"QUIT\r\n",
		NULL,
	};
	bool has_failed = true;
	for (unsigned n = 1; has_failed; n++) {
		struct peer peer;
		setup();
		fake.is_delayed = n % 2;
		has_failed = run(&peer, service, script, n);
		unsigned stored = count(buf_view(&peer.got), "Stored\r\n");
		bool has_ended = count(buf_view(&peer.got), "221 ") == 1;
		uint32_t there = fake_host_count_mail(&fake, "bob", "INBOX");
		ck_assert(has_failed || stored == 2);
		ck_assert_uint_ge(there, stored);
		ck_assert(!has_ended || there == stored);
		peer_close(&peer);
		teardown();
	}
}

START_TEST(smtp_stores_with_a_250_or_not_at_all)
{
	check_delivery(SERVICE_SMTP);
}
END_TEST

START_TEST(lmtp_stores_with_a_250_or_not_at_all)
{
	check_delivery(SERVICE_LMTP);
}
END_TEST

SUITE_MAIN("nomem_mail", pop3_deletes_with_an_ok_or_not_at_all,
	   smtp_stores_with_a_250_or_not_at_all, lmtp_stores_with_a_250_or_not_at_all)
=======
/* Memory runs out at every request while a message is summarised and its fields are read. The work
 * says ERR_NOMEM, leaks nothing, and the next try gives the same blob. */
#include "support/failing_malloc.h"
#include "support/suite.h"

#include "mail/encword.h"
#include "mail/summary.h"

static const char message[] = "Subject: =?utf-8?b?w6k=?= =?koi8-r?q?=F0?=\r\n"
			      "From: \"Anna\" <anna@example.org>, Group: b@c, d@e;\r\n"
			      "Content-Type: multipart/mixed; boundary*0=\"b\"; boundary*1*=%41\r\n"
			      "\r\n"
			      "--bA\r\n"
			      "Content-Type: message/rfc822\r\n"
			      "\r\n"
			      "Subject: inside\r\n"
			      "\r\n"
			      "text\r\n"
			      "--bA\r\n"
			      "Content-Type: text/plain; name*=utf-8''%C3%A9\r\n"
			      "\r\n"
			      "text\r\n"
			      "--bA--\r\n";

static enum err build(struct buf *blob)
{
	struct summary_builder *b = NULL;
	struct slice rest = slice_str(message);
	enum err err = summary_new(&b);
	while (!err && rest.len) {
		err = summary_push(b, slice_upto(rest, 50));
		rest = slice_from(rest, 50);
	}
	if (!err)
		err = summary_finish(b, blob);
	summary_free(&b);
	return err;
}

static enum err read_part(const struct summary_part *part, struct arena *arena, struct buf *text)
{
	struct slice value;
	struct param_list type;
	struct address_parser p;
	struct address a;
	enum err err = summary_text(part, "subject", arena, &value);
	if (!err)
		err = encword_decode(value, text);
	if (!err)
		err = summary_type(part, arena, &type);
	for (uint32_t i = 0; !err && i < type.count; i++)
		err = param_text(&type.params[i], text);
	if (!err)
		err = summary_addresses(part, "from", arena, &value);
	if (err)
		return err;
	address_init(&p, value, arena);
	while (!(err = address_next(&p, &a)))
		;
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err read_all(const struct buf *blob)
{
	struct summary s;
	struct summary_cursor c;
	struct summary_part part;
	struct arena arena;
	struct buf text;
	enum err err = summary_open(buf_view(blob), &s);
	if (err)
		return err;
	arena_init(&arena, 1 << 16);
	buf_init(&text, 4096);
	summary_rewind(&s, &c);
	while (!err && !(err = summary_next(&c, &part)))
		err = read_part(&part, &arena, &text);
	arena_reset(&arena);
	buf_free(&text);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

START_TEST(a_summary_says_so_when_memory_is_out)
{
	struct buf good;
	buf_init(&good, SUMMARY_MAX_BYTES);
	if (build(&good) || read_all(&good))
		ck_abort_msg("it does not even work with memory");
	for (unsigned long n = 1; failing_malloc_arm(n); n++) {
		struct buf blob;
		buf_init(&blob, SUMMARY_MAX_BYTES);
		enum err err = build(&blob);
		if (err ? err != ERR_NOMEM || !failing_malloc_has_fired()
			: !slice_eq(buf_view(&blob), buf_view(&good)))
			ck_abort_msg("request %lu: %s", n, err_name(err));
		buf_free(&blob);
	}
	for (unsigned long n = 1; failing_malloc_arm(n); n++) {
		enum err err = read_all(&good);
		if (err && (err != ERR_NOMEM || !failing_malloc_has_fired()))
			ck_abort_msg("request %lu: %s", n, err_name(err));
	}
	buf_free(&good);
}
END_TEST

SUITE_MAIN("nomem mail", a_summary_says_so_when_memory_is_out)
>>>>>>> mail
