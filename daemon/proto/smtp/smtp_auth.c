/* AUTH (RFC 4954) and STARTTLS (RFC 3207). */
#include "proto/smtp/smtp_session.h"

#include "base/log.h"

bool smtp_may_auth(const struct smtp_session *s)
{
	return !smtp_is_lmtp(s) && !s->s.login && session_may_take_password(&s->s);
}

static enum step smtp_logged_in(struct smtp_session *s)
{
	s->s.login = s->sasl.login_out;
	s->sasl.login_out = NULL;
	sasl_end(&s->sasl);
	session_forgive(&s->s);
	log_info(s->s.id, "%s: %s logged in", s->s.ops->name, s->s.login->user);
	return smtp_say(s, "235 2.7.0", "Welcome");
}

static enum step smtp_not_logged_in(struct smtp_session *s, enum err err)
{
	sasl_end(&s->sasl);
	switch (err) {
	case ERR_NOT_FOUND:
	case ERR_DENIED: return smtp_refuse(s, "535 5.7.8", "Wrong name or password");
	case ERR_UNSUPPORTED:
		return smtp_refuse(s, "535 5.7.1", "Sending is switched off for this user");
	case ERR_SYNTAX:
	case ERR_STATE:
		return smtp_refuse(s, "501 5.5.2", "That is not what the mechanism asks for");
	default: return smtp_refuse(s, "454 4.7.0", "Not possible for the moment, try again later");
	}
}

static enum step smtp_auth_result(struct smtp_session *s, enum sasl_result result);

/* Between AUTH and its end: a check is under way, or the client's next line is due. */
static enum step smtp_go_on_auth(struct smtp_session *s)
{
	enum sasl_result result = sasl_dialog_go_on(&s->sasl, &s->reader, SMTP_AUTH_LINE_MAX);
	return result == SASL_WAIT ? STEP_MORE : smtp_auth_result(s, result);
}

static enum step smtp_auth_result(struct smtp_session *s, enum sasl_result result)
{
	switch (result) {
	case SASL_CONTINUE:
		session_sayf(&s->s, "334 " SLICE_FMT "\r\n",
			     SLICE_ARG(buf_view(&s->sasl.challenge)));
		return smtp_then(s, smtp_go_on_auth);
	case SASL_WAIT: return smtp_then(s, smtp_go_on_auth);
	case SASL_OK: return smtp_logged_in(s);
	case SASL_CANCELLED:
		sasl_end(&s->sasl);
		return smtp_refuse(s, "501 5.7.0", "Authentication cancelled");
	case SASL_TOO_LONG: sasl_end(&s->sasl); return smtp_refuse(s, "500 5.5.6", "Line too long");
	case SASL_GARBLED:
	case SASL_FAILED: break;
	}
	return smtp_not_logged_in(s, s->sasl.err);
}

enum step smtp_auth(struct smtp_session *s, struct slice args)
{
	struct slice rest = args;
	struct slice mechanism = slice_word(&rest), text = slice_word(&rest);
	if (!mechanism.len || slice_trim(rest).len)
		return smtp_refuse(s, "501 5.5.4", "AUTH mechanism [initial response]");
	if (s->s.login)
		return smtp_refuse(s, "503 5.5.1", "Logged in already");
	if (!smtp_may_auth(s))
		return smtp_refuse(s, "538 5.7.11", "Passwords are taken over TLS only");
	if (sasl_begin(&s->sasl, &s->s, mechanism))
		return smtp_refuse(s, "504 5.5.4", "Unknown authentication mechanism");
	return smtp_auth_result(s, sasl_dialog_start(&s->sasl, text));
}

enum step smtp_starttls(struct smtp_session *s, struct slice args)
{
	if (args.len)
		return smtp_refuse(s, "501 5.5.4", "STARTTLS takes no arguments");
	if (!s->s.host->tls)
		return smtp_refuse(s, "502 5.7.0", "TLS is not available");
	if (session_is_tls(&s->s) || s->s.login)
		return smtp_refuse(s, "503 5.5.1", "Not any more");
	/* What came in clear behind STARTTLS could have been put there by anybody: it must never be
	 * taken for a part of what is said over TLS. */
	if (stream_input(s->s.stream).len) {
		s->s.is_quitting = true;
		return smtp_say(s, "554 5.5.0", "Nothing may follow STARTTLS before TLS is up");
	}
	smtp_say(s, "220 2.0.0", "Begin TLS");
	/* RFC 3207 4.2: nothing said before counts any more. */
	smtp_reset(s);
	buf_clear(&s->helo);
	s->state = SMTP_FRESH;
	if (stream_start_tls(s->s.stream, s->s.host->tls)) {
		log_warn(s->s.id, "%s: TLS cannot be started", s->s.ops->name);
		return STEP_BAD;
	}
	return STEP_DONE;
}
