#include "proto/imap/imap_session.h"

#include <stdlib.h>

#include "base/log.h"
#include "proto/imap/imap_engine.h"
#include "proto/imap/imap_status.h"
#include "proto/imap/imap_verbs.h"
#include "proto/protocols.h"

static struct imap_session *imap_of(struct session *base)
{
	return (struct imap_session *)base;
}

/* --- the verb table ---------------------------------------------------------------------------- */

enum { IMAP_LOGGED_IN = IMAP_AUTHENTICATED | IMAP_SELECTED };

/* clang-format off */
const struct imap_verb imap_verbs[] = {
	/* name            legal in                news             UID    handler */
	{"CAPABILITY",   IMAP_ANY_STATE,         SYNC_ALL,        false, imap_run_capability},
	{"NOOP",         IMAP_ANY_STATE,         SYNC_ALL,        false, imap_run_noop},
	{"LOGOUT",       IMAP_ANY_STATE,         SYNC_NONE,       false, imap_run_logout},
	{"ID",           IMAP_ANY_STATE,         SYNC_ALL,        false, imap_run_id},
	{"STARTTLS",     IMAP_NOT_AUTHENTICATED, SYNC_NONE,       false, imap_run_starttls},
	{"LOGIN",        IMAP_NOT_AUTHENTICATED, SYNC_NONE,       false, imap_run_login},
	{"AUTHENTICATE", IMAP_NOT_AUTHENTICATED, SYNC_NONE,       false, imap_run_authenticate},
	{"ENABLE",       IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_enable},
	{"NAMESPACE",    IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_namespace},
	{"SELECT",       IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_select},
	{"EXAMINE",      IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_examine},
	{"CREATE",       IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_create},
	{"DELETE",       IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_delete},
	{"RENAME",       IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_rename},
	{"SUBSCRIBE",    IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_subscribe},
	{"UNSUBSCRIBE",  IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_unsubscribe},
	{"LIST",         IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_list},
	{"LSUB",         IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_lsub},
	{"STATUS",       IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_status},
	{"APPEND",       IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_append},
	{"IDLE",         IMAP_LOGGED_IN,         SYNC_ALL,        false, imap_run_idle},
	{"CHECK",        IMAP_SELECTED,          SYNC_ALL,        false, imap_run_noop},
	{"CLOSE",        IMAP_SELECTED,          SYNC_NONE,       false, imap_run_close},
	{"UNSELECT",     IMAP_SELECTED,          SYNC_NONE,       false, imap_run_unselect},
	{"EXPUNGE",      IMAP_SELECTED,          SYNC_ALL,        true,  imap_run_expunge},
	{"FETCH",        IMAP_SELECTED,          SYNC_NO_EXPUNGE, true,  imap_run_fetch},
	{"STORE",        IMAP_SELECTED,          SYNC_NO_EXPUNGE, true,  imap_run_store},
	{"SEARCH",       IMAP_SELECTED,          SYNC_NO_EXPUNGE, true,  imap_run_search},
	{"COPY",         IMAP_SELECTED,          SYNC_ALL,        true,  imap_run_copy},
	{"MOVE",         IMAP_SELECTED,          SYNC_ALL,        true,  imap_run_move},
	{"",             0,                      SYNC_NONE,       false, NULL},
};
/* clang-format on */

/* What was refused before it could run. */
static const struct imap_verb imap_refused = {"", IMAP_ANY_STATE, SYNC_NONE, false, NULL};

static const struct imap_verb *imap_verb_find(struct slice name, bool is_uid)
{
	for (const struct imap_verb *v = imap_verbs; *v->name; v++)
		if (slice_eq_str_nocase(name, v->name) && (v->has_uid_form || !is_uid))
			return v;
	return NULL;
}

