#include "app/archive_session.h"

#include <stdlib.h>

#include "app/restore.h"
#include "base/log.h"

enum { RESTORE_STEPS_A_TURN = 8, RESTORE_IDLE_MS = 120000 };

struct restore_session {
	struct stream_user user; /* first */
	struct errand errand;
	struct stream *stream;
	struct waiter waiter;
	struct deferred again;
	struct timer deadline;
	struct restore *restore;
	size_t used; /* of the piece at the front of the input */
	bool is_finishing;
	enum err failure;
};

static void restore_close(struct restore_session *s)
{
	list_remove(&s->errand.link);
	waiter_cancel(&s->waiter);
	deferred_cancel(&s->again);
	timer_cancel(&s->deadline);
	restore_free(&s->restore);
	stream_close(&s->stream);
	free(s);
}

static void restore_answer(struct restore_session *s, const char *why)
{
	const struct restore_report *report = restore_report(s->restore);
	struct buf text, frame;
	buf_init(&text, 2048);
	buf_init(&frame, 4096);
	enum err err = buf_addf(&text, "%d ", why || !report->is_whole ? EXIT_FAILED : EXIT_OK);
	if (!err)
		err = restore_describe(report, &text);
	if (!err && why && !report->why)
		err = buf_addf(&text, "not restored to the end: %s\n", why);
	if (!err)
		err = netstring_add(&frame, buf_view(&text));
	if (!err)
		err = stream_add(s->stream, buf_view(&frame));
	if (err)
		log_debug(0, "restore: %s", err_text(err));
	buf_free(&text);
	buf_free(&frame);
	restore_close(s);
}

/* STEP_BAD: it is over, and the session is gone. */
static enum step restore_end(struct restore_session *s)
{
	enum err err = restore_finish(s->restore, &s->waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (!s->failure)
		s->failure = err;
	if (s->failure)
		log_warn(0, "restore: %s", err_text(s->failure));
	restore_answer(s, s->failure ? err_text(s->failure) : NULL);
	return STEP_BAD;
}

static enum step restore_step(struct restore_session *s)
{
	struct slice rest = stream_input(s->stream), piece;
	if (s->is_finishing)
		return restore_end(s);
	enum step step = netstring_take(&rest, (size_t)2 * ARCHIVE_PIECE_BYTES, &piece);
	if (step == STEP_MORE && !stream_at_eof(s->stream))
		return STEP_MORE;
	if (step != STEP_DONE || piece.len == 0) {
		s->is_finishing = true;
		return STEP_DONE;
	}
	struct slice left = slice_from(piece, s->used);
	enum err err = restore_write(s->restore, &left, &s->waiter);
	s->used = piece.len - left.len;
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (!err && left.len)
		return STEP_DONE;
	if (err) {
		s->failure = err;
		s->is_finishing = true;
		return STEP_DONE;
	}
	s->used = 0;
	stream_consume(s->stream, stream_input(s->stream).len - rest.len);
	return STEP_DONE;
}

static void restore_run(struct restore_session *s)
{
	enum step step = STEP_DONE;
	timer_set(&s->deadline, RESTORE_IDLE_MS);
	for (int i = 0; i < RESTORE_STEPS_A_TURN && step == STEP_DONE; i++)
		step = restore_step(s);
	if (step == STEP_DONE)
		loop_defer(stream_loop(s->stream), &s->again);
}

static void restore_on_wake(struct waiter *w)
{
	struct restore_session *s = list_owner(w, struct restore_session, waiter);
	loop_defer(stream_loop(s->stream), &s->again);
}

static void restore_again(struct deferred *d)
{
	restore_run(list_owner(d, struct restore_session, again));
}

static void restore_on_stream(struct stream_user *user, enum stream_event event)
{
	struct restore_session *s = (struct restore_session *)(void *)user;
	if (event == STREAM_DEAD)
		restore_close(s);
	else if (!waiter_is_waiting(&s->waiter))
		restore_run(s);
}

static void restore_on_deadline(struct timer *t)
{
	restore_close(list_owner(t, struct restore_session, deadline));
}

static void restore_on_end(struct errand *errand, const char *why)
{
	restore_answer(list_owner(errand, struct restore_session, errand), why);
}

static void restore_session_start(struct appliance *a, struct stream *stream, const char *word)
{
	struct restore_options options = {.settings = *word != 0};
	struct restore_session *s = calloc(1, sizeof(*s));
	if (!s) {
		stream_close(&stream);
		return;
	}
	s->stream = stream;
	s->user.on_stream = restore_on_stream;
	waiter_init(&s->waiter, restore_on_wake);
	deferred_init(&s->again, restore_again);
	timer_init(&s->deadline, a->loop, restore_on_deadline);
	list_init(&s->errand.link);
	if (restore_new(a, &options, &s->restore)) {
		restore_close(s);
		return;
	}
	s->errand.owner = restore_owner(s->restore);
	s->errand.end = restore_on_end;
	list_add_tail(&a->errands, &s->errand.link);
	stream_set_user(stream, &s->user);
	loop_defer(a->loop, &s->again);
}
const struct long_command long_restore = {"restore", 2, restore_session_start};
