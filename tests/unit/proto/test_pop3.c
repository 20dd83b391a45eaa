#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "proto/pop3/pop3_session.h"
#include "proto/protocols.h"
#include "store/store_backend.h"
#include "support/fake_host.h"
#include "support/peer.h"
#include "support/scram_client.h"

/* --- a store that fails on demand, or is slow to make things durable --------------------------- */

static enum err read_error, change_error;
static uint64_t read_fails_at;
static bool is_ticket_held;
static uint64_t held_ticket;

static enum err moody_read(struct mailbox *box, const struct msg_info *info, enum msg_part part,
			   uint64_t offset, uint8_t *dst, size_t n, size_t *got_out,
			   struct waiter *w)
{
	if (read_error && part == MSG_BODY && offset >= read_fails_at)
		return read_error;
	return store_ram_ops.read(box, info, part, offset, dst, n, got_out, w);
}

static enum err moody_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	if (change_error)
		return change_error;
	enum err err = store_ram_ops.change(box, c, ticket_out);
	if (is_ticket_held && c->kind == CHANGE_EXPUNGE)
		*ticket_out = held_ticket = store_new_ticket(box->account->store);
	return err;
}

/* --- a client ---------------------------------------------------------------------------------- */

static struct store_ops moody_ops;
static struct loop *loop;
static struct fake_host fake;
static struct peer peer;