/* tag = 1*<any ASTRING-CHAR except "+"> (RFC 9051 9). */
static bool imap_read_tag(struct imap_session *s)
{
	struct slice command = buf_view(&s->command);
	size_t n = 0;
	while (n < command.len && command.ptr[n] > ' ' && command.ptr[n] < 0x7f &&
	       !strchr("(){%*\"\\+", command.ptr[n]))
		n++;
	if (n == command.len || command.ptr[n] != ' ')
		n = 0;
	s->tag = slice_upto(command, n);
	s->lex.rest = slice_from(command, n);
	return n > 0;
}

static bool imap_read_verb(struct imap_session *s, struct slice *name_out)
{
	s->is_uid = false;
	if (!lex_space(&s->lex) || !lex_atom(&s->lex, name_out))
		return false;
	s->is_uid = slice_eq_str_nocase(*name_out, "UID");
	return !s->is_uid || (lex_space(&s->lex) && lex_atom(&s->lex, name_out));
}

static const char *imap_wrong_state(const struct imap_session *s, const struct imap_verb *verb)
{
	if (s->state == IMAP_NOT_AUTHENTICATED)
		return "Log in first";
	return verb->legal_in == IMAP_SELECTED ? "No mailbox is selected" : "Already logged in";
}

const char *imap_recognise(struct imap_session *s, const struct imap_verb **verb_out)
{
	struct slice name = SLICE_EMPTY;
	lex_init(&s->lex, SLICE_EMPTY, &s->arena, s->utf8 || s->rev2);
	if (!imap_read_tag(s))
		return "A command starts with a tag and a space";
	if (!imap_read_verb(s, &name))
		return "Expected a command after the tag";
	const struct imap_verb *verb = imap_verb_find(name, s->is_uid);
	if (!verb)
		return "Unknown command";
	if (!(verb->legal_in & s->state))
		return imap_wrong_state(s, verb);
	*verb_out = verb;
	return NULL;
}

/* An ordinary command fits; a larger buffer goes when its command is over. */
enum { COMMAND_KEPT_BYTES = 512 };

/* --- one command ------------------------------------------------------------------------------- */

void imap_refuse(struct imap_session *s, const char *why)
{
	s->verb = &imap_refused;
	imap_bad(s, why);
	s->is_ending = true;
}

static void imap_dispatch(struct imap_session *s)
{
	const struct imap_verb *verb = NULL;
	/* An iPhone sends an empty line before some of its commands. */
	if (s->command.len == 0)
		return;
	const char *why = imap_recognise(s, &verb);
	if (why)
		imap_refuse(s, why);
	else
		s->verb = verb;
}

static void imap_command_over(struct imap_session *s)
{
	if (s->cmd_end)
		s->cmd_end(s);
	s->cmd_end = NULL;
	imap_status_end(s);
	s->cmd = NULL;
	s->verb = NULL;
	s->is_ending = false;
	s->ticket = 0;
	s->tag = SLICE_EMPTY;
	s->gather.line_start = 0;
	arena_reset(&s->arena);
	buf_clear(&s->command);
	if (s->command.cap > COMMAND_KEPT_BYTES)
		buf_free(&s->command);
}

/* Runs the command in hand a little further. STEP_DONE: it got somewhere. */
static enum step imap_go_on(struct imap_session *s)
{
	if (!s->is_ending) {
		if (!s->in_response)
			imap_tell_keywords(s);
		enum step step = s->verb->run(s);
		if (step != STEP_DONE)
			return step;
		s->is_ending = true;
	}
	enum err err = s->ticket ? imap_wait(s) : ERR_NONE;
	if (err == ERR_AGAIN)
		return STEP_MORE;
	s->ticket = 0;
	if (err) {
		buf_clear(&s->tagged);
		imap_no_err(s, err);
	}
	if (s->news != SYNC_NONE && !imap_sync(s, s->news == SYNC_ALL))
		return STEP_MORE;
	imap_put_tagged(s);
	imap_command_over(s);
	return STEP_DONE;
}

