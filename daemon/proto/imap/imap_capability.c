#include "base/log.h"
#include "proto/imap/imap_engine.h"
#include "proto/imap/imap_verbs.h"
#include "proto/sasl.h"

enum { SASL_LIST_MAX_BYTES = 512, ID_PAIRS_MAX = 30, ID_LOG_MAX_BYTES = 300 };

/* --- CAPABILITY (RFC 9051 6.1.1) ---------------------------------------------------------------- */

static void write_login_capabilities(struct imap_session *s, struct imap_out *o)
{
	struct buf mechanisms;
	if (s->base.host->tls && !session_is_tls(&s->base))
		out_str(o, " STARTTLS");
	if (!session_may_take_password(&s->base))
		out_str(o, " LOGINDISABLED");
	buf_init(&mechanisms, SASL_LIST_MAX_BYTES);
	enum err err = sasl_list(&s->base, "AUTH=", &mechanisms);
	if (!err && mechanisms.len) {
		out_str(o, " ");
		out_text(o, buf_view(&mechanisms));
	}
	buf_free(&mechanisms);
	if (err && !o->err)
		o->err = err;
}

/* Those behind the first few are of no use before a login. */
enum { CAPABILITIES_BEFORE_LOGIN = 5 };

/* imap.hide_capabilities: not announced, though it goes on working. */
static void write_capability(const struct imap_session *s, struct imap_out *o, const char *name)
{
	if (!s->base.login || !policy_hides(&s->base.login->policy, name))
		out_fmt(o, " %s", name);
}

void imap_write_capabilities(struct imap_session *s, struct imap_out *o)
{
	out_str(o, "CAPABILITY IMAP4rev1");
	for (size_t i = 0; policy_capabilities[i]; i++)
		if (i < CAPABILITIES_BEFORE_LOGIN || s->base.login)
			write_capability(s, o, policy_capabilities[i]);
	if (!s->base.login)
		write_login_capabilities(s, o);
	else if (!policy_hides(&s->base.login->policy, "APPENDLIMIT"))
		out_fmt(o, " APPENDLIMIT=%llu",
			(unsigned long long)s->base.host->message_max_bytes);
}

enum step imap_run_capability(struct imap_session *s)
{
	if (!lex_end(&s->lex))
		return imap_bad_lex(s);
	out_str(&s->out, "* ");
	imap_write_capabilities(s, &s->out);
	out_str(&s->out, "\r\n");
	return imap_ok(s, NULL, NULL);
}

/* --- ENABLE (RFC 5161) ------------------------------------------------------------------------- */

enum step imap_run_enable(struct imap_session *s)
{
	struct slice name = SLICE_EMPTY;
	bool wants_condstore = false;
	do {
		if (!lex_space(&s->lex) || !lex_atom(&s->lex, &name))
			return imap_bad_lex(s);
		wants_condstore = wants_condstore || slice_eq_str_nocase(name, "CONDSTORE");
	} while (!lex_at_end(&s->lex) && slice_trim(s->lex.rest).len);

	/* Also when it names nothing: some clients wait for the response itself. */
	out_str(&s->out, wants_condstore ? "* ENABLED CONDSTORE\r\n" : "* ENABLED\r\n");
	if (wants_condstore)
		imap_enable_condstore(s);
	return imap_ok(s, NULL, "Enabled");
}

/* --- ID (RFC 2971) ----------------------------------------------------------------------------- */

/* What people know a client by: "iPhone Mail 15.1". */
static void id_name(struct slice field, struct slice value, struct imap_out *name)
{
	if (!slice_eq_str_nocase(field, "name") && !slice_eq_str_nocase(field, "version"))
		return;
	if (name->buf->len)
		out_str(name, " ");
	out_text(name, slice_upto(value, 40));
}

/* One line for the log: `"name" "iPhone Mail" "version" "..."`. */
static bool id_read_pairs(struct imap_session *s, struct imap_out *log, struct imap_out *name)
{
	struct slice field = SLICE_EMPTY, value = SLICE_EMPTY;
	bool is_nil = false;
	if (lex_try(&s->lex, ')'))
		return true;
	for (unsigned pairs = 0; pairs < ID_PAIRS_MAX; pairs++) {
		if (!lex_string(&s->lex, &field) || !lex_space(&s->lex) ||
		    !lex_nstring(&s->lex, &is_nil, &value))
			return false;
		out_str(log, " ");
		out_text(log, field);
		out_str(log, "=");
		out_text(log, slice_upto(value, 64));
		id_name(field, value, name);
		if (lex_try(&s->lex, ')'))
			return true;
		if (!lex_space(&s->lex))
			return false;
	}
	return lex_fail(&s->lex, "Too many fields");
}

static bool id_read(struct imap_session *s, struct imap_out *log, struct imap_out *name)
{
	if (!lex_space(&s->lex))
		return false;
	if (!lex_try_word(&s->lex, "NIL") &&
	    (!lex_char(&s->lex, '(') || !id_read_pairs(s, log, name)))
		return false;
	return lex_end(&s->lex);
}

enum step imap_run_id(struct imap_session *s)
{
	struct host *host = s->base.host;
	struct buf client, known_as;
	buf_init(&client, ID_LOG_MAX_BYTES);
	buf_init(&known_as, ID_LOG_MAX_BYTES);
	/* What does not fit is left out of the log. */
	struct imap_out log = {.buf = &client}, name = {.buf = &known_as};
	bool is_read = id_read(s, &log, &name);
	if (is_read && client.len)
		log_info(s->base.id, "imap: client is" SLICE_FMT, SLICE_ARG(buf_view(&client)));
	if (is_read && known_as.len && host->ops->client_named)
		host->ops->client_named(host, &s->base, buf_view(&known_as));
	buf_free(&client);
	buf_free(&known_as);
	if (!is_read)
		return imap_bad_lex(s);
	out_str(&s->out, "* ID (\"name\" \"Surel\" \"version\" ");
	out_string(&s->out, slice_str(host->version));
	out_str(&s->out, ")\r\n");
	return imap_ok(s, NULL, NULL);
}

/* --- small ones -------------------------------------------------------------------------------- */

enum step imap_run_namespace(struct imap_session *s)
{
	if (!lex_end(&s->lex))
		return imap_bad_lex(s);
	out_str(&s->out, "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"); /* RFC 2342: all is personal */
	return imap_ok(s, NULL, NULL);
}

enum step imap_run_noop(struct imap_session *s)
{
	return lex_end(&s->lex) ? imap_ok(s, NULL, "Completed") : imap_bad_lex(s);
}

enum step imap_run_logout(struct imap_session *s)
{
	if (!lex_end(&s->lex))
		return imap_bad_lex(s);
	imap_say_bye(s, "Logging out");
	s->state = IMAP_LOGOUT;
	return imap_ok(s, NULL, NULL);
}
