#include "proto/imap/imap_engine.h"

bool imap_flush(struct imap_session *s)
{
	while (s->reply.len) {
		size_t room = stream_room(s->base.stream);
		if (room == 0)
			return false;
		struct slice part = slice_upto(buf_view(&s->reply), room);
		session_say(&s->base, part);
		buf_consume(&s->reply, part.len);
	}
	return true;
}

bool imap_must_pause(struct imap_session *s)
{
	return !imap_flush(s) || session_must_pause(&s->base);
}

/* --- the tagged reply -------------------------------------------------------------------------- */

/* "Select completed" */
static void out_completed(struct imap_out *o, const char *verb)
{
	char name[sizeof(((struct imap_verb *)NULL)->name)];
	size_t n = 0;
	for (; verb[n]; n++)
		name[n] = (char)(n ? ascii_lower((uint8_t)verb[n]) : (uint8_t)verb[n]);
	out_bytes(o, slice_of(name, n));
	out_str(o, " completed");
}

static enum step imap_tagged(struct imap_session *s, const char *status, const char *code,
			     const char *text)
{
	struct imap_out o = {.buf = &s->tagged, .utf8 = s->out.utf8, .err = s->out.err};
	out_text(&o, s->tag.len ? s->tag : SLICE_LIT("*"));
	out_str(&o, status);
	if (code) {
		out_str(&o, "[");
		out_text(&o, slice_str(code));
		out_str(&o, "] ");
	}
	if (text)
		out_text(&o, slice_str(text));
	else
		out_completed(&o, s->verb->name);
	out_str(&o, "\r\n");
	s->out.err = o.err;
	return STEP_DONE;
}

static enum imap_sync_rule imap_news_rule(const struct imap_session *s)
{
	if (s->verb->sync == SYNC_NO_EXPUNGE && s->is_uid)
		return SYNC_ALL;
	return (enum imap_sync_rule)s->verb->sync;
}

enum step imap_ok(struct imap_session *s, const char *code, const char *text)
{
	s->news = imap_news_rule(s);
	/* Before login success proves nothing: anybody may ask for CAPABILITY. */
	if (s->base.login)
		session_forgive(&s->base);
	return imap_tagged(s, " OK ", code, text);
}

enum step imap_no(struct imap_session *s, const char *code, const char *text)
{
	s->news = imap_news_rule(s);
	return imap_tagged(s, " NO ", code, text);
}

enum step imap_bad(struct imap_session *s, const char *text)
{
	s->news = SYNC_NONE;
	if (session_count_error(&s->base))
		s->wants_goodbye = true;
	return imap_tagged(s, " BAD ", NULL, text);
}

enum step imap_bad_lex(struct imap_session *s)
{
	/* Well-formed, but a name that no mailbox can have, or more than we take at once. */
	if (s->lex.err == ERR_DENIED)
		return imap_no(s, "CANNOT", s->lex.why);
	if (s->lex.err == ERR_LIMIT || s->lex.err == ERR_NOMEM)
		return imap_no(s, "LIMIT", s->lex.why);
	return imap_bad(s, s->lex.why ? s->lex.why : "Wrong arguments");
}

/* RFC 5530 3, RFC 9208 4.3. */
static const char *imap_code_of(enum err err)
{
	switch (err) {
	case ERR_NOT_FOUND:
	case ERR_GONE: return "NONEXISTENT";
	case ERR_EXISTS: return "ALREADYEXISTS";
	case ERR_QUOTA:
	case ERR_FULL: return "OVERQUOTA";
	case ERR_LIMIT: return "LIMIT";
	case ERR_SYNTAX:
	case ERR_DENIED:
	case ERR_UNSUPPORTED: return "CANNOT";
	case ERR_IN_USE: return "INUSE";
	case ERR_CORRUPT: return "CORRUPTION";
	case ERR_AGAIN:
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_READ_ONLY:
	case ERR_CLOSED:
	case ERR_TIMEOUT: return "UNAVAILABLE";
	case ERR_NONE:
	case ERR_STATE:
	case ERR_COUNT: break;
	}
	return "SERVERBUG";
}

enum step imap_no_err(struct imap_session *s, enum err err)
{
	/* Of messages that are no more nothing is said: it was a mailbox. */
	bool is_box = err == ERR_NOT_FOUND;
	return imap_no(s, imap_code_of(err), is_box ? "There is no such mailbox" : err_text(err));
}

void imap_put_tagged(struct imap_session *s)
{
	if (!s->out.err && s->tagged.len)
		s->out.err = buf_add_slice(&s->reply, buf_view(&s->tagged));
	buf_free(&s->tagged);
	if (s->wants_goodbye)
		imap_say_bye(s, imap_goodbye_text(GOODBYE_ERRORS));
}

/* --- goodbye ----------------------------------------------------------------------------------- */

const char *imap_goodbye_text(enum goodbye why)
{
	switch (why) {
	case GOODBYE_TIMEOUT: return "Idle for too long";
	case GOODBYE_SHUTDOWN: return "Server is going down, come back later";
	case GOODBYE_SWITCHED: return "IMAP was switched off, or its settings changed";
	case GOODBYE_EVICTED: return "Too many connections, closing the oldest";
	case GOODBYE_LIMIT: return "Too many connections";
	case GOODBYE_ERRORS: return "Too many errors";
	}
	return "Goodbye";
}

void imap_say_bye(struct imap_session *s, const char *text)
{
	s->is_closing = true;
	out_str(&s->out, "* BYE ");
	out_text(&s->out, slice_str(text));
	out_str(&s->out, "\r\n");
}

/* --- the store --------------------------------------------------------------------------------- */

static enum err imap_note_change(struct imap_session *s, uint64_t ticket, enum err err)
{
	if (ticket > s->ticket)
		s->ticket = ticket;
	return err;
}

enum err imap_change(struct imap_session *s, struct msg_change *change)
{
	uint64_t ticket = 0;
	change->origin = s;
	enum err err = mailbox_change(s->view.box, change, &ticket);
	return imap_note_change(s, ticket, err);
}

enum err imap_change_box(struct imap_session *s, const struct box_change *change)
{
	uint64_t ticket = 0;
	enum err err = account_change_box(s->base.login->account, change, &ticket);
	return imap_note_change(s, ticket, err);
}

enum err imap_wait(struct imap_session *s)
{
	return store_wait(s->base.host->store, s->ticket, &s->base.waiter);
}

enum err imap_read(struct imap_session *s, const struct msg_info *info, uint64_t at, uint8_t *dst,
		   size_t *n)
{
	enum err err = mailbox_read(s->view.box, info, MSG_BODY, at, dst, *n, n, &s->base.waiter);
	return !err && !*n ? ERR_CORRUPT : err;
}

enum err imap_pause(struct imap_session *s)
{
	return imap_must_pause(s) ? ERR_AGAIN : ERR_NONE;
}

struct mailbox *imap_find_box(const struct imap_session *s, struct slice name)
{
	struct mailbox *box = account_find(s->base.login->account, name);
	return box && box->exists ? box : NULL;
}
