/* MAIL and RCPT: who sends to whom (RFC 5321 4.1.1.2, 4.1.1.3). */
#include <stdio.h>
#include <stdlib.h>

#include "mail/lexical.h"
#include "proto/smtp/smtp_session.h"

/* "FROM:<path>" or "TO:<path>": a space behind the colon is wrong, and common. */
static enum err smtp_take_path(const char *keyword, struct slice *args, struct smtp_path *path_out)
{
	if (!slice_starts_nocase(*args, keyword))
		return ERR_SYNTAX;
	*args = slice_from(*args, strlen(keyword));
	while (args->len && args->ptr[0] == ' ')
		*args = slice_from(*args, 1);
	enum err err = smtp_path_parse(args, path_out);
	if (!err && args->len && args->ptr[0] != ' ')
		err = ERR_SYNTAX;
	return err;
}

static enum err smtp_keep_path(struct smtp_session *s, const struct smtp_path *path,
			       struct slice *copy_out)
{
	struct buf text;
	buf_init(&text, SMTP_MAILBOX_MAX);
	enum err err = smtp_path_write(path, &text);
	if (!err)
		err = arena_copy(&s->arena, buf_view(&text), copy_out);
	buf_free(&text);
	return err;
}

/* --- MAIL ------------------------------------------------------------------------------------- */

static enum step smtp_mail_size(struct smtp_session *s, struct slice value)
{
	if (slice_u64(value, UINT64_MAX, &s->envelope.size))
		return smtp_refuse(s, "501 5.5.4", "SIZE takes a number");
	if (s->envelope.size > s->s.host->message_max_bytes)
		return smtp_refuse(s, "552 5.3.4", "The message is too big");
	return STEP_MORE;
}

static enum step smtp_mail_body(struct smtp_session *s, struct slice value)
{
	/* In the order of enum smtp_body. */
	size_t body = lexical_word_find("7BIT\0"
					"8BITMIME\0"
					"BINARYMIME\0",
					value);
	if (body == SIZE_MAX)
		return smtp_refuse(s, "501 5.5.4", "Unknown BODY");
	s->body = (enum smtp_body)body;
	return STEP_MORE;
}

/* STEP_MORE: all is well. */
static enum step smtp_take_mail_param(struct smtp_session *s, const struct smtp_param *param)
{
	struct slice value = param->value;
	size_t which = lexical_word_find("SIZE\0"
					 "BODY\0"
					 "SMTPUTF8\0"
					 "AUTH\0",
					 param->name);
	switch (s->is_esmtp ? which : SIZE_MAX) {
	case 0: return smtp_mail_size(s, value);
	case 1: return smtp_mail_body(s, value);
	case 2:
		s->is_utf8 = true;
		return value.ptr ? smtp_refuse(s, "501 5.5.4", "SMTPUTF8 takes no value")
				 : STEP_MORE;
	case 3: /* RFC 4954 5: who submitted it, as the client says. It is checked, not trusted. */
		return value.len && (slice_eq_str(value, "<>") || smtp_is_xtext(value))
			       ? STEP_MORE
			       : smtp_refuse(s, "501 5.5.4", "AUTH takes a mailbox in xtext");
	default: return smtp_refuse(s, "555 5.5.4", "Unknown parameter");
	}
}

/* STEP_MORE: all parameters were taken; STEP_DONE: refused. */
static enum step smtp_take_mail_params(struct smtp_session *s, struct slice rest)
{
	struct smtp_param param;
	enum err err;
	while (!(err = smtp_param_next(&rest, &param))) {
		enum step step = smtp_take_mail_param(s, &param);
		if (step != STEP_MORE)
			return step;
	}
	return err == ERR_NOT_FOUND ? STEP_MORE
				    : smtp_refuse(s, "501 5.5.4", "Malformed parameter");
}

/* RFC 3848, RFC 6531 4.3: [UTF8] SMTP|LMTP, or ESMTP, and S for TLS, A for AUTH. */
static void smtp_name_protocol(struct smtp_session *s)
{
	const char *protocol = smtp_is_lmtp(s) ? "LMTP"
			       : s->is_utf8    ? "SMTP"
			       : s->is_esmtp   ? "ESMTP"
					       : "SMTP";
	snprintf(s->with, sizeof(s->with), "%s%s%s%s", s->is_utf8 ? "UTF8" : "", protocol,
		 s->is_esmtp && session_is_tls(&s->s) ? "S" : "",
		 s->is_esmtp && s->s.login ? "A" : "");
}

