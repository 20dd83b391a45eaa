#include "store/ram_store.h"

#include <stdlib.h>

#include "store/ram_parts.h"

struct ram_store *ram_of(struct store *st)
{
	return st->backend;
}

struct ram_box *ram_box_of(struct mailbox *box)
{
	return box->backend;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum err ram_open_as(struct store *st, bool is_slow)
{
	struct ram_store *ram = calloc(1, sizeof(*ram));
	if (!ram)
		return ERR_NOMEM;
	ram->is_slow = is_slow;
	list_init(&ram->unrevealed);
	list_init(&ram->sleepers);
	st->backend = ram;
	return ERR_NONE;
}

static enum err ram_open(struct store *st, const struct store_config *config)
{
	(void)config;
	return ram_open_as(st, false);
}

static enum err ram_open_slow(struct store *st, const struct store_config *config)
{
	(void)config;
	return ram_open_as(st, true);
}

bool ram_must_wait(struct store *st, struct waiter *w)
{
	struct ram_store *ram = ram_of(st);
	if (!ram->is_slow)
		return false;
	ram->said_again = !ram->said_again;
	if (!ram->said_again)
		return false;
	store_sleep(&ram->sleepers, w);
	store_schedule(st, 0);
	return true;
}

static void ram_make_durable(struct store *st)
{
	if (st->failure)
		return;
	ram_reveal_all(st);
	if (st->tickets_durable < st->tickets_given)
		st->status.syncs++;
	store_ticket_durable(st, st->tickets_given);
}

uint64_t ram_ticket(struct store *st)
{
	uint64_t ticket = store_new_ticket(st);
	if (ram_of(st)->is_slow)
		store_schedule(st, 0);
	else
		ram_make_durable(st);
	return ticket;
}

static void ram_turn(struct store *st, bool is_idle)
{
	(void)is_idle;
	ram_make_durable(st);
	store_wake(st, &ram_of(st)->sleepers);
}

void ram_store_set_capacity(struct store *st, uint64_t bytes)
{
	ram_of(st)->capacity = bytes;
	ram_count_bytes(st);
}

/* --- accounts --------------------------------------------------------------------------------- */

static struct ram_account *ram_account_find(struct ram_store *ram, struct slice name)
{
	for (struct ram_account *ra = ram->accounts; ra; ra = ra->next)
		if (slice_eq_str(name, ra->name))
			return ra;
	return NULL;
}

static struct ram_account *ram_account_new(struct store *st, const char *name)
{
	struct ram_store *ram = ram_of(st);
	struct ram_account *ra = calloc(1, sizeof(*ra));
	char *copy = strdup(name);
	if (!ra || !copy) {
		free(ra);
		free(copy);
		return NULL;
	}
	ra->name = copy;
	ra->next = ram->accounts;
	ram->accounts = ra;
	st->status.accounts++;
	return ra;
}

static void ram_box_restore(struct account *a, struct ram_box *rb)
{
	struct mailbox *box = account_find(a, slice_str(rb->saved.name));
	char *name = box->name;
	free(rb->saved.name);
	*box = rb->saved;
	box->account = a;
	box->name = name;
	box->backend = rb;
	list_init(&box->listeners);
	rb->box = box;
}

static enum err ram_account_load(struct account *a, bool create, uint64_t *ticket_out,
				 struct waiter *w)
{
	if (ram_must_wait(a->store, w))
		return ERR_AGAIN;
	struct ram_account *ra = ram_account_find(ram_of(a->store), slice_str(a->name));
	if (!ra && !create)
		return ERR_NOT_FOUND;
	if (!ra) {
		ra = ram_account_new(a->store, a->name);
		if (!ra)
			return ERR_NOMEM;
		*ticket_out = ram_ticket(a->store);
	}
	for (struct ram_box *rb = ra->boxes; rb; rb = rb->next)
		if (!account_add_box(a, slice_str(rb->saved.name), rb->saved.exists))
			return ERR_NOMEM;
	/* Nothing fails from here on: what was put away moves back into the shared structs. */
	for (struct ram_box *rb = ra->boxes; rb; rb = rb->next)
		ram_box_restore(a, rb);
	ra->boxes = NULL;
	a->used_bytes = ra->used_bytes;
	a->used_messages = ra->used_messages;
	a->last_uid_validity = ra->last_uid_validity;
	a->backend = ra;
	return ERR_NONE;
}

/* The names and keywords of the shared structs go with them. */
static void ram_account_unload(struct account *a)
{
	struct ram_account *ra = a->backend;
	if (!ra)
		return;
	for (size_t i = 0; i < a->box_count; i++) {
		struct mailbox *box = a->boxes[i];
		struct ram_box *rb = ram_box_of(box);
		rb->saved = *box;
		rb->box = NULL;
		rb->next = ra->boxes;
		ra->boxes = rb;
		box->name = NULL;
		box->keywords = (struct keywords){.count = 0};
	}
	ra->used_bytes = a->used_bytes;
	ra->used_messages = a->used_messages;
	ra->last_uid_validity = a->last_uid_validity;
	a->backend = NULL;
}

static void ram_account_free(struct store *st, struct ram_account *ra)
{
	while (ra->boxes) {
		struct ram_box *rb = ra->boxes;
		ra->boxes = rb->next;
		ram_box_free(st, rb);
	}
	free(ra->name);
	free(ra);
	st->status.accounts--;
}

static enum err ram_account_remove(struct store *st, struct slice name, uint64_t *ticket_out)
{
	struct ram_account **at = &ram_of(st)->accounts;
	while (*at && !slice_eq_str(name, (*at)->name))
		at = &(*at)->next;
	struct ram_account *ra = *at;
	if (!ra)
		return ERR_NOT_FOUND;
	*at = ra->next;
	ram_account_free(st, ra);
	ram_count_bytes(st);
	*ticket_out = ram_ticket(st);
	return ERR_NONE;
}

static void ram_close(struct store *st)
{
	struct ram_store *ram = ram_of(st);
	ram_make_durable(st);
	for (struct ram_box *rb; !list_is_empty(&ram->unrevealed);) { /* after a failure */
		rb = list_owner(ram->unrevealed.next, struct ram_box, unrevealed);
		list_remove(&rb->unrevealed);
		mailbox_release(rb->box);
	}
	for (size_t i = 0; i < st->account_count; i++)
		ram_account_unload(st->accounts[i]);
	while (ram->accounts) {
		struct ram_account *ra = ram->accounts;
		ram->accounts = ra->next;
		ram_account_free(st, ra);
	}
	free(ram->bodies);
	free(ram);
}

/* --- mailboxes -------------------------------------------------------------------------------- */

struct ram_box *ram_box_new(struct mailbox *box)
{
	struct ram_box *rb = calloc(1, sizeof(*rb));
	if (!rb)
		return NULL;
	rb->box = box;
	list_init(&rb->unrevealed);
	return rb;
}

void ram_box_free(struct store *st, struct ram_box *rb)
{
	for (size_t i = 0; i < rb->count; i++)
		ram_body_unref(st, rb->messages[i].body);
	st->status.messages -= rb->count;
	if (!rb->box) {
		keywords_free(&rb->saved.keywords);
		free(rb->saved.name);
	}
	free(rb->note);
	free(rb->messages);
	free(rb);
}

static void ram_drop_box(struct store *st, struct mailbox *box)
{
	struct ram_box *rb = ram_box_of(box);
	for (size_t i = 0; i < rb->count; i++)
		account_discharge(box->account, rb->messages[i].info.size, 1);
	if (!list_is_empty(&rb->unrevealed)) {
		list_remove(&rb->unrevealed);
		mailbox_release(box);
	}
	if (box->open_count)
		return; /* ram_box_close does the rest */
	ram_box_free(st, rb);
	box->backend = NULL;
}

static void ram_undo_makes(struct store *st, const struct box_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct mailbox *box = plan->steps[i].box;
		if (plan->steps[i].kind != BOX_STEP_MAKE || !box->backend)
			continue;
		ram_box_free(st, box->backend);
		box->backend = NULL;
	}
}

