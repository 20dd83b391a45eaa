#include "app/import_session.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/import_target.h"
#include "base/codec.h"
#include "base/log.h"

enum { IMPORT_HEADER_MAX_BYTES = 2048, IMPORT_PIECE_BYTES = 16 * 1024, IMPORT_IDLE_MS = 120000 };

enum import_state {
	IMPORT_SETTLING, /* an earlier import's last messages are not visible yet */
	IMPORT_OPENING,
	IMPORT_HEADER,
	IMPORT_OFFER,
	IMPORT_BODY,
	IMPORT_FINISH,
	IMPORT_DRAIN
};

struct import_session {
	struct stream_user user; /* first */
	struct errand errand;
	struct appliance *app;
	struct stream *stream;
	struct waiter waiter;
	struct deferred again;
	struct timer deadline;
	enum import_state state;
	char owner[USER_NAME_MAX_BYTES + 1];
	struct import_target *target;
	struct import_message message;
	char mailbox[MAILBOX_NAME_MAX_BYTES + 1];
	uint64_t left; /* octets of the message in hand */
};

static void import_close(struct import_session *s)
{
	list_remove(&s->errand.link);
	waiter_cancel(&s->waiter);
	deferred_cancel(&s->again);
	timer_cancel(&s->deadline);
	import_target_free(&s->target);
	stream_close(&s->stream);
	free(s);
}

static void import_answer(struct import_session *s, const char *text)
{
	struct buf reply;
	buf_init(&reply, 256);
	enum err err = netstring_add(&reply, slice_str(text));
	if (!err)
		err = stream_add(s->stream, buf_view(&reply));
	if (err)
		log_debug(0, "import: %s", err_text(err)); /* the stream's death follows */
	buf_free(&reply);
}

static enum step import_refuse(struct import_session *s, const char *why)
{
	char text[96];
	snprintf(text, sizeof(text), "error %s", why);
	import_answer(s, text);
	return STEP_BAD;
}

static enum step import_fail(struct import_session *s, enum err err)
{
	return import_refuse(s, err_text(err));
}

/* A tool that was killed is started again at once: what its forerunner has committed becomes
 * visible only when it is durable, and would be taken twice before. */
static enum step import_settle(struct import_session *s)
{
	enum err err = store_wait(s->app->host.store, s->app->import_ticket, &s->waiter);
	if (err)
		return err == ERR_AGAIN ? STEP_MORE : import_fail(s, err);
	s->state = IMPORT_OPENING;
	return STEP_DONE;
}

static enum step import_open(struct import_session *s)
{
	struct account *account = NULL;
	struct user *user = users_find(s->app->users, slice_str(s->owner));
	if (!user)
		return import_refuse(s, "no such user");
	memcpy(s->owner, user->name, sizeof(s->owner));
	enum err err = account_open(s->app->host.store, slice_str(user->name), true, &account, NULL,
				    &s->waiter);
	if (!err) {
		appliance_set_quota(s->app, account);
		err = import_target_new(account, &s->target);
	}
	if (err)
		return err == ERR_AGAIN ? STEP_MORE : import_fail(s, err);
	s->state = IMPORT_HEADER;
	return STEP_DONE;
}

static enum err import_parse(struct import_session *s, struct slice text)
{
	struct import_message *m = &s->message;
	struct buf sha;
	uint64_t date = 0, flags = 0, forwarded = 0;
	enum err err = slice_u64(slice_word(&text), INT64_MAX, &date);
	if (!err)
		err = slice_u64(slice_word(&text), UINT32_MAX, &m->size);
	if (!err)
		err = slice_u64(slice_word(&text), FLAG_SYSTEM_ALL, &flags);
	if (!err)
		err = slice_u64(slice_word(&text), 1, &forwarded);
	if (err)
		return err;
	buf_init(&sha, sizeof(m->sha256));
	err = hex_decode(slice_word(&text), &sha);
	if (!err && sha.len != sizeof(m->sha256))
		err = ERR_SYNTAX;
	if (!err)
		memcpy(m->sha256, sha.bytes, sizeof(m->sha256));
	buf_free(&sha);
	if (!err)
		err = slice_to_str(slice_from(text, 1), s->mailbox, sizeof(s->mailbox));
	m->mailbox = slice_str(s->mailbox);
	m->internal_date = (int64_t)date;
	m->flags = (flags_t)flags;
	m->is_forwarded = forwarded;
	return err ? err : mailbox_name_check(m->mailbox);
}

static enum step import_header(struct import_session *s)
{
	struct slice input = stream_input(s->stream), text;
	size_t before = input.len;
	enum step step = netstring_take(&input, IMPORT_HEADER_MAX_BYTES, &text);
	if (step != STEP_DONE)
		return step == STEP_BAD ? import_fail(s, ERR_SYNTAX) : STEP_MORE;
	enum err err = text.len ? import_parse(s, text) : ERR_NONE;
	s->state = text.len ? IMPORT_OFFER : IMPORT_DRAIN;
	stream_consume(s->stream, before - input.len);
	return err ? import_fail(s, err) : STEP_DONE;
}

