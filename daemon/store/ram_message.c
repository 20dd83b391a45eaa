#include <stdlib.h>

#include "base/clock.h"
#include "store/ram_parts.h"

/* --- room, before anything changes ------------------------------------------------------------ */

/* Promises room, and UIDs, for n more messages beyond those promised before. */
static enum err ram_plan_room(struct ram_box *rb, size_t n)
{
	size_t need = rb->count + rb->planned + n;
	if (rb->planned + n > UINT32_MAX - 1 - rb->uid_given)
		return ERR_LIMIT;
	if (need > rb->cap) {
		size_t cap = rb->cap ? rb->cap : 16;
		while (cap < need)
			cap *= 2;
		struct ram_message *messages = realloc(rb->messages, cap * sizeof(*messages));
		if (!messages)
			return ERR_NOMEM;
		rb->messages = messages;
		rb->cap = cap;
	}
	rb->planned += n;
	return ERR_NONE;
}

static enum err ram_plan_bodies(struct ram_store *ram, size_t n)
{
	size_t need = ram->body_count + n;
	if (need <= ram->body_cap)
		return ERR_NONE;
	size_t cap = ram->body_cap ? ram->body_cap : 16;
	while (cap < need)
		cap *= 2;
	struct ram_body **bodies = realloc(ram->bodies, cap * sizeof(struct ram_body *));
	if (!bodies)
		return ERR_NOMEM;
	ram->bodies = bodies;
	ram->body_cap = cap;
	return ERR_NONE;
}

/* Takes a message in, not visible yet; there is room for it. Returns its UID. */
static uint32_t ram_accept(struct mailbox *box, const struct msg_info *like, struct ram_body *body)
{
	struct ram_box *rb = ram_box_of(box);
	struct store *st = box->account->store;
	struct ram_message *msg = &rb->messages[rb->count++];
	msg->info = *like;
	msg->info.uid = ++rb->uid_given;
	msg->info.place = body->serial;
	msg->info.size = (uint32_t)body->size;
	msg->info.save_date = clock_wall_s();
	msg->body = body;
	body->refs++;
	st->status.messages++;
	account_charge(box->account, body->size, 1);
	if (list_is_empty(&rb->unrevealed)) {
		list_add_tail(&ram_of(st)->unrevealed, &rb->unrevealed);
		mailbox_hold(box);
	}
	return msg->info.uid;
}

static void ram_reveal(struct ram_box *rb)
{
	struct mailbox *box = rb->box;
	uint64_t modseq = box->highest_modseq + 1;
	for (size_t i = box->messages; i < rb->count; i++) {
		rb->messages[i].info.modseq = modseq;
		mailbox_count_add(box, &rb->messages[i].info);
	}
	mailbox_reveal(box, rb->uid_given + 1, modseq, NULL);
}

void ram_reveal_all(struct store *st)
{
	struct ram_store *ram = ram_of(st);
	while (!list_is_empty(&ram->unrevealed)) {
		struct ram_box *rb = list_owner(ram->unrevealed.next, struct ram_box, unrevealed);
		list_remove(&rb->unrevealed);
		ram_reveal(rb);
		mailbox_release(rb->box);
	}
}

/* --- append ----------------------------------------------------------------------------------- */

static struct ram_body *ram_append_body(struct append *a)
{
	if (!a->backend)
		a->backend = calloc(1, sizeof(struct ram_body));
	return a->backend;
}

static bool ram_has_space(const struct store *st, uint64_t more)
{
	const struct store_status *status = &st->status;
	return status->bytes_total == 0 || more <= status->bytes_free;
}

enum err ram_append_write(struct append *a, struct slice bytes, struct waiter *w)
{
	if (ram_must_wait(a->store, w))
		return ERR_AGAIN;
	struct ram_body *body = ram_append_body(a);
	if (!body)
		return ERR_NOMEM;
	if (!ram_has_space(a->store, body->size + bytes.len))
		return ERR_FULL;
	if (body->size + bytes.len > body->cap) {
		size_t cap = (body->size + bytes.len) * 2;
		uint8_t *grown = realloc(body->bytes, cap);
		if (!grown)
			return ERR_NOMEM;
		body->bytes = grown;
		body->cap = cap;
	}
	if (bytes.len)
		memcpy(body->bytes + body->size, bytes.ptr, bytes.len);
	body->size += bytes.len;
	return ERR_NONE;
}

