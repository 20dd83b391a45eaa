#include "proto/pop3/pop3_session.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

/* --- the end ---------------------------------------------------------------------------------- */

static void pop3_log_quit(const struct pop3_session *s)
{
	const struct pop3_tally *t = &s->drop.tally;
	log_info(s->s.id,
		 "pop3: %s: %u downloaded, %u marked as read, %u moved, %u deleted, %u hidden",
		 s->s.login->user, (unsigned)t->downloaded, (unsigned)t->marked_read,
		 (unsigned)t->moved, (unsigned)t->deleted, (unsigned)t->hidden);
}

/* UPDATE (RFC 1939 6): +OK only when all of it is durable. */
static enum step pop3_go_on_update(struct pop3_session *s)
{
	enum err err = pop3_drop_commit(&s->drop, &s->s);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	s->s.is_quitting = true;
	pop3_log_quit(s);
	/* Who marked nothing asked for nothing. What he has downloaded is offered once more, when the
	 * store can be written to again. */
	if (err == ERR_READ_ONLY && !s->drop.deleted && !s->drop.has_changed)
		err = ERR_NONE;
	if (err) {
		log_warn(s->s.id, "pop3: what QUIT asks for cannot be done: %s", err_text(err));
		return pop3_err(s, "[SYS/TEMP] ",
				s->drop.has_changed ? TEXT_PARTLY_DONE : TEXT_NOTHING_DONE);
	}
	return pop3_ok(s, TEXT_BYE);
}

/* A client that sends QUIT before it has the messages may lose its connection before it has them:
 * none counts as sent while a part of it is still here. */
static enum step pop3_go_on_quit(struct pop3_session *s)
{
	bool is_sent = !s->drop.retrieved_bits || stream_is_sent(s->s.stream);
	if (s->is_draining == is_sent)
		s->s.awaits = is_sent ? s->s.awaits - 1 : s->s.awaits + 1;
	s->is_draining = !is_sent;
	return is_sent ? pop3_then(s, pop3_go_on_update) : STEP_MORE;
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

/* One line of CAPA, unless the user's policy says that it shall not be announced. */
static void pop3_announce(struct pop3_session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void pop3_announce(struct pop3_session *s, const char *fmt, ...)
{
	char line[256], name[64] = "";
	va_list args;
	va_start(args, fmt);
	int len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (len <= 0 || (size_t)len >= sizeof(line))
		return;
	struct slice rest = slice_str(line);
	if (!s->s.login || slice_to_str(slice_word(&rest), name, sizeof(name)) ||
	    !policy_hides(&s->s.login->policy, name))
		session_sayf(&s->s, "%s\r\n", line);
}

/* EXPIRE and LOGIN-DELAY: before login the strictest of all users, then the user's own. */
static void pop3_say_policy(struct pop3_session *s)
{
	const struct host *host = s->s.host;
	const struct login *login = s->s.login;
	uint32_t days = login ? pop3_drop_expire_days(&s->drop) : host->pop3_expire_min_days;
	uint32_t delay_s = login ? login->pop3_login_delay_s : host->pop3_login_delay_max_s;
	const char *varies = login ? "" : " USER";
	if (days == UINT32_MAX)
		pop3_announce(s, "EXPIRE NEVER");
	else
		pop3_announce(s, "EXPIRE %u%s", (unsigned)days, varies);
	pop3_announce(s, "LOGIN-DELAY %u%s", (unsigned)delay_s, delay_s ? varies : "");
}

static void pop3_say_sasl(struct pop3_session *s)
{
	struct buf list;
	buf_init(&list, 200);
	if (!sasl_list(&s->s, "", &list) && list.len)
		pop3_announce(s, "SASL " SLICE_FMT, SLICE_ARG(buf_view(&list)));
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
	static const char *const always[] = {"RESP-CODES", "AUTH-RESP-CODE", "PIPELINING"};
	(void)line;
	pop3_ok(s, TEXT_CAPABILITIES);
	for (size_t i = 0; i < pop3_verb_count; i++)
		if (pop3_is_announced(s, &pop3_verbs[i]))
			pop3_announce(s, "%s", pop3_verbs[i].capa);
	pop3_say_sasl(s);
	pop3_say_policy(s);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		pop3_announce(s, "%s", always[i]);
	pop3_announce(s, "IMPLEMENTATION Surel-%s", s->s.host->version);
	session_say(&s->s, SLICE_LIT(".\r\n"));
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
	{"USER", POP3_AUTHORIZATION, 1, UINT8_MAX, "USER",     pop3_user},
	{"PASS", POP3_AUTHORIZATION, 0, UINT8_MAX, NULL,       pop3_pass},
	{"APOP", POP3_AUTHORIZATION, 0, UINT8_MAX, NULL,       pop3_apop},
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
