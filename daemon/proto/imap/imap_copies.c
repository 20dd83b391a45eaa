#include "proto/imap/imap_copies.h"

#include <stdlib.h>

enum { COPIES_SLICE = 512, COPIES_BOXES_MAX = 64 };

/* A message that is looked for; `found` numbers the mailbox where it lies from 1, 0: nowhere yet. */
struct copies_row {
	uint64_t place;
	uint32_t uid;
	uint32_t found;
};

struct copies {
	struct imap_session *session;
	struct copies_row *rows; /* by place, after the search by UID */
	uint32_t count, missing;
	/* Mailboxes with copies, as they were when they were looked through. */
	struct copies_box {
		uint64_t mailbox_id, modseq;
		bool is_same; /* at the last recheck */
	} boxes[COPIES_BOXES_MAX];
	uint32_t box_count;
	struct mailbox *box; /* being looked through, open; NULL: none */
	uint64_t box_modseq;
	uint32_t next_uid; /* in it */
	uint64_t last_id;  /* mailboxes are taken in the order of their ids */
	bool is_done;
};

/* --- what is looked for -------------------------------------------------------------------------- */

static int copies_compare_uids(const void *a, const void *b)
{
	const struct copies_row *x = a, *y = b;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

static int copies_compare(const void *a, const void *b)
{
	const struct copies_row *x = a, *y = b;
	return x->place < y->place ? -1 : x->place > y->place;
}

enum err copies_begin(struct imap_session *s, const uint32_t *uids, uint32_t count,
		      struct copies **copies_out)
{
	struct copies *c = calloc(1, sizeof(*c));
	if (c)
		c->rows = calloc(count + 1u, sizeof(*c->rows));
	if (!c || !c->rows) {
		free(c);
		return ERR_NOMEM;
	}
	c->session = s;
	for (uint32_t i = 0; i < count; i++) {
		struct msg_info info;
		if (!mailbox_info_uid(s->view.box, uids[i], &info))
			c->rows[c->count++] = (struct copies_row){info.place, info.uid, 0};
	}
	qsort(c->rows, c->count, sizeof(*c->rows), copies_compare);
	c->missing = c->count;
	*copies_out = c;
	return ERR_NONE;
}

static void copies_leave_box(struct copies *c)
{
	if (c->box)
		mailbox_close(c->box);
	c->box = NULL;
}

void copies_free(struct copies **copies)
{
	struct copies *c = *copies;
	if (!c)
		return;
	copies_leave_box(c);
	free(c->rows);
	free(c);
	*copies = NULL;
}

/* --- the walk ------------------------------------------------------------------------------------- */

/* The mailbox with the next higher id that may have copies; NULL: all were looked through. */
static struct mailbox *copies_next_box(const struct copies *c)
{
	const struct imap_session *s = c->session;
	const struct account *a = s->base.login->account;
	struct mailbox *next = NULL;
	for (size_t i = 0; i < a->box_count; i++) {
		struct mailbox *box = a->boxes[i];
		if (box->exists && box->messages && box != s->view.box &&
		    box->mailbox_id > c->last_id && (!next || box->mailbox_id < next->mailbox_id))
			next = box;
	}
	return next;
}

/* ERR_NONE: c->box is open. ERR_NOT_FOUND: there are no more. A mailbox that cannot be read has no
 * copies to rely on. */
static enum err copies_enter_box(struct copies *c)
{
	struct mailbox *box;
	while ((box = copies_next_box(c)) != NULL) {
		enum err err = mailbox_open(box, &c->session->base.waiter);
		if (err == ERR_AGAIN)
			return ERR_AGAIN;
		c->last_id = box->mailbox_id;
		if (err)
			continue;
		c->box = box;
		c->box_modseq = box->highest_modseq;
		c->next_uid = 1;
		return ERR_NONE;
	}
	return ERR_NOT_FOUND;
}

/* The number of c->box among the boxes; 0: there is no room for it. */
static uint32_t copies_box_number(struct copies *c)
{
	uint32_t n = c->box_count;
	if (n && c->boxes[n - 1].mailbox_id == c->box->mailbox_id)
		return n;
	if (n == COPIES_BOXES_MAX)
		return 0;
	c->boxes[n] = (struct copies_box){c->box->mailbox_id, c->box_modseq, false};
	return ++c->box_count;
}

static void copies_match(struct copies *c, const struct msg_info *info)
{
	uint32_t low = 0, high = c->count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (c->rows[mid].place < info->place)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < c->count && c->rows[low].place == info->place; low++) {
		if (c->rows[low].found)
			continue;
		c->rows[low].found = copies_box_number(c);
		c->missing -= c->rows[low].found != 0;
	}
}

/* Some messages of c->box. True when it is through. */
static bool copies_look(struct copies *c)
{
	struct msg_info info;
	uint32_t at = mailbox_position(c->box, c->next_uid);
	for (unsigned looked = 0; looked < COPIES_SLICE && c->missing; looked++, at++) {
		enum err err = mailbox_info(c->box, at, &info);
		if (err)
			return true;
		copies_match(c, &info);
		c->next_uid = info.uid + 1;
	}
	return !c->missing;
}

enum err copies_search(struct copies *c)
{
	while (!c->is_done) {
		enum err err = c->box ? ERR_NONE : copies_enter_box(c);
		if (err == ERR_AGAIN)
			return err;
		if (!err && copies_look(c))
			copies_leave_box(c);
		c->is_done = err || !c->missing;
		if (!c->is_done && session_must_pause(&c->session->base))
			return ERR_AGAIN;
	}
	copies_leave_box(c);
	return ERR_NONE;
}

/* --- what was found ------------------------------------------------------------------------------- */

static bool copies_box_is_same(const struct copies *c, const struct copies_box *found)
{
	const struct account *a = c->session->base.login->account;
	for (size_t i = 0; i < a->box_count; i++)
		if (a->boxes[i]->exists && a->boxes[i]->mailbox_id == found->mailbox_id)
			return a->boxes[i]->highest_modseq == found->modseq;
	return false;
}

void copies_recheck(struct copies *c)
{
	for (uint32_t i = 0; i < c->box_count; i++)
		c->boxes[i].is_same = copies_box_is_same(c, &c->boxes[i]);
	qsort(c->rows, c->count, sizeof(*c->rows), copies_compare_uids);
}

bool copies_has_other(const struct copies *c, uint32_t uid)
{
	struct copies_row key = {.uid = uid};
	const struct copies_row *row =
		bsearch(&key, c->rows, c->count, sizeof(*c->rows), copies_compare_uids);
	return row && row->found && c->boxes[row->found - 1].is_same;
}