static enum err ram_plan_summary(struct append *a)
{
	struct ram_body *body = ram_append_body(a);
	if (!body)
		return ERR_NOMEM;
	free(body->summary);
	body->summary = NULL;
	body->summary_size = 0;
	if (a->summary.len == 0)
		return ERR_NONE;
	body->summary = malloc(a->summary.len);
	if (!body->summary)
		return ERR_NOMEM;
	memcpy(body->summary, a->summary.ptr, a->summary.len);
	body->summary_size = a->summary.len;
	return ERR_NONE;
}

static enum err ram_plan_append(struct append *a)
{
	enum err err = ram_plan_summary(a);
	for (size_t i = 0; !err && i < a->target_count; i++)
		err = ram_plan_room(ram_box_of(a->targets[i].box), 1);
	return err;
}

static void ram_accept_append(struct append *a)
{
	struct ram_store *ram = ram_of(a->store);
	struct ram_body *body = a->backend;
	struct msg_info info = {.internal_date = a->internal_date, .id = a->id};
	body->serial = ++ram->last_serial;
	ram->bodies[ram->body_count++] = body;
	a->store->status.bytes_used += body->size;
	a->store->status.bytes_written += body->size;
	a->backend = NULL;
	for (size_t i = 0; i < a->target_count; i++) {
		if (i)
			store_new_id(&info.id);
		info.flags = a->targets[i].flags;
		a->targets[i].uid_out = ram_accept(a->targets[i].box, &info, body);
	}
}

enum err ram_append_commit(struct append *const *a, size_t n, uint64_t *ticket_out,
			   struct waiter *w)
{
	struct store *st = a[0]->store;
	uint64_t bytes = 0;
	if (ram_must_wait(st, w))
		return ERR_AGAIN;
	enum err err = ram_plan_bodies(ram_of(st), n);
	for (size_t i = 0; !err && i < n; i++) {
		err = ram_plan_append(a[i]);
		bytes += a[i]->size;
	}
	if (!err && !ram_has_space(st, bytes))
		err = ERR_FULL;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < a[i]->target_count; k++)
			ram_box_of(a[i]->targets[k].box)->planned = 0;
	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		ram_accept_append(a[i]);
	ram_count_bytes(st);
	*ticket_out = ram_ticket(st);
	return ERR_NONE;
}

void ram_append_end(struct append *a)
{
	if (a->backend)
		ram_body_free(a->backend);
}

/* --- changes ---------------------------------------------------------------------------------- */

/* Which of the visible messages a change is about, and the UIDs to announce. */
struct ram_pick {
	uint32_t *at, *uids; /* positions and UIDs, ascending */
	size_t *from;        /* which entry of change->uids it was */
	size_t count;
};

static void ram_pick_free(struct ram_pick *pick)
{
	free(pick->at);
	free(pick->uids);
	free(pick->from);
}

static enum err ram_pick_all(struct ram_pick *pick, struct mailbox *box, const struct msg_change *c)
{
	size_t room = c->count ? c->count : 1;
	*pick = (struct ram_pick){.at = calloc(room, sizeof(*pick->at)),
				  .uids = calloc(room, sizeof(*pick->uids)),
				  .from = calloc(room, sizeof(*pick->from))};
	if (!pick->at || !pick->uids || !pick->from) {
		ram_pick_free(pick);
		return ERR_NOMEM;
	}
	const struct ram_box *rb = ram_box_of(box);
	uint32_t at = 0;
	for (size_t i = 0; i < c->count; i++) {
		while (at < box->messages && rb->messages[at].info.uid < c->uids[i])
			at++;
		if (at == box->messages || rb->messages[at].info.uid != c->uids[i])
			continue;
		pick->at[pick->count] = at;
		pick->uids[pick->count] = c->uids[i];
		pick->from[pick->count++] = i;
	}
	return ERR_NONE;
}

static void ram_announce(struct mailbox *box, enum box_event_kind kind, const struct ram_pick *pick,
			 const struct msg_change *c)
{
	struct box_event event = {.kind = kind,
				  .uids = pick->uids,
				  .count = pick->count,
				  .modseq = box->highest_modseq,
				  .origin = c->origin};
	mailbox_announce(box, &event);
}

static flags_t ram_new_flags(flags_t before, const struct msg_change *c)
{
	flags_t after = flags_apply(before, c->op, c->flags);
	if (c->op != FLAGS_SET || !c->keep_system)
		return after;
	return (after & ~(flags_t)FLAG_SYSTEM_ALL) | (before & FLAG_SYSTEM_ALL);
}

