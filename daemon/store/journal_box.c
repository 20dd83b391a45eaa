#include "store/journal_box.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "store/journal_group.h"
#include "store/journal_note.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

enum { BOX_EXISTS = 1, BOX_SUBSCRIBED = 2, RECORDS_MAX_BYTES = 64 * 1024 * 1024 };

/* --- the tables ------------------------------------------------------------------------------------ */

static uint32_t box_position(const struct journal *j, uint32_t number)
{
	uint32_t low = 0, high = j->boxes.count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (j->boxes.at[mid]->number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct jbox *box_find(const struct journal *j, uint32_t number)
{
	uint32_t at = box_position(j, number);
	bool found = at < j->boxes.count && j->boxes.at[at]->number == number;
	return found ? j->boxes.at[at] : NULL;
}

struct jaccount *jaccount_find(const struct journal *j, uint32_t number)
{
	for (uint32_t i = 0; i < j->boxes.account_count; i++)
		if (j->boxes.accounts[i]->number == number)
			return j->boxes.accounts[i];
	return NULL;
}

struct jaccount *jaccount_find_name(const struct journal *j, struct slice name)
{
	for (uint32_t i = 0; i < j->boxes.account_count; i++)
		if (slice_eq_str(name, j->boxes.accounts[i]->name))
			return j->boxes.accounts[i];
	return NULL;
}

enum err jaccount_make(struct journal *j, uint32_t number, struct slice name)
{
	struct boxes *b = &j->boxes;
	struct jaccount **accounts = array_reserve(b->accounts, &b->account_cap,
						   b->account_count + 1u, sizeof(*accounts));
	if (!accounts)
		return ERR_NOMEM;
	b->accounts = accounts;
	struct jaccount *a = calloc(1, sizeof(*a) + name.len + 1);
	if (!a)
		return ERR_NOMEM;
	a->number = number;
	a->name = (char *)(a + 1);
	if (name.len)
		memcpy(a->name, name.ptr, name.len);
	b->accounts[b->account_count++] = a;
	if (number >= b->next_account)
		b->next_account = number + 1;
	return ERR_NONE;
}

void jaccount_forget(struct journal *j, uint32_t number)
{
	struct boxes *b = &j->boxes;
	for (uint32_t i = 0; i < b->account_count; i++) {
		if (b->accounts[i]->number != number)
			continue;
		free(b->accounts[i]);
		b->account_count--;
		memmove(b->accounts + i, b->accounts + i + 1,
			(b->account_count - i) * sizeof(struct jaccount *));
		return;
	}
}

enum err box_make(struct journal *j, uint32_t number, struct slice name, struct jbox **box_out)
{
	struct boxes *b = &j->boxes;
	struct jbox **boxes = array_reserve(b->at, &b->cap, b->count + 1u, sizeof(*boxes));
	if (!boxes)
		return ERR_NOMEM;
	b->at = boxes;
	struct jbox *box = calloc(1, sizeof(*box));
	char *copy = strndup(name.len ? (const char *)name.ptr : "", name.len);
	if (!box || !copy) {
		free(box);
		free(copy);
		return ERR_NOMEM;
	}
	box->number = number;
	box->name = copy;
	box->tally.uid_next = 1;
	box->tally.modseq = 1;
	box->recent_from = 1;
	list_init(&box->load_waiters);
	buf_init(&box->saved, RECORDS_MAX_BYTES);
	buf_init(&box->pending, RECORDS_MAX_BYTES);
	uint32_t at = box_position(j, number);
	memmove(b->at + at + 1, b->at + at, (b->count - at) * sizeof(struct jbox *));
	b->at[at] = box;
	b->count++;
	if (number >= b->next_box)
		b->next_box = number + 1;
	*box_out = box;
	return ERR_NONE;
}

static void box_free(struct journal *j, struct jbox *box)
{
	if (box->index)
		index_free(box->index);
	free(box->index);
	chunks_free(j, &box->chunks);
	chunks_free(j, &box->next);
	keywords_free(&box->keywords);
	buf_free(&box->saved);
	buf_free(&box->pending);
	note_free(box);
	free(box->new_name);
	free(box->name);
	free(box);
}

void box_forget(struct journal *j, struct jbox *box)
{
	uint32_t at = box_position(j, box->number);
	j->boxes.count--;
	memmove(j->boxes.at + at, j->boxes.at + at + 1,
		(j->boxes.count - at) * sizeof(struct jbox *));
	box_free(j, box);
}

void boxes_free(struct journal *j)
{
	while (j->boxes.count)
		box_free(j, j->boxes.at[--j->boxes.count]);
	while (j->boxes.account_count)
		jaccount_forget(j, j->boxes.accounts[0]->number);
	free(j->boxes.at);
	free(j->boxes.accounts);
	j->boxes.at = NULL;
	j->boxes.accounts = NULL;
}

/* --- chunks ------------------------------------------------------------------------------------------ */

enum err chunks_add(struct journal *j, struct chunks *c, const struct chunk *chunk)
{
	struct chunk *at = array_reserve(c->at, &c->cap, c->count + 1u, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	c->at = at;
	c->at[c->count++] = *chunk;
	if (chunk->is_base)
		c->base_bytes += chunk->bytes;
	else
		c->delta_bytes += chunk->bytes;
	segment_pin(j, chunk->place.slot);
	return ERR_NONE;
}

void chunks_free(struct journal *j, struct chunks *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		segment_unpin(j, c->at[i].place.slot);
	free(c->at);
	*c = (struct chunks){0};
}

void tally_add(struct tally *t, const struct message *m)
{
	t->messages++;
	t->unseen += !(m->flags & FLAG_SEEN);
	t->deleted += (m->flags & FLAG_DELETED) != 0;
	t->size_bytes += m->size;
}

/* --- definitions as records ----------------------------------------------------------------------------- */

void pack_account(struct pack *p, const struct jaccount *a)
{
	pack_open(p, RECORD_ACCOUNT);
	pack_u(p, a->number);
	pack_u(p, a->last_uid_validity);
	pack_text(p, slice_str(a->name));
	pack_close(p);
}

void pack_box(struct pack *p, const struct jbox *box)
{
	const char *name = box->new_name ? box->new_name : box->name;
	pack_open_box(p, RECORD_BOX, box->number);
	pack_u(p, box->is_gone ? 0 : box->account);
	pack_u(p, (box->exists ? BOX_EXISTS : 0) | (box->is_subscribed ? BOX_SUBSCRIBED : 0));
	pack_u(p, box->special_use);
	pack_u(p, box->uid_validity);
	pack_u(p, box->mailbox_id);
	pack_text(p, slice_str(name));
	pack_close(p);
}

void pack_keywords(struct pack *p, const struct jbox *box, const struct keywords *k, uint32_t from)
{
	pack_open_box(p, RECORD_KEYWORDS, box->number);
	pack_u(p, from);
	for (uint32_t i = from; i < k->count; i++)
		pack_text(p, slice_str(k->names[i]));
	pack_close(p);
}

void pack_raise(struct pack *p, const struct jbox *box, const struct tally *tally, uint32_t first,
		uint32_t last)
{
	pack_open_box(p, RECORD_RAISE, box->number);
	pack_tally(p, tally);
	pack_u(p, tally->modseq);
	pack_u(p, 1); /* range */
	pack_u(p, first);
	pack_u(p, last - first);
	pack_close(p);
}

/* --- applying ---------------------------------------------------------------------------------------------- */

static enum err apply_account(struct journal *j, struct unpack *u)
{
	uint32_t number = unpack_u32(u), last = unpack_u32(u);
	struct slice name = unpack_text(u);
	if (u->is_bad)
		return ERR_SYNTAX;
	struct jaccount *a = jaccount_find(j, number);
	if (!a) {
		enum err err = jaccount_make(j, number, name);
		if (err)
			return err;
		a = jaccount_find(j, number);
	}
	a->last_uid_validity = last;
	return ERR_NONE;
}

static enum err box_rename(struct jbox *box, struct slice name)
{
	if (slice_eq_str(name, box->name))
		return ERR_NONE;
	char *copy = box->new_name;
	if (!copy || !slice_eq_str(name, copy))
		copy = strndup(name.len ? (const char *)name.ptr : "", name.len);
	if (!copy)
		return ERR_NOMEM;
	if (copy == box->new_name)
		box->new_name = NULL;
	free(box->name);
	box->name = copy;
	return ERR_NONE;
}

static enum err apply_box(struct journal *j, struct unpack *u)
{
	uint32_t number = unpack_u32(u), account = unpack_u32(u), how = unpack_u32(u);
	uint32_t use = unpack_u32(u), validity = unpack_u32(u);
	uint64_t id = unpack_u(u);
	struct slice name = unpack_text(u);
	enum err err = ERR_NONE;
	if (u->is_bad || (account && !jaccount_find(j, account)))
		return ERR_SYNTAX;
	struct jbox *box = box_find(j, number);
	if (!box)
		err = box_make(j, number, name, &box);
	if (!err)
		err = box_rename(box, name);
	if (err)
		return err;
	box->account = account;
	box->exists = how & BOX_EXISTS;
	box->is_subscribed = how & BOX_SUBSCRIBED;
	box->special_use = use;
	box->uid_validity = validity;
	box->mailbox_id = id;
	return ERR_NONE;
}

static enum err apply_keywords(struct jbox *box, struct unpack *u)
{
	uint32_t i = unpack_u32(u);
	if (i > box->keywords.count)
		return ERR_SYNTAX;
	for (; u->rest.len; i++) {
		struct slice name = unpack_text(u);
		flags_t flag;
		if (u->is_bad)
			return ERR_SYNTAX;
		if (i < box->keywords.count)
			continue; /* set aside before it was logged */
		enum err err = keywords_add(&box->keywords, name, &flag);
		if (err)
			return err == ERR_NOMEM ? err : ERR_SYNTAX;
	}
	if (i > box->keywords_logged)
		box->keywords_logged = i;
	return ERR_NONE;
}

static void note_serials(struct journal *j, struct jbox *box, struct slice entries)
{
	struct unpack u = {.rest = entries};
	struct message_reader r;
	message_reader_init(&r);
	while (u.rest.len && unpack_message(&u, &r)) {
		if (r.m.serial >= j->boxes.next_serial)
			j->boxes.next_serial = r.m.serial + 1;
		clock_raise_floor(r.m.save_date);
		if (!box->tail_first_uid)
			box->tail_first_uid = r.m.uid;
	}
}

/* Changes of messages: kept for the next chunk, and done in the list when it is in memory. */
static enum err apply_messages(struct journal *j, struct jbox *box, const struct record *r,
			       struct unpack *u)
{
	if (r->type != RECORD_MOVED) {
		struct tally tally;
		unpack_tally(u, &tally);
		if (u->is_bad)
			return ERR_SYNTAX;
		box->tally = tally;
	}
	if (r->type == RECORD_ENTRIES)
		note_serials(j, box, u->rest);
	enum err err = buf_add_slice(&box->pending, r->all);
	if (!err && box->index)
		err = index_apply(box->index, (enum record_type)r->type, u->rest);
	return err;
}

static void apply_mount(struct journal *j, struct unpack *u)
{
	uint64_t jump = unpack_u(u);
	for (uint32_t i = 0; i < j->boxes.count; i++)
		j->boxes.at[i]->tally.modseq += jump;
}

static enum err apply_to_box(struct journal *j, const struct record *r, struct unpack *u)
{
	struct jbox *box = box_find(j, unpack_u32(u));
	if (u->is_bad || !box)
		return ERR_SYNTAX;
	switch ((enum record_type)r->type) {
	case RECORD_KEYWORDS: return apply_keywords(box, u);
	case RECORD_RECENT: box->recent_from = unpack_u32(u); return ERR_NONE;
	case RECORD_NOTE: return note_apply(box, u);
	case RECORD_BOX_GONE: box->is_gone = true; return ERR_NONE;
	case RECORD_BOX_FREED: box_forget(j, box); return ERR_NONE;
	default: return apply_messages(j, box, r, u);
	}
}

enum err box_apply(struct journal *j, const struct record *r, uint64_t number)
{
	struct unpack u = {.rest = r->body};
	switch ((enum record_type)r->type) {
	case RECORD_MOUNT: apply_mount(j, &u); return ERR_NONE;
	case RECORD_ACCOUNT: return apply_account(j, &u);
	case RECORD_ACCOUNT_GONE: jaccount_forget(j, unpack_u32(&u)); return ERR_NONE;
	case RECORD_BOX: return apply_box(j, &u);
	case RECORD_USAGE: return usage_apply(j, r->body, number);
	case RECORD_BLOB:
	case RECORD_CHUNK: return ERR_NONE;
	case RECORD_BOX_GONE:
	case RECORD_BOX_FREED:
	case RECORD_KEYWORDS:
	case RECORD_ENTRIES:
	case RECORD_FLAGS:
	case RECORD_EXPUNGE:
	case RECORD_RAISE:
	case RECORD_RECENT:
	case RECORD_MOVED:
	case RECORD_NOTE: return apply_to_box(j, r, &u);
	case RECORD_CKPT_BEGIN:
	case RECORD_CKPT_BOX:
	case RECORD_CKPT_CHUNKS:
	case RECORD_CKPT_USAGE:
	case RECORD_CKPT_END: return ERR_NONE;
	}
	return ERR_SYNTAX;
}
