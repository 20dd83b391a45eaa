#include "proto/imap/imap_search.h"

#include "base/clock.h"
#include "proto/imap/imap_answer.h"

enum {
	LOOK_SLICE = 256, /* messages judged by their entry between two looks at the clock */
	DECODED_FIELD_BYTES = 64 * 1024,
	FOLDED_FIELD_BYTES = 128 * 1024,
};

enum search_phase {
	SEARCH_PICK,    /* judge by the index */
	SEARCH_LOAD,    /* the summary */
	SEARCH_HEADERS, /* the whole header, for HEADER keys */
	SEARCH_READ,    /* header and body */
	SEARCH_ANSWER,
};

struct search {
	struct search_program program;
	struct search_answer answer;
	struct imap_summary summary;
	struct search_text text;
	struct buf decoded, folded; /* scratch for header fields */
	enum search_phase phase;
	uint32_t seq, last_seq; /* the message in hand; the last to look at */
	struct search_facts facts;
	struct summary_part message; /* what facts.message points at */
	enum err failure;
};

/* ---- one message ---- */

static void settle(struct search *c, enum search_verdict verdict)
{
	if (verdict == VERDICT_YES)
		search_answer_add(&c->answer, c->seq, &c->facts.info);
	c->phase = SEARCH_PICK;
}

/* A message that cannot be read does not match; the others still count. One that is gone meanwhile
 * is none of the mailbox any more (RFC 2180 4.3). */
static void give_up(struct search *c, enum err err)
{
	if (err != ERR_GONE)
		c->failure = err;
	c->phase = SEARCH_PICK;
}

/* Judges again with what is known now. True: that was enough. */
static bool is_decided(struct search *c)
{
	enum search_verdict verdict = search_judge(&c->program, &c->facts);
	if (verdict == VERDICT_UNKNOWN)
		return false;
	settle(c, verdict);
	return true;
}

static bool wants_headers(const struct search *c)
{
	for (const struct search_key *key = c->program.headers; key; key = key->next_header)
		if (!key->is_found && !summary_has_field(&c->message, key->name))
			return true;
	return false;
}

static enum err open_message(struct search *c, struct arena *arena)
{
	struct summary_cursor cursor;
	summary_rewind(&c->summary.summary, &cursor);
	enum err err = summary_next(&cursor, &c->message);
	if (err)
		return err;
	return search_read_fields(&c->program, &c->facts, &c->message, arena, &c->decoded,
				  &c->folded);
}

/* ERR_AGAIN: call again. */
static enum err load(struct imap_session *s, struct search *c)
{
	enum err err = imap_summary_load(s, &c->summary, &c->facts.info);
	if (!err)
		err = open_message(c, &s->arena);
	if (!err && !is_decided(c)) {
		bool headers_only = wants_headers(c);
		search_text_begin(&c->text, &c->summary.summary, headers_only);
		c->phase = headers_only ? SEARCH_HEADERS : SEARCH_READ;
	}
	return err;
}

static enum err read_text(struct imap_session *s, struct search *c)
{
	enum err err = search_text_run(s, &c->text, &c->facts.info);
	if (err)
		return err;
	c->facts.knows_header = true;
	c->facts.knows_text = c->phase == SEARCH_READ;
	if (!is_decided(c)) {
		search_text_begin(&c->text, &c->summary.summary, false);
		c->phase = SEARCH_READ;
	}
	return ERR_NONE;
}

/* ---- the walk ---- */

/* The entry of a numbered message. While no expunge waits to be told, number and position agree. */
static enum err info_of(struct imap_session *s, uint32_t seq, struct msg_info *info)
{
	if (!s->view.expunged.count && s->view.floor <= 1)
		return mailbox_info(s->view.box, seq - 1, info);
	return view_info(&s->view, view_uid(&s->view, seq), info);
}

/* Judges by the index alone until a message needs more, or the slice is over. */
static void pick(struct imap_session *s, struct search *c)
{
	for (unsigned looked = 0; looked < LOOK_SLICE; looked++) {
		if (c->seq == c->last_seq || search_answer_is_settled(&c->answer)) {
			c->phase = SEARCH_ANSWER;
			return;
		}
		c->seq++;
		c->facts = (struct search_facts){.seq = c->seq};
		if (info_of(s, c->seq, &c->facts.info))
			continue;
		c->facts.is_recent = view_is_recent(&s->view, c->facts.info.uid);
		search_forget(&c->program);
		if (is_decided(c))
			continue;
		c->phase = SEARCH_LOAD;
		return;
	}
}

