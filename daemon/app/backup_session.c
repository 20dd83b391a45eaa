#include "app/archive_session.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/backup.h"
#include "base/log.h"

enum { BACKUP_STEPS_A_TURN = 16 };

struct backup_session {
	struct stream_user user; /* first */
	struct errand errand;
	struct stream *stream;
	struct waiter waiter;
	struct deferred again;
	struct backup *backup;
	struct slice rest; /* of the piece in hand */
};

static void backup_close(struct backup_session *s)
{
	list_remove(&s->errand.link);
	waiter_cancel(&s->waiter);
	deferred_cancel(&s->again);
	backup_free(&s->backup);
	stream_close(&s->stream);
	free(s);
}

static enum err backup_send(struct backup_session *s, char kind, struct slice bytes)
{
	struct buf frame;
	buf_init(&frame, ARCHIVE_PIECE_BYTES + 32);
	enum err err = buf_addf(&frame, "%zu:%c", bytes.len + 1, kind);
	if (!err)
		err = buf_add_slice(&frame, bytes);
	if (!err)
		err = buf_add_byte(&frame, ',');
	if (!err)
		err = stream_add(s->stream, buf_view(&frame));
	buf_free(&frame);
	return err;
}

static void backup_end_with(struct backup_session *s, char kind, const char *text)
{
	if (backup_send(s, kind, slice_str(text)))
		log_debug(0, "backup: the tool has gone away");
	backup_close(s);
}

static void backup_report(struct backup_session *s)
{
	struct backup_count count;
	char text[160];
	backup_count(s->backup, &count);
	snprintf(text, sizeof(text), "%llu messages of %llu users%s",
		 (unsigned long long)count.messages, (unsigned long long)count.users,
		 count.broken ? "; some could not be read, see the log" : "");
	backup_end_with(s, '.', text);
}

/* STEP_BAD: it is over, and the session is gone. */
static enum step backup_step(struct backup_session *s)
{
	size_t room = stream_room(s->stream);
	if (!room)
		return STEP_MORE;
	if (!s->rest.len) {
		enum err err = backup_next(s->backup, &s->rest, &s->waiter);
		if (err == ERR_AGAIN)
			return STEP_MORE;
		if (!err && s->rest.len)
			return STEP_DONE;
		if (err)
			backup_end_with(s, 'E', err_text(err));
		else
			backup_report(s);
		return STEP_BAD;
	}
	size_t most = room < ARCHIVE_PIECE_BYTES ? room : ARCHIVE_PIECE_BYTES;
	struct slice piece = slice_upto(s->rest, most);
	s->rest = slice_from(s->rest, piece.len);
	if (!backup_send(s, 'D', piece))
		return STEP_DONE;
	backup_close(s);
	return STEP_BAD;
}

static void backup_run(struct backup_session *s)
{
	enum step step = STEP_DONE;
	for (int i = 0; i < BACKUP_STEPS_A_TURN && step == STEP_DONE; i++)
		step = backup_step(s);
	if (step == STEP_DONE)
		loop_defer(stream_loop(s->stream), &s->again);
}

/* Deferred: whoever wakes us is in the middle of other work. */
static void backup_on_wake(struct waiter *w)
{
	struct backup_session *s = list_owner(w, struct backup_session, waiter);
	loop_defer(stream_loop(s->stream), &s->again);
}

static void backup_again(struct deferred *d)
{
	backup_run(list_owner(d, struct backup_session, again));
}

static void backup_on_stream(struct stream_user *user, enum stream_event event)
{
	struct backup_session *s = (struct backup_session *)(void *)user;
	if (event == STREAM_DEAD) /* the tool was stopped */
		backup_close(s);
	else if (event == STREAM_ROOM && !waiter_is_waiting(&s->waiter))
		backup_run(s);
}

static void backup_on_end(struct errand *errand, const char *why)
{
	backup_end_with(list_owner(errand, struct backup_session, errand), 'E', why);
}

static void backup_session_start(struct appliance *a, struct stream *stream, const char *user)
{
	struct backup_options options = {.form = BACKUP_TAR, .user = *user ? user : NULL};
	struct backup_session *s = calloc(1, sizeof(*s));
	if (!s) {
		stream_close(&stream);
		return;
	}
	s->stream = stream;
	s->user.on_stream = backup_on_stream;
	waiter_init(&s->waiter, backup_on_wake);
	deferred_init(&s->again, backup_again);
	list_init(&s->errand.link);
	enum err err = backup_new(a, &options, &s->backup);
	if (err) {
		backup_end_with(s, 'E', err == ERR_NOT_FOUND ? "no such user" : err_text(err));
		return;
	}
	s->errand.owner = backup_owner(s->backup);
	s->errand.end = backup_on_end;
	list_add_tail(&a->errands, &s->errand.link);
	stream_set_user(stream, &s->user);
	loop_defer(a->loop, &s->again);
}
const struct long_command long_backup = {"backup", 2, backup_session_start};