static void pop3_setup(void)
{
	moody_ops = store_ram_ops;
	moody_ops.read = moody_read;
	moody_ops.change = moody_change;
	read_error = change_error = ERR_NONE;
	is_ticket_held = false;
	clock_freeze(1000 * 1000, 1790000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init_on(&fake, loop, &moody_ops);
	fake_host_add_user(&fake, "bob", "secret");
}

static void pop3_teardown(void)
{
	ck_assert_uint_eq(fake.session_count, 0);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

static void say(const char *text)
{
	peer_send(&peer, slice_str(text));
	peer_settle(&peer);
}

static struct slice heard(void)
{
	return buf_view(&peer.got);
}

static void forget(void)
{
	buf_clear(&peer.got);
}

static void connect_as_bob(void)
{
	peer_open(&peer, loop, 64 * 1024);
	pop3_session_start(&fake.host, peer.stream, false);
	say("USER bob\r\nPASS secret\r\n");
	ck_assert(slice_find(heard(), SLICE_LIT("octets)\r\n")) != SIZE_MAX);
	forget();
}

static void add_mail(struct slice message)
{
	ck_assert_uint_ne(fake_host_add_mail(&fake, "bob", "INBOX", message, 0, 1790000000), 0);
}

static bool heard_starts(const char *text)
{
	return slice_starts(heard(), slice_str(text));
}

/* What a client gets that takes the first line off and the dots out (RFC 1939 3). */
static void unstuff(struct slice answer, struct buf *dst)
{
	struct slice rest = slice_from(answer, slice_find_byte(answer, '\n') + 1);
	while (rest.len) {
		size_t end = slice_find(rest, SLICE_LIT("\r\n"));
		ck_assert_uint_ne(end, SIZE_MAX);
		struct slice line = slice_upto(rest, end + 2);
		rest = slice_from(rest, end + 2);
		if (slice_eq_str(line, ".\r\n"))
			break;
		if (line.ptr[0] == '.')
			line = slice_from(line, 1);
		ck_assert_int_eq(buf_add_slice(dst, line), ERR_NONE);
	}
	ck_assert_uint_eq(rest.len, 0);
}

/* --- tests ------------------------------------------------------------------------------------- */

/* Sizes around the pieces a message is read in, dots and line ends at every boundary. */
START_TEST(every_message_comes_back_byte_for_byte)
{
	static const char alphabet[] = "x..\r\n";
	static const size_t sizes[] = {2, 100, 4095, 4096, 4097, 8190, 8192, 8194, 16384, 100000};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf message, got;
		uint32_t random = 12345 + (uint32_t)i;
		buf_init(&message, 200000);
		buf_init(&got, 200000);
		pop3_setup();
		while (message.len < sizes[i] - 2) {
			random = random * 1103515245u + 12345;
			char c = alphabet[random >> 16 & 3];
			ck_assert_int_eq(
				buf_add(&message, c == '\r' ? "\r\n" : &c, c == '\r' ? 2 : 1),
				ERR_NONE);
		}
		ck_assert_int_eq(buf_add_str(&message, "\r\n"), ERR_NONE);
		add_mail(buf_view(&message));
		connect_as_bob();
		peer.take_chunk = 999;
		say("RETR 1\r\n");
		unstuff(heard(), &got);
		ck_assert(slice_eq(buf_view(&got), buf_view(&message)));
		forget();
		char wanted[64];
		snprintf(wanted, sizeof(wanted), "+OK 1 %zu\r\n", message.len);
		say("LIST 1\r\n");
		ck_assert(slice_eq_str(heard(), wanted));
		peer_close(&peer);
		pop3_teardown();
		buf_free(&message);
		buf_free(&got);
	}
}
END_TEST

START_TEST(top_cuts_at_the_line_wherever_pieces_end)
{
	pop3_setup();
	struct buf message;
	buf_init(&message, 100000);
	for (size_t header = 8156; header < 8196; header++) {
		buf_clear(&message);
		ck_assert_int_eq(buf_add_str(&message, "X: "), ERR_NONE);
		while (message.len < header)
			ck_assert_int_eq(buf_add_byte(&message, 'h'), ERR_NONE);
		ck_assert_int_eq(buf_add_str(&message, "\r\n\r\none\r\ntwo\r\nthree\r\n"),
				 ERR_NONE);
		add_mail(buf_view(&message));
	}
	connect_as_bob();
	for (unsigned n = 1; n <= 40; n++) {
		char command[32];
		snprintf(command, sizeof(command), "TOP %u 2\r\n", n);
		say(command);
		struct slice got = heard();
		ck_assert(slice_ends_nocase(got, "h\r\n\r\none\r\ntwo\r\n.\r\n"));
		forget();
	}
	peer_close(&peer);
	pop3_teardown();
	buf_free(&message);
}
END_TEST

START_TEST(long_listings_pause_and_go_on)
{
	enum { MANY = 5000 };
	pop3_setup();
	for (int i = 0; i < MANY; i++)
		add_mail(SLICE_LIT("x\r\n"));
	connect_as_bob();
	peer.take_chunk = 500;
	peer_send(&peer, SLICE_LIT("UIDL\r\nLIST\r\n"));
	peer_turn(&peer);
	peer_turn(&peer);
	/* No more is waiting in memory than the stream's high water and one line. */
	ck_assert_uint_le(stream_queued(peer.stream), STREAM_HIGH_WATER + 100);
	peer_settle(&peer);
	struct slice rest = heard();
	unsigned lines = 0, ends = 0;
	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');
		lines++;
		ends += slice_eq_str(line, ".\r");
	}
	ck_assert_uint_eq(lines, 2 * (MANY + 2));
	ck_assert_uint_eq(ends, 2);
	peer_close(&peer);
	pop3_teardown();
}
END_TEST

