#include "app/long_session.h"

#include <stdlib.h>

#include "app/appliance.h"
#include "app/control.h"
#include "base/log.h"

enum { LONG_STEPS_A_TURN = 16, LONG_FRAME_MAX_BYTES = 32 * 1024 };

static void session_close(struct long_session *s)
{
	errand_leave(&s->errand);
	timer_cancel(&s->deadline);
	s->command->free(s);
	stream_close(&s->stream);
	free(s);
}

static void session_run(struct errand *errand)
{
	struct long_session *s = (struct long_session *)(void *)errand;
	enum step step = STEP_DONE;
	if (s->command->idle_ms)
		timer_set(&s->deadline, s->command->idle_ms);
	for (int i = 0; i < LONG_STEPS_A_TURN && step == STEP_DONE; i++)
		step = s->command->step(s);
	if (step == STEP_DONE)
		errand_go_on(errand);
	else if (step == STEP_BAD ||
		 (stream_at_eof(s->stream) && !waiter_is_waiting(&errand->waiter)))
		session_close(s);
}

static void session_on_stream(struct stream_user *user, enum stream_event event)
{
	struct long_session *s = list_owner(user, struct long_session, user);
	if (event == STREAM_DEAD)
		session_close(s);
	else if (!waiter_is_waiting(&s->errand.waiter))
		session_run(&s->errand);
}

static void session_on_deadline(struct timer *t)
{
	session_close(list_owner(t, struct long_session, deadline));
}

static void session_on_end(struct errand *errand, const char *why)
{
	struct long_session *s = (struct long_session *)(void *)errand;
	s->command->stop(s, why);
	session_close(s);
}

void long_session_start(const struct long_command *command, struct appliance *a,
			struct stream *stream, const char *word)
{
	struct long_session *s = calloc(1, command->bytes);
	if (!s) {
		stream_close(&stream);
		return;
	}
	s->command = command;
	s->stream = stream;
	s->user.on_stream = session_on_stream;
	s->errand.run = session_run;
	s->errand.end = session_on_end;
	timer_init(&s->deadline, a->loop, session_on_deadline);
	errand_begin(&s->errand, a);
	if (command->begin(s, word) == STEP_BAD)
		session_close(s);
	else
		stream_set_user(stream, &s->user);
}

void long_session_say(struct long_session *s, const char *kind, struct slice text)
{
	struct buf frame;
	buf_init(&frame, LONG_FRAME_MAX_BYTES);
	enum err err = buf_addf(&frame, "%zu:%s", strlen(kind) + text.len, kind);
	if (!err)
		err = buf_add_slice(&frame, text);
	if (!err)
		err = buf_add_byte(&frame, ',');
	if (!err)
		err = stream_add(s->stream, buf_view(&frame));
	if (err)
		log_debug(0, "%s: %s", s->command->verb, err_text(err));
	buf_free(&frame);
}
