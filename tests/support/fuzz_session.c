#include "support/fuzz_session.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "support/fake_host.h"
#include "support/peer.h"

enum { FUZZ_TURNS = 400 * 1000 };

static void fuzz_add_mail(struct fake_host *fake)
{
	static const char one[] = "Subject: one\r\n\r\n.dot\r\n..\r\nlast\r\n";
	char two[5000] = "Subject: two\r\n\r\n";
	size_t len = strlen(two);
	while (len + 2 < sizeof(two)) {
		two[len] = len % 60 == 58 ? '\r' : len % 60 == 59 ? '\n' : 'x';
		len++;
	}
	while (two[len - 1] != '\n')
		len--;
	if (!fake_host_add_mail(fake, "bob", "INBOX", slice_str(one), 0, 0) ||
	    !fake_host_add_mail(fake, "bob", "INBOX", slice_of(two, len), 0, 0))
		abort();
}

/* The last octet says what POP3 shows, and does at QUIT. */
static void fuzz_policy(struct policy *policy, uint8_t choice)
{
	policy->pop3_after = choice % 5;
	policy->pop3_dele = choice / 5 % 3;
	policy->pop3_show_again = choice / 15 % 2;
	policy->pop3_devices = choice / 30 % 2;
	policy->pop3_shows = choice / 60 % 3;
}

void fuzz_session(const uint8_t *data, size_t size,
		  void (*start)(struct host *host, struct stream *stream, uint8_t choice),
		  void (*check)(struct slice said))
{
	static const size_t read_chunks[] = {0, 1, 7, 64}, take_chunks[] = {0, 1000, 100, 0};
	struct loop *loop;
	struct fake_host fake;
	struct peer peer;
	if (size < 1 || size > FUZZ_SESSION_MAX)
		return;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	clock_freeze(1000 * 1000, 1790000000);
	if (loop_new(&loop))
		abort();
	fake_host_init(&fake, loop);
	fake_host_add_user(&fake, "bob", "secret");
	fake_host_add_user(&fake, "eve", "pencil");
	fuzz_policy(&fake.users[0].policy, data[size - 1]);
	fuzz_add_mail(&fake);
	fake.is_delayed = data[0] & 1;
	fake.host.message_max_bytes = 8 * 1024;
	peer_open(&peer, loop, 64 * 1024);
	peer.read_chunk = read_chunks[data[0] >> 1 & 3];
	peer.take_chunk = take_chunks[data[0] >> 3 & 3];
	start(&fake.host, peer.stream, data[0] >> 6);
	peer_send(&peer, slice_of(data + 1, size - 1));
	if (data[0] & 32)
		peer_half_close(&peer);
	if (!peer_settle_within(&peer, FUZZ_TURNS))
		abort();
	check(buf_view(&peer.got));
	peer_close(&peer);
	if (fake.session_count)
		abort();
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

void fuzz_check_lines(struct slice said, void (*line)(struct slice line))
{
	while (said.len) {
		size_t end = slice_find(said, SLICE_LIT("\r\n"));
		struct slice text = slice_upto(said, end);
		size_t cut = end == SIZE_MAX && text.len && text.ptr[text.len - 1] == '\r';
		for (size_t i = 0; i + cut < text.len; i++)
			if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == 0)
				abort();
		if (end == SIZE_MAX)
			return;
		if (line)
			line(text);
		said = slice_from(said, end + 2);
	}
}
