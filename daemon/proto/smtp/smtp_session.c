#include "proto/smtp/smtp_session.h"

#include <stdlib.h>

#include "proto/protocols.h"

/* --- replies ---------------------------------------------------------------------------------- */

enum step smtp_say(struct smtp_session *s, const char *code, const char *text)
{
	session_sayf(&s->s, "%s %s\r\n", code, text);
	return STEP_DONE;
}

enum step smtp_refuse(struct smtp_session *s, const char *code, const char *text)
{
	smtp_say(s, code, text);
	if (session_count_error(&s->s))
		session_end(&s->s, GOODBYE_ERRORS);
	return STEP_DONE;
}

enum step smtp_say_reply(struct smtp_session *s, const struct smtp_reply *reply)
{
	return smtp_say(s, reply->code, reply->text);
}

/* --- state ------------------------------------------------------------------------------------ */

bool smtp_is_lmtp(const struct smtp_session *s)
{
	return s->s.service == SERVICE_LMTP;
}

enum step smtp_then(struct smtp_session *s, enum step (*go_on)(struct smtp_session *s))
{
	s->go_on = go_on;
	return session_then(&s->s);
}

void smtp_reset(struct smtp_session *s)
{
	if (s->delivery)
		s->s.host->ops->delivery_end(&s->delivery);
	buf_free(&s->pending);
	free(s->rcpts);
	arena_reset(&s->arena);
	s->rcpts = NULL;
	s->rcpt_cap = s->refused_rcpts = 0;
	s->envelope = (struct envelope){.session = &s->s};
	s->body = SMTP_7BIT;
	s->is_utf8 = false;
	s->verdict = NULL;
	if (s->state != SMTP_FRESH)
		s->state = SMTP_READY;
}

/* --- commands --------------------------------------------------------------------------------- */

static const struct smtp_verb *smtp_verb_find(const struct smtp_session *s, struct slice name)
{
	for (size_t i = 0; i < smtp_verb_count; i++)
		if (smtp_verbs[i].services & 1u << s->s.service &&
		    slice_eq_str_nocase(name, smtp_verbs[i].name))
			return &smtp_verbs[i];
	return NULL;
}

static bool smtp_has_controls(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.ptr[i] < ' ' && text.ptr[i] != '\t') || text.ptr[i] == 0x7f)
			return true;
	return false;
}

static enum step smtp_dispatch(struct smtp_session *s, struct slice text)
{
	struct slice rest = text;
	struct slice name = slice_word(&rest);
	const struct smtp_verb *verb = smtp_verb_find(s, name);
	if (!verb)
		return smtp_refuse(s, "500 5.5.1", "Unknown command");
	/* BDAT first of all: whatever is wrong with it, its octets must not be read as commands. */
	if (verb->run == smtp_bdat)
		return smtp_bdat(s, slice_trim(rest));
	if (smtp_has_controls(text))
		return smtp_refuse(s, "501 5.5.2", "Control characters in a command");
	if (!(verb->legal_in & s->state))
		return smtp_refuse(s, "503 5.5.1", "Not in this order");
	return verb->run(s, slice_trim(rest));
}

/* One command line, if there is one: STEP_DONE when it was dealt with. */
static enum step smtp_next_command(struct smtp_session *s)
{
	struct line line;
	enum step step = line_next(&s->reader, s->s.stream, SMTP_LINE_MAX, true, &line);
	if (step == STEP_MORE)
		return STEP_MORE;
	if (step == STEP_BAD)
		return smtp_refuse(s, "500 5.5.6", "Line too long");
	if (s->reader.is_skipping) { /* its end: the refusal is out already */
		line_done(&s->reader, s->s.stream, &line);
		return STEP_DONE;
	}
	/* Copied, because a command may want the line to be gone: data follows it, or TLS. */
	uint8_t text[SMTP_LINE_MAX];
	struct slice copy = slice_of(text, line.text.len);
	memcpy(text, line.text.len ? line.text.ptr : text, line.text.len);
	line_done(&s->reader, s->s.stream, &line);
	step = smtp_dispatch(s, copy);
	explicit_bzero(text, copy.len);
	return step;
}

static void smtp_greet(struct smtp_session *s)
{
	s->has_greeted = true;
	session_set_timeout(&s->s, s->s.host->smtp_idle_timeout_ms);
	session_sayf(&s->s, "220 %s %s Surel\r\n", s->s.host->hostname,
		     smtp_is_lmtp(s) ? "LMTP" : "ESMTP");
}

static enum step smtp_step(struct session *base)
{
	struct smtp_session *s = (struct smtp_session *)base;
	return base->is_busy ? s->go_on(s) : smtp_next_command(s);
}

static enum step smtp_run(struct session *base)
{
	struct smtp_session *s = (struct smtp_session *)base;
	if (!s->has_greeted)
		smtp_greet(s);
	return session_run_commands(base, smtp_step);
}

static void smtp_goodbye(struct session *base, enum goodbye why)
{
	static const struct {
		const char *code, *text;
	} words[] = {
		[GOODBYE_TIMEOUT] = {"421 4.4.2", "Idle for too long"},
		[GOODBYE_SHUTDOWN] = {"421 4.3.2", "The server is stopping"},
		[GOODBYE_SWITCHED] = {"421 4.3.2", "This service was switched off"},
		[GOODBYE_EVICTED] = {"421 4.3.2", "Too many connections"},
		[GOODBYE_LIMIT] = {"421 4.3.2", "Too many connections, try again later"},
		[GOODBYE_ERRORS] = {"421 4.7.0", "Too many errors"},
	};
	session_sayf(base, "%s %s %s\r\n", words[why].code, base->host->hostname, words[why].text);
}

static bool smtp_is_idle(const struct session *base)
{
	const struct smtp_session *s = (const struct smtp_session *)base;
	return !base->is_busy && s->state & SMTP_NO_TRANSACTION;
}

static void smtp_free(struct session *base)
{
	struct smtp_session *s = (struct smtp_session *)base;
	sasl_end(&s->sasl);
	smtp_reset(s);
	buf_free(&s->helo);
	free(s);
}

static const struct session_ops smtp_ops = {
	.name = "smtp",
	.run = smtp_run,
	.goodbye = smtp_goodbye,
	.is_idle = smtp_is_idle,
	.free = smtp_free,
};
static const struct session_ops lmtp_ops = {
	.name = "lmtp",
	.run = smtp_run,
	.goodbye = smtp_goodbye,
	.is_idle = smtp_is_idle,
	.free = smtp_free,
};

void smtp_session_start(struct host *host, struct stream *stream, enum service service,
			bool over_limit)
{
	struct smtp_session *s = calloc(1, sizeof(*s));
	if (!s) {
		stream_abort(&stream);
		return;
	}
	s->state = SMTP_FRESH;
	s->envelope.session = &s->s;
	buf_init(&s->helo, SMTP_HELO_MAX);
	buf_init(&s->pending, SMTP_CHUNK_BYTES + 2);
	/* Sender and recipients, with room for what a stored address may grow to. */
	arena_init(&s->arena, (host->rcpt_max + 2) * (size_t)(SMTP_MAILBOX_MAX + 64) + 16 * 1024);
	session_start(&s->s, service == SERVICE_LMTP ? &lmtp_ops : &smtp_ops, service, host, stream,
		      over_limit);
}
