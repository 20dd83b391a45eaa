/* The same random days in the life of two stores: ram is the oracle, the other has to agree. */
#include <stdlib.h>

#include "store/ram_store.h"
#include "support/store_kit.h"

/* check notes every ck_assert that is passed, at the price of a system call: too slow for here. */
#define MUST(claim) ((claim) ? (void)0 : ck_abort_msg("step %u: %s", step_now, #claim))

enum { SEEDS = 12, STEPS = 400, BODY_MAX = 30000 };

static unsigned random_state, step_now;
static uint32_t pick(uint32_t below)
{
	random_state = random_state * 1103515245u + 12345u;
	return (random_state >> 8) % below;
}

static const char *const names[] = {"INBOX", "Sent",  "a",       "a/b",  "a/b/c",
				    "b",     "b/c/d", "INBOX/x", "a b&", "Trash"};
static const char *pick_name(void)
{
	return names[pick(sizeof(names) / sizeof(names[0]))];
}

/* One thing to do, decided before it is done twice. */
struct deed {
	enum {
		DEED_APPEND,
		DEED_ABORT,
		DEED_FLAGS,
		DEED_KEYWORD,
		DEED_EXPUNGE,
		DEED_COPY,
		DEED_MOVE,
		DEED_CREATE,
		DEED_DELETE,
		DEED_RENAME,
		DEED_SUBSCRIBE,
		DEED_USE,
		DEED_RECENT,
		DEED_TURN,
		DEED_REOPEN,
		DEED_COUNT
	} kind;
	const char *name, *other;
	uint32_t salt, size, targets;
	flags_t flags;
	enum flags_op op;
};

static struct deed deed_pick(void)
{
	struct deed d = {.kind = pick(DEED_COUNT), .name = pick_name(), .other = pick_name()};
	if (pick(3) == 0)
		d.kind = DEED_APPEND;
	d.salt = pick(1000000);
	d.size = pick(8) ? pick(600) : pick(BODY_MAX);
	d.targets = 1 + pick(3);
	d.flags = pick(32);
	d.op = pick(3);
	return d;
}

static struct mailbox *deed_open(struct kit *k, const char *name)
{
	struct mailbox *box = account_find(k->a, slice_str(name));
	return box && box->exists ? kit_select(k, name) : NULL;
}

static void deed_body(const struct deed *d, uint8_t *body)
{
	uint32_t x = d->salt;
	for (uint32_t i = 0; i < d->size; i++) {
		x = x * 1664525u + 1013904223u;
		/* Half of them compress well. */
		body[i] =
			d->salt % 2 ? (uint8_t)(x >> 24) : (uint8_t)("Received: from\r\n"[i % 16]);
	}
}

static uint64_t deed_append(struct kit *k, const struct deed *d)
{
	static uint8_t body[BODY_MAX];
	struct append_target targets[3];
	size_t n = 0;
	struct mailbox *box = account_find(k->a, slice_str(d->name));
	struct mailbox *other = account_find(k->a, slice_str(d->other));
	deed_body(d, body);
	for (uint32_t i = 0; i < d->targets; i++) {
		struct mailbox *target = i % 2 ? other : box;
		if (target && target->exists)
			targets[n++] = (struct append_target){target, d->flags >> i, 0};
	}
	if (n == 0)
		return 0;
	struct append *append = kit_begin(k, targets, n);
	for (size_t at = 0; at < d->size; at += 1 + d->salt % 4096)
		MUST(kit_write(k, append,
			       slice_between(slice_of(body, d->size), at,
					     at + 1 + d->salt % 4096)) == ERR_NONE);
	append->summary = slice_of(body, d->size / 10);
	if (d->kind == DEED_APPEND)
		MUST(kit_commit(k, &append, 1) == ERR_NONE);
	uint64_t uids = append->targets[n - 1].uid_out;
	append_end(&append);
	return uids;
}

/* A repeatable choice among the messages of a mailbox. */
static size_t deed_uids(struct mailbox *box, const struct deed *d, uint32_t *uids)
{
	uint32_t x = d->salt, n = 0;
	for (uint32_t i = 0; i < box->messages; i++) {
		struct msg_info info;
		x = x * 1664525u + 1013904223u;
		MUST(mailbox_info(box, i, &info) == ERR_NONE);
		if ((x >> 16) % 4 == 0)
			uids[n++] = info.uid;
	}
	uids[n++] = box->uid_next + 5; /* never was */
	return n;
}