/* An empty note is none: no memory. */
static enum err ram_set_note(struct box_step *step)
{
	struct ram_box *rb = ram_box_of(step->box);
	uint8_t *copy = NULL;
	if (step->note.len && !(copy = malloc(step->note.len)))
		return ERR_NOMEM;
	if (copy)
		memcpy(copy, step->note.ptr, step->note.len);
	free(rb->note);
	rb->note = copy;
	step->box->note = slice_of(copy, step->note.len);
	return ERR_NONE;
}

/* What can fail comes first. Names, uses and subscriptions live in the shared structs alone. */
static enum err ram_box_change(struct account *a, const struct box_plan *plan, uint64_t *ticket_out)
{
	enum err err = ERR_NONE;
	for (size_t i = 0; i < plan->count && !err; i++) {
		struct box_step *step = &plan->steps[i];
		if (step->kind != BOX_STEP_MAKE)
			continue;
		step->box->backend = ram_box_new(step->box);
		err = step->box->backend ? ERR_NONE : ERR_NOMEM;
	}
	for (size_t i = 0; i < plan->count && !err; i++)
		if (plan->steps[i].kind == BOX_STEP_MOVE_ALL)
			err = ram_move_all(plan->steps[i].box, plan->steps[i].into);
		else if (plan->steps[i].kind == BOX_STEP_NOTE)
			err = ram_set_note(&plan->steps[i]); /* the only step of its plan */
	if (err) {
		ram_undo_makes(a->store, plan);
		return err;
	}
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].kind == BOX_STEP_DROP)
			ram_drop_box(a->store, plan->steps[i].box);
	ram_count_bytes(a->store);
	*ticket_out = ram_ticket(a->store);
	return ERR_NONE;
}