/* A set among the keys that must all match bounds the walk. */
static void bound(struct imap_session *s, struct search *c)
{
	c->last_seq = s->view.count;
	for (const struct search_key *key = c->program.root->children; key; key = key->next) {
		if (key->kind != SEARCH_SEQ && key->kind != SEARCH_UID)
			continue;
		uint32_t first = 1, last = 0;
		if (key->set.count) {
			first = key->set.ranges[0].first;
			last = key->set.ranges[key->set.count - 1].last;
		}
		if (key->kind == SEARCH_UID) {
			first = view_seq_at_or_after(&s->view, first);
			last = last == UINT32_MAX ? s->view.count
						  : view_seq_at_or_after(&s->view, last + 1) - 1;
		}
		if (first && first - 1 > c->seq)
			c->seq = first - 1;
		if (last < c->last_seq)
			c->last_seq = last;
	}
	if (c->seq > c->last_seq)
		c->seq = c->last_seq;
}

/* ---- the command ---- */

static void search_end(struct imap_session *s)
{
	struct search *c = s->cmd;
	imap_summary_free(&c->summary);
	search_text_free(&c->text);
	buf_free(&c->decoded);
	buf_free(&c->folded);
}

static bool parse(struct imap_session *s, struct search *c)
{
	struct search_env env = {
		.count = s->view.count,
		.last_uid = view_last_uid(&s->view),
		.keywords = &s->view.box->keywords,
		.saved = &s->saved_result,
		.now_s = clock_wall_s(),
	};
	return lex_space(&s->lex) && search_parse(&s->lex, &env, &c->program);
}

/* STEP_MORE: s->cmd is ready to run. */
static enum step search_start(struct imap_session *s)
{
	struct search *c = arena_alloc(&s->arena, sizeof(*c));
	if (!c)
		return imap_no_err(s, ERR_NOMEM);
	if (!parse(s, c)) {
		if (c->program.options & OPTION_SAVE && c->program.is_bad_charset)
			imap_save_nothing(
				s); /* RFC 5182 2.1: NO empties the variable, BAD does not */
		if (c->program.is_bad_charset)
			return imap_no(s, "BADCHARSET (US-ASCII UTF-8)", "Unknown charset");
		return imap_bad_lex(s);
	}
	if (c->program.has_modseq)
		imap_enable_condstore(s);
	if (search_answer_init(&c->answer, s, &c->program))
		return imap_no_err(s, ERR_NOMEM);
	imap_summary_init(&c->summary);
	search_text_init(&c->text, &c->program);
	buf_init(&c->decoded, DECODED_FIELD_BYTES);
	buf_init(&c->folded, FOLDED_FIELD_BYTES);
	bound(s, c);
	s->cmd = c;
	s->cmd_end = search_end;
	return STEP_MORE;
}

static enum step finish(struct imap_session *s, struct search *c)
{
	if (c->program.options & OPTION_SAVE) {
		enum err err = imap_save_result(s, &c->answer);
		if (err)
			return imap_no_err(s, err);
	}
	if (c->failure)
		return imap_no(s, "CORRUPTION", "Some messages are damaged and were passed over");
	return imap_ok(s, NULL, "Searched");
}

enum step imap_run_search(struct imap_session *s)
{
	if (!s->cmd) {
		enum step step = search_start(s);
		if (step != STEP_MORE)
			return step;
	}
	struct search *c = s->cmd;
	for (;;) {
		enum err err = ERR_NONE;
		switch (c->phase) {
		case SEARCH_PICK: pick(s, c); break;
		case SEARCH_LOAD: err = load(s, c); break;
		case SEARCH_HEADERS:
		case SEARCH_READ: err = read_text(s, c); break;
		case SEARCH_ANSWER:
			if (search_answer_write(s, &c->answer) == STEP_DONE)
				return finish(s, c);
			err = ERR_AGAIN;
			break;
		}
		if (err && err != ERR_AGAIN)
			give_up(c, err);
		if (err == ERR_AGAIN || imap_must_pause(s))
			return STEP_MORE;
	}
}