static uint64_t deed_change(struct kit *k, const struct deed *d)
{
	static uint32_t uids[20000], done[20000];
	struct mailbox *box = deed_open(k, d->name);
	if (!box)
		return 0;
	struct msg_change c = {.uids = uids,
			       .count = deed_uids(box, d, uids),
			       .uids_out = done,
			       .op = d->op,
			       .flags = d->flags,
			       .keep_system = d->salt % 3 == 0,
			       .unchanged_since = UINT64_MAX,
			       .target = account_find(k->a, slice_str(d->other))};
	switch (d->kind) {
	case DEED_EXPUNGE: c.kind = CHANGE_EXPUNGE; break;
	case DEED_COPY: c.kind = CHANGE_COPY; break;
	case DEED_MOVE: c.kind = CHANGE_MOVE; break;
	case DEED_KEYWORD: {
		char name[16];
		snprintf(name, sizeof(name), "word%u", d->salt % 30);
		flags_t word = 0;
		if (!keywords_add(&box->keywords, slice_str(name), &word))
			c.flags |= word;
		c.kind = CHANGE_FLAGS;
		break;
	}
	default: c.kind = CHANGE_FLAGS; break;
	}
	enum err err = kit_change(k, box, &c);
	uint64_t sum = err;
	for (size_t i = 0; !err && i < c.count; i++)
		sum = sum * 31 + done[i];
	mailbox_close(box);
	return sum;
}

static uint64_t deed_rename(struct kit *k, const struct deed *d)
{
	bool is_inbox = strcmp(d->name, "INBOX") == 0;
	struct mailbox *inbox = is_inbox ? kit_select(k, "INBOX") : NULL;
	uint64_t result = kit_rename(k, d->name, d->other);
	if (inbox)
		mailbox_close(inbox);
	return result;
}

static uint64_t deed_use(struct kit *k, const struct deed *d)
{
	struct box_change c = {.kind = BOX_SET_USE,
			       .box = account_find(k->a, slice_str(d->name)),
			       .special_use = d->salt % 256};
	return c.box ? kit_change_box(k, &c) : 0;
}

static uint64_t deed_recent(struct kit *k, const struct deed *d)
{
	struct mailbox *box = deed_open(k, d->name);
	if (!box)
		return 0;
	uint64_t first = mailbox_take_recent(box);
	mailbox_close(box);
	return first;
}

/* What came of it, as one number to compare. */
static uint64_t deed_do(struct kit *k, const struct deed *d)
{
	switch (d->kind) {
	case DEED_APPEND:
	case DEED_ABORT: return deed_append(k, d);
	case DEED_FLAGS:
	case DEED_KEYWORD:
	case DEED_EXPUNGE:
	case DEED_COPY:
	case DEED_MOVE: return deed_change(k, d);
	case DEED_CREATE: return kit_create(k, d->name, d->salt % 5 ? 0 : 1u << d->salt % 8);
	case DEED_DELETE:
		return account_find(k->a, slice_str(d->name)) ? kit_delete(k, d->name) : 0;
	case DEED_RENAME: return deed_rename(k, d);
	case DEED_SUBSCRIBE: return kit_subscribe(k, d->name, d->salt % 2);
	case DEED_USE: return deed_use(k, d);
	case DEED_RECENT: return deed_recent(k, d);
	case DEED_TURN: store_turn(k->st, d->salt % 2); return 0;
	case DEED_REOPEN:
		if (d->salt % 4 == 0)
			kit_reopen(k);
		return 0;
	case DEED_COUNT: break;
	}
	return 0;
}

/* --- comparing -------------------------------------------------------------------------------- */

static void compare_bytes(struct kit *a, struct mailbox *x, const struct msg_info *i, struct kit *b,
			  struct mailbox *y, const struct msg_info *j)
{
	static uint8_t left[BODY_MAX + 1], right[BODY_MAX + 1];
	for (enum msg_part part = MSG_BODY; part <= MSG_SUMMARY; part++) {
		size_t n = 0, m = 0;
		uint64_t from = part == MSG_BODY ? i->uid % 7 : 0;
		MUST(kit_read(a, x, i, part, from, left, sizeof(left), &n) == ERR_NONE);
		MUST(kit_read(b, y, j, part, from, right, sizeof(right), &m) == ERR_NONE);
		MUST(n == m && (n == 0 || memcmp(left, right, n) == 0));
	}
}

