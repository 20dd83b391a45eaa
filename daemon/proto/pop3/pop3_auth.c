#include "proto/pop3/pop3_session.h"

#include "base/log.h"

/* --- the maildrop opens ----------------------------------------------------------------------- */

static enum step pop3_not_opened(struct pop3_session *s, enum err err)
{
	login_unref(&s->s.login);
	if (err == ERR_NOT_FOUND)
		return pop3_err(s, "[SYS/PERM] ", TEXT_NO_FOLDER);
	if (err == ERR_LIMIT)
		return pop3_err(s, "[SYS/PERM] ", TEXT_TOO_MANY_DEVICES);
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
	session_sayf(&s->s, "+OK %u %s (%llu %s)\r\n", (unsigned)s->drop.count,
		     pop3_say(s, TEXT_MESSAGES), (unsigned long long)s->drop.octets,
		     pop3_say(s, TEXT_OCTETS));
	return STEP_DONE;
}

static enum step pop3_logged_in(struct pop3_session *s)
{
	s->s.login = s->sasl.login_out;
	s->sasl.login_out = NULL;
	sasl_end(&s->sasl);
	buf_clear(&s->user);
	return pop3_then(s, pop3_go_on_open);
}

/* RFC 3206: [AUTH] only when the credentials are to blame, so that nobody is asked for a new
 * password because a disk is full. */
static enum step pop3_not_logged_in(struct pop3_session *s, enum err err)
{
	sasl_end(&s->sasl);
	buf_clear(&s->user);
	switch (err) {
	case ERR_NOT_FOUND:
	case ERR_DENIED: return pop3_refuse(s, "[AUTH] ", TEXT_WRONG_CREDENTIALS);
	case ERR_UNSUPPORTED: return pop3_refuse(s, "[SYS/PERM] ", TEXT_SWITCHED_OFF);
	case ERR_TIMEOUT: return pop3_refuse(s, "[LOGIN-DELAY] ", TEXT_TOO_SOON);
	case ERR_IN_USE: return pop3_refuse(s, "[IN-USE] ", TEXT_IN_USE);
	case ERR_LIMIT: return pop3_refuse(s, "[SYS/TEMP] ", TEXT_BUSY);
	case ERR_SYNTAX:
	case ERR_STATE: return pop3_refuse(s, "", TEXT_BAD_BASE64);
	default: return pop3_refuse(s, "[SYS/TEMP] ", TEXT_TRY_LATER);
	}
}

/* --- USER, PASS, APOP (RFC 1939 7) ------------------------------------------------------------ */

enum step pop3_user(struct pop3_session *s, const struct pop3_line *line)
{
	if (!session_may_take_password(&s->s))
		return pop3_refuse(s, "[SYS/PERM] ", TEXT_ENCRYPT_FIRST);
	buf_clear(&s->user);
	/* The same answer for every name: who exists is told to nobody. */
	if (buf_add_slice(&s->user, slice_trim(line->rest)))
		return pop3_refuse(s, "", TEXT_WRONG_ARGUMENTS);
	return pop3_ok(s, TEXT_NAME_NOTED);
}

static enum step pop3_auth_result(struct pop3_session *s, enum sasl_result result);

enum step pop3_pass(struct pop3_session *s, const struct pop3_line *line)
{
	if (!s->user.len)
		return pop3_refuse(s, "", TEXT_USER_FIRST);
	return pop3_auth_result(s, sasl_login(&s->sasl, &s->s, buf_view(&s->user), line->rest));
}

/* APOP hashes the password itself, so a server would have to keep it readable. This one keeps
 * SCRAM verifiers, gives no timestamp in its greeting, and says why when asked all the same. */
enum step pop3_apop(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	return pop3_refuse(s, "[SYS/PERM] ", TEXT_NO_APOP);
}

/* --- AUTH (RFC 5034) -------------------------------------------------------------------------- */

/* Between AUTH or PASS and its end: a check is under way, or the client's next line is due. */
static enum step pop3_go_on_auth(struct pop3_session *s)
{
	enum sasl_result result = sasl_dialog_go_on(&s->sasl, &s->reader, POP3_LINE_MAX);
	return result == SASL_WAIT ? STEP_MORE : pop3_auth_result(s, result);
}

static enum step pop3_auth_result(struct pop3_session *s, enum sasl_result result)
{
	switch (result) {
	case SASL_CONTINUE:
		session_sayf(&s->s, "+ " SLICE_FMT "\r\n", SLICE_ARG(buf_view(&s->sasl.challenge)));
		return pop3_then(s, pop3_go_on_auth);
	case SASL_WAIT: return pop3_then(s, pop3_go_on_auth);
	case SASL_OK: return pop3_logged_in(s);
	case SASL_CANCELLED: sasl_end(&s->sasl); return pop3_err(s, "", TEXT_CANCELLED);
	case SASL_TOO_LONG: sasl_end(&s->sasl); return pop3_refuse(s, "", TEXT_LINE_TOO_LONG);
	case SASL_GARBLED:
	case SASL_FAILED: break;
	}
	return pop3_not_logged_in(s, s->sasl.err);
}

static enum step pop3_list_mechanisms(struct pop3_session *s)
{
	struct buf list;
	buf_init(&list, 256);
	pop3_ok(s, TEXT_FOLLOWS);
	if (!sasl_list(&s->s, "", &list)) {
		struct slice rest = buf_view(&list);
		while (rest.len) {
			struct slice name = slice_split(&rest, ' ');
			session_sayf(&s->s, SLICE_FMT "\r\n", SLICE_ARG(name));
		}
	}
	session_sayf(&s->s, ".\r\n");
	buf_free(&list);
	return STEP_DONE;
}

enum step pop3_auth(struct pop3_session *s, const struct pop3_line *line)
{
	/* Without a name: what Outlook asks, from the days of RFC 1734. */
	if (line->argc == 0)
		return pop3_list_mechanisms(s);
	if (sasl_begin(&s->sasl, &s->s, line->args[0]))
		return pop3_refuse(s, "", TEXT_UNKNOWN_MECHANISM);
	return pop3_auth_result(s, sasl_dialog_start(&s->sasl, line->args[1]));
}

/* --- STLS (RFC 2595 4) ------------------------------------------------------------------------ */

enum step pop3_stls(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	if (session_is_tls(&s->s))
		return pop3_refuse(s, "", TEXT_TLS_ALREADY);
	if (!s->s.host->tls)
		return pop3_refuse(s, "[SYS/PERM] ", TEXT_NO_TLS);
	/* What came in clear behind STLS could have been put there by anybody: it must never be
	 * taken for a part of what is said over TLS. */
	if (stream_input(s->s.stream).len) {
		s->s.is_quitting = true;
		return pop3_err(s, "[SYS/PERM] ", TEXT_BYTES_BEFORE_TLS);
	}
	pop3_ok(s, TEXT_START_TLS);
	buf_clear(&s->user);
	if (stream_start_tls(s->s.stream, s->s.host->tls)) {
		log_warn(s->s.id, "pop3: TLS cannot be started");
		return STEP_BAD;
	}
	return STEP_DONE;
}
