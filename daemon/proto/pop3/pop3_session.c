#include "proto/pop3/pop3_session.h"

#include <stdlib.h>

#include "proto/protocols.h"

/* --- replies ---------------------------------------------------------------------------------- */

const char *pop3_say(const struct pop3_session *s, enum pop3_text text)
{
	return pop3_text(s->lang, text);
}

enum step pop3_ok(struct pop3_session *s, enum pop3_text text)
{
	session_sayf(&s->s, "+OK %s\r\n", pop3_say(s, text));
	return STEP_DONE;
}

enum step pop3_err(struct pop3_session *s, enum pop3_text text)
{
	session_sayf(&s->s, "-ERR %s%s\r\n", pop3_code(text), pop3_say(s, text));
	return STEP_DONE;
}

enum step pop3_refuse(struct pop3_session *s, enum pop3_text text)
{
	pop3_err(s, text);
	if (session_count_error(&s->s))
		session_end(&s->s, GOODBYE_ERRORS);
	return STEP_DONE;
}

enum step pop3_fail(struct pop3_session *s, enum err err)
{
	switch (err) {
	case ERR_NOT_FOUND: return pop3_refuse(s, TEXT_NO_SUCH_MESSAGE);
	case ERR_DENIED: return pop3_refuse(s, TEXT_MESSAGE_DELETED);
	case ERR_GONE: return pop3_err(s, TEXT_MESSAGE_GONE);
	case ERR_CORRUPT: return pop3_err(s, TEXT_MESSAGE_DAMAGED);
	case ERR_IN_USE: return pop3_err(s, TEXT_IN_USE);
	default: return pop3_err(s, TEXT_TRY_LATER);
	}
}

enum step pop3_then(struct pop3_session *s, enum step (*go_on)(struct pop3_session *s))
{
	s->go_on = go_on;
	return session_then(&s->s);
}

/* --- commands --------------------------------------------------------------------------------- */

static const struct pop3_verb *pop3_verb_find(struct slice name)
{
	const struct pop3_verb *verb;
	for (size_t i = 0; (verb = pop3_verb_at(i)); i++)
		if (slice_eq_str_nocase(name, verb->name))
			break;
	return verb;
}

static struct pop3_line pop3_parse(struct slice text)
{
	struct pop3_line line = {.argc = 0};
	struct slice rest = text;
	line.name = slice_word(&rest);
	line.rest = slice_from(rest, 1);
	for (;;) {
		struct slice word = slice_word(&rest);
		if (!word.len)
			return line;
		if (line.argc < POP3_ARGS_MAX)
			line.args[line.argc] = word;
		line.argc++;
	}
}

static enum step pop3_dispatch(struct pop3_session *s, struct slice text)
{
	struct pop3_line line = pop3_parse(text);
	const struct pop3_verb *verb = pop3_verb_find(line.name);
	if (!verb)
		return pop3_refuse(s, TEXT_UNKNOWN_COMMAND);
	if (!(verb->when & s->state))
		return pop3_refuse(s, TEXT_NOT_NOW);
	if (line.argc < verb->args_min ||
	    (line.argc > verb->args_max && verb->args_max != UINT8_MAX))
		return pop3_refuse(s, TEXT_WRONG_ARGUMENTS);
	return verb->run(s, &line);
}

/* One command line, if there is one: STEP_DONE when it was dealt with. */
static enum step pop3_next_command(struct pop3_session *s)
{
	struct line line;
	enum step step = line_next(&s->reader, s->s.stream, POP3_LINE_MAX, true, &line);
	if (step == STEP_MORE)
		return STEP_MORE;
	if (step == STEP_BAD)
		return pop3_refuse(s, TEXT_LINE_TOO_LONG);
	if (s->reader.is_skipping) { /* its end: the refusal is out already */
		line_done(&s->reader, s->s.stream, &line);
		return STEP_DONE;
	}
	/* Copied, because a command may want the line to be gone: STLS starts TLS behind it. */
	uint8_t text[POP3_LINE_MAX];
	struct slice copy = slice_of(text, line.text.len);
	memcpy(text, line.text.len ? line.text.ptr : text, line.text.len);
	line_done(&s->reader, s->s.stream, &line);
	step = pop3_dispatch(s, copy);
	explicit_bzero(text, copy.len);
	return step;
}

static void pop3_greet(struct pop3_session *s)
{
	s->has_greeted = true;
	session_set_timeout(&s->s, s->s.host->pop3_idle_timeout_ms);
	pop3_ok(s, TEXT_READY);
}

static enum step pop3_step(struct session *base)
{
	struct pop3_session *s = (struct pop3_session *)base;
	return base->is_busy ? s->go_on(s) : pop3_next_command(s);
}

static enum step pop3_run(struct session *base)
{
	struct pop3_session *s = (struct pop3_session *)base;
	if (!s->has_greeted)
		pop3_greet(s);
	return session_run_commands(base, pop3_step);
}

static void pop3_goodbye(struct session *base, enum goodbye why)
{
	static const uint8_t words[] = {
		[GOODBYE_TIMEOUT] = TEXT_TIMEOUT,       [GOODBYE_SHUTDOWN] = TEXT_SHUTDOWN,
		[GOODBYE_SWITCHED] = TEXT_SWITCHED_OFF, [GOODBYE_EVICTED] = TEXT_LIMIT,
		[GOODBYE_LIMIT] = TEXT_LIMIT,           [GOODBYE_ERRORS] = TEXT_TOO_MANY_ERRORS,
	};
	struct pop3_session *s = (struct pop3_session *)base;
	/* In the middle of a message or a listing no line of ours would be understood. */
	if (!s->has_answered)
		pop3_err(s, (enum pop3_text)words[why]);
}

static bool pop3_is_idle(const struct session *base)
{
	return !base->is_busy;
}

static void pop3_free(struct session *base)
{
	struct pop3_session *s = (struct pop3_session *)base;
	sasl_end(&s->sasl);
	pop3_drop_close(&s->drop);
	free(s);
}

static const struct session_ops pop3_ops = {
	.name = "pop3",
	.run = pop3_run,
	.goodbye = pop3_goodbye,
	.is_idle = pop3_is_idle,
	.free = pop3_free,
};

void pop3_session_start(struct host *host, struct stream *stream, bool over_limit)
{
	struct pop3_session *s = calloc(1, sizeof(*s));
	if (!s) {
		stream_abort(&stream);
		return;
	}
	s->state = POP3_AUTHORIZATION;
	session_start(&s->s, &pop3_ops, SERVICE_POP3, host, stream, over_limit);
}
