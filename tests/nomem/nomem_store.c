/* Memory runs out at every request of a busy day in the store. A call that fails says ERR_NOMEM and
 * has changed nothing; asked again, with memory, it succeeds; nothing is lost and nothing leaks. */
#include "base/clock.h"
#include "base/codec.h"
#include "store/view.h"
#include "support/failing_malloc.h"
#include "support/store_kit.h"

#define MUST(claim) ((claim) ? (void)0 : ck_abort_msg("%s", #claim))

/* The outward state as one number: what a failed call must not move. Keyword names may stay. */
static uint64_t state_of(const struct kit *k)
{
	uint64_t sum = k->a->used_bytes * 31 + k->a->used_messages;
	for (size_t i = 0; i < k->a->box_count; i++) {
		const struct mailbox *box = k->a->boxes[i];
		for (const char *c = box->name; *c; c++)
			sum = sum * 31 + (uint8_t)*c;
		sum = sum * 31 + box->exists + box->is_subscribed * 2 + box->special_use * 4;
		sum = sum * 31 + box->messages + box->unseen * 5 + box->deleted * 7;
		sum = sum * 31 + box->highest_modseq + box->uid_next * 11;
		sum = sum * 31 + crc32c(0, box->note.ptr, box->note.len);
	}
	return sum;
}

/* Makes the call; when memory runs out in it, or in the jobs that it waits for, looks that nothing
 * moved, and makes it again. */
#define ask(k, err, call)                                               \
	do {                                                            \
		uint64_t before = state_of(k);                          \
		bool had_fired = failing_malloc_has_fired();            \
		for (;;) {                                              \
			(err) = (call);                                 \
			if ((err) == ERR_AGAIN) {                       \
				kit_pause(k);                           \
				before = state_of(k);                   \
				continue;                               \
			}                                               \
			if ((err) != ERR_NOMEM)                         \
				break;                                  \
			MUST(!had_fired && failing_malloc_has_fired()); \
			MUST(state_of(k) == before);                    \
			had_fired = true;                               \
		}                                                       \
	} while (0)

static void change_box(struct kit *k, const struct box_change *c)
{
	uint64_t ticket = 0;
	enum err err;
	ask(k, err, account_change_box(k->a, c, &ticket));
	MUST(err == ERR_NONE);
	ask(k, err, store_wait(k->st, ticket, &k->waiter));
	MUST(err == ERR_NONE);
}

static struct mailbox *open_box(struct kit *k, const char *name)
{
	enum err err;
	ask(k, err, mailbox_open(account_find(k->a, slice_str(name)), &k->waiter));
	MUST(err == ERR_NONE);
	return account_find(k->a, slice_str(name));
}

static void append_two(struct kit *k, struct mailbox *one, struct mailbox *two)
{
	struct append_target targets[2] = {{.box = one}, {.box = two, .flags = FLAG_SEEN}};
	struct append_meta meta = {.targets = targets, .target_count = 2};
	struct append *append = NULL;
	uint64_t ticket = 0;
	enum err err;
	ask(k, err, append_begin(k->st, &meta, &append));
	MUST(err == ERR_NONE);
	for (int i = 0; i < 3; i++) {
		ask(k, err, append_write(append, SLICE_LIT("some octets"), &k->waiter));
		MUST(err == ERR_NONE);
	}
	append->summary = SLICE_LIT("summary");
	ask(k, err, append_commit(&append, 1, &ticket, &k->waiter));
	MUST(err == ERR_NONE);
	ask(k, err, store_wait(k->st, ticket, &k->waiter));
	MUST(err == ERR_NONE);
	append_end(&append);
}

static void change(struct kit *k, struct mailbox *box, enum msg_change_kind kind, uint32_t uid,
		   struct mailbox *target)
{
	struct msg_change c = {.kind = kind,
			       .uids = &uid,
			       .count = 1,
			       .op = FLAGS_ADD,
			       .flags = FLAG_FLAGGED,
			       .unchanged_since = UINT64_MAX,
			       .target = target};
	uint64_t ticket = 0;
	enum err err;
	ask(k, err, mailbox_change(box, &c, &ticket));
	MUST(err == ERR_NONE);
	ask(k, err, store_wait(k->st, ticket, &k->waiter));
	MUST(err == ERR_NONE);
}

static void read_back(struct kit *k, struct mailbox *box, uint32_t uid)
{
	struct msg_info info;
	uint8_t bytes[64];
	size_t got = 0;
	enum err err;
	MUST(mailbox_info_uid(box, uid, &info) == ERR_NONE);
	ask(k, err, mailbox_read(box, &info, MSG_BODY, 0, bytes, sizeof(bytes), &got, &k->waiter));
	MUST(err == ERR_NONE && got == 33 && memcmp(bytes, "some octetssome octets", 22) == 0);
}