static enum step import_offer(struct import_session *s)
{
	enum import_verdict verdict;
	enum err err = import_target_offer(s->target, &s->message, &verdict, &s->waiter);
	if (err)
		return err == ERR_AGAIN ? STEP_MORE : import_fail(s, err);
	if (verdict == IMPORT_UNDECIDED)
		return STEP_DONE;
	bool wanted = verdict == IMPORT_WANTED;
	import_answer(s, wanted ? "want" : "have");
	s->left = s->message.size;
	s->state = wanted ? IMPORT_BODY : IMPORT_HEADER;
	return STEP_DONE;
}

static enum step import_body(struct import_session *s)
{
	if (s->left == 0) {
		s->state = IMPORT_FINISH;
		return STEP_DONE;
	}
	struct slice piece = slice_upto(stream_input(s->stream), IMPORT_PIECE_BYTES);
	if (piece.len > s->left)
		piece = slice_upto(piece, (size_t)s->left);
	if (piece.len == 0)
		return STEP_MORE;
	enum err err = import_target_write(s->target, piece, &s->waiter);
	if (err)
		return err == ERR_AGAIN ? STEP_MORE : import_fail(s, err);
	s->left -= piece.len;
	stream_consume(s->stream, piece.len);
	return STEP_DONE;
}

static enum step import_finish(struct import_session *s)
{
	enum err err = import_target_finish(s->target, &s->waiter);
	if (err)
		return err == ERR_AGAIN ? STEP_MORE : import_fail(s, err);
	s->app->import_ticket = import_target_ticket(s->target);
	s->state = IMPORT_HEADER;
	return STEP_DONE;
}

static enum step import_drain(struct import_session *s)
{
	enum err err = import_target_wait(s->target, &s->waiter);
	if (err)
		return err == ERR_AGAIN ? STEP_MORE : import_fail(s, err);
	import_answer(s, "done");
	return STEP_BAD;
}

static enum step import_step(struct import_session *s)
{
	switch (s->state) {
	case IMPORT_SETTLING: return import_settle(s);
	case IMPORT_OPENING: return import_open(s);
	case IMPORT_HEADER: return import_header(s);
	case IMPORT_OFFER: return import_offer(s);
	case IMPORT_BODY: return import_body(s);
	case IMPORT_FINISH: return import_finish(s);
	case IMPORT_DRAIN: return import_drain(s);
	}
	return STEP_BAD;
}

/* A bounded number of steps a turn: others get their share. */
static void import_run(struct import_session *s)
{
	enum step step = STEP_DONE;
	timer_set(&s->deadline, IMPORT_IDLE_MS);
	for (int i = 0; i < 16 && step == STEP_DONE; i++)
		step = import_step(s);
	if (step == STEP_DONE)
		loop_defer(s->app->loop, &s->again);
	else if (step == STEP_BAD || (stream_at_eof(s->stream) && !waiter_is_waiting(&s->waiter)))
		import_close(s);
}

static void import_on_stream(struct stream_user *user, enum stream_event event)
{
	struct import_session *s = (struct import_session *)(void *)user;
	if (event == STREAM_DEAD)
		import_close(s);
	else if (!waiter_is_waiting(&s->waiter))
		import_run(s);
}

/* Deferred: whoever wakes us is in the middle of the store's or of another session's work. */
static void import_on_wake(struct waiter *w)
{
	struct import_session *s = list_owner(w, struct import_session, waiter);
	loop_defer(s->app->loop, &s->again);
}

static void import_again(struct deferred *d)
{
	import_run(list_owner(d, struct import_session, again));
}

static void import_on_deadline(struct timer *t)
{
	import_close(list_owner(t, struct import_session, deadline));
}

static void import_end(struct errand *errand, const char *why)
{
	struct import_session *s = list_owner(errand, struct import_session, errand);
	import_refuse(s, why);
	import_close(s);
}

static void import_session_start(struct appliance *a, struct stream *stream, const char *user)
{
	struct import_session *s = calloc(1, sizeof(*s));
	if (!s || slice_to_str(slice_str(user), s->owner, sizeof(s->owner))) {
		free(s);
		stream_close(&stream);
		return;
	}
	s->app = a;
	s->stream = stream;
	s->user.on_stream = import_on_stream;
	waiter_init(&s->waiter, import_on_wake);
	deferred_init(&s->again, import_again);
	timer_init(&s->deadline, a->loop, import_on_deadline);
	s->errand.owner = s->owner;
	s->errand.end = import_end;
	list_add_tail(&a->errands, &s->errand.link);
	stream_set_user(stream, &s->user);
	loop_defer(a->loop, &s->again);
}
const struct long_command long_import = {"import", 2, import_session_start};
