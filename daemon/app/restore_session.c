#include "app/archive_session.h"

#include "app/restore.h"
#include "base/log.h"

enum { RESTORE_IDLE_MS = 120000 };

struct restore_session {
	struct long_session base; /* first */
	struct restore *restore;
	size_t used; /* of the piece at the front of the input */
	bool is_finishing;
	enum err failure;
};

static struct restore_session *session_of(struct long_session *s)
{
	return (struct restore_session *)(void *)s;
}

static void restore_session_free(struct long_session *base)
{
	restore_free(&session_of(base)->restore);
}

static void restore_session_stop(struct long_session *base, const char *why)
{
	const struct restore_report *report = restore_report(session_of(base)->restore);
	bool is_good = !why && report->is_whole;
	struct admin_reply reply;
	admin_reply_init(&reply);
	restore_describe(report, &reply);
	if (why && !report->why)
		admin_say(&reply, "not restored to the end: %s\n", why);
	long_session_say(base, is_good ? "0 " : "1 ", buf_view(&reply.out));
	admin_reply_free(&reply);
}

static enum step restore_end(struct restore_session *s)
{
	enum err err = restore_finish(s->restore, &s->base.errand.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (!s->failure)
		s->failure = err;
	if (s->failure)
		log_warn(0, "restore: %s", err_text(s->failure));
	restore_session_stop(&s->base, s->failure ? err_text(s->failure) : NULL);
	return STEP_BAD;
}

static enum step restore_session_step(struct long_session *base)
{
	struct restore_session *s = session_of(base);
	struct slice rest = stream_input(base->stream), piece;
	if (s->is_finishing)
		return restore_end(s);
	enum step step = netstring_take(&rest, (size_t)2 * ARCHIVE_PIECE_BYTES, &piece);
	if (step == STEP_MORE && !stream_at_eof(base->stream))
		return STEP_MORE;
	s->is_finishing = step != STEP_DONE || piece.len == 0;
	if (s->is_finishing)
		return STEP_DONE;
	struct slice left = slice_from(piece, s->used);
	enum err err = restore_write(s->restore, &left, &base->errand.waiter);
	s->used = piece.len - left.len;
	if (err == ERR_AGAIN)
		return STEP_MORE;
	s->failure = err;
	s->is_finishing = err != ERR_NONE;
	if (!err && !left.len) {
		s->used = 0;
		stream_consume(base->stream, stream_input(base->stream).len - rest.len);
	}
	return STEP_DONE;
}

static enum step restore_session_begin(struct long_session *base, const char *word)
{
	struct restore_session *s = session_of(base);
	struct restore_options options = {.settings = *word != 0};
	if (restore_new(base->errand.app, &options, &s->restore))
		return STEP_BAD;
	base->errand.owner = restore_owner(s->restore);
	return STEP_DONE;
}

const struct long_command long_restore = {.verb = "restore",
					  .words = 2,
					  .bytes = sizeof(struct restore_session),
					  .idle_ms = RESTORE_IDLE_MS,
					  .begin = restore_session_begin,
					  .step = restore_session_step,
					  .stop = restore_session_stop,
					  .free = restore_session_free};
