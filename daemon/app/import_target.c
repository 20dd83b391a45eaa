#include "app/import_target.h"

#include <stdlib.h>

#include <mbedtls/sha256.h>

#include "proto/ingest.h"

enum { IMPORT_READ_BYTES = 16 * 1024, IMPORT_READS_AT_ONCE = 8 };

/* A message that was in the mailbox before, and may match one of the source. */
struct import_known {
	uint64_t size;
	int64_t date;
	uint32_t uid;
	bool is_matched;
};

struct import_target {
	struct account *account;
	struct mailbox *box;        /* open, or NULL */
	struct import_known *known; /* sorted by size, date, uid */
	size_t known_count;
	struct ingest *in;
	uint64_t ticket;
	/* Comparing a candidate with what is offered. */
	size_t candidate; /* index into known */
	uint64_t offset;
	bool is_comparing, is_sealed;
	mbedtls_sha256_context sha;
	uint8_t chunk[IMPORT_READ_BYTES];
};

enum err import_target_new(struct account *account, struct import_target **target_out)
{
	struct import_target *t = calloc(1, sizeof(*t));
	*target_out = t;
	if (!t) {
		account_close(&account);
		return ERR_NOMEM;
	}
	t->account = account;
	mbedtls_sha256_init(&t->sha);
	return ERR_NONE;
}

static void import_leave_box(struct import_target *t)
{
	if (t->box)
		mailbox_close(t->box);
	t->box = NULL;
	free(t->known);
	t->known = NULL;
	t->known_count = 0;
}

