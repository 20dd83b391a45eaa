#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/journal_blob.h"
#include "store/journal_checkpoint.h"
#include "store/journal_deflate.h"
#include "store/journal_group.h"
#include "store/journal_hooks.h"
#include "store/journal_list.h"
#include "store/journal_mount.h"
#include "store/journal_read.h"
#include "store/journal_segment.h"
#include "store/journal_tidy.h"
#include "store/journal_unit.h"

enum { TXN_MAX_BYTES = 256 * 1024 * 1024, TXN_KEEP_BYTES = 64 * 1024 };

void journal_fail(struct journal *j, enum err err)
{
	if (j->has_failed)
		return;
	j->has_failed = true;
	store_fail(j->store, err);
	store_wake(j->store, &j->room_waiters);
}

void journal_job(struct journal *j, struct job *job, void (*run)(struct job *job),
		 void (*done)(struct job *job))
{
	*job = (struct job){.run = run, .done = done};
	j->jobs_busy++;
	job_submit(j->store->config.runner, job);
}

/* --- open ------------------------------------------------------------------------------------------------- */

static void journal_free(struct journal *j)
{
	tidy_free(j);
	jlog_free(j);
	boxes_free(j);
	cache_free(j);
	deflater_free(&j->deflater);
	buf_free(&j->txn);
	free(j->usage.at);
	free(j->reveals);
	free(j->segments.at);
	if (j->owns_medium)
		medium_close(&j->medium);
	free(j);
}

static enum err journal_open_medium(struct journal *j, const struct store_config *config)
{
	char *path = NULL;
	j->medium = config->medium;
	if (j->medium)
		return ERR_NONE;
	if (asprintf(&path, "%s/journal", config->path) < 0)
		return ERR_NOMEM;
	enum err err = medium_file_open(path, config->read_only, &j->medium);
	free(path);
	j->owns_medium = !err;
	return err;
}

enum err journal_open_by(struct store *st, const struct store_config *config,
			 enum err (*mount)(struct journal *j))
{
	struct journal *j = calloc(1, sizeof(*j));
	if (!j)
		return ERR_NOMEM;
	j->store = st;
	j->read_only = config->read_only;
	list_init(&j->room_waiters);
	buf_init(&j->txn, TXN_MAX_BYTES);
	st->backend = j;
	struct job_runner *runner = st->config.runner;
	st->config.runner = &job_inline; /* what mounting starts ends at once */
	enum err err = journal_open_medium(j, config);
	if (!err)
		err = cache_init(j);
	if (!err)
		err = mount(j);
	st->config.runner = runner;
	if (err) {
		st->backend = NULL;
		journal_free(j);
		return err;
	}
	segments_grow(j);
	return ERR_NONE;
}

enum err journal_open(struct store *st, const struct store_config *config)
{
	return journal_open_by(st, config, journal_mount);
}

/* --- turn --------------------------------------------------------------------------------------------------- */

/* Below its reserve a store needs space now, and not when there is time for it. */
static void journal_watch_space(struct journal *j)
{
	uint32_t free = j->segments.free;
	if (free + 1 < journal_reserve_segments(j) && free != j->tidy_free_seen)
		j->tidy_is_urgent = true;
	j->tidy_free_seen = free;
}

void journal_turn(struct store *st, bool is_idle)
{
	struct journal *j = store_journal(st);
	j->has_failed |= st->failure != ERR_NONE;
	if (j->has_failed || j->read_only)
		return;
	for (size_t i = 0; i < st->account_count; i++)
		journal_note_recent(j, st->accounts[i]);
	jlog_turn(j);
	checkpoint_turn(j);
	journal_watch_space(j);
	tidy_turn(j, is_idle);
	if (segments_collect(j))
		store_wake(st, &j->room_waiters);
	segments_grow(j);
	list_sweep(j);
	cache_sweep(j);
	jlog_turn(j);
	checkpoint_turn(j);
	if (is_idle)
		deflater_free(&j->deflater);
	if (j->txn.cap > TXN_KEEP_BYTES)
		buf_free(&j->txn);
}

/* --- close -------------------------------------------------------------------------------------------------- */

/* A last checkpoint: the next start reads nothing else. Jobs end here, not in the worker. */
static void journal_settle(struct journal *j)
{
	j->store->config.runner = &job_inline;
	j->has_failed |= j->store->failure != ERR_NONE;
	if (j->has_failed || j->read_only || journal_flush(j))
		return;
	checkpoint_turn(j); /* one that was under way */
	bool is_whole = !j->has_failed && !journal_checkpoint_now(j);
	(void)is_whole; /* without it the next start reads more */
}

void journal_close(struct store *st)
{
	struct journal *j = store_journal(st);
	j->is_closing = true;
	for (size_t i = 0; i < st->account_count; i++)
		journal_account_unload(st->accounts[i]);
	journal_settle(j);
	if (j->jobs_busy)
		log_error(0, "journal: closed while jobs were running");
	journal_free(j);
	st->backend = NULL;
}

/* --- the message list ------------------------------------------------------------------------------------------ */

uint32_t journal_position(struct mailbox *box, uint32_t uid)
{
	const struct jbox *b = box->backend;
	uint32_t at = index_position(b->index, uid);
	return at < b->visible ? at : b->visible;
}

enum err journal_info(struct mailbox *box, uint32_t position, struct msg_info *info_out)
{
	const struct jbox *b = box->backend;
	const struct journal *j = store_journal(box->account->store);
	struct message m;
	if (position >= b->visible)
		return ERR_NOT_FOUND;
	index_get(b->index, position, &m);
	*info_out = (struct msg_info){.uid = m.uid,
				      .flags = m.flags,
				      .modseq = m.modseq,
				      .internal_date = m.internal_date,
				      .save_date = m.save_date,
				      .size = m.size,
				      .place = journal_place_of(j, &m)};
	if (m.id) {
		info_out->id = *m.id;
	} else {
		put_u64(info_out->id.bytes, j->root.instance);
		put_u64(info_out->id.bytes + 8, m.serial);
	}
	return ERR_NONE;
}

/* --- the status ------------------------------------------------------------------------------------------------ */

void journal_count(struct store *st)
{
	const struct journal *j = store_journal(st);
	struct store_status *s = &st->status;
	s->accounts = j->boxes.account_count;
	s->messages = 0;
	for (uint32_t i = 0; i < j->boxes.count; i++)
		if (!j->boxes.at[i]->is_gone)
			s->messages += j->boxes.at[i]->tally.messages;
	segments_count(j, s);
}
