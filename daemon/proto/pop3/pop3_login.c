#include "proto/pop3/pop3_session.h"

#include "base/log.h"

/* --- the maildrop opens ----------------------------------------------------------------------- */

static enum step pop3_not_opened(struct pop3_session *s, enum err err)
{
	login_unref(&s->s.login);
	if (err == ERR_NOT_FOUND)
		return pop3_err(s, TEXT_NO_FOLDER);
	if (err == ERR_LIMIT)
		return pop3_err(s, TEXT_TOO_MANY_DEVICES);
	return pop3_fail(s, err);
}

static enum step pop3_go_on_open(struct pop3_session *s)
{
	enum err err = pop3_drop_open(&s->drop, &s->s);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		return pop3_not_opened(s, err);
	s->state = POP3_TRANSACTION;
	session_forgive(&s->s);
	log_info(s->s.id, "pop3: %s logged in, %u messages", s->s.login->user,
		 (unsigned)s->drop.count);
	pop3_say_total(s);
	return STEP_DONE;
}

static enum step pop3_logged_in(struct pop3_session *s)
{
	s->s.login = s->sasl.login_out;
	s->sasl.login_out = NULL;
	sasl_end(&s->sasl);
	return pop3_then(s, pop3_go_on_open);
}

/* RFC 3206: [AUTH] only when the credentials are to blame, so that nobody is asked for a new
 * password because a disk is full. */
static enum step pop3_not_logged_in(struct pop3_session *s, enum err err)
{
	sasl_end(&s->sasl);
	switch (err) {
	case ERR_NOT_FOUND:
	case ERR_DENIED: return pop3_refuse(s, TEXT_WRONG_CREDENTIALS);
	case ERR_UNSUPPORTED: return pop3_refuse(s, TEXT_SWITCHED_OFF);
	case ERR_TIMEOUT: return pop3_refuse(s, TEXT_TOO_SOON);
	case ERR_IN_USE: return pop3_refuse(s, TEXT_IN_USE);
	case ERR_LIMIT: return pop3_refuse(s, TEXT_BUSY);
	case ERR_SYNTAX:
	case ERR_STATE: return pop3_refuse(s, TEXT_BAD_BASE64);
	default: return pop3_refuse(s, TEXT_TRY_LATER);
	}
}

static enum step pop3_go_on_login(struct pop3_session *s)
{
	enum sasl_result result = sasl_poll(&s->sasl);
	return result == SASL_WAIT ? STEP_MORE : pop3_login_result(s, result);
}

enum step pop3_login_result(struct pop3_session *s, enum sasl_result result)
{
	switch (result) {
	case SASL_WAIT: return pop3_then(s, pop3_go_on_login);
	case SASL_OK: return pop3_logged_in(s);
	default: return pop3_not_logged_in(s, s->sasl.err);
	}
}

/* --- USER and PASS (RFC 1939 7) --------------------------------------------------------------- */

enum step pop3_user(struct pop3_session *s, const struct pop3_line *line)
{
	enum err err = sasl_login_name(&s->sasl, &s->s, slice_trim(line->rest));
	if (err)
		return pop3_refuse(s, err == ERR_UNSUPPORTED ? TEXT_ENCRYPT_FIRST
							     : TEXT_WRONG_ARGUMENTS);
	/* The same answer for every name: who exists is told to nobody. */
	return pop3_ok(s, TEXT_NAME_NOTED);
}

enum step pop3_pass(struct pop3_session *s, const struct pop3_line *line)
{
	if (!s->sasl.user.len)
		return pop3_refuse(s, TEXT_USER_FIRST);
	return pop3_login_result(s, sasl_login_password(&s->sasl, line->rest));
}