static int known_order(const void *left, const void *right)
{
	const struct import_known *a = left, *b = right;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (a->date != b->date)
		return a->date < b->date ? -1 : 1;
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

static enum err import_list_known(struct import_target *t)
{
	t->known = calloc((size_t)t->box->messages + 1, sizeof(*t->known));
	if (!t->known)
		return ERR_NOMEM;
	for (uint32_t at = 0; at < t->box->messages; at++) {
		struct msg_info info;
		enum err err = mailbox_info(t->box, at, &info);
		if (err)
			return err;
		t->known[t->known_count++] =
			(struct import_known){info.size, info.internal_date, info.uid, false};
	}
	qsort(t->known, t->known_count, sizeof(*t->known), known_order);
	return ERR_NONE;
}

static enum err import_make_box(struct import_target *t, struct slice name)
{
	struct box_change change = {.kind = BOX_CREATE, .name = name};
	uint64_t subscribed = 0; /* 0 when it was before */
	enum err err = account_change_box(t->account, &change, &t->ticket);
	if (err)
		return err;
	change.kind = BOX_SUBSCRIBE;
	err = account_change_box(t->account, &change, &subscribed);
	if (subscribed > t->ticket)
		t->ticket = subscribed;
	return err;
}

static enum err import_enter_box(struct import_target *t, struct slice name, struct waiter *w)
{
	struct mailbox *box = account_find(t->account, name);
	if (t->box && t->box == box)
		return ERR_NONE;
	import_leave_box(t);
	if (!box || !box->exists) {
		enum err err = import_make_box(t, name);
		if (err)
			return err;
		box = account_find(t->account, name);
	}
	if (!box)
		return ERR_NOT_FOUND;
	enum err err = mailbox_open(box, w);
	if (err)
		return err;
	t->box = box;
	err = import_list_known(t);
	if (err)
		import_leave_box(t);
	return err;
}

/* First known message of this size and date that is not matched, at or behind `from`; SIZE_MAX. */
static size_t import_candidate(const struct import_target *t, const struct import_message *m,
			       size_t from)
{
	size_t low = from, high = t->known_count;
	struct import_known wanted = {.size = m->size, .date = m->internal_date};
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (known_order(&t->known[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < t->known_count; low++) {
		const struct import_known *k = &t->known[low];
		if (k->size != m->size || k->date != m->internal_date)
			break;
		if (!k->is_matched)
			return low;
	}
	return SIZE_MAX;
}

/* Hashes some of the candidate's bytes. */
static enum err import_compare(struct import_target *t, const struct import_message *m,
			       enum import_verdict *verdict_out, struct waiter *w)
{
	struct msg_info info;
	uint8_t sha256[32];
	*verdict_out = IMPORT_WANTED;
	if (mailbox_info_uid(t->box, t->known[t->candidate].uid, &info))
		return ERR_NONE; /* deleted meanwhile */
	for (int reads = 0;; reads++) {
		size_t got = 0;
		if (reads == IMPORT_READS_AT_ONCE) {
			*verdict_out = IMPORT_UNDECIDED;
			return ERR_NONE;
		}
		enum err err = mailbox_read(t->box, &info, MSG_BODY, t->offset, t->chunk,
					    sizeof(t->chunk), &got, w);
		if (err == ERR_AGAIN)
			return err;
		if (err)
			return ERR_NONE; /* a damaged one does not count as being there */
		mbedtls_sha256_update(&t->sha, t->chunk, got);
		t->offset += got;
		if (got < sizeof(t->chunk))
			break;
	}
	mbedtls_sha256_finish(&t->sha, sha256);
	if (memcmp(sha256, m->sha256, sizeof(sha256)) == 0)
		*verdict_out = IMPORT_KNOWN;
	return ERR_NONE;
}

static void import_compare_begin(struct import_target *t, size_t candidate)
{
	t->candidate = candidate;
	t->offset = 0;
	t->is_comparing = candidate != SIZE_MAX;
	mbedtls_sha256_starts(&t->sha, 0);
}

static enum err import_begin(struct import_target *t, const struct import_message *m)
{
	struct append_target target = {.box = t->box, .flags = m->flags};
	if (m->is_forwarded) {
		flags_t forwarded = 0;
		/* A mailbox whose keyword table is full keeps the message without it. */
		if (!keywords_add(&t->box->keywords, SLICE_LIT("$Forwarded"), &forwarded))
			target.flags |= forwarded;
	}
	struct append_meta meta = {.targets = &target,
				   .target_count = 1,
				   .internal_date = m->internal_date,
				   .expected_bytes = m->size};
	t->is_sealed = false;
	return ingest_begin(t->account->store, &meta, &t->in);
}

enum err import_target_offer(struct import_target *t, const struct import_message *m,
			     enum import_verdict *verdict_out, struct waiter *w)
{
	*verdict_out = IMPORT_WANTED;
	/* Somebody deleted the mailbox between two pieces: it is made anew, and holds nothing. */
	if (t->is_comparing && t->box->is_gone)
		t->is_comparing = false;
	if (!t->is_comparing) {
		enum err err = import_enter_box(t, m->mailbox, w);
		if (err)
			return err;
		import_compare_begin(t, import_candidate(t, m, 0));
	}
	while (t->is_comparing) {
		enum err err = import_compare(t, m, verdict_out, w);
		if (err || *verdict_out == IMPORT_UNDECIDED)
			return err;
		if (*verdict_out == IMPORT_KNOWN) {
			t->known[t->candidate].is_matched = true;
			t->is_comparing = false;
			return ERR_NONE;
		}
		import_compare_begin(t, import_candidate(t, m, t->candidate + 1));
	}
	return import_begin(t, m);
}

enum err import_target_write(struct import_target *t, struct slice bytes, struct waiter *w)
{
	return t->in ? ingest_write(t->in, bytes, w) : ERR_STATE;
}

enum err import_target_finish(struct import_target *t, struct waiter *w)
{
	if (!t->in)
		return ERR_STATE;
	enum err err = t->is_sealed ? ERR_NONE : ingest_seal(t->in);
	t->is_sealed = true;
	if (!err)
		err = ingest_commit(&t->in, 1, &t->ticket, w);
	if (err != ERR_AGAIN)
		ingest_end(&t->in);
	return err;
}

enum err import_target_wait(struct import_target *t, struct waiter *w)
{
	return store_wait(t->account->store, t->ticket, w);
}

uint64_t import_target_ticket(const struct import_target *t)
{
	return t->ticket;
}

void import_target_free(struct import_target **target)
{
	struct import_target *t = *target;
	*target = NULL;
	if (!t)
		return;
	ingest_end(&t->in);
	import_leave_box(t);
	account_close(&t->account);
	mbedtls_sha256_free(&t->sha);
	free(t);
}
