#include "app/restore.h"

#include <stdlib.h>

#include "app/restore_parts.h"
#include "base/log.h"

enum { RESTORE_EVENTS_A_CALL = 64, RESTORE_PIECE_BYTES = 16 * 1024 };

static const char no_backup[] = "it is no backup made by Surel";

enum err restore_new(struct appliance *app, const struct restore_options *options,
		     struct restore **r_out)
{
	struct restore *r = calloc(1, sizeof(*r));
	*r_out = r;
	if (!r)
		return ERR_NOMEM;
	r->app = app;
	r->options = *options;
	tar_reader_init(&r->tar);
	buf_init(&r->data, RESTORE_PIECE_BYTES);
	buf_init(&r->text, CONF_FILE_MAX_BYTES);
	buf_init(&r->settings, CONF_FILE_MAX_BYTES);
	return ERR_NONE;
}

/* --- the message in hand ------------------------------------------------------------------------ */

void restore_drop_message(struct restore *r)
{
	ingest_end(&r->in);
	r->is_sealed = false;
}

/* Whole, and not called broken by what follows. */
static enum err restore_commit(struct restore *r, struct waiter *w)
{
	if (!r->in || !r->is_sealed)
		return ERR_NONE;
	enum err err = ingest_commit(&r->in, 1, &r->ticket, w);
	if (err == ERR_AGAIN)
		return err;
	restore_drop_message(r);
	if (!err) {
		r->report.messages++;
		return id_set_add(&r->ids, &r->id);
	}
	if (err != ERR_QUOTA && err != ERR_GONE)
		return err;
	r->report.refused++;
	return ERR_NONE;
}

static enum err restore_data(struct restore *r, struct waiter *w)
{
	struct slice piece = buf_view(&r->data);
	enum err err = ERR_NONE;
	if (r->in && !r->is_sealed)
		err = ingest_write(r->in, piece, w);
	else if (r->wants_text)
		err = buf_add_slice(&r->text, piece);
	if (err == ERR_AGAIN)
		return err;
	buf_clear(&r->data);
	if (err != ERR_QUOTA && err != ERR_GONE)
		return err;
	restore_drop_message(r);
	r->report.refused++;
	return ERR_NONE;
}

/* --- one event after the other ------------------------------------------------------------------ */

/* ERR_NONE: nothing is left to do for the last event. */
static enum err restore_act(struct restore *r, struct waiter *w)
{
	enum err err = ERR_NONE;
	switch (r->pending) {
	case RESTORE_NOTHING: return ERR_NONE;
	case RESTORE_COMMIT: err = restore_commit(r, w); break;
	case RESTORE_ENTRY: err = restore_entry(r, w); break;
	case RESTORE_DATA: err = restore_data(r, w); break;
	case RESTORE_CLOSE: err = restore_entry_is_whole(r); break;
	}
	if (err || r->wants_pause)
		return err;
	/* What was whole is committed only when the next header does not call it broken. */
	r->pending = r->pending == RESTORE_COMMIT && r->has_entry ? RESTORE_ENTRY : RESTORE_NOTHING;
	return ERR_NONE;
}

static enum err restore_begin_entry(struct restore *r)
{
	struct slice path = slice_upto(r->tar.header.path, sizeof(r->report.where) - 1);
	memcpy(r->report.where, path.ptr, path.len);
	r->report.where[path.len] = '\0';
	if (backup_entry_read(&r->tar, &r->entry)) {
		r->entry.kind = BACKUP_IS_OTHER;
		r->report.damaged++;
	}
	if (r->entry.kind == BACKUP_IS_BROKEN && r->in) {
		restore_drop_message(r);
		r->report.damaged++;
	}
	if (!r->has_manifest && r->entry.kind != BACKUP_IS_MANIFEST) {
		r->report.why = no_backup;
		return ERR_SYNTAX;
	}
	r->has_entry = true;
	r->pending = RESTORE_COMMIT;
	return ERR_NONE;
}

