#include "store/journal_unit.h"

#include "store/journal_group.h"
#include "store/journal_segment.h"

void unit_begin(struct journal *j, struct pack *p)
{
	buf_clear(&j->txn);
	usage_clear(&j->usage);
	*p = (struct pack){.dst = &j->txn};
}

struct tally *unit_draft(struct jbox *box)
{
	if (box->in_draft)
		return &box->draft;
	box->draft = box->tally;
	box->draft.modseq++;
	box->draft_added = 0;
	box->draft_uid = box->tally.uid_next;
	box->in_draft = true;
	return &box->draft;
}

void unit_end(struct journal *j)
{
	for (uint32_t i = 0; i < j->boxes.count; i++)
		j->boxes.at[i]->in_draft = false;
}

/* They join the box's own names at once; a unit that fails leaves them there, not logged. */
enum err unit_keywords(struct journal *j, struct pack *p, struct jbox *box)
{
	const struct keywords *now = box->public ? &box->public->keywords : &box->keywords;
	(void)j;
	if (now->count <= box->keywords_logged)
		return ERR_NONE;
	for (uint32_t i = box->keywords.count; i < now->count; i++) {
		flags_t flag;
		enum err err = keywords_add(&box->keywords, slice_str(now->names[i]), &flag);
		if (err)
			return err;
	}
	pack_keywords(p, box, now, box->keywords_logged);
	return p->err;
}

/* --- messages added ------------------------------------------------------------------------------------ */

static void tally_add(struct tally *t, const struct message *m)
{
	t->messages++;
	t->unseen += !(m->flags & FLAG_SEEN);
	t->deleted += (m->flags & FLAG_DELETED) != 0;
	t->size_bytes += m->size;
	t->uid_next++;
}

static enum err unit_draft_added(struct journal *j, const struct added *a)
{
	enum err err = box_reserve_reveals(j, a->count);
	for (size_t i = 0; i < a->count && !err; i++) {
		struct jbox *box;
		struct message m;
		a->get(a, i, &box, &m);
		struct tally *draft = unit_draft(box);
		if (draft->uid_next >= UINT32_MAX - 1)
			return ERR_LIMIT;
		tally_add(draft, &m);
		box->draft_added++;
		err = usage_add_message(&j->usage, &m, 1);
		if (!err && box->index && m.bits & ENTRY_EXTRA)
			err = index_reserve_extra(box->index, m.slot_count);
	}
	return err;
}

/* One record for a run of messages of one mailbox. Returns how many it took. */
static size_t pack_run(struct journal *j, struct pack *p, const struct added *a, size_t first)
{
	struct message last = {0}, m;
	struct jbox *box, *next;
	size_t i = first;
	a->get(a, first, &box, &m);
	pack_open(p, RECORD_ENTRIES);
	pack_u(p, box->number);
	pack_tally(p, &box->draft);
	for (; i < a->count && !p->err && p->dst->len - p->record_start < j->record_soft; i++) {
		a->get(a, i, &next, &m);
		if (next != box)
			break;
		m.uid = box->draft_uid++;
		m.modseq = box->draft.modseq;
		pack_message(p, &last, &m);
	}
	pack_close(p);
	return i - first;
}

enum err unit_add(struct journal *j, struct pack *p, const struct added *a)
{
	struct jbox *box;
	struct message m;
	enum err err = unit_draft_added(j, a);
	for (size_t i = 0; i < a->count && !err; i++) {
		a->get(a, i, &box, &m);
		if (box->index)
			err = index_reserve(box->index, box->draft_added);
		if (!err)
			err = unit_keywords(j, p, box);
		if (i == 0 && a->count > 1 && !err) {
			/* Mostly they all go to one mailbox: no need to ask again and again. */
			struct jbox *last;
			a->get(a, a->count - 1, &last, &m);
			if (last == box && a->count == box->draft_added)
				break;
		}
	}
	for (size_t i = 0; i < a->count && !err && !p->err;)
		i += pack_run(j, p, a, i);
	return err ? err : p->err;
}

void unit_added(struct journal *j, const struct added *a, uint64_t number)
{
	struct jbox *box;
	struct message m;
	for (size_t i = 0; i < a->count; i++) {
		a->get(a, i, &box, &m);
		box->draft_uid = box->draft.uid_next - box->draft_added;
	}
	for (size_t i = 0; i < a->count; i++) {
		a->get(a, i, &box, &m);
		uint32_t uid = box->draft_uid++;
		struct reveal reveal = {.box = box,
					.number = number,
					.modseq = box->draft.modseq,
					.uid = uid,
					.size = m.size,
					.flags = m.flags};
		box_reveal_later(j, &reveal);
		if (box->public)
			account_charge(box->public->account, m.size, 1);
		a->was_given(a, i, uid);
	}
	j->store->status.messages += a->count;
}

enum err unit_commit(struct journal *j, struct pack *p, enum room_class class, uint64_t *number_out)
{
	if (j->usage.count)
		pack_usage(p, &j->usage);
	return p->err ? p->err : box_commit(j, class, number_out);
}
