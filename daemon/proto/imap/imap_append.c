#include <stdlib.h>

#include "base/clock.h"
#include "proto/imap/imap_engine.h"
#include "proto/imap/imap_verbs.h"
#include "proto/ingest.h"

/* APPEND (RFC 9051 6.3.12), MULTIAPPEND (RFC 3502), APPENDUID (RFC 4315 3), literal8 (RFC 6855 4).
 *
 * The message literal is never gathered: its octets go from the stream's input to the store as they
 * come. Between messages the rest of the line is gathered: the end, or the next message. */

enum {
	APPEND_MESSAGES_MAX = 128,
	APPEND_FLAGS_MAX = 64,
	APPEND_CHUNK_BYTES = 16 * 1024, /* parsed and stored between two looks at the clock */
};

struct imap_append {
	enum { APPEND_FIRST, APPEND_BODY, APPEND_LINE, APPEND_COMMIT } phase;
	struct ingest *ingests[APPEND_MESSAGES_MAX]; /* the last one is being filled */
	size_t count;
	uint64_t left;    /* octets of the current literal still to come */
	bool has_bracket; /* the UTF8 (...) form: ")" follows the literal */
};

/* What stands before each message. */
struct append_spec {
	struct slice flags[APPEND_FLAGS_MAX];
	size_t flag_count;
	int64_t date;
	bool has_bracket;
	struct imap_literal literal;
};

/* --- arguments ---------------------------------------------------------------------------------- */

static bool append_read_flags(struct imap_lex *lex, struct append_spec *spec)
{
	if (lex_try(lex, ')'))
		return lex_space(lex);
	do {
		if (spec->flag_count == APPEND_FLAGS_MAX)
			return lex_fail(lex, "Too many flags");
		if (!lex_flag(lex, &spec->flags[spec->flag_count++]))
			return false;
	} while (lex_try(lex, ' '));
	return lex_char(lex, ')') && lex_space(lex);
}

/* [SP flag-list] [SP date-time] SP literal, the literal only announced. */
static bool append_read_spec(struct imap_lex *lex, struct append_spec *spec)
{
	*spec = (struct append_spec){.date = clock_wall_s()};
	if (!lex_space(lex))
		return false;
	if (lex_try(lex, '(') && !append_read_flags(lex, spec))
		return false;
	if (lex_peek(lex) == '"' && (!lex_date_time(lex, &spec->date) || !lex_space(lex)))
		return false;
	if (lex->utf8 && lex_try_word(lex, "UTF8")) {
		spec->has_bracket = true;
		if (!lex_space(lex) || !lex_char(lex, '('))
			return false;
	}
	if (lex->err)
		return false;
	if (!imap_gather_find_literal(lex->rest, &spec->literal) || spec->literal.start != 0)
		return lex_fail(lex, "Expected a message as a literal");
	return true;
}

bool imap_append_begins_here(struct imap_session *s)
{
	const struct imap_verb *verb = NULL;
	struct append_spec spec;
	struct slice name = SLICE_EMPTY;
	bool begins = !imap_recognise(s, &verb) && verb->run == imap_run_append &&
		      lex_space(&s->lex) && lex_mailbox(&s->lex, &name);
	/* A name that no mailbox can have is an answer too, and better than taking the message. */
	if (verb && verb->run == imap_run_append && s->lex.err == ERR_DENIED) {
		s->lex.err = ERR_NONE;
		begins = true;
	}
	begins = begins && append_read_spec(&s->lex, &spec);
	arena_reset(&s->arena);
	return begins;
}

/* \Recent is the server's and passed over; keywords that find no room are too, for a message without
 * its keyword is worth more than no message (RFC 9051 6.3.12: flags SHOULD be set). */
static bool append_flag(struct mailbox *box, struct slice name, flags_t *flags)
{
	flags_t flag = 0;
	if (name.ptr[0] != '\\') {
		if (!keywords_add(&box->keywords, name, &flag))
			*flags |= flag;
		return true;
	}
	for (uint32_t bit = 0; bit < FLAG_KEYWORD_FIRST; bit++)
		if (slice_eq_str_nocase(name, flags_name(&box->keywords, 1u << bit)))
			flag = 1u << bit;
	*flags |= flag;
	return flag || slice_eq_str_nocase(name, "\\Recent");
}

