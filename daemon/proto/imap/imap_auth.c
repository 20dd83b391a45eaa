#include <stdlib.h>

#include "base/codec.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/imap/imap_engine.h"
#include "proto/imap/imap_verbs.h"
#include "proto/sasl.h"

/* --- STARTTLS (RFC 9051 6.2.1) ------------------------------------------------------------------- */

/* The positive reply must be the last thing in clear, so it goes out here and not with the news. */
enum step imap_run_starttls(struct imap_session *s)
{
	struct host *host = s->base.host;
	if (!lex_end(&s->lex))
		return imap_bad_lex(s);
	if (session_is_tls(&s->base))
		return imap_bad(s, "TLS is on already");
	if (!host->tls)
		return imap_bad(s, "TLS is not available");
	imap_ok(s, NULL, "Begin TLS now");
	imap_put_tagged(s);
	session_say(&s->base, buf_view(&s->reply));
	buf_clear(&s->reply);
	/* What came behind STARTTLS in clear would be read as if it had been protected. */
	if (stream_start_tls(s->base.stream, host->tls)) {
		log_warn(s->base.id, "imap: STARTTLS refused: input in clear behind it");
		imap_say_bye(s, "Nothing may be sent behind STARTTLS");
	}
	return STEP_DONE;
}

/* --- how a login ends --------------------------------------------------------------------------- */

struct imap_login {
	struct sasl sasl;
	bool is_started, is_waiting;
	bool wants_last_reply; /* the client must acknowledge final server data with an empty line */
};

static void login_end(struct imap_session *s)
{
	struct imap_login *login = s->cmd;
	sasl_end(&login->sasl);
	/* The name and the password stood in the command. */
	buf_wipe(&s->command);
	s->tag = SLICE_EMPTY;
}

static struct imap_login *login_begin(struct imap_session *s)
{
	s->cmd = arena_alloc(&s->arena, sizeof(struct imap_login));
	if (s->cmd)
		s->cmd_end = login_end;
	return s->cmd;
}

static enum step login_refused(struct imap_session *s, enum err err)
{
	if (err != ERR_SYNTAX && session_count_error(&s->base))
		s->wants_goodbye = true;
	switch (err) {
	case ERR_DENIED: return imap_no(s, "AUTHENTICATIONFAILED", "Wrong name or password");
	case ERR_SYNTAX: return imap_bad(s, "Broken authentication exchange");
	case ERR_UNSUPPORTED:
		return imap_no(s, "CONTACTADMIN", "IMAP is switched off for this user");
	case ERR_LIMIT: return imap_no(s, "UNAVAILABLE", "Too many attempts, try again later");
	case ERR_IN_USE: return imap_no(s, "UNAVAILABLE", "The account is locked for now");
	default: return imap_no(s, "UNAVAILABLE", err_text(err));
	}
}

/* The capabilities come with the reply, so that clients need not ask (RFC 9051 6.2.2). */
static enum step login_accepted(struct imap_session *s, struct sasl *sasl)
{
	struct buf code;
	s->base.login = sasl->login_out;
	sasl->login_out = NULL;
	s->state = IMAP_AUTHENTICATED;
	session_set_timeout(&s->base, s->base.host->imap_idle_timeout_ms);
	session_forgive(&s->base);
	log_info(s->base.id, "imap: login of %s", s->base.login->user);

	buf_init(&code, 1024);
	struct imap_out o = {.buf = &code};
	imap_write_capabilities(s, &o);
	if (!o.err)
		o.err = buf_add_byte(&code, '\0');
	imap_ok(s, o.err ? NULL : (const char *)buf_view(&code).ptr, "Logged in");
	buf_free(&code);
	return STEP_DONE;
}

static enum step login_poll(struct imap_session *s, struct imap_login *login);

/* --- AUTHENTICATE (RFC 9051 6.2.2, RFC 4959) ------------------------------------------------------ */

static enum step auth_challenge(struct imap_session *s, struct slice bytes)
{
	out_str(&s->out, "+ ");
	if (!s->out.err)
		s->out.err = base64_add(&s->reply, bytes);
	out_str(&s->out, "\r\n");
	imap_gather_next(s);
	return STEP_MORE;
}

static enum step auth_result(struct imap_session *s, struct imap_login *login,
			     enum sasl_result result)
{
	switch (result) {
	case SASL_CONTINUE: return auth_challenge(s, buf_view(&login->sasl.out));
	case SASL_WAIT: login->is_waiting = true; return login_poll(s, login);
	case SASL_FAILED: return login_refused(s, login->sasl.err);
	case SASL_OK: break;
	}
	/* IMAP has no place for final data in the tagged reply: one more round (RFC 4422 5). */
	if (login->sasl.out.len) {
		login->wants_last_reply = true;
		return auth_challenge(s, buf_view(&login->sasl.out));
	}
	return login_accepted(s, &login->sasl);
}

