#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/journal_group.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

enum {
	WAITING_SOFT_BYTES = 64 * 1024, /* so much waiting is written even if nobody needs a sync */
	NOMEM_RETRY_MS = 100,
};

/* --- what wants to be written --------------------------------------------------------------------------- */

uint64_t jlog_ticket(struct journal *j)
{
	if (!j->log.ticket)
		j->log.ticket = store_new_ticket(j->store);
	store_schedule(j->store, 0);
	return j->log.ticket;
}

void jlog_delay(struct journal *j)
{
	uint32_t delay = j->store->config.flag_delay_ms;
	if (!j->log.flush_at_ms)
		j->log.flush_at_ms = clock_mono_ms() + delay + 1;
	store_schedule(j->store, delay);
}

static bool log_wants_sync(const struct journal *j)
{
	return j->log.ticket || j->is_closing ||
	       (j->log.flush_at_ms && clock_mono_ms() >= j->log.flush_at_ms);
}

bool jlog_is_settled(const struct journal *j)
{
	const struct log_writer *w = &j->log;
	return !w->flight.is_busy && !w->open && !w->first && w->durable + 1 == w->next_number;
}

/* --- the flight ------------------------------------------------------------------------------------------- */

/* Off the loop: nothing but the flight and the medium is touched. After a failed write or sync
 * nothing is tried again: what the medium has is no longer known. */
static void flight_run(struct job *job)
{
	struct flight *f = list_owner(job, struct flight, job);
	struct medium *m = f->journal->medium;
	for (struct group *g = f->groups; g && !f->err; g = g->next)
		f->err = medium_hooks(m)->write(m, g->slot, g->offset, g->bytes, g->len);
	for (uint32_t i = 0; i < f->slot_count && !f->err && f->is_sync; i++)
		f->err = medium_hooks(m)->sync(m, f->slots[i]);
}

static enum err log_note_dirty(struct log_writer *w, uint32_t slot)
{
	for (uint32_t i = w->dirty_count; i-- > 0;)
		if (w->dirty[i] == slot)
			return ERR_NONE;
	uint32_t *dirty =
		array_reserve(w->dirty, &w->dirty_cap, w->dirty_count + 1u, sizeof(*dirty));
	if (!dirty)
		return ERR_NOMEM;
	w->dirty = dirty;
	w->dirty[w->dirty_count++] = slot;
	return ERR_NONE;
}

static void flight_count(struct journal *j, const struct flight *f)
{
	struct store_status *s = &j->store->status;
	for (const struct group *g = f->groups; g; g = g->next)
		s->bytes_written += g->len;
	s->syncs += f->is_sync ? f->slot_count : 0;
}

static void flight_done(struct job *job)
{
	struct flight *f = list_owner(job, struct flight, job);
	struct journal *j = f->journal;
	j->jobs_busy--;
	flight_count(j, f);
	groups_free(f->groups);
	f->groups = NULL;
	f->is_busy = false;
	free(f->slots);
	f->slots = NULL;
	if (f->err)
		journal_fail(j, f->err);
	if (f->err || j->store->failure)
		return;
	if (f->is_sync) {
		j->log.durable = f->number;
		box_reveal_durable(j);
		if (f->ticket)
			store_ticket_durable(j->store, f->ticket);
		j->segments.may_collect = true;
	}
	store_wake(j->store, &j->room_waiters);
	store_schedule(j->store, 0);
}

/* The slots to sync go with the flight; those written later start a list of their own. */
static void flight_take_dirty(struct journal *j, struct flight *f)
{
	struct log_writer *w = &j->log;
	f->slots = NULL;
	f->slot_count = 0;
	if (!f->is_sync)
		return;
	f->slots = w->dirty;
	f->slot_count = w->dirty_count;
	w->dirty = NULL;
	w->dirty_count = w->dirty_cap = 0;
	f->number = w->next_number - 1;
	f->ticket = w->ticket;
	w->ticket = 0;
	w->flush_at_ms = 0;
}

static void flight_start(struct journal *j, bool sync)
{
	struct log_writer *w = &j->log;
	struct flight *f = &w->flight;
	for (const struct group *g = w->first; g; g = g->next)
		if (log_note_dirty(w, g->slot)) {
			store_schedule(j->store, NOMEM_RETRY_MS); /* nothing is lost by waiting */
			return;
		}
	*f = (struct flight){.journal = j, .is_busy = true, .is_sync = sync};
	flight_take_dirty(j, f);
	f->groups = jlog_take_waiting(j);
	journal_job(j, &f->job, flight_run, flight_done);
}

void jlog_spill(struct journal *j)
{
	if (!j->log.flight.is_busy && !j->has_failed && j->log.waiting_bytes >= WAITING_SOFT_BYTES)
		flight_start(j, false);
}

void jlog_turn(struct journal *j)
{
	struct log_writer *w = &j->log;
	if (w->flight.is_busy || j->has_failed || j->read_only)
		return;
	if (!log_wants_sync(j)) {
		jlog_spill(j);
		return;
	}
	jlog_close_open(j);
	if (w->first || w->durable + 1 < w->next_number)
		flight_start(j, true);
}