START_TEST(a_message_that_cannot_be_read_is_refused_or_breaks_off)
{
	static uint8_t big[100000];
	static const struct {
		enum err err;
		const char *answer;
	} rows[] = {{ERR_GONE, "-ERR [SYS/PERM] "},
		    {ERR_CORRUPT, "-ERR [SYS/PERM] "},
		    {ERR_IO, "-ERR [SYS/TEMP] "}};
	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pop3_setup();
		add_mail(slice_of(big, sizeof(big)));
		connect_as_bob();
		read_error = rows[i].err;
		read_fails_at = 0;
		say("RETR 1\r\nNOOP\r\n");
		ck_assert(heard_starts(rows[i].answer));
		ck_assert(slice_ends_nocase(heard(), "+OK Done\r\n"));
		forget();
		/* In the middle: only the end of the connection says that this is not all. */
		read_fails_at = 50000;
		say("RETR 1\r\nNOOP\r\n");
		ck_assert(heard_starts("+OK 100000"));
		ck_assert(peer_is_closed(&peer));
		ck_assert_uint_lt(heard().len, sizeof(big));
		ck_assert_uint_eq(slice_find(heard(), SLICE_LIT("\r\n.\r\n")), SIZE_MAX);
		peer_close(&peer);
		pop3_teardown();
	}
}
END_TEST

START_TEST(quit_says_ok_only_when_the_deletion_is_durable)
{
	pop3_setup();
	add_mail(SLICE_LIT("x\r\n"));
	connect_as_bob();
	is_ticket_held = true;
	say("DELE 1\r\nQUIT\r\n");
	ck_assert(slice_eq_str(heard(), "+OK Marked as deleted\r\n"));
	ck_assert(!peer_is_closed(&peer));
	store_ticket_durable(fake.host.store, held_ticket);
	store_turn(fake.host.store, false);
	peer_settle(&peer);
	ck_assert(slice_eq_str(heard(), "+OK Marked as deleted\r\n+OK Goodbye\r\n"));
	ck_assert(peer_is_closed(&peer));
	peer_close(&peer);
	pop3_teardown();
}
END_TEST

START_TEST(quit_says_so_when_the_deletion_failed)
{
	for (int at_sync = 0; at_sync < 2; at_sync++) {
		pop3_setup();
		add_mail(SLICE_LIT("x\r\n"));
		add_mail(SLICE_LIT("y\r\n"));
		connect_as_bob();
		is_ticket_held = at_sync;
		change_error = at_sync ? ERR_NONE : ERR_READ_ONLY;
		say("DELE 1\r\nDELE 2\r\n");
		forget();
		say("QUIT\r\n");
		if (at_sync) {
			store_fail(fake.host.store, ERR_IO);
			store_turn(fake.host.store, false);
			peer_settle(&peer);
		}
		ck_assert(heard_starts("-ERR [SYS/TEMP] "));
		ck_assert(peer_is_closed(&peer));
		if (!at_sync)
			ck_assert_uint_eq(fake_host_count_mail(&fake, "bob", "INBOX"), 2);
		peer_close(&peer);
		pop3_teardown();
	}
}
END_TEST

START_TEST(unique_ids_are_equal_in_every_session_and_for_every_message_another)
{
	struct buf first;
	pop3_setup();
	buf_init(&first, 4096);
	for (int i = 0; i < 3; i++)
		add_mail(SLICE_LIT("the same\r\n"));
	for (int round = 0; round < 2; round++) {
		connect_as_bob();
		say("UIDL\r\n");
		if (round == 0)
			ck_assert_int_eq(buf_add_slice(&first, heard()), ERR_NONE);
		else
			ck_assert(slice_eq(heard(), buf_view(&first)));
		peer_close(&peer);
	}
	struct slice rest = buf_view(&first), last = SLICE_EMPTY;
	slice_split(&rest, '\n');
	for (int i = 0; i < 3; i++) {
		struct slice id = slice_from(slice_split(&rest, '\n'), 2);
		ck_assert_uint_eq(id.len, 33); /* 32 digits, CR */
		ck_assert(!slice_eq(id, last));
		last = id;
	}
	buf_free(&first);
	pop3_teardown();
}
END_TEST

