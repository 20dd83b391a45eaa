#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "mail/lexical.h"
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

static void login_end(struct imap_session *s)
{
	sasl_end(s->cmd);
	/* The name and the password stood in the command. */
	buf_wipe(&s->command);
	s->tag = SLICE_EMPTY;
}

static struct sasl *login_begin(struct imap_session *s)
{
	s->cmd = arena_alloc(&s->arena, sizeof(struct sasl));
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

static enum step auth_result(struct imap_session *s, struct sasl *sasl, enum sasl_result result)
{
	if (result == SASL_WAIT)
		result = sasl_dialog_poll(sasl);
	switch (result) {
	case SASL_CONTINUE:
		out_str(&s->out, "+ ");
		out_bytes(&s->out, buf_view(&sasl->challenge));
		out_str(&s->out, "\r\n");
		imap_gather_next(s);
		return STEP_MORE;
	case SASL_WAIT: return STEP_MORE;
	case SASL_OK: return login_accepted(s, sasl);
	case SASL_GARBLED: return imap_bad(s, "Broken base64");
	case SASL_CANCELLED: return imap_bad(s, "Authentication was given up");
	case SASL_TOO_LONG: return imap_bad(s, "Response is too long");
	case SASL_FAILED: break;
	}
	return login_refused(s, sasl->err);
}

/* --- AUTHENTICATE (RFC 9051 6.2.2, RFC 4959) ------------------------------------------------------ */

static enum step auth_start(struct imap_session *s, struct sasl *sasl)
{
	struct slice mechanism = SLICE_EMPTY;
	if (!lex_space(&s->lex) || !lex_atom(&s->lex, &mechanism))
		return imap_bad_lex(s);
	if (sasl_begin(sasl, &s->base, mechanism)) {
		bool is_clear = lexical_word_find("PLAIN\0"
						  "LOGIN\0",
						  mechanism) != SIZE_MAX;
		if (is_clear && !session_may_take_password(&s->base))
			return imap_no(s, "PRIVACYREQUIRED", "Use TLS first");
		return imap_no(s, NULL, "This mechanism is not offered");
	}
	return auth_result(s, sasl, sasl_dialog_start(sasl, slice_trim(s->lex.rest)));
}

/* An answer of the host, or the client's next line. */
static enum step auth_go_on(struct imap_session *s, struct sasl *sasl)
{
	struct slice line = SLICE_EMPTY;
	if (sasl_is_waiting(sasl))
		return auth_result(s, sasl, SASL_WAIT);
	switch (imap_gather_line(s, &line)) {
	case STEP_MORE: return STEP_MORE;
	case STEP_BAD: return auth_result(s, sasl, SASL_TOO_LONG);
	case STEP_DONE: break;
	}
	return auth_result(s, sasl, sasl_dialog_line(sasl, line));
}

enum step imap_run_authenticate(struct imap_session *s)
{
	if (s->cmd)
		return auth_go_on(s, s->cmd);
	struct sasl *sasl = login_begin(s);
	return sasl ? auth_start(s, sasl) : imap_no_err(s, ERR_NOMEM);
}

/* --- LOGIN (RFC 9051 6.2.3) ----------------------------------------------------------------------- */

static enum step login_start(struct imap_session *s, struct sasl *sasl)
{
	struct slice user = SLICE_EMPTY, password = SLICE_EMPTY;
	/* Passwords are UTF-8 in many houses; what they mean is known without ENABLE. */
	s->lex.utf8 = true;
	lex_space(&s->lex);
	lex_astring(&s->lex, &user);
	lex_space(&s->lex);
	lex_astring(&s->lex, &password);
	if (!lex_end(&s->lex))
		return imap_bad_lex(s);
	if (!session_may_take_password(&s->base))
		return imap_no(s, "PRIVACYREQUIRED", "Use TLS first");
	enum sasl_result result = sasl_login(sasl, &s->base, user, password);
	/* An unquoted copy may stand in the arena, which is freed as it is. */
	secret_wipe((void *)(uintptr_t)password.ptr, password.len);
	return auth_result(s, sasl, result);
}

enum step imap_run_login(struct imap_session *s)
{
	if (s->cmd)
		return auth_go_on(s, s->cmd);
	struct sasl *sasl = login_begin(s);
	return sasl ? login_start(s, sasl) : imap_no_err(s, ERR_NOMEM);
}