static void compare_message(struct kit *a, struct mailbox *x, struct kit *b, struct mailbox *y,
			    uint32_t at, bool with_bytes)
{
	struct msg_info i, j, before;
	MUST(mailbox_info(x, at, &i) == ERR_NONE && mailbox_info(y, at, &j) == ERR_NONE);
	MUST(i.uid == j.uid && i.flags == j.flags && i.size == j.size);
	MUST(i.internal_date == j.internal_date && i.save_date == j.save_date);
	/* Mod-sequences may leave gaps, and those who came together may have one or several; but
	 * what changed later has the higher one. */
	if (at && !mailbox_info(x, at - 1, &before)) {
		int order = (before.modseq > i.modseq) - (before.modseq < i.modseq);
		MUST(mailbox_info(y, at - 1, &before) == ERR_NONE);
		MUST(order >= 0 || before.modseq < j.modseq);
		MUST(order <= 0 || before.modseq > j.modseq);
	}
	if (with_bytes)
		compare_bytes(a, x, &i, b, y, &j);
}

static void compare_box(struct kit *a, struct mailbox *x, struct kit *b, struct mailbox *y,
			bool with_bytes)
{
	MUST(strcmp(x->name, y->name) == 0);
	MUST(x->exists == y->exists && x->is_subscribed == y->is_subscribed);
	if (!x->exists)
		return;
	MUST(x->special_use == y->special_use && x->uid_validity == y->uid_validity);
	MUST(x->uid_next == y->uid_next && x->recent_from == y->recent_from);
	MUST(x->messages == y->messages && x->unseen == y->unseen && x->deleted == y->deleted);
	MUST(x->size_bytes == y->size_bytes);
	for (uint32_t w = 0; w < x->keywords.count && w < y->keywords.count; w++)
		MUST(strcmp(x->keywords.names[w], y->keywords.names[w]) == 0);
	x = kit_select(a, x->name);
	y = kit_select(b, y->name);
	for (uint32_t at = 0; at < x->messages; at++)
		compare_message(a, x, b, y, at, with_bytes);
	MUST(mailbox_first_unseen(x) == mailbox_first_unseen(y));
	mailbox_close(x);
	mailbox_close(y);
}

static void compare(struct kit *a, struct kit *b, bool with_bytes)
{
	MUST(a->a->box_count == b->a->box_count);
	MUST(a->a->used_bytes == b->a->used_bytes && a->a->used_messages == b->a->used_messages);
	for (size_t i = 0; i < a->a->box_count; i++)
		compare_box(a, a->a->boxes[i], b, b->a->boxes[i], with_bytes);
}

START_TEST(random_days_look_the_same)
{
	const char *wanted = getenv("CONTRACT_SEED");
	unsigned stride = suite_stride();
	for (unsigned n = 0; n < SEEDS; n += stride) {
		struct kit a, b;
		random_state = wanted ? (unsigned)strtoul(wanted, NULL, 10) : 1000 + n;
		printf("variant %d, CONTRACT_SEED=%u\n", _i, random_state);
		fflush(stdout);
		kit_open_ops(&a, &store_ram_ops);
		kit_open(&b, _i);
		for (step_now = 0; step_now < STEPS; step_now++) {
			struct deed d = deed_pick();
			uint64_t expected = deed_do(&a, &d), got = deed_do(&b, &d);
			ck_assert_msg(expected == got, "step %u, deed %d on %s: %llu, not %llu",
				      step_now, d.kind, d.name, (unsigned long long)got,
				      (unsigned long long)expected);
			if (a.a->used_messages > 1500)
				break; /* copies of copies */
			if (step_now % 16 == 0)
				compare(&a, &b, false);
		}
		compare(&a, &b, true);
		printf("%u steps, %llu messages\n", step_now,
		       (unsigned long long)a.a->used_messages);
		kit_reopen(&a);
		kit_reopen(&b);
		compare(&a, &b, true);
		kit_assert_counters(&b);
		kit_close(&b);
		kit_close(&a);
	}
}
END_TEST

CONTRACT_MAIN("random", random_days_look_the_same)
