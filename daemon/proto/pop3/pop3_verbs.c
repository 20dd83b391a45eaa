#include "proto/pop3/pop3_session.h"

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
		return pop3_err(s, s->drop.has_changed ? TEXT_PARTLY_DONE : TEXT_NOTHING_DONE);
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
static void pop3_announce(struct pop3_session *s, const char *line)
{
	if (!s->s.login || !policy_hides(&s->s.login->policy, line))
		session_sayf(&s->s, "%s\r\n", line);
}

static void pop3_announce_verb(struct pop3_session *s, const struct pop3_verb *verb)
{
	bool is_announced = verb->when & POP3_IN_CAPA;
	char line[sizeof(verb->name) + sizeof(" USER")];
	if (verb->when & POP3_IF_CLEAR)
		is_announced = session_may_take_password(&s->s);
	if (verb->when & POP3_IF_NO_TLS)
		is_announced =
			s->s.host->tls && !session_is_tls(&s->s) && s->state == POP3_AUTHORIZATION;
	snprintf(line, sizeof(line), "%s%s", verb->name, verb->when & POP3_FOR_USER ? " USER" : "");
	if (is_announced)
		pop3_announce(s, line);
}

static void pop3_announce_sasl(struct pop3_session *s)
{
	static const char name[] = "SASL ";
	struct buf line;
	buf_init(&line, 200);
	if (!buf_add_str(&line, name) && !sasl_list(&s->s, "", &line) && line.len >= sizeof(name) &&
	    !buf_add_byte(&line, '\0'))
		pop3_announce(s, (const char *)buf_view(&line).ptr);
	buf_free(&line);
}

/* What is so for every session; EXPIRE and LOGIN-DELAY are before login the strictest of all users',
 * then the user's own. */
static void pop3_announce_policy(struct pop3_session *s)
{
	const struct host *host = s->s.host;
	const struct login *login = s->s.login;
	uint32_t days = login ? pop3_drop_expire_days(&s->drop) : host->pop3_expire_min_days;
	uint32_t delay_s = login ? login->pop3_login_delay_s : host->pop3_login_delay_max_s;
	const char *varies = login ? "" : " USER";
	char text[256], expire[20] = "NEVER";
	if (days != UINT32_MAX)
		snprintf(expire, sizeof(expire), "%u%s", (unsigned)days, varies);
	snprintf(text, sizeof(text),
		 "EXPIRE %s\nLOGIN-DELAY %u%s\nRESP-CODES\nAUTH-RESP-CODE\nPIPELINING\n"
		 "IMPLEMENTATION Surel-%s",
		 expire, (unsigned)delay_s, delay_s ? varies : "", host->version);
	for (char *line = text, *end; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		pop3_announce(s, line);
	}
}

static enum step pop3_capa(struct pop3_session *s, const struct pop3_line *line)
{
	const struct pop3_verb *verb;
	(void)line;
	pop3_ok(s, TEXT_CAPABILITIES);
	for (size_t i = 0; (verb = pop3_verb_at(i)); i++)
		pop3_announce_verb(s, verb);
	pop3_announce_sasl(s);
	pop3_announce_policy(s);
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
		return pop3_refuse(s, TEXT_WRONG_ARGUMENTS);
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

/* --- the table -------------------------------------------------------------------------------- */

/* clang-format off */
static const struct pop3_verb pop3_verbs[] = {
	/* name  when                               arguments     handler */
	{"USER", POP3_AUTHORIZATION | POP3_IF_CLEAR, 1, UINT8_MAX, pop3_user},
	{"PASS", POP3_AUTHORIZATION,                 0, UINT8_MAX, pop3_pass},
	{"STAT", POP3_TRANSACTION,                   0, 0,         pop3_stat},
	{"LIST", POP3_TRANSACTION,                   0, 1,         pop3_list},
	{"RETR", POP3_TRANSACTION,                   1, 1,         pop3_retr},
	{"DELE", POP3_TRANSACTION,                   1, 1,         pop3_dele},
	{"NOOP", POP3_TRANSACTION,                   0, 0,         pop3_noop},
	{"RSET", POP3_TRANSACTION,                   0, 0,         pop3_rset},
	{"TOP",  POP3_TRANSACTION | POP3_IN_CAPA,    2, 2,         pop3_top},
	{"UIDL", POP3_TRANSACTION | POP3_IN_CAPA,    0, 1,         pop3_uidl},
	{"UTF8", POP3_AUTHORIZATION | POP3_IN_CAPA | POP3_FOR_USER, 0, 0, pop3_utf8},
	{"CAPA", POP3_ANY_STATE,                     0, 0,         pop3_capa},
	{"QUIT", POP3_ANY_STATE,                     0, 0,         pop3_quit},
};
/* clang-format on */

const struct pop3_verb *pop3_verb_at(size_t place)
{
	size_t count = sizeof(pop3_verbs) / sizeof(pop3_verbs[0]);
	return place < count ? &pop3_verbs[place] : pop3_more_verbs[place - count];
}
