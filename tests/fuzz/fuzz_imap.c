/* Whole IMAP sessions: two clients of one user say whatever they like.
 *
 * The first octet chooses: bit 0 the host answers late, bit 1 input comes octet by octet, bit 2 the
 * clients read slowly, bit 3 nobody is logged in beforehand, bit 4 a message is there already. Of the rest,
 * 0x01 hands over to the other client and 0x02 lets time pass; all else is sent. What the server
 * says must be well-formed, and its message numbers must be ones that the client can know. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/protocols.h"
#include "support/fake_host.h"
#include "support/peer.h"

enum { CLIENTS = 2, IN_MAX = 64 * 1024 };

struct client {
	struct peer peer;
	uint32_t exists; /* messages it knows about */
};

static void expect(bool claim, const char *what, struct slice seen)
{
	if (claim)
		return;
	fprintf(stderr, "%s: " SLICE_FMT "\n", what, SLICE_ARG(slice_upto(seen, 200)));
	abort();
}

/* "* 5 EXISTS": numbers go up by EXISTS, down by EXPUNGE, and FETCH stays within. */
static void follow_numbers(struct client *c, struct slice line)
{
	struct slice rest = line;
	uint32_t n = 0;
	if (!slice_eq_str(slice_word(&rest), "*") || slice_u32(slice_word(&rest), &n))
		return;
	struct slice what = slice_word(&rest);
	if (slice_eq_str(what, "EXISTS"))
		c->exists = n;
	else if (slice_eq_str(what, "EXPUNGE")) {
		expect(n > 0 && n <= c->exists, "expunge of an unknown number", line);
		c->exists--;
	} else if (slice_eq_str(what, "FETCH"))
		expect(n > 0 && n <= c->exists, "fetch of an unknown number", line);
}

/* Octets of the literal that the line announces; 0 when it announces none. */
static size_t announced(struct slice line)
{
	size_t at = slice_rfind_byte(line, '{');
	uint64_t size = 0;
	if (at == SIZE_MAX || line.ptr[line.len - 1] != '}' ||
	    slice_u64(slice_between(line, at + 1, line.len - 1), SIZE_MAX, &size))
		return 0;
	return (size_t)size;
}

/* Takes all whole responses; what is cut off in the middle of a literal waits for more. */
static void check_output(struct client *c)
{
	struct slice got = buf_view(&c->peer.got);
	size_t done = 0;
	bool is_first = true;
	struct slice rest = got;
	while (rest.len) {
		size_t end = slice_find(rest, SLICE_LIT("\r\n"));
		if (end == SIZE_MAX)
			break;
		struct slice line = slice_upto(rest, end);
		expect(slice_find_byte(line, '\n') == SIZE_MAX, "bare LF", line);
		expect(slice_find_byte(line, '\r') == SIZE_MAX, "bare CR", line);
		expect(slice_find_byte(line, '\0') == SIZE_MAX, "NUL", line);
		if (is_first)
			follow_numbers(c, line);
		size_t literal = announced(line);
		if (literal > rest.len - end - 2)
			break;
		rest = slice_from(rest, end + 2 + literal);
		is_first = literal == 0;
		if (is_first)
			done = got.len - rest.len;
	}
	buf_consume(&c->peer.got, done);
}

static void settle(struct client *clients, size_t open)
{
	for (size_t i = 0; i < open; i++)
		peer_settle(&clients[i].peer);
	for (size_t i = 0; i < open; i++)
		check_output(&clients[i]);
}

static void say(struct client *clients, size_t who, struct slice bytes)
{
	struct peer *peer = &clients[who].peer;
	if (bytes.len && !peer_is_closed(peer))
		peer_send(peer, bytes);
	settle(clients, CLIENTS);
}

static void talk(struct client *clients, struct slice input)
{
	size_t who = 0, from = 0;
	for (size_t i = 0; i < input.len; i++) {
		if (input.ptr[i] != 0x01 && input.ptr[i] != 0x02)
			continue;
		say(clients, who, slice_between(input, from, i));
		from = i + 1;
		if (input.ptr[i] == 0x01)
			who = (who + 1) % CLIENTS;
		else
			clock_advance(25 * 60 * 1000);
	}
	say(clients, who, slice_from(input, from));
}

static void open_client(struct fake_host *fake, struct client *c, uint8_t how, bool logs_in)
{
	*c = (struct client){0};
	peer_open(&c->peer, fake->host.loop, IN_MAX);
	c->peer.read_chunk = how & 2 ? 1 : 0;
	c->peer.take_chunk = how & 4 ? 7 : 0;
	imap_session_start(&fake->host, c->peer.stream, false);
	if (logs_in)
		peer_send(&c->peer, SLICE_LIT("x LOGIN bob secret\r\ny SELECT INBOX\r\n"));
}

static const char message[] =
	"From: Bob <bob@example.org>\r\nSubject: =?utf-8?q?h=C3=A9?=\r\n"
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b--\r\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_host fake;
	struct loop *loop = NULL;
	struct client clients[CLIENTS];
	if (size < 1 || loop_new(&loop))
		return 0;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	clock_freeze(1000, 1700000000);
	fake_host_init(&fake, loop);
	fake.is_delayed = data[0] & 1;
	fake_host_add_user(&fake, "bob", "secret");
	if (data[0] & 16)
		fake_host_add_mail(&fake, "bob", "INBOX", slice_str(message), 0, 800000000);
	for (size_t i = 0; i < CLIENTS; i++)
		open_client(&fake, &clients[i], data[0], !(data[0] & 8));
	settle(clients, CLIENTS);
	talk(clients, slice_of(data + 1, size - 1));
	for (size_t i = 0; i < CLIENTS; i++)
		peer_close(&clients[i].peer);
	expect(fake.session_count == 0, "a session outlives its client", SLICE_EMPTY);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
	return 0;
}