static enum step login_poll(struct imap_session *s, struct imap_login *login)
{
	enum sasl_result result = sasl_poll(&login->sasl);
	if (result == SASL_WAIT)
		return STEP_MORE;
	login->is_waiting = false;
	return auth_result(s, login, result);
}

static enum step auth_feed(struct imap_session *s, struct imap_login *login, struct slice base64,
			   enum sasl_result (*feed)(struct sasl *sasl, struct slice bytes))
{
	struct buf decoded;
	buf_init(&decoded, SASL_MAX_BYTES);
	enum err err = base64_decode(base64, &decoded);
	enum sasl_result result = SASL_FAILED;
	if (!err)
		result = feed(&login->sasl, buf_view(&decoded));
	buf_wipe(&decoded);
	return err ? imap_bad(s, "Broken base64") : auth_result(s, login, result);
}

static enum sasl_result auth_feed_first(struct sasl *sasl, struct slice bytes)
{
	return sasl_start(sasl, &bytes);
}

static enum step auth_start(struct imap_session *s, struct imap_login *login)
{
	struct slice mechanism = SLICE_EMPTY, initial = SLICE_EMPTY;
	bool has_initial = false;
	if (lex_space(&s->lex) && lex_atom(&s->lex, &mechanism)) {
		initial = slice_trim(s->lex.rest);
		has_initial = initial.len > 0;
	}
	if (s->lex.err)
		return imap_bad_lex(s);
	login->is_started = true;
	if (sasl_begin(&login->sasl, &s->base, mechanism)) {
		bool is_clear = slice_eq_str_nocase(mechanism, "PLAIN") ||
				slice_eq_str_nocase(mechanism, "LOGIN");
		if (is_clear && !session_may_take_password(&s->base))
			return imap_no(s, "PRIVACYREQUIRED", "Use TLS first");
		return imap_no(s, NULL, "This mechanism is not offered");
	}
	if (!has_initial)
		return auth_result(s, login, sasl_start(&login->sasl, NULL));
	if (slice_eq_str(initial, "="))
		initial = SLICE_EMPTY; /* RFC 4959 3: an empty initial response */
	return auth_feed(s, login, initial, auth_feed_first);
}

static enum step auth_read(struct imap_session *s, struct imap_login *login)
{
	struct slice line = SLICE_EMPTY;
	enum step step = imap_gather_line(s, &line);
	if (step == STEP_MORE)
		return STEP_MORE;
	if (step == STEP_BAD)
		return imap_bad(s, "Response is too long");
	if (slice_eq_str(line, "*"))
		return imap_bad(s, "Authentication was given up");
	if (!login->wants_last_reply)
		return auth_feed(s, login, line, sasl_step);
	return line.len ? imap_bad(s, "Expected an empty response")
			: login_accepted(s, &login->sasl);
}

enum step imap_run_authenticate(struct imap_session *s)
{
	struct imap_login *login = s->cmd ? s->cmd : login_begin(s);
	if (!login)
		return imap_no_err(s, ERR_NOMEM);
	if (!login->is_started)
		return auth_start(s, login);
	return login->is_waiting ? login_poll(s, login) : auth_read(s, login);
}

/* --- LOGIN (RFC 9051 6.2.3) ----------------------------------------------------------------------- */

static enum step login_start(struct imap_session *s, struct imap_login *login)
{
	struct slice user = SLICE_EMPTY, password = SLICE_EMPTY;
	/* Passwords are UTF-8 in many houses; what they mean is known without ENABLE. */
	s->lex.utf8 = true;
	if (!lex_space(&s->lex) || !lex_astring(&s->lex, &user) || !lex_space(&s->lex) ||
	    !lex_astring(&s->lex, &password) || !lex_end(&s->lex))
		return imap_bad_lex(s);
	if (!session_may_take_password(&s->base))
		return imap_no(s, "PRIVACYREQUIRED", "Use TLS first");
	login->is_started = true;
	enum sasl_result result = sasl_login(&login->sasl, &s->base, user, password);
	/* An unquoted copy may stand in the arena, which is freed as it is. */
	secret_wipe((void *)(uintptr_t)password.ptr, password.len);
	return auth_result(s, login, result);
}

enum step imap_run_login(struct imap_session *s)
{
	struct imap_login *login = s->cmd ? s->cmd : login_begin(s);
	if (!login)
		return imap_no_err(s, ERR_NOMEM);
	return login->is_started ? login_poll(s, login) : login_start(s, login);
}