static bool append_flags(struct mailbox *box, const struct append_spec *spec, flags_t *flags_out)
{
	*flags_out = 0;
	for (size_t i = 0; i < spec->flag_count; i++)
		if (!append_flag(box, spec->flags[i], flags_out))
			return false;
	return true;
}

/* --- refusals ------------------------------------------------------------------------------------ */

static void append_forget(struct imap_session *s)
{
	struct imap_append *append = s->cmd;
	for (size_t i = 0; i < append->count; i++)
		ingest_end(&append->ingests[i]);
	free(append);
}

/* A message was announced and is refused: without "+" it comes all the same (RFC 7888). */
static void append_skip_announced(struct imap_session *s, const struct imap_literal *literal)
{
	if (literal->is_sync)
		return;
	if (literal->size == UINT64_MAX)
		s->wants_goodbye = true;
	else
		imap_gather_skip(s, literal->size);
}

static enum step append_no_err(struct imap_session *s, enum err err)
{
	if (err == ERR_GONE || err == ERR_NOT_FOUND)
		return imap_no(s, "TRYCREATE", "There is no such mailbox");
	return imap_no_err(s, err);
}

/* --- one message --------------------------------------------------------------------------------- */

static enum err append_begin_ingest(struct imap_session *s, struct imap_append *append,
				    struct mailbox *box, const struct append_spec *spec,
				    flags_t flags)
{
	struct append_target target = {.box = box, .flags = flags};
	struct append_meta meta = {.targets = &target,
				   .target_count = 1,
				   .internal_date = spec->date,
				   .expected_bytes = spec->literal.size};
	if (append->count == APPEND_MESSAGES_MAX)
		return ERR_LIMIT;
	enum err err = ingest_begin(s->base.host->store, &meta, &append->ingests[append->count]);
	append->count += !err;
	return err;
}

/* Everything that can refuse a message does so before it is asked for. */
static bool append_accepts(struct imap_session *s, struct imap_append *append, struct mailbox *box,
			   const struct append_spec *spec)
{
	flags_t flags = 0;
	if (!append_flags(box, spec, &flags)) {
		imap_bad(s, "Unknown system flag");
		return false;
	}
	/* RFC 3502: an empty one cancels the whole append. */
	if (spec->literal.size == 0) {
		imap_no(s, NULL, "An empty message cancels the append");
		return false;
	}
	if (spec->literal.size > s->base.host->message_max_bytes) {
		imap_no(s, "TOOBIG", "Message is too large");
		return false;
	}
	enum err err = append_begin_ingest(s, append, box, spec, flags);
	if (err)
		append_no_err(s, err);
	return !err;
}

static enum step append_take(struct imap_session *s, struct imap_append *append,
			     struct mailbox *box, const struct append_spec *spec)
{
	if (!append_accepts(s, append, box, spec)) {
		append_skip_announced(s, &spec->literal);
		return STEP_DONE;
	}
	if (spec->literal.is_sync)
		out_str(&s->out, "+ Ready for literal data\r\n");
	append->left = spec->literal.size;
	append->has_bracket = spec->has_bracket;
	append->phase = APPEND_BODY;
	return STEP_MORE;
}

static enum step append_first(struct imap_session *s, struct imap_append *append)
{
	struct append_spec spec;
	struct slice name = SLICE_EMPTY;
	struct mailbox *box = NULL;
	struct imap_literal announced;
	bool is_announced =
		s->gather.is_announced && imap_gather_find_literal(s->lex.rest, &announced);
	bool is_read = lex_space(&s->lex) && lex_mailbox(&s->lex, &name) &&
		       append_read_spec(&s->lex, &spec);
	if (is_read)
		box = imap_find_box(s, name);
	if (box)
		return append_take(s, append, box, &spec);
	if (is_read)
		append_no_err(s, ERR_NOT_FOUND);
	else
		imap_bad_lex(s);
	if (is_announced)
		append_skip_announced(s, &announced);
	return STEP_DONE;
}

