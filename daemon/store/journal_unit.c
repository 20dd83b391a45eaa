#include "store/journal_unit.h"

#include "store/journal_group.h"
#include "store/journal_segment.h"

void unit_begin(struct journal *j)
{
	buf_clear(&j->txn);
	j->usage.count = 0;
	j->unit = (struct pack){.dst = &j->txn};
	j->unit_serial++;
}

struct tally *unit_draft(struct journal *j, struct jbox *box)
{
	if (box->draft_of == j->unit_serial)
		return &box->draft;
	box->draft = box->tally;
	box->draft.modseq++;
	box->draft_added = 0;
	box->draft_uid = box->tally.uid_next;
	box->draft_of = j->unit_serial;
	return &box->draft;
}

/* --- messages added ------------------------------------------------------------------------------------ */

static enum err unit_draft_added(struct journal *j, struct jbox *box, const struct message *m)
{
	struct tally *draft = unit_draft(j, box);
	if (draft->uid_next >= UINT32_MAX - 1)
		return ERR_LIMIT;
	if (box->draft_added++ == 0)
		unit_keywords(j, box);
	tally_add(draft, m);
	draft->uid_next++;
	usage_add_message(j, m, 1);
	enum err err = box->index ? index_reserve(box->index, box->draft_added) : ERR_NONE;
	if (!err && box->index && m->bits & ENTRY_EXTRA)
		err = index_reserve_extra(box->index, m->slot_count);
	return err;
}

/* One record for a run of messages of one mailbox, and their reveals, which count when the unit is
 * committed. Returns how many it took. */
static size_t pack_run(struct journal *j, const struct added *a, size_t first)
{
	struct message last = {0}, m;
	struct jbox *box, *next;
	size_t i = first;
	a->get(a, first, &box, &m);
	pack_open_box(&j->unit, RECORD_ENTRIES, box->number);
	pack_tally(&j->unit, &box->draft);
	for (; i < a->count && !j->unit.err && pack_len(&j->unit) < j->record_soft; i++) {
		a->get(a, i, &next, &m);
		if (next != box)
			break;
		m.uid = box->draft_uid++;
		m.modseq = box->draft.modseq;
		j->reveals[j->reveal_count + i] = (struct reveal){.box = box,
								  .modseq = m.modseq,
								  .uid = m.uid,
								  .size = m.size,
								  .flags = m.flags};
		pack_message(&j->unit, &last, &m);
	}
	pack_close(&j->unit);
	return i - first;
}

void unit_add(struct journal *j, const struct added *a)
{
	struct jbox *box;
	struct message m;
	enum err err = box_reserve_reveals(j, a->count);
	for (size_t i = 0; i < a->count && !err; i++) {
		a->get(a, i, &box, &m);
		err = unit_draft_added(j, box, &m);
	}
	if (err)
		j->unit.err = err;
	for (size_t i = 0; i < a->count && !j->unit.err;)
		i += pack_run(j, a, i);
}

void unit_added(struct journal *j, const struct added *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct reveal *r = &j->reveals[j->reveal_count++];
		r->number = j->unit_number;
		r->box->unrevealed++;
		if (r->box->public)
			account_charge(r->box->public->account, r->size, 1);
		a->was_given(a, i, r->uid);
	}
}

/* --- the commit ------------------------------------------------------------------------------------------ */

static struct jbox *record_box(const struct journal *j, const struct record *r)
{
	struct unpack u = {.rest = r->body};
	bool has_box =
		r->type >= RECORD_BOX_GONE && r->type <= RECORD_MOVED && r->type != RECORD_USAGE;
	return has_box ? box_find(j, unpack_u32(&u)) : NULL;
}

/* Room for the records where they wait for the next chunk. */
static enum err unit_prepare(struct journal *j, struct slice records)
{
	struct record r;
	uint8_t *room;
	enum err err = ERR_NONE;
	while (!err && records.len && !record_next(&records, &r)) {
		struct jbox *box = record_box(j, &r);
		if (!box)
			continue;
		if (box->pending_of != j->unit_serial)
			box->pending_need = 0;
		box->pending_of = j->unit_serial;
		box->pending_need += r.all.len;
		err = buf_reserve(&box->pending, box->pending_need, &room);
	}
	return err == ERR_LIMIT ? ERR_NOMEM : err;
}

enum err unit_commit(struct journal *j, enum room_class class)
{
	struct record r;
	if (j->usage.count)
		pack_usage(j);
	struct slice records = buf_view(&j->txn);
	enum err err = j->unit.err;
	if (!err)
		err = unit_prepare(j, records);
	if (!err)
		err = jlog_unit(j, records, class, &j->unit_number);
	if (err)
		return err;
	while (records.len && !err) {
		err = record_next(&records, &r);
		if (!err)
			err = box_apply(j, &r, j->unit_number);
	}
	if (err) /* memory and log differ: our own bug, or memory not set aside */
		journal_fail(j, err);
	return err;
}
