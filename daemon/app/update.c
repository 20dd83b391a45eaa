#include "app/update.h"

#include <stdlib.h>

#include "base/log.h"
#include "store/store_tool.h"

enum { SYNC_EVERY_BYTES = 1024 * 1024, KEY_MAX_BYTES = 4096 };

struct update {
	struct job job;
	struct system *system;
	struct list waiters;
	struct update_result result;
	uint64_t came; /* octets taken, of whatever use */
	uint32_t store_format;
	uint8_t head[UPDATE_HEAD_BYTES];
	struct buf piece; /* the worker's while it is_busy */
	/* The worker's alone, once it has begun: */
	struct update_medium medium;
	uint64_t written;
	uint32_t order;
	bool has_begun, is_last;
	bool is_busy, is_over, is_abandoned, is_closing;
};

/* --- on the worker ------------------------------------------------------------------------------ */

/* Not the one that runs; of two others the one that is missed less. */
static enum system_slot slot_choose(enum system_slot running, const struct slot_view views[2])
{
	uint32_t worth[SYSTEM_SLOTS];
	if (running != SYSTEM_FACTORY)
		return running == SYSTEM_SLOT_A ? SYSTEM_SLOT_B : SYSTEM_SLOT_A;
	for (int i = 0; i < SYSTEM_SLOTS; i++)
		worth[i] = !views[i].is_there                   ? UINT32_MAX
			   : views[i].record.state == SLOT_GOOD ? views[i].record.order + 1
								: 0;
	return worth[SYSTEM_SLOT_B] < worth[SYSTEM_SLOT_A] ? SYSTEM_SLOT_B : SYSTEM_SLOT_A;
}

static uint32_t slot_next_order(const struct slot_view views[2])
{
	uint32_t a = views[SYSTEM_SLOT_A].record.order, b = views[SYSTEM_SLOT_B].record.order;
	return (a > b ? a : b) + 1;
}

static enum update_fault update_begin(struct update *u)
{
	struct slot_view views[SYSTEM_SLOTS];
	struct system_facts facts;
	const char *dir = u->system->dir;
	u->has_begun = true;
	system_facts_read(dir, &facts);
	for (int i = 0; i < SYSTEM_SLOTS; i++)
		system_slot_look(dir, (enum system_slot)i, &views[i]);
	u->result.slot = slot_choose(facts.running, views);
	u->order = slot_next_order(views);
	if (system_slot_open(dir, u->result.slot, true, &u->medium))
		return UPDATE_UNWRITABLE;
	uint64_t size = UPDATE_HEAD_BYTES + (uint64_t)update_payload_size(&u->result.head);
	if (u->medium.size < UPDATE_SLOT_OFFSET + size)
		return UPDATE_TOO_LARGE;
	return slot_clear(&u->medium) ? UPDATE_UNWRITABLE : UPDATE_GOOD;
}

/* Synced now and then, so that a small memory does not fill with what waits to be written. */
static enum update_fault update_put(struct update *u)
{
	struct slice bytes = buf_view(&u->piece);
	uint64_t before = u->written;
	if (slot_write(&u->medium, before, bytes))
		return UPDATE_UNWRITABLE;
	u->written += bytes.len;
	buf_clear(&u->piece);
	if (u->written / SYNC_EVERY_BYTES != before / SYNC_EVERY_BYTES &&
	    u->medium.ops->sync(&u->medium))
		return UPDATE_UNWRITABLE;
	return UPDATE_GOOD;
}

static enum update_fault update_work(struct update *u)
{
	enum update_fault fault = u->has_begun ? UPDATE_GOOD : update_begin(u);
	if (!fault)
		fault = update_put(u);
	if (!fault && u->is_last)
		fault = slot_settle(&u->medium, u->head, &u->result.head, u->order);
	return fault;
}

/* Closing a device may write, too, what waits in memory. */
static void update_run(struct job *job)
{
	struct update *u = list_owner(job, struct update, job);
	if (!u->is_closing)
		u->result.fault = update_work(u);
	if (u->is_closing || u->result.fault || u->is_last)
		update_medium_close(&u->medium);
}

/* --- on the loop -------------------------------------------------------------------------------- */

static void update_submit(struct update *u)
{
	u->is_busy = true;
	job_submit(worker_pool_runner(u->system->writer), &u->job);
}

static void update_release(struct update *u)
{
	if (update_medium_is_open(&u->medium)) {
		u->is_closing = true;
		update_submit(u);
		return;
	}
	u->system->update = NULL;
	buf_free(&u->piece);
	free(u);
}

static void update_done(struct job *job)
{
	struct update *u = list_owner(job, struct update, job);
	u->is_busy = false;
	if (u->result.fault || u->is_last)
		u->is_over = true;
	if (u->is_abandoned)
		update_release(u);
	else
		waiters_wake(&u->waiters);
}