static enum step imap_next_command(struct imap_session *s)
{
	enum step step = imap_gather_command(s);
	if (step == STEP_DONE && !s->verb) {
		imap_dispatch(s);
		if (!s->verb)
			imap_command_over(s);
	}
	return step;
}

/* --- the pump's side --------------------------------------------------------------------------- */

static void imap_greet(struct imap_session *s)
{
	s->is_greeted = true;
	out_str(&s->out, "* OK [");
	imap_write_capabilities(s, &s->out);
	out_fmt(&s->out, "] %s Surel ready\r\n", s->base.host->hostname);
}

static enum step imap_steps(struct imap_session *s)
{
	if (!s->is_greeted)
		imap_greet(s);
	for (;;) {
		/* The rest of a literal cannot be read any more, and a word would be taken for it. */
		if (s->view.is_gone && s->in_response)
			return STEP_BAD;
		/* RFC 2180 3.3: a client cannot be told in mid-session that its mailbox has
		 * gone in any other way that all clients understand. */
		if (s->view.is_gone && !s->is_closing)
			imap_say_bye(s, "The selected mailbox was deleted");
		if (s->out.err)
			return STEP_BAD;
		if (imap_must_pause(s))
			return STEP_MORE;
		if (s->is_closing)
			return STEP_DONE;
		enum step step = s->verb ? imap_go_on(s) : imap_next_command(s);
		if (step != STEP_DONE)
			return step;
	}
}

/* An idle session keeps nothing but its struct. */
static void imap_shrink(struct imap_session *s)
{
	buf_shrink(&s->reply);
	if (!s->verb)
		buf_shrink(&s->command);
}

static enum step imap_run(struct session *base)
{
	struct imap_session *s = imap_of(base);
	enum step step = imap_steps(s);
	if (step == STEP_MORE) {
		imap_flush(s);
		imap_shrink(s);
	}
	if (s->out.err) {
		log_warn(base->id, "imap: %s while writing a response", err_text(s->out.err));
		return STEP_BAD;
	}
	return step;
}

static void imap_goodbye(struct session *base, enum goodbye why)
{
	struct imap_session *s = imap_of(base);
	/* In the middle of a literal a word would be taken for a part of it; a client that does
	 * not read its answers will not read this one. */
	if (s->in_response || s->is_closing || s->reply.len > STREAM_SLACK_BYTES / 4)
		return;
	imap_say_bye(s, imap_goodbye_text(why));
	session_say(base, buf_view(&s->reply));
	buf_clear(&s->reply);
}

static bool imap_is_idle(const struct session *base)
{
	const struct imap_session *s = (const struct imap_session *)base;
	return !s->verb || s->verb->run == imap_run_idle;
}

static void imap_free(struct session *base)
{
	struct imap_session *s = imap_of(base);
	imap_command_over(s);
	imap_unselect(s);
	timer_cancel(&s->keepalive);
	buf_wipe(&s->command);
	buf_free(&s->reply);
	buf_free(&s->tagged);
	free(s);
}

static const struct session_ops imap_ops = {
	.name = "imap",
	.run = imap_run,
	.goodbye = imap_goodbye,
	.is_idle = imap_is_idle,
	.free = imap_free,
};

void imap_session_start(struct host *host, struct stream *stream, bool over_limit)
{
	struct imap_session *s = calloc(1, sizeof(*s));
	if (!s) {
		stream_abort(&stream);
		return;
	}
	s->state = IMAP_NOT_AUTHENTICATED;
	arena_init(&s->arena, IMAP_ARENA_MAX_BYTES);
	buf_init(&s->command, IMAP_COMMAND_MAX_BYTES);
	buf_init(&s->reply, IMAP_REPLY_MAX_BYTES);
	buf_init(&s->tagged, IMAP_REPLY_MAX_BYTES);
	s->out.buf = &s->reply;
	imap_idle_init(s, host->loop);
	session_start(&s->base, &imap_ops, SERVICE_IMAP, host, stream, over_limit);
}
