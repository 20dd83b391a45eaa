#include "base/array.h"
#include "store/journal_group.h"
#include "store/journal_unit.h"

enum err box_reserve_reveals(struct journal *j, size_t n)
{
	if (j->reveal_first && j->reveal_first == j->reveal_count)
		j->reveal_first = j->reveal_count = 0;
	struct reveal *at =
		array_reserve(j->reveals, &j->reveal_cap, j->reveal_count + n + 1, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	j->reveals = at;
	return ERR_NONE;
}

/* A flag change overtook new messages: whoever was told its modseq would never hear of them. They
 * get a newer one (RFC 7162 3.1.2). When that cannot be logged now, mounting does the same. */
static uint64_t box_raise(struct journal *j, struct jbox *box, uint32_t first, uint32_t last)
{
	struct tally tally = box->tally;
	tally.modseq++;
	unit_begin(j);
	pack_raise(&j->unit, box, &tally, first, last);
	if (unit_commit(j, ROOM_VITAL))
		box->tally.modseq = tally.modseq;
	else
		jlog_delay(j);
	return tally.modseq;
}

/* All that became durable of the mailbox of the first one: their UIDs follow each other. */
static void box_reveal_some(struct journal *j, struct reveal *r, size_t n)
{
	struct jbox *box = r[0].box;
	struct mailbox *shown = box->is_gone ? NULL : box->public;
	uint32_t first = r[0].uid, last = 0;
	uint64_t modseq = 0;
	bool overtaken = false;
	if (shown && (shown->is_gone || shown->uid_next > first))
		shown = NULL;
	for (size_t i = 0; i < n; i++) {
		if (r[i].box != box)
			continue;
		struct msg_info info = {.uid = r[i].uid, .size = r[i].size, .flags = r[i].flags};
		if (shown)
			mailbox_count_add(shown, &info);
		overtaken |= shown && r[i].modseq <= shown->highest_modseq;
		modseq = r[i].modseq;
		last = r[i].uid;
		box->unrevealed--;
		r[i].box = NULL;
	}
	if (!shown)
		return;
	if (overtaken)
		modseq = box_raise(j, box, first, last);
	if (box->index)
		box->visible = index_position(box->index, last + 1);
	mailbox_reveal(shown, last + 1, modseq, NULL);
}

void box_reveal_durable(struct journal *j)
{
	size_t end = j->reveal_first;
	while (end < j->reveal_count && j->reveals[end].number <= j->log.durable)
		end++;
	for (; j->reveal_first < end; j->reveal_first++)
		if (j->reveals[j->reveal_first].box)
			box_reveal_some(j, j->reveals + j->reveal_first, end - j->reveal_first);
}

/* --- what no session has been told of ------------------------------------------------------------------- */

void journal_note_recent(struct journal *j, struct account *a)
{
	if (!a->recent_moved || j->has_failed || j->read_only)
		return;
	unit_begin(j);
	for (size_t i = 0; i < a->box_count; i++) {
		const struct mailbox *m = a->boxes[i];
		const struct jbox *box = m->backend;
		if (!m->exists || !box || m->recent_from <= box->recent_from)
			continue;
		pack_open_box(&j->unit, RECORD_RECENT, box->number);
		pack_u(&j->unit, m->recent_from);
		pack_close(&j->unit);
	}
	/* No room or no memory: announced once more after a restart, which harms nobody. */
	if (j->txn.len && !unit_commit(j, ROOM_VITAL))
		jlog_delay(j);
	a->recent_moved = false;
}