static enum step append_body(struct imap_session *s, struct imap_append *append)
{
	struct ingest *in = append->ingests[append->count - 1];
	enum err err = ERR_NONE;
	while (append->left && !err) {
		struct slice input = stream_input(s->base.stream);
		input = slice_upto(input, APPEND_CHUNK_BYTES);
		if (append->left < input.len)
			input.len = (size_t)append->left;
		if (!input.len) {
			stream_ack_now(s->base.stream);
			return STEP_MORE;
		}
		err = ingest_write(in, input, &s->base.waiter);
		if (err == ERR_AGAIN)
			return STEP_MORE;
		stream_consume(s->base.stream, input.len);
		append->left -= input.len;
		if (!err && append->left && session_must_pause(&s->base))
			return STEP_MORE;
	}
	if (!err)
		err = ingest_seal(in);
	if (err) {
		imap_gather_skip(s, append->left);
		return append_no_err(s, err);
	}
	imap_gather_next(s);
	append->phase = APPEND_LINE;
	return STEP_MORE;
}

/* Behind a message: nothing, or another one for the same mailbox. */
static enum step append_line(struct imap_session *s, struct imap_append *append)
{
	struct append_spec spec;
	struct slice line = SLICE_EMPTY;
	struct imap_literal announced;
	enum step step = imap_gather_line(s, &line);
	if (step == STEP_MORE) {
		stream_ack_now(s->base.stream);
		return STEP_MORE;
	}
	if (step == STEP_BAD)
		return imap_bad(s, "Command line is too long");
	lex_init(&s->lex, line, &s->arena, s->utf8 || s->rev2);
	if (append->has_bracket && !lex_char(&s->lex, ')'))
		return imap_bad_lex(s);
	if (!slice_trim(s->lex.rest).len) {
		append->phase = APPEND_COMMIT;
		return STEP_MORE;
	}
	if (!append_read_spec(&s->lex, &spec)) {
		if (imap_gather_find_literal(line, &announced))
			append_skip_announced(s, &announced);
		return imap_bad_lex(s);
	}
	return append_take(s, append, ingest_append(append->ingests[0])->targets[0].box, &spec);
}

/* --- all of them ---------------------------------------------------------------------------------- */

static enum step append_done(struct imap_session *s, struct imap_append *append)
{
	struct imap_seqset uids = {0};
	struct buf code;
	const struct mailbox *box = ingest_append(append->ingests[0])->targets[0].box;
	enum err err = ERR_NONE;
	for (size_t i = 0; i < append->count && !err; i++)
		err = imap_seqset_add(&uids, &s->arena,
				      ingest_append(append->ingests[i])->targets[0].uid_out);
	buf_init(&code, 16 * 1024);
	if (!err)
		err = buf_addf(&code, "APPENDUID %u ", box->uid_validity);
	if (!err)
		err = imap_seqset_print(&uids, &code);
	if (!err)
		err = buf_add_byte(&code, '\0');
	/* The messages are there; a reply without their UIDs is still true. */
	imap_ok(s, err ? NULL : (const char *)buf_view(&code).ptr, NULL);
	buf_free(&code);
	return STEP_DONE;
}

static enum step append_commit_all(struct imap_session *s, struct imap_append *append)
{
	enum err err = ingest_commit(append->ingests, append->count, &s->ticket, &s->base.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	return err ? append_no_err(s, err) : append_done(s, append);
}

static enum step append_step(struct imap_session *s, struct imap_append *append)
{
	switch (append->phase) {
	case APPEND_FIRST: return append_first(s, append);
	case APPEND_BODY: return append_body(s, append);
	case APPEND_LINE: return append_line(s, append);
	case APPEND_COMMIT: break;
	}
	return append_commit_all(s, append);
}

enum step imap_run_append(struct imap_session *s)
{
	struct imap_append *append = s->cmd;
	if (!append) {
		append = calloc(1, sizeof(*append));
		if (!append)
			return imap_no_err(s, ERR_NOMEM);
		s->cmd = append;
		s->cmd_end = append_forget;
	}
	for (;;) {
		int phase = append->phase;
		uint64_t left = append->left;
		enum step step = append_step(s, append);
		/* The next phase may have all it needs already. */
		if (step != STEP_MORE || (phase == (int)append->phase && left == append->left) ||
		    imap_must_pause(s))
			return step;
	}
}
