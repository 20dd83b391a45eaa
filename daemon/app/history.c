#include "app/history.h"

#include <stdlib.h>

#include "app/app_part.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum { HISTORY_FILE_MAX_BYTES = 4096, HISTORY_SAVE_MS = 24 * 3600 * 1000 };

struct history {
	struct job job; /* a daily save under way */
	struct history_figures figures;
	uint64_t store_seen, files_seen; /* octets that are counted already */
	uint64_t saved_ms;
	bool is_saving;
	char path[SETTING_TEXT_MAX * 4 + 16];
	struct buf text;
};

static void history_look(struct appliance *a)
{
	struct history *h = a->history;
	struct store_status st = {0};
	if (a->host.store)
		store_status(a->host.store, &st);
	uint64_t files = file_bytes_written();
	uint64_t fresh = (st.bytes_written > h->store_seen ? st.bytes_written - h->store_seen : 0) +
			 (files - h->files_seen);
	h->store_seen = st.bytes_written;
	h->files_seen = files;
	history_count(&h->figures, fresh, clock_wall_or_floor_s());
}

void history_wear(struct appliance *a, struct wear *wear_out)
{
	*wear_out = (struct wear){0};
	if (!a->history)
		return;
	history_look(a);
	history_project(&a->history->figures, clock_wall_or_floor_s(), wear_out);
}

/* --- saving ------------------------------------------------------------------------------------- */

static enum err history_prepare(struct history *h)
{
	/* A clock that is not sane must not take back what was known before. */
	h->figures.saved_s = clock_wall_or_floor_s();
	h->saved_ms = clock_mono_ms();
	buf_clear(&h->text);
	return history_print(&h->figures, &h->text);
}

static void history_job_run(struct job *job)
{
	struct history *h = list_owner(job, struct history, job);
	enum err err = file_replace(h->path, buf_view(&h->text), 0600);
	if (err)
		log_warn(0, "%s is not saved: %s", h->path, err_text(err));
}

static void history_job_done(struct job *job)
{
	list_owner(job, struct history, job)->is_saving = false;
}

static void history_look_after(struct appliance *a)
{
	struct history *h = a->history;
	history_look(a);
	if (h->is_saving || clock_mono_ms() - h->saved_ms < HISTORY_SAVE_MS || history_prepare(h))
		return;
	h->is_saving = true;
	job_submit(worker_pool_runner(a->workers), &h->job);
}

/* --- start and stop ----------------------------------------------------------------------------- */

static void history_load(struct history *h)
{
	struct buf text;
	buf_init(&text, HISTORY_FILE_MAX_BYTES);
	enum err err = file_read(h->path, &text);
	if (!err)
		err = history_parse(buf_view(&text), &h->figures);
	if (!err)
		clock_raise_floor(h->figures.saved_s);
	else if (err != ERR_NOT_FOUND)
		log_warn(0, "%s is ignored: %s", h->path, err_text(err));
	buf_free(&text);
}

static enum err history_start(struct appliance *a)
{
	struct history *h = calloc(1, sizeof(*h));
	if (!h)
		return ERR_NOMEM;
	a->history = h;
	h->job.run = history_job_run;
	h->job.done = history_job_done;
	h->saved_ms = clock_mono_ms();
	buf_init(&h->text, HISTORY_FILE_MAX_BYTES);
	enum err err = file_join(h->path, sizeof(h->path), a->data_dir, "history");
	if (!err)
		history_load(h);
	return err;
}

static void history_stop(struct appliance *a)
{
	struct history *h = a->history;
	if (!h)
		return;
	worker_pool_drain(a->workers);
	history_look(a);
	enum err err = history_prepare(h);
	if (!err)
		err = file_replace(h->path, buf_view(&h->text), 0600);
	if (err)
		log_warn(0, "%s is not saved: %s", h->path, err_text(err));
	buf_free(&h->text);
	free(h);
	a->history = NULL;
}

const struct app_part history_part = {.what = "read what flash has had to bear",
				      .start = history_start,
				      .at[APP_MINUTE] = history_look_after,
				      .at[APP_STOP] = history_stop};
