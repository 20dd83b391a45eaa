#include "proto/pop3/pop3_session.h"

#include "base/log.h"

/* --- the end ---------------------------------------------------------------------------------- */

/* UPDATE (RFC 1939 6): +OK only when what was marked is gone for good. */
static enum step pop3_go_on_quit(struct pop3_session *s)
{
	uint32_t deleted = s->drop.deleted;
	enum err err = pop3_drop_commit(&s->drop, &s->s.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	s->s.is_quitting = true;
	if (err) {
		log_warn(s->s.id, "pop3: deletions failed: %s", err_text(err));
		return pop3_err(s, "[SYS/TEMP] ", TEXT_NOT_DELETED);
	}
	log_debug(s->s.id, "pop3: %u messages deleted", (unsigned)deleted);
	return pop3_ok(s, TEXT_BYE);
}

static enum step pop3_quit(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	if (s->state == POP3_TRANSACTION) {
		return pop3_then(s, pop3_go_on_quit);
	}
	s->s.is_quitting = true;
	return pop3_ok(s, TEXT_BYE);
}

/* --- CAPA (RFC 2449 5) ------------------------------------------------------------------------ */

/* EXPIRE and LOGIN-DELAY: before login the strictest of all users, then the user's own. */
static void pop3_say_policy(struct pop3_session *s)
{
	const struct host *host = s->s.host;
	const struct login *login = s->s.login;
	uint32_t days = login ? login->pop3_expire_days : host->pop3_expire_min_days;
	uint32_t delay_s = login ? login->pop3_login_delay_s : host->pop3_login_delay_max_s;
	const char *varies = login ? "" : " USER";
	if (days == UINT32_MAX)
		session_sayf(&s->s, "EXPIRE NEVER\r\n");
	else
		session_sayf(&s->s, "EXPIRE %u%s\r\n", (unsigned)days, varies);
	session_sayf(&s->s, "LOGIN-DELAY %u%s\r\n", (unsigned)delay_s, delay_s ? varies : "");
}

static void pop3_say_sasl(struct pop3_session *s)
{
	struct buf list;
	buf_init(&list, 256);
	if (!sasl_list(&s->s, "", &list) && list.len)
		session_sayf(&s->s, "SASL " SLICE_FMT "\r\n", SLICE_ARG(buf_view(&list)));
	buf_free(&list);
}

/* What the table says, but for what depends on the connection. */
static bool pop3_is_announced(const struct pop3_session *s, const struct pop3_verb *verb)
{
	if (!verb->capa)
		return false;
	if (verb->run == pop3_user)
		return session_may_take_password(&s->s);
	if (verb->run == pop3_stls)
		return s->s.host->tls && !session_is_tls(&s->s) && s->state == POP3_AUTHORIZATION;
	return true;
}

static enum step pop3_capa(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	pop3_ok(s, TEXT_CAPABILITIES);
	for (size_t i = 0; i < pop3_verb_count; i++)
		if (pop3_is_announced(s, &pop3_verbs[i]))
			session_sayf(&s->s, "%s\r\n", pop3_verbs[i].capa);
	pop3_say_sasl(s);
	pop3_say_policy(s);
	session_sayf(&s->s,
		     "RESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
		     "IMPLEMENTATION Surel-%s\r\n.\r\n",
		     s->s.host->version);
	return STEP_DONE;
}

/* --- small ones ------------------------------------------------------------------------------- */

static enum step pop3_noop(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	return pop3_ok(s, TEXT_DONE);
}

static enum step pop3_stat(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	session_sayf(&s->s, "+OK %u %llu\r\n", (unsigned)(s->drop.count - s->drop.deleted),
		     (unsigned long long)(s->drop.octets - s->drop.deleted_octets));
	return STEP_DONE;
}

static enum step pop3_dele(struct pop3_session *s, const struct pop3_line *line)
{
	uint32_t number;
	if (slice_u32(line->args[0], &number))
		return pop3_refuse(s, "", TEXT_WRONG_ARGUMENTS);
	enum err err = pop3_drop_delete(&s->drop, number);
	return err ? pop3_fail(s, err) : pop3_ok(s, TEXT_MARKED);
}

static enum step pop3_rset(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	pop3_drop_reset(&s->drop);
	return pop3_ok(s, TEXT_RESET);
}

/* RFC 6856 2.1. Messages are sent as they are stored in either mode: a client that reads raw
 * 8-bit mail without UTF8 is far more common than one that is hurt by it. */
static enum step pop3_utf8(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	return pop3_ok(s, TEXT_UTF8_ON);
}

static enum step pop3_lang(struct pop3_session *s, const struct pop3_line *line)
{
	enum pop3_lang lang;
	if (line->argc == 0) {
		pop3_ok(s, TEXT_LANGUAGES);
		for (int i = 0; i < POP3_LANGS; i++)
			session_sayf(&s->s, "%s %s\r\n", pop3_lang_tag((enum pop3_lang)i),
				     pop3_lang_name((enum pop3_lang)i));
		session_sayf(&s->s, ".\r\n");
		return STEP_DONE;
	}
	if (pop3_lang_find(line->args[0], &lang))
		return pop3_refuse(s, "", TEXT_NO_SUCH_LANGUAGE);
	s->lang = lang;
	session_sayf(&s->s, "+OK %s %s\r\n", pop3_lang_tag(lang), pop3_say(s, TEXT_LANGUAGE_SET));
	return STEP_DONE;
}

/* --- the table -------------------------------------------------------------------------------- */

/* clang-format off */
const struct pop3_verb pop3_verbs[] = {
	/* name  legal in            args         CAPA         handler */
	{"USER", POP3_AUTHORIZATION, 1, SIZE_MAX, "USER",      pop3_user},
	{"PASS", POP3_AUTHORIZATION, 0, SIZE_MAX, NULL,        pop3_pass},
	{"APOP", POP3_AUTHORIZATION, 0, SIZE_MAX, NULL,        pop3_apop},
	{"AUTH", POP3_AUTHORIZATION, 0, 2,        NULL,        pop3_auth},
	{"STLS", POP3_AUTHORIZATION, 0, 0,        "STLS",      pop3_stls},
	{"STAT", POP3_TRANSACTION,   0, 0,        NULL,        pop3_stat},
	{"LIST", POP3_TRANSACTION,   0, 1,        NULL,        pop3_list},
	{"RETR", POP3_TRANSACTION,   1, 1,        NULL,        pop3_retr},
	{"DELE", POP3_TRANSACTION,   1, 1,        NULL,        pop3_dele},
	{"NOOP", POP3_TRANSACTION,   0, 0,        NULL,        pop3_noop},
	{"RSET", POP3_TRANSACTION,   0, 0,        NULL,        pop3_rset},
	{"TOP",  POP3_TRANSACTION,   2, 2,        "TOP",       pop3_top},
	{"UIDL", POP3_TRANSACTION,   0, 1,        "UIDL",      pop3_uidl},
	{"UTF8", POP3_AUTHORIZATION, 0, 0,        "UTF8 USER", pop3_utf8},
	{"LANG", POP3_ANY_STATE,     0, 1,        "LANG",      pop3_lang},
	{"CAPA", POP3_ANY_STATE,     0, 0,        NULL,        pop3_capa},
	{"QUIT", POP3_ANY_STATE,     0, 0,        NULL,        pop3_quit},
};
/* clang-format on */
const size_t pop3_verb_count = sizeof(pop3_verbs) / sizeof(pop3_verbs[0]);
