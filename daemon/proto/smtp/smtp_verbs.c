#include "proto/smtp/smtp_session.h"

/* --- EHLO, HELO, LHLO ------------------------------------------------------------------------- */

/* False: refused, and said so. Any word is good enough: printers call themselves as they like, and
 * nothing depends on it. */
static bool smtp_hello(struct smtp_session *s, struct slice args, bool is_esmtp)
{
	if (!args.len || args.len > SMTP_HELO_MAX) {
		smtp_refuse(s, "501 5.5.4", "Say who you are: a domain or an address literal");
		return false;
	}
	smtp_reset(s);
	buf_clear(&s->helo);
	if (buf_add_slice(&s->helo, slice_word(&args))) {
		smtp_say(s, "451 4.3.0", "Out of memory");
		return false;
	}
	s->is_esmtp = is_esmtp;
	s->state = SMTP_READY;
	return true;
}

static enum step smtp_helo(struct smtp_session *s, struct slice args)
{
	if (smtp_hello(s, args, false))
		session_sayf(&s->s, "250 %s\r\n", s->s.host->hostname);
	return STEP_DONE;
}

static void smtp_say_auth(struct smtp_session *s)
{
	struct buf list;
	buf_init(&list, 256);
	if (smtp_may_auth(s) && !sasl_list(&s->s, "", &list) && list.len)
		session_sayf(&s->s, "250-AUTH " SLICE_FMT "\r\n", SLICE_ARG(buf_view(&list)));
	buf_free(&list);
}

static enum step smtp_ehlo(struct smtp_session *s, struct slice args)
{
	const struct host *host = s->s.host;
	if (!smtp_hello(s, args, true))
		return STEP_DONE;
	session_sayf(&s->s,
		     "250-%s\r\n250-PIPELINING\r\n250-SIZE %llu\r\n250-8BITMIME\r\n"
		     "250-BINARYMIME\r\n250-CHUNKING\r\n250-SMTPUTF8\r\n"
		     "250-LIMITS MAILMAX=%d RCPTMAX=%u\r\n",
		     host->hostname, (unsigned long long)host->message_max_bytes, SMTP_MAIL_MAX,
		     (unsigned)host->rcpt_max);
	if (host->tls && !session_is_tls(&s->s))
		session_sayf(&s->s, "250-STARTTLS\r\n");
	smtp_say_auth(s);
	session_sayf(&s->s, "250 ENHANCEDSTATUSCODES\r\n");
	return STEP_DONE;
}

/* --- small ones ------------------------------------------------------------------------------- */

static enum step smtp_rset(struct smtp_session *s, struct slice args)
{
	(void)args;
	smtp_reset(s);
	return smtp_say(s, "250 2.0.0", "Forgotten");
}

static enum step smtp_noop(struct smtp_session *s, struct slice args)
{
	(void)args; /* RFC 5321 4.1.1.9: may be there, means nothing */
	return smtp_say(s, "250 2.0.0", "Done");
}

static enum step smtp_quit(struct smtp_session *s, struct slice args)
{
	(void)args;
	s->s.is_quitting = true;
	return smtp_say(s, "221 2.0.0", "Goodbye");
}

/* RFC 5321 3.5.3: who has a mailbox here is told to nobody, but mail will be tried. */
static enum step smtp_vrfy(struct smtp_session *s, struct slice args)
{
	if (!args.len)
		return smtp_refuse(s, "501 5.5.4", "Verify whom?");
	return smtp_say(s, "252 2.1.5", "Not told, but send your mail and see");
}

static enum step smtp_expn(struct smtp_session *s, struct slice args)
{
	(void)args;
	return smtp_refuse(s, "502 5.5.1", "There are no lists here");
}

static enum step smtp_help(struct smtp_session *s, struct slice args)
{
	for (size_t i = 0; i < smtp_verb_count; i++) {
		const struct smtp_verb *verb = &smtp_verbs[i];
		bool is_asked = !args.len || slice_eq_str_nocase(args, verb->name);
		if (is_asked && verb->services & 1u << s->s.service)
			session_sayf(&s->s, "214-2.0.0 %s\r\n", verb->help);
	}
	return smtp_say(s, "214 2.0.0", "That is all");
}

/* --- the table -------------------------------------------------------------------------------- */

/* clang-format off */
const struct smtp_verb smtp_verbs[] = {
	/* name     services        legal in             help, handler */
	{"EHLO",     SERVICES_SMTP, SMTP_ANY_STATE,      "EHLO name", smtp_ehlo},
	{"HELO",     SERVICES_SMTP, SMTP_ANY_STATE,      "HELO name", smtp_helo},
	{"LHLO",     SERVICES_LMTP, SMTP_ANY_STATE,      "LHLO name", smtp_ehlo},
	{"STARTTLS", SERVICES_ALL,  SMTP_NO_TRANSACTION, "STARTTLS", smtp_starttls},
	{"AUTH",     SERVICES_SMTP, SMTP_READY,          "AUTH mechanism [initial]", smtp_auth},
	{"MAIL",     SERVICES_ALL,  SMTP_READY,          "MAIL FROM:<sender> [parameters]", smtp_mail},
	{"RCPT",     SERVICES_ALL,  SMTP_MAIL | SMTP_RCPT, "RCPT TO:<recipient>", smtp_rcpt},
	{"DATA",     SERVICES_ALL,  SMTP_ANY_STATE,      "DATA", smtp_data},
	{"BDAT",     SERVICES_ALL,  SMTP_ANY_STATE,      "BDAT octets [LAST]", smtp_bdat},
	{"RSET",     SERVICES_ALL,  SMTP_ANY_STATE,      "RSET", smtp_rset},
	{"NOOP",     SERVICES_ALL,  SMTP_ANY_STATE,      "NOOP", smtp_noop},
	{"VRFY",     SERVICES_ALL,  SMTP_ANY_STATE,      "VRFY name", smtp_vrfy},
	{"EXPN",     SERVICES_ALL,  SMTP_ANY_STATE,      "EXPN list", smtp_expn},
	{"HELP",     SERVICES_ALL,  SMTP_ANY_STATE,      "HELP [command]", smtp_help},
	{"QUIT",     SERVICES_ALL,  SMTP_ANY_STATE,      "QUIT", smtp_quit},
};
/* clang-format on */
const size_t smtp_verb_count = sizeof(smtp_verbs) / sizeof(smtp_verbs[0]);
