#include "store/journal_list.h"
#include "store/journal_unit.h"

/* --- accounts --------------------------------------------------------------------------------------------- */

/* What was logged is what is durable: an account is loaded only when nothing of it is on its way. */
static enum err box_publish(struct account *a, struct jbox *box)
{
	struct mailbox *m = account_add_box(a, slice_str(box->name), box->exists);
	if (!m)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < box->keywords_logged; i++) {
		flags_t flag;
		enum err err = keywords_add(&m->keywords, slice_str(box->keywords.names[i]), &flag);
		if (err)
			return err;
	}
	m->is_subscribed = box->is_subscribed;
	m->special_use = box->special_use;
	m->uid_validity = box->uid_validity;
	m->mailbox_id = box->mailbox_id;
	m->uid_next = box->tally.uid_next;
	m->highest_modseq = box->tally.modseq;
	m->messages = box->tally.messages;
	m->unseen = box->tally.unseen;
	m->deleted = box->tally.deleted;
	m->size_bytes = box->tally.size_bytes;
	m->recent_from = box->recent_from;
	m->note = slice_of(box->note.bytes, box->note.len);
	m->first_unseen_uid_hint = 1;
	m->backend = box;
	a->used_bytes += m->size_bytes;
	a->used_messages += m->messages;
	return ERR_NONE;
}

enum err journal_account_load(struct account *a, bool create, uint64_t *ticket_out,
			      struct waiter *w)
{
	struct journal *j = store_journal(a->store);
	enum err err = ERR_NONE;
	(void)w;
	struct jaccount *ja = jaccount_find_name(j, slice_str(a->name));
	if (!ja && !create)
		return ERR_NOT_FOUND;
	if (!ja)
		err = journal_account_make(a, ticket_out);
	if (!err)
		ja = jaccount_find_name(j, slice_str(a->name));
	for (uint32_t i = 0; i < j->boxes.count && !err; i++) {
		struct jbox *box = j->boxes.at[i];
		if (box->account == ja->number && !box->is_gone)
			err = box_publish(a, box);
	}
	if (err) {
		account_clear(a);
		return err;
	}
	for (size_t i = 0; i < a->box_count; i++)
		((struct jbox *)a->boxes[i]->backend)->public = a->boxes[i];
	a->last_uid_validity = ja->last_uid_validity;
	a->backend = ja;
	return ERR_NONE;
}

void journal_account_unload(struct account *a)
{
	journal_note_recent(store_journal(a->store), a);
	for (size_t i = 0; i < a->box_count; i++) {
		struct jbox *box = a->boxes[i]->backend;
		if (box && box->public == a->boxes[i])
			box->public = NULL;
		a->boxes[i]->backend = NULL;
	}
	a->backend = NULL;
}

/* --- lists ------------------------------------------------------------------------------------------------------ */

enum err journal_box_open(struct mailbox *box, struct waiter *w)
{
	return list_open(store_journal(box->account->store), box->backend, w);
}

void journal_box_close(struct mailbox *box)
{
	struct jbox *b = box->backend;
	list_close(store_journal(box->account->store), b);
	if (!box->is_gone)
		return;
	b->public = NULL;
	box->backend = NULL;
}