/* A view may lose its numbers, but then it says so. */
static void drain(struct view *v)
{
	for (;;) {
		struct view_news news = view_next(v, true);
		if (news.kind == VIEW_GONE)
			MUST(failing_malloc_has_fired());
		if (news.kind == VIEW_NOTHING || news.kind == VIEW_GONE)
			break;
	}
	if (!v->is_gone)
		MUST(v->count == v->box->messages);
}

static void set_notes(struct kit *k)
{
	static uint8_t bytes[3000];
	static const size_t sizes[] = {3000, 0, 700};
	struct box_change note = {.kind = BOX_SET_NOTE};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		note.box = account_find(k->a, SLICE_LIT("x/y"));
		note.note = slice_of(bytes, sizes[i]);
		change_box(k, &note);
		MUST(note.box->note.len == sizes[i]);
	}
}

static void busy_day(struct kit *k)
{
	struct box_change create = {
		.kind = BOX_CREATE, .name = SLICE_LIT("a/b/c"), .special_use = USE_SENT};
	struct box_change subscribe = {.kind = BOX_SUBSCRIBE, .name = SLICE_LIT("z")};
	struct view v;
	change_box(k, &create);
	change_box(k, &subscribe);
	struct mailbox *inbox = open_box(k, "INBOX"), *deep = open_box(k, "a/b/c");
	enum err err;
	ask(k, err, view_open(&v, inbox, true, NULL));
	MUST(err == ERR_NONE);
	for (int i = 0; i < 4; i++)
		append_two(k, inbox, deep);
	drain(&v);
	flags_t work = 0;
	ask(k, err, keywords_add(&inbox->keywords, SLICE_LIT("Work"), &work));
	MUST(err == ERR_NONE);
	change(k, inbox, CHANGE_FLAGS, 1, NULL);
	change(k, inbox, CHANGE_COPY, 1, deep);
	change(k, inbox, CHANGE_MOVE, 2, deep);
	change(k, inbox, CHANGE_EXPUNGE, 3, NULL);
	drain(&v);
	read_back(k, inbox, 4);
	read_back(k, deep, 6);
	view_close(&v);

	struct box_change rename = {.kind = BOX_RENAME,
				    .box = account_find(k->a, SLICE_LIT("a")),
				    .name = SLICE_LIT("x/y")};
	struct box_change old = {.kind = BOX_RENAME, .box = inbox, .name = SLICE_LIT("old")};
	change_box(k, &rename);
	change_box(k, &old);
	mailbox_close(deep);
	mailbox_close(inbox);
	struct box_change drop = {.kind = BOX_DELETE, .box = account_find(k->a, SLICE_LIT("Junk"))};
	change_box(k, &drop);
	set_notes(k);
	inbox = open_box(k, "old");
	MUST(inbox->messages == 2);
	read_back(k, inbox, 2);
	mailbox_close(inbox);
}

/* Opening may fail too, and is made again like everything else. */
static void whole_life(struct kit *k, const struct store_ops *ops)
{
	enum err err;
	do
		err = store_open(ops, &k->config, &k->st);
	while (err == ERR_NOMEM);
	MUST(err == ERR_NONE);
	for (int life = 0; life < 2; life++) {
		uint64_t ticket = 0;
		while ((err = account_open(k->st, SLICE_LIT("alice"), true, &k->a, &ticket,
					   &k->waiter)) == ERR_NOMEM ||
		       err == ERR_AGAIN)
			if (err == ERR_AGAIN)
				kit_pause(k);
		MUST(err == ERR_NONE);
		ask(k, err, store_wait(k->st, ticket, &k->waiter));
		MUST(err == ERR_NONE);
		if (life == 0) {
			busy_day(k);
			account_close(&k->a);
			clock_advance(61 * 1000);
			store_turn(k->st, true);
		}
	}
	failing_malloc_disarm();
	MUST(k->a->used_messages == 8);
	MUST(account_find(k->a, SLICE_LIT("x/y"))->note.len == 700);
	kit_assert_counters(k);
}

START_TEST(memory_runs_out_at_every_request)
{
	unsigned long n = 1;
	struct kit k;
	for (kit_prepare(&k, _i); failing_malloc_arm(n); kit_prepare(&k, _i), n++) {
		whole_life(&k, k.variant->ops());
		kit_close(&k);
	}
	kit_close(&k);
	printf("%s: %lu requests\n", k.variant->name, n - 2);
	ck_assert_uint_gt(n, 50);
}
END_TEST

CONTRACT_MAIN("nomem", memory_runs_out_at_every_request)
