#include "support/imap_talk.h"

#include <check.h>
#include <stdio.h>

#include "proto/protocols.h"
#include "store/store_backend.h"

enum { TALK_MAX_TURNS = 2000000, TALK_SAID_MAX = 128 * 1024 * 1024 };

struct talk_faults talk_faults;

static struct store_ops faulty_ops;
static const struct store_ops *real_ops;
static struct list sleepers;
static struct deferred wake_sleepers;
static struct loop *the_loop;

static void on_wake(struct deferred *d)
{
	(void)d;
	waiters_wake(&sleepers);
}

static enum err faulty_read(struct mailbox *box, const struct msg_info *info, enum msg_part part,
			    uint64_t offset, uint8_t *dst, size_t n, size_t *got_out,
			    struct waiter *w)
{
	static bool is_second;
	struct talk_faults *f = &talk_faults;
	is_second = !is_second;
	if (f->says_again && is_second && w) {
		list_remove(&w->link);
		list_add_tail(&sleepers, &w->link);
		loop_defer(the_loop, &wake_sleepers);
		return ERR_AGAIN;
	}
	f->reads += part == MSG_BODY;
	if (f->uid == info->uid && part == MSG_BODY && offset + n > f->from)
		return f->err;
	if (part == MSG_SUMMARY && f->damages_summaries)
		return ERR_CORRUPT;
	if (part == MSG_SUMMARY && f->hides_summaries) {
		*got_out = 0;
		return ERR_NONE;
	}
	if (f->chunk && part == MSG_BODY && n > f->chunk)
		n = f->chunk;
	return real_ops->read(box, info, part, offset, dst, n, got_out, w);
}

void talk_open(struct talk *t)
{
	*t = (struct talk){0};
	talk_faults = (struct talk_faults){0};
	list_init(&sleepers);
	deferred_init(&wake_sleepers, on_wake);
	buf_init(&t->said, TALK_SAID_MAX);
	ck_assert_int_eq(loop_new(&t->loop), ERR_NONE);
	the_loop = t->loop;
	fake_host_init(&t->fake, t->loop);
	ck_assert_ptr_nonnull(fake_host_add_user(&t->fake, "bob", "secret"));
	real_ops = t->fake.host.store->ops;
	faulty_ops = *real_ops;
	faulty_ops.read = faulty_read;
	t->fake.host.store->ops = &faulty_ops;
}

void talk_close(struct talk *t)
{
	for (size_t i = 0; i < TALK_SESSIONS; i++)
		if (t->is_open[i])
			peer_close(&t->peers[i]);
	fake_host_free(&t->fake);
	loop_free(&t->loop);
	buf_free(&t->said);
}

uint32_t talk_add(struct talk *t, struct slice message, flags_t flags)
{
	uint32_t uid = fake_host_add_mail(&t->fake, "bob", "INBOX", message, flags, 1000000000);
	ck_assert_uint_ne(uid, 0);
	return uid;
}

void talk_start(struct talk *t, size_t session)
{
	peer_open(&t->peers[session], t->loop, 64 * 1024);
	t->is_open[session] = true;
	imap_session_start(&t->fake.host, t->peers[session].stream, false);
	ck_assert_ptr_nonnull(strstr(talk(t, session, "LOGIN bob secret"), "a OK "));
	ck_assert_ptr_nonnull(strstr(talk(t, session, "SELECT INBOX"), "a OK "));
}

void talk_send(struct talk *t, size_t session, const char *command)
{
	peer_send(&t->peers[session], SLICE_LIT("a "));
	peer_send(&t->peers[session], slice_str(command));
	peer_send(&t->peers[session], SLICE_LIT("\r\n"));
}

/* The last line starts with the tag. */
bool talk_has_ended(const struct talk *t, size_t session)
{
	struct slice got = buf_view(&t->peers[session].got);
	if (!got.len || got.ptr[got.len - 1] != '\n')
		return false;
	got.len--;
	struct slice last = slice_from(got, slice_rfind_byte(got, '\n') + 1);
	return slice_starts(last, SLICE_LIT("a OK ")) || slice_starts(last, SLICE_LIT("a NO ")) ||
	       slice_starts(last, SLICE_LIT("a BAD "));
}

struct slice talk_bytes(struct talk *t, size_t session, const char *command)
{
	struct peer *peer = &t->peers[session];
	unsigned turns = 0;
	talk_send(t, session, command);
	while (!talk_has_ended(t, session) && !peer_is_closed(peer)) {
		ck_assert_uint_lt(turns++, TALK_MAX_TURNS);
		peer_turn(peer);
	}
	buf_clear(&t->said);
	ck_assert_int_eq(buf_add_slice(&t->said, buf_view(&peer->got)), ERR_NONE);
	buf_consume(&peer->got, peer->got.len);
	return buf_view(&t->said);
}

const char *talk(struct talk *t, size_t session, const char *command)
{
	talk_bytes(t, session, command);
	ck_assert_int_eq(buf_add_byte(&t->said, '\0'), ERR_NONE);
	return (const char *)buf_view(&t->said).ptr;
}