enum step smtp_mail(struct smtp_session *s, struct slice args)
{
	struct smtp_path path;
	if (s->s.service == SERVICE_SUBMISSION && !s->s.login)
		return smtp_refuse(s, "530 5.7.0", "Log in first");
	if (s->mails >= SMTP_MAIL_MAX)
		return smtp_refuse(s, "452 4.5.3",
				   "Too many messages in one session, connect again");
	enum err err = smtp_take_path("FROM:", &args, &path);
	if (err)
		return smtp_refuse(s, err == ERR_LIMIT ? "501 5.1.7" : "501 5.5.2",
				   "MAIL FROM:<sender>, please");
	smtp_reset(s);
	if (smtp_take_mail_params(s, args) != STEP_MORE)
		return STEP_DONE;
	if (path.has_utf8 && !s->is_utf8)
		return smtp_refuse(s, "553 5.6.7", "This address needs SMTPUTF8");
	if (smtp_keep_path(s, &path, &s->envelope.mail_from))
		return smtp_say(s, "451 4.3.0", "Out of memory");
	smtp_name_protocol(s);
	s->envelope.helo = buf_view(&s->helo);
	s->envelope.with = s->with;
	s->state = SMTP_MAIL;
	s->mails++;
	return smtp_say(s, "250 2.1.0", "Sender ok");
}

/* --- RCPT ------------------------------------------------------------------------------------- */

static enum err smtp_add_rcpt(struct smtp_session *s)
{
	if (s->envelope.rcpt_count == s->rcpt_cap) {
		size_t cap = s->rcpt_cap ? 2 * s->rcpt_cap : 4;
		struct slice *rcpts = realloc(s->rcpts, cap * sizeof(*rcpts));
		if (!rcpts)
			return ERR_NOMEM;
		s->rcpts = rcpts;
		s->rcpt_cap = cap;
		s->envelope.rcpt_to = rcpts;
	}
	s->rcpts[s->envelope.rcpt_count++] = s->rcpt;
	s->state = SMTP_RCPT;
	return ERR_NONE;
}

/* A list with some old names is no attack: so many of them are free. */
static enum step smtp_refuse_rcpt(struct smtp_session *s, const struct smtp_reply *reply)
{
	bool is_counted = reply->code[0] == '5' && ++s->refused_rcpts > SMTP_BAD_RCPT_MAX;
	return is_counted ? smtp_refuse(s, reply->code, reply->text) : smtp_say_reply(s, reply);
}

static enum step smtp_go_on_rcpt(struct smtp_session *s)
{
	struct host *host = s->s.host;
	enum err err = host->ops->rcpt_check(host, &s->envelope, s->rcpt, &s->s.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (!err)
		err = smtp_add_rcpt(s);
	const struct smtp_reply *reply = smtp_reply_for(err, SMTP_AT_RCPT);
	return err ? smtp_refuse_rcpt(s, reply) : smtp_say_reply(s, reply);
}

enum step smtp_rcpt(struct smtp_session *s, struct slice args)
{
	struct smtp_path path;
	struct smtp_param param;
	enum err err = smtp_take_path("TO:", &args, &path);
	if (err || !path.local.len)
		return smtp_refuse(s, err == ERR_LIMIT ? "501 5.1.3" : "501 5.5.2",
				   "RCPT TO:<recipient>, please");
	err = smtp_param_next(&args, &param);
	if (err != ERR_NOT_FOUND)
		return smtp_refuse(s, err ? "501 5.5.4" : "555 5.5.4", "Unknown parameter");
	if (path.has_utf8 && !s->is_utf8)
		return smtp_refuse(s, "553 5.6.7", "This address needs SMTPUTF8");
	if (s->envelope.rcpt_count >= s->s.host->rcpt_max)
		return smtp_say(s, "452 4.5.3", "Too many recipients");
	err = smtp_keep_path(s, &path, &s->rcpt);
	if (err) /* the arena: full of recipients that were refused */
		return smtp_refuse(s, "452 4.5.3", "Too many recipients");
	return smtp_then(s, smtp_go_on_rcpt);
}