START_TEST(only_what_was_sent_whole_with_retr_is_noted)
{
	pop3_setup();
	for (int i = 0; i < 10; i++)
		add_mail(SLICE_LIT("x\r\n\r\ny\r\n"));
	connect_as_bob();
	say("TOP 1 99\r\nRETR 3\r\nRETR 10\r\n");
	struct pop3_session *s =
		(struct pop3_session *)list_owner(fake.sessions.next, struct session, link);
	ck_assert_ptr_nonnull(s->drop.retrieved_bits);
	ck_assert_uint_eq(s->drop.retrieved_bits[0], 1u << 2);
	ck_assert_uint_eq(s->drop.retrieved_bits[1], 1u << 1);
	peer_close(&peer);
	pop3_teardown();
}
END_TEST

static void say_base64(struct slice message)
{
	struct buf line;
	buf_init(&line, 8192);
	ck_assert_int_eq(base64_add(&line, message), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&line, "\r\n"), ERR_NONE);
	peer_send(&peer, buf_view(&line));
	peer_settle(&peer);
	buf_free(&line);
}

static void hear_base64(struct buf *dst)
{
	ck_assert(heard_starts("+ "));
	ck_assert_int_eq(base64_decode(slice_between(heard(), 2, heard().len - 2), dst), ERR_NONE);
	forget();
}

START_TEST(scram_logs_in_over_the_wire)
{
	struct scram_client client = {
		.user = "bob", .password = "secret", .gs2 = "n,,", .nonce = "fyko+d2lbbFgONRv"};
	struct buf ours, theirs;
	buf_init(&ours, 4096);
	buf_init(&theirs, 4096);
	pop3_setup();
	fake.is_delayed = true;
	peer_open(&peer, loop, 64 * 1024);
	pop3_session_start(&fake.host, peer.stream, false);
	peer_settle(&peer);
	forget();
	say("AUTH SCRAM-SHA-256\r\n");
	ck_assert(slice_eq_str(heard(), "+ \r\n"));
	forget();
	scram_client_first(&client, &ours);
	say_base64(buf_view(&ours));
	hear_base64(&theirs);
	buf_clear(&ours);
	ck_assert_int_eq(scram_client_final(&client, buf_view(&theirs), &ours), ERR_NONE);
	say_base64(buf_view(&ours));
	buf_clear(&theirs);
	hear_base64(&theirs);
	ck_assert(scram_client_accepts(&client, buf_view(&theirs)));
	say("\r\nSTAT\r\n");
	ck_assert(slice_eq_str(heard(), "+OK 0 messages (0 octets)\r\n+OK 0 0\r\n"));
	peer_close(&peer);
	pop3_teardown();
	buf_free(&ours);
	buf_free(&theirs);
}
END_TEST

START_TEST(languages_are_found_by_their_range)
{
	static const char *const rows[][2] = {
		{"en", "en"},      {"EN-gb", "en"}, {"id", "id"}, {"*", "en"}, {"i-default", "en"},
		{"id-ID-x", "id"}, {"de", NULL},    {"", NULL},   {"e", NULL}, {"english", NULL}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pop3_lang *lang = pop3_lang_find(slice_str(rows[i][0]));
		ck_assert_int_eq(lang != NULL, rows[i][1] != NULL);
		if (lang)
			ck_assert_str_eq(lang->tag, rows[i][1]);
	}
	for (const struct pop3_lang *lang = pop3_langs; lang->tag; lang++)
		for (int text = 0; text < TEXT_COUNT; text++)
			ck_assert_uint_gt(strlen(pop3_text(lang, (enum pop3_text)text)), 0);
}
END_TEST

SUITE_MAIN("pop3", every_message_comes_back_byte_for_byte, top_cuts_at_the_line_wherever_pieces_end,
	   long_listings_pause_and_go_on, a_message_that_cannot_be_read_is_refused_or_breaks_off,
	   quit_says_ok_only_when_the_deletion_is_durable, quit_says_so_when_the_deletion_failed,
	   unique_ids_are_equal_in_every_session_and_for_every_message_another,
	   only_what_was_sent_whole_with_retr_is_noted, scram_logs_in_over_the_wire,
	   languages_are_found_by_their_range)
