#include "support/emu_medium.h"
#include "support/store_kit.h"

enum {
	SEGMENT_BYTES = 64 * 1024,
	SLOTS = 100,
	READERS = 24, /* several times what the cache of the journal holds */
	BODY_BYTES = 40 * 1000,
	CHUNK_BYTES = 4096,
	TURNS = 20000,
};

struct reader {
	struct waiter waiter;
	struct msg_info info;
	size_t at;
	bool is_asleep;
};

static void reader_woken(struct waiter *w)
{
	list_owner(w, struct reader, waiter)->is_asleep = false;
}

static char body_octet(uint32_t uid, size_t at)
{
	return (char)('a' + (uid * 7 + at / 61) % 26);
}

static void reader_go_on(struct reader *r, struct mailbox *box)
{
	uint8_t chunk[CHUNK_BYTES];
	size_t got;
	enum err err = mailbox_read(box, &r->info, MSG_BODY, r->at, chunk, sizeof(chunk), &got,
				    &r->waiter);
	r->is_asleep = err == ERR_AGAIN;
	if (r->is_asleep)
		return;
	ck_assert_int_eq(err, ERR_NONE);
	ck_assert_uint_gt(got, 0);
	bool is_right = true;
	for (size_t i = 0; i < got; i++)
		is_right = is_right && chunk[i] == body_octet(r->info.uid, r->at + i);
	ck_assert_msg(is_right, "wrong octets of UID %u from %zu", r->info.uid, r->at);
	r->at += got;
}

/* Every read misses and has to wait for a job; time stands still, so that nothing can be mended by
 * waiting for it to pass. */
START_TEST(more_readers_than_the_cache_holds_all_get_their_bytes)
{
	static char body[BODY_BYTES + 1];
	struct reader readers[READERS] = {0};
	struct kit k;
	struct emu_medium *m = emu_new(SEGMENT_BYTES, SLOTS);
	kit_prepare(&k, -1);
	k.config.medium = emu_base(m);
	k.config.runner = &k.runner;
	ck_assert_int_eq(store_open(&store_journal_ops, &k.config, &k.st), ERR_NONE);
	k.a = kit_account(&k, "alice");
	struct mailbox *box = kit_select(&k, "INBOX");
	for (uint32_t i = 0; i < READERS; i++) {
		for (size_t at = 0; at < BODY_BYTES; at++)
			body[at] = body_octet(i + 1, at);
		readers[i].info = kit_info(box, kit_append(&k, box, body, 0));
		ck_assert_uint_eq(readers[i].info.uid, i + 1);
		waiter_init(&readers[i].waiter, reader_woken);
	}
	emu_be_slow(m, true);
	unsigned left = READERS;
	for (unsigned turn = 0; left && turn < TURNS; turn++) {
		left = 0;
		for (size_t i = 0; i < READERS; i++) {
			if (readers[i].at < BODY_BYTES && !readers[i].is_asleep)
				reader_go_on(&readers[i], box);
			left += readers[i].at < BODY_BYTES;
		}
		kit_turn(&k);
	}
	ck_assert_msg(left == 0, "%u of %d readers wait for ever", left, READERS);
	mailbox_close(box);
	kit_close(&k);
	emu_free(m);
}
END_TEST

SUITE_MAIN("journal_read", more_readers_than_the_cache_holds_all_get_their_bytes)
