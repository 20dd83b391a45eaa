/* AUTH (RFC 5034), and why there is no APOP. */
#include "proto/pop3/pop3_session.h"

/* APOP hashes the password itself, so a server would have to keep it readable. This one keeps
 * SCRAM verifiers, gives no timestamp in its greeting, and says why when asked all the same. */
static enum step pop3_apop(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	return pop3_refuse(s, TEXT_NO_APOP);
}

static enum step pop3_auth_result(struct pop3_session *s, enum sasl_result result);

/* Between AUTH and its end: a check is under way, or the client's next line is due. */
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
	case SASL_CANCELLED: sasl_end(&s->sasl); return pop3_err(s, TEXT_CANCELLED);
	case SASL_TOO_LONG: sasl_end(&s->sasl); return pop3_refuse(s, TEXT_LINE_TOO_LONG);
	default: return pop3_login_result(s, result);
	}
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

static enum step pop3_auth(struct pop3_session *s, const struct pop3_line *line)
{
	/* Without a name: what Outlook asks, from the days of RFC 1734. */
	if (line->argc == 0)
		return pop3_list_mechanisms(s);
	if (sasl_begin(&s->sasl, &s->s, line->args[0]))
		return pop3_refuse(s, TEXT_UNKNOWN_MECHANISM);
	return pop3_auth_result(s, sasl_dialog_start(&s->sasl, line->args[1]));
}

extern const struct pop3_verb pop3_verb_apop, pop3_verb_auth; /* named by the generated table */
const struct pop3_verb pop3_verb_apop = {"APOP", POP3_AUTHORIZATION, 0, UINT8_MAX, pop3_apop};
const struct pop3_verb pop3_verb_auth = {"AUTH", POP3_AUTHORIZATION, 0, 2, pop3_auth};