static void ram_change_flags(struct mailbox *box, struct msg_change *c, struct ram_pick *pick)
{
	struct ram_box *rb = ram_box_of(box);
	size_t changed = 0;
	for (size_t i = 0; i < pick->count; i++) {
		struct msg_info *info = &rb->messages[pick->at[i]].info;
		if (info->modseq > c->unchanged_since)
			continue;
		if (c->uids_out)
			c->uids_out[pick->from[i]] = info->uid;
		flags_t after = ram_new_flags(info->flags, c);
		if (after == info->flags)
			continue;
		mailbox_count_flags(box, info->uid, info->flags, after);
		info->flags = after;
		info->modseq = box->highest_modseq + 1;
		pick->uids[changed++] = info->uid;
	}
	pick->count = changed;
	if (changed == 0)
		return;
	c->modseq_out = ++box->highest_modseq;
	ram_announce(box, BOX_EVENT_FLAGS, pick, c);
}

static void ram_expunge(struct mailbox *box, struct msg_change *c, const struct ram_pick *pick)
{
	struct ram_box *rb = ram_box_of(box);
	struct store *st = box->account->store;
	size_t kept = 0, next = 0;
	if (pick->count == 0)
		return;
	for (size_t i = 0; i < rb->count; i++) {
		struct ram_message *msg = &rb->messages[i];
		if (next == pick->count || pick->at[next] != i) {
			rb->messages[kept++] = *msg;
			continue;
		}
		mailbox_count_remove(box, &msg->info);
		account_discharge(box->account, msg->info.size, 1);
		ram_body_unref(st, msg->body);
		st->status.messages--;
		next++;
	}
	rb->count = kept;
	c->modseq_out = ++box->highest_modseq;
	ram_count_bytes(st);
	ram_announce(box, BOX_EVENT_EXPUNGED, pick, c);
}

static enum err ram_copy(struct mailbox *box, struct msg_change *c, const struct ram_pick *pick)
{
	struct ram_box *from = ram_box_of(box), *to = ram_box_of(c->target);
	struct keyword_map map;
	flags_t used = 0;
	for (size_t i = 0; i < pick->count; i++)
		used |= from->messages[pick->at[i]].info.flags;
	enum err err = ram_plan_room(to, pick->count);
	to->planned = 0;
	if (!err)
		err = keyword_map_make(&map, &box->keywords, &c->target->keywords, used);
	if (err)
		return err;
	for (size_t i = 0; i < pick->count; i++) {
		const struct ram_message *msg = &from->messages[pick->at[i]];
		struct msg_info info = msg->info;
		info.flags = keyword_map_flags(&map, info.flags);
		store_new_id(&info.id);
		uint32_t uid = ram_accept(c->target, &info, msg->body);
		if (c->uids_out)
			c->uids_out[pick->from[i]] = uid;
	}
	return ERR_NONE;
}

static enum err ram_change_picked(struct mailbox *box, struct msg_change *c, struct ram_pick *pick)
{
	enum err err = ERR_NONE;
	switch (c->kind) {
	case CHANGE_FLAGS: ram_change_flags(box, c, pick); break;
	case CHANGE_COPY: err = ram_copy(box, c, pick); break;
	case CHANGE_MOVE:
		err = ram_copy(box, c, pick);
		if (!err)
			ram_expunge(box, c, pick);
		break;
	case CHANGE_EXPUNGE:
		for (size_t i = 0; c->uids_out && i < pick->count; i++)
			c->uids_out[pick->from[i]] = pick->uids[i];
		ram_expunge(box, c, pick);
		break;
	}
	return err;
}

enum err ram_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	struct store *st = box->account->store;
	struct ram_pick pick;
	enum err err = ram_pick_all(&pick, box, c);
	if (err)
		return err;
	err = ram_change_picked(box, c, &pick);
	if (!err && pick.count && (c->kind != CHANGE_FLAGS || st->config.flag_delay_ms == 0))
		*ticket_out = ram_ticket(st);
	ram_pick_free(&pick);
	return err;
}

enum err ram_move_all(struct mailbox *from, struct mailbox *into)
{
	const struct ram_box *rb = ram_box_of(from);
	struct msg_change move = {.kind = CHANGE_MOVE, .target = into, .count = from->messages};
	uint32_t *uids = calloc(move.count ? move.count : 1, sizeof(*uids));
	struct ram_pick pick;
	if (!uids)
		return ERR_NOMEM;
	for (size_t i = 0; i < move.count; i++)
		uids[i] = rb->messages[i].info.uid;
	move.uids = uids;
	enum err err = ram_pick_all(&pick, from, &move);
	if (!err) {
		err = ram_change_picked(from, &move, &pick);
		ram_pick_free(&pick);
	}
	free(uids);
	return err;
}