static enum err restore_event(struct restore *r, struct slice *bytes, bool *is_over_out)
{
	struct slice data = SLICE_EMPTY, piece = slice_upto(*bytes, RESTORE_PIECE_BYTES);
	size_t before = piece.len;
	enum tar_event event = tar_next(&r->tar, &piece, &data);
	*bytes = slice_from(*bytes, before - piece.len);
	r->report.bytes = r->tar.offset;
	switch (event) {
	case TAR_MORE: break;
	case TAR_ENTRY: return restore_begin_entry(r);
	case TAR_DATA: r->pending = RESTORE_DATA; return buf_add_slice(&r->data, data);
	case TAR_CLOSE: r->pending = RESTORE_CLOSE; return ERR_NONE;
	case TAR_END:
		r->report.is_whole = r->has_manifest;
		r->report.why = r->has_manifest ? NULL : no_backup;
		*is_over_out = true;
		return r->has_manifest ? ERR_NONE : ERR_SYNTAX;
	case TAR_BAD: r->report.why = r->tar.why; return ERR_SYNTAX;
	}
	*is_over_out = bytes->len == 0;
	return ERR_NONE;
}

enum err restore_write(struct restore *r, struct slice *bytes, struct waiter *w)
{
	bool is_over = false;
	for (int i = 0; i < RESTORE_EVENTS_A_CALL && !is_over; i++) {
		enum err err = r->is_stopped ? ERR_CLOSED : restore_act(r, w);
		if (!err && r->pending == RESTORE_NOTHING)
			err = restore_event(r, bytes, &is_over);
		if (err)
			return err;
		if (r->wants_pause) {
			r->wants_pause = false;
			return ERR_NONE;
		}
	}
	if (r->report.is_whole)
		*bytes = slice_from(*bytes, bytes->len); /* what follows the end does not matter */
	return ERR_NONE;
}

/* --- the end ------------------------------------------------------------------------------------ */

enum err restore_finish(struct restore *r, struct waiter *w)
{
	enum err err = ERR_NONE;
	if (r->is_stopped)
		return ERR_CLOSED;
	if (!r->report.is_whole && !r->report.why)
		r->report.why = "it is cut short";
	while (!err && r->pending != RESTORE_NOTHING)
		err = restore_act(r, w);
	if (!err)
		err = restore_commit(r, w);
	if (!err)
		err = store_wait(r->app->host.store, r->ticket, w);
	if (err)
		return err;
	restore_drop_message(r);
	if (r->report.is_whole && r->settings.len)
		err = restore_settings(r);
	buf_clear(&r->settings);
	return err || r->report.is_whole ? err : ERR_SYNTAX;
}

const struct restore_report *restore_report(const struct restore *r)
{
	return &r->report;
}

static void say_some(struct admin_reply *r, uint64_t count, const char *what)
{
	if (count)
		admin_say(r, "%llu %s\n", (unsigned long long)count, what);
}

void restore_describe(const struct restore_report *p, struct admin_reply *r)
{
	admin_say(r,
		  "%llu messages restored, %llu there already\n%llu users and %llu mailboxes "
		  "made%s\n",
		  (unsigned long long)p->messages, (unsigned long long)p->known,
		  (unsigned long long)p->users, (unsigned long long)p->mailboxes,
		  p->has_settings ? ", settings taken over" : "");
	say_some(r, p->refused, "messages had no room in their owner's quota");
	if (*p->settings_why)
		admin_say(r, "the settings are not taken over: %s\n", p->settings_why);
	say_some(r, p->damaged, "entries of the archive are damaged");
	if (p->why)
		admin_say(r, "the archive ends at octet %llu%s%s: %s\n",
			  (unsigned long long)p->bytes, *p->where ? ", behind " : "", p->where,
			  p->why);
}

const char *restore_owner(const struct restore *r)
{
	return r->owner;
}

void restore_stop(struct restore *r)
{
	r->is_stopped = true;
	restore_drop_message(r);
	restore_leave(r);
	restore_end_turn(r);
}

void restore_free(struct restore **restore)
{
	struct restore *r = *restore;
	*restore = NULL;
	if (!r)
		return;
	restore_drop_message(r);
	restore_leave(r);
	restore_end_turn(r);
	tar_reader_free(&r->tar);
	buf_free(&r->data);
	buf_free(&r->text);
	buf_free(&r->settings);
	free(r);
}