static enum err ram_box_open(struct mailbox *box, struct waiter *w)
{
	return ram_must_wait(box->account->store, w) ? ERR_AGAIN : ERR_NONE;
}

static void ram_box_close(struct mailbox *box)
{
	struct store *st = box->account->store;
	if (!box->is_gone)
		return;
	ram_box_free(st, ram_box_of(box));
	box->backend = NULL;
	ram_count_bytes(st);
}

static uint32_t ram_position(struct mailbox *box, uint32_t uid)
{
	const struct ram_message *messages = ram_box_of(box)->messages;
	uint32_t low = 0, high = box->messages;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (messages[mid].info.uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum err ram_info(struct mailbox *box, uint32_t position, struct msg_info *info_out)
{
	*info_out = ram_box_of(box)->messages[position].info;
	return ERR_NONE;
}

/* --- reading ---------------------------------------------------------------------------------- */

static size_t ram_body_position(const struct ram_store *ram, uint64_t serial)
{
	size_t low = 0, high = ram->body_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (ram->bodies[mid]->serial < serial)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct ram_body *ram_body_find(const struct ram_store *ram, uint64_t serial)
{
	size_t at = ram_body_position(ram, serial);
	bool found = at < ram->body_count && ram->bodies[at]->serial == serial;
	return found ? ram->bodies[at] : NULL;
}

void ram_body_free(struct ram_body *body)
{
	free(body->bytes);
	free(body->summary);
	free(body);
}

void ram_body_unref(struct store *st, struct ram_body *body)
{
	struct ram_store *ram = ram_of(st);
	if (--body->refs)
		return;
	size_t at = ram_body_position(ram, body->serial);
	ram->body_count--;
	memmove(ram->bodies + at, ram->bodies + at + 1,
		(ram->body_count - at) * sizeof(struct ram_body *));
	st->status.bytes_used -= body->size;
	ram_body_free(body);
}

void ram_count_bytes(struct store *st)
{
	struct store_status *status = &st->status;
	uint64_t capacity = ram_of(st)->capacity;
	status->bytes_total = capacity;
	status->bytes_free = capacity > status->bytes_used ? capacity - status->bytes_used : 0;
	status->is_full = capacity && status->bytes_free == 0;
}

static enum err ram_read(struct mailbox *box, const struct msg_info *info, enum msg_part part,
			 uint64_t offset, uint8_t *dst, size_t n, size_t *got_out, struct waiter *w)
{
	struct store *st = box->account->store;
	if (ram_must_wait(st, w))
		return ERR_AGAIN;
	const struct ram_body *body = ram_body_find(ram_of(st), info->place);
	if (!body)
		return ERR_GONE;
	const uint8_t *bytes = part == MSG_BODY ? body->bytes : body->summary;
	size_t size = part == MSG_BODY ? body->size : body->summary_size;
	if (offset >= size)
		return ERR_NONE;
	*got_out = n < size - offset ? n : (size_t)(size - offset);
	memcpy(dst, bytes + offset, *got_out);
	return ERR_NONE;
}

#define RAM_HOOKS(variant_name, variant_open)         \
	{                                             \
		.name = variant_name,                 \
		.open = variant_open,                 \
		.close = ram_close,                   \
		.turn = ram_turn,                     \
		.count = ram_count_bytes,             \
		.account_load = ram_account_load,     \
		.account_unload = ram_account_unload, \
		.account_remove = ram_account_remove, \
		.box_change = ram_box_change,         \
		.box_open = ram_box_open,             \
		.box_close = ram_box_close,           \
		.position = ram_position,             \
		.info = ram_info,                     \
		.append_write = ram_append_write,     \
		.append_commit = ram_append_commit,   \
		.append_end = ram_append_end,         \
		.change = ram_change,                 \
		.read = ram_read,                     \
	}

const struct store_ops store_ram_ops = RAM_HOOKS("ram", ram_open);
const struct store_ops store_ram_slow_ops = RAM_HOOKS("ram-slow", ram_open_slow);