enum err update_new(struct appliance *a, struct update **out)
{
	struct system *system = a->system;
	const struct store_tool *tool = store_tool_find(settings_backend(&a->settings));
	*out = NULL;
	if (system->update)
		return ERR_IN_USE;
	/* Its own: neither logins nor the store's syncs shall wait behind a slow card. */
	enum err err = system->writer ? ERR_NONE : worker_pool_new(a->loop, 1, &system->writer);
	struct update *u = err ? NULL : calloc(1, sizeof(*u));
	if (!u)
		return ERR_NOMEM;
	u->system = system;
	u->store_format = tool ? tool->format : 0;
	u->job = (struct job){.run = update_run, .done = update_done};
	list_init(&u->waiters);
	buf_init(&u->piece, UPDATE_PIECE_BYTES);
	system->update = u;
	*out = u;
	return ERR_NONE;
}

/* The first piece holds the header: is it worth anybody's slot? */
static enum update_fault update_check_head(struct update *u)
{
	struct system_facts facts;
	struct buf key;
	buf_init(&key, KEY_MAX_BYTES);
	system_facts_read(u->system->dir, &facts);
	enum update_fault fault = UPDATE_NO_KEY;
	if (system_key_read(u->system->dir, &key) == ERR_NONE) {
		struct update_trust trust = {.key_pem = buf_view(&key),
					     .board = facts.board,
					     .store_format = u->store_format};
		fault = update_head_read(slice_of(u->head, sizeof(u->head)), &trust,
					 &u->result.head);
	}
	buf_free(&key);
	return fault;
}

/* In octets: of the header alone, as long as it is not whole. */
static uint64_t update_wanted(const struct update *u)
{
	return UPDATE_HEAD_BYTES + (uint64_t)update_payload_size(&u->result.head);
}

static void update_refuse(struct update *u, enum update_fault fault)
{
	u->result.fault = fault;
	u->is_over = true;
	log_warn(0, "update refused: %s", update_fault_text(fault));
}

/* As much of it as the piece has room for. */
static enum err update_gather(struct update *u, struct slice *bytes)
{
	uint64_t left = update_wanted(u) - u->came;
	struct slice some = slice_upto(*bytes, buf_left(&u->piece));
	if (some.len > left)
		some.len = (size_t)left;
	if (u->came < UPDATE_HEAD_BYTES)
		memcpy(u->head + u->came, some.ptr, some.len);
	enum err err = buf_add_slice(&u->piece, some);
	if (err)
		return err;
	u->came += some.len;
	*bytes = slice_from(*bytes, some.len);
	return ERR_NONE;
}

enum err update_write(struct update *u, struct slice *bytes, struct waiter *w)
{
	while (bytes->len) {
		if (u->is_busy) {
			waiter_cancel(w);
			list_add_tail(&u->waiters, &w->link);
			return ERR_AGAIN;
		}
		if (u->is_over) {
			u->came += bytes->len;
			*bytes = slice_from(*bytes, bytes->len);
			return ERR_NONE;
		}
		if (u->came == update_wanted(u)) {
			update_refuse(u, UPDATE_DAMAGED);
			continue;
		}
		if (update_gather(u, bytes))
			return ERR_NOMEM;
		if (u->came == UPDATE_HEAD_BYTES) {
			enum update_fault fault = update_check_head(u);
			if (fault)
				update_refuse(u, fault);
		} else if (!buf_left(&u->piece) && u->came < update_wanted(u)) {
			update_submit(u);
		}
	}
	return ERR_NONE;
}

enum err update_finish(struct update *u, struct waiter *w)
{
	if (!u->is_over && !u->is_busy) {
		bool has_head = u->came >= UPDATE_HEAD_BYTES;
		bool is_ours = update_is_ours(slice_of(u->head, sizeof(u->head)));
		u->is_last = has_head && u->came == update_wanted(u);
		if (u->is_last)
			update_submit(u);
		else /* what is no update is told so, however short */
			update_refuse(u, is_ours ? UPDATE_CUT : UPDATE_FOREIGN);
	}
	if (!u->is_busy)
		return ERR_NONE;
	waiter_cancel(w);
	list_add_tail(&u->waiters, &w->link);
	return ERR_AGAIN;
}

const struct update_result *update_result(const struct update *u)
{
	return &u->result;
}

uint64_t update_bytes(const struct update *u)
{
	return u->came;
}

void update_free(struct update **update)
{
	struct update *u = *update;
	*update = NULL;
	if (!u)
		return;
	u->is_abandoned = true;
	if (!u->is_busy)
		update_release(u);
}
