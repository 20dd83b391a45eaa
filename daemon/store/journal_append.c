#include <stdlib.h>

#include "base/clock.h"
#include "store/journal_blob.h"
#include "store/journal_group.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

enum {
	WAITING_MAX_BYTES = 256 * 1024, /* so much may wait to be written before appends wait */
	ROOM_WAITS_MAX = 4,
};

/* --- room ------------------------------------------------------------------------------------------------ */

/* No room now, but there is hope: a segment is being made, or one will be free after a checkpoint. */
static enum err append_wait_for_room(struct journal *j, struct waiter *w)
{
	if (!j->grow.is_busy && segments_about_to_be_free(j) && j->room_waits < ROOM_WAITS_MAX) {
		j->room_waits++;
		j->checkpoint.is_wanted = true;
		store_schedule(j->store, 0);
	} else if (!j->grow.is_busy) {
		j->room_waits = 0;
		j->tidy_is_urgent = true;
		store_schedule(j->store, 0);
		return ERR_FULL;
	}
	store_sleep(&j->room_waiters, w);
	return ERR_AGAIN;
}

static enum err append_make_room(struct journal *j, size_t n, size_t piece, struct waiter *w)
{
	if (piece > jlog_piece_max(j))
		return ERR_LIMIT;
	if (j->log.waiting_bytes > WAITING_MAX_BYTES) {
		jlog_spill(j);
		if (j->log.waiting_bytes > WAITING_MAX_BYTES) {
			store_sleep(&j->room_waiters, w);
			return ERR_AGAIN;
		}
	}
	bool has_room = jlog_has_room(j, n, piece, ROOM_BULK);
	for (bool grown = true; !has_room && grown;) {
		uint32_t before = j->segments.free;
		segments_collect(j);
		if (segments_may_grow(j))
			segments_grow(j);
		has_room = jlog_has_room(j, n, piece, ROOM_BULK);
		grown = j->segments.free > before;
	}
	if (!has_room)
		return append_wait_for_room(j, w);
	j->room_waits = 0;
	return ERR_NONE;
}

/* --- bytes ------------------------------------------------------------------------------------------------ */

static enum err append_writer(struct append *a, struct blob_writer **b_out)
{
	struct journal *j = store_journal(a->store);
	enum err err = ERR_NONE;
	if (!a->backend) {
		struct blob_writer *b = NULL;
		err = blob_new(j, a->store->config.deflate >= 2, &b);
		a->backend = b;
	}
	*b_out = a->backend;
	return err;
}

enum err journal_append_write(struct append *a, struct slice bytes, struct waiter *w)
{
	struct journal *j = store_journal(a->store);
	struct blob_writer *b;
	enum err err = append_writer(a, &b);
	if (!err)
		err = append_make_room(j, b->plain.len + bytes.len, j->block_bytes, w);
	if (!err)
		err = blob_write(b, bytes, ROOM_BULK);
	if (!err)
		jlog_spill(j);
	return err;
}

void journal_append_end(struct append *a)
{
	struct blob_writer *b = a->backend;
	blob_free(&b);
	a->backend = NULL;
}

/* --- commit ----------------------------------------------------------------------------------------------- */

/* One message for one mailbox, as the flat list of all appends and their targets has them. */
struct delivery {
	struct append *append;
	struct append_target *target;
	uint64_t serial;
};

static void delivery_get(const struct added *a, size_t i, struct jbox **box_out,
			 struct message *m_out)
{
	const struct delivery *d = (const struct delivery *)a->from + i;
	bool is_first = d->target == d->append->targets;
	*box_out = d->target->box->backend;
	*m_out = (struct message){.flags = d->target->flags,
				  .size = (uint32_t)d->append->size,
				  .internal_date = d->append->internal_date,
				  .save_date = clock_wall_s(),
				  .serial = d->serial,
				  .bits = is_first ? ENTRY_OWNER : 0};
	blob_describe(d->append->backend, m_out);
	if (is_first && d->append->id_is_given) {
		m_out->bits |= ENTRY_EXTRA;
		m_out->id = &d->append->id;
	}
}

static void delivery_was_given(const struct added *a, size_t i, uint32_t uid)
{
	const struct delivery *d = (const struct delivery *)a->from + i;
	d->target->uid_out = uid;
}

static struct delivery *deliveries_list(struct journal *j, struct append *const *a, size_t n,
					size_t *count_out)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += a[i]->target_count;
	struct delivery *list = calloc(count + 1, sizeof(*list));
	*count_out = count;
	for (size_t i = 0, at = 0; list && i < n; i++) {
		const struct blob_writer *b = a[i]->backend;
		for (size_t k = 0; k < a[i]->target_count; k++) {
			uint64_t serial = k ? j->boxes.next_serial++ : b->serial;
			list[at++] = (struct delivery){a[i], &a[i]->targets[k], serial};
		}
	}
	return list;
}

static enum err append_place_all(struct journal *j, struct append *const *a, size_t n,
				 struct waiter *w)
{
	size_t bytes = 0, piece = j->record_soft, targets = 0;
	for (size_t i = 0; i < n; i++) {
		struct blob_writer *b;
		enum err err = append_writer(a[i], &b);
		if (err)
			return err;
		size_t left = b->is_placed ? 0 : blob_bytes_left(b, a[i]->summary.len);
		piece = left > piece ? left : piece;
		bytes += left;
		targets += a[i]->target_count;
	}
	enum err err = append_make_room(j, bytes + targets * 96 + 1024, piece, w);
	for (size_t i = 0; i < n && !err; i++)
		err = blob_place(a[i]->backend, a[i]->summary, ROOM_BULK);
	return err;
}

static void append_note_ids(struct journal *j, struct append *const *a, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct blob_writer *b = a[i]->backend;
		if (a[i]->id_is_given)
			continue;
		put_u64(a[i]->id.bytes, j->root.instance);
		put_u64(a[i]->id.bytes + 8, b->serial);
	}
}

enum err journal_append_commit(struct append *const *a, size_t n, uint64_t *ticket_out,
			       struct waiter *w)
{
	struct journal *j = store_journal(a[0]->store);
	enum err err = append_place_all(j, a, n, w);
	if (err)
		return err;
	struct added added = {.get = delivery_get, .was_given = delivery_was_given};
	struct delivery *list = deliveries_list(j, a, n, &added.count);
	if (!list)
		return ERR_NOMEM;
	added.from = list;
	unit_begin(j);
	unit_add(j, &added);
	err = unit_commit(j, ROOM_NORMAL);
	if (!err) {
		unit_added(j, &added);
		append_note_ids(j, a, n);
		for (size_t i = 0; i < n; i++)
			journal_append_end(a[i]);
		*ticket_out = jlog_ticket(j);
	}
	free(list);
	return err;
}
