#include "proto/imap/imap_fetch.h"

enum {
	/* \Seen may run ahead of the bodies (one change of the store serves them all), but not far: a
	 * dropped line must not leave a whole mailbox marked as read. SEEN_BATCH bounds it too. */
	SEEN_BATCH_BYTES = 256 * 1024,
	SEEN_LOOK_MAX = 1024,
	PASSED_OVER_MAX = 256, /* messages without an answer between two looks at the clock */
};

/* ---- \Seen ---- */

static bool is_asked_for(const struct fetch *f, const struct msg_info *info)
{
	return !f->request.has_changed_since || info->modseq > f->request.changed_since;
}

/* Settles \Seen for the next messages in one change. A store that refuses flags (full, read-only)
 * does not keep anybody from reading. */
static void mark_seen(struct imap_session *s, struct fetch *f)
{
	uint32_t uid = f->seen_up_to, seq = 0, looked = 0;
	uint64_t bytes = 0;
	struct msg_info info;
	f->seen_count = 0;
	while (f->seen_count < SEEN_BATCH && bytes < SEEN_BATCH_BYTES && looked++ < SEEN_LOOK_MAX) {
		if (!imap_set_next(s, &f->set, uid, &uid, &seq)) {
			f->seen_up_to = UINT32_MAX;
			break;
		}
		f->seen_up_to = uid;
		if (view_info(&s->view, uid, &info) || info.flags & FLAG_SEEN ||
		    !is_asked_for(f, &info))
			continue;
		f->seen_uids[f->seen_count++] = uid;
		bytes += info.size;
	}
	if (!f->seen_count)
		return;
	struct msg_change change = {
		.kind = CHANGE_FLAGS,
		.uids = f->seen_uids,
		.count = f->seen_count,
		.op = FLAGS_ADD,
		.flags = FLAG_SEEN,
		.unchanged_since = UINT64_MAX,
		.uids_out = f->seen_done,
	};
	if (imap_change(s, &change))
		f->seen_count = 0;
}

/* ---- the command ---- */

static enum step finish(struct imap_session *s, const struct fetch *f)
{
	if (f->failure == ERR_UNSUPPORTED)
		return imap_no(s, "UNKNOWN-CTE", "A part is encoded in an unknown way");
	if (f->failure == ERR_CORRUPT || f->failure == ERR_IO)
		return imap_no(s, "CORRUPTION", "Some messages are damaged and were left out");
	if (f->failure)
		return imap_no_err(s, f->failure);
	if (f->some_gone && s->is_uid) /* a UID that is no more is passed over (RFC 9051 6.4.9) */
		return imap_ok(s, "EXPUNGEISSUED", "Fetched; some messages no longer exist");
	if (f->some_gone) /* RFC 2180 4.1.2, RFC 5530 3 */
		return imap_no(s, "EXPUNGEISSUED", "Some messages no longer exist");
	return imap_ok(s, NULL, "Fetched");
}

/* The next message that is asked for; still none when it is time to look at the clock. */
static enum fetch_next pick_message(struct imap_session *s, struct fetch *f)
{
	for (unsigned passed = 0; passed < PASSED_OVER_MAX; passed++) {
		if (f->request.sets_seen && !s->is_read_only && f->uid >= f->seen_up_to)
			mark_seen(s, f);
		if (!imap_set_next(s, &f->set, f->uid, &f->uid, &f->seq))
			return FETCH_ALL_DONE;
		if (view_info(&s->view, f->uid, &f->info)) {
			f->some_gone = true;
			continue;
		}
		if (!is_asked_for(f, &f->info))
			continue;
		f->phase = LOAD_MESSAGE;
		break;
	}
	return FETCH_GO_ON;
}

static enum fetch_next load_message(struct imap_session *s, struct fetch *f)
{
	enum err err = ERR_NONE;
	if (f->request.needs_summary)
		err = imap_summary_load(s, &f->summary, &f->info);
	if (err == ERR_AGAIN)
		return FETCH_WAIT;
	if (err) {
		if (err == ERR_GONE)
			f->some_gone = true;
		else
			f->failure = err;
		f->phase = PICK_MESSAGE;
		return FETCH_GO_ON;
	}
	f->response_at = s->reply.len;
	f->is_intact = s->in_response = true;
	f->item = 0;
	f->phase = WRITE_ITEM;
	out_str(&s->out, "* ");
	out_number(&s->out, f->seq);
	out_str(&s->out, " FETCH (");
	return FETCH_GO_ON;
}

static enum fetch_next fetch_some(struct imap_session *s, struct fetch *f)
{
	switch (f->phase) {
	case PICK_MESSAGE: return pick_message(s, f);
	case LOAD_MESSAGE: return load_message(s, f);
	case COUNT_SECTION: return fetch_count_section(s, f);
	case SEND_SECTION: return fetch_send_section(s, f);
	case SEND_PARTS: return fetch_send_parts(s, f);
	case WRITE_ITEM: break;
	}
	if (f->item < f->request.count)
		return fetch_write_item(s, f);
	fetch_end_response(s, f);
	return FETCH_GO_ON;
}

/* The output refuses what was written: too large, or no memory. */
static enum fetch_next output_failed(struct imap_session *s, struct fetch *f)
{
	return f->is_intact ? fetch_item_failed(s, f, s->out.err) : FETCH_BROKEN;
}

/* Between responses, and behind each piece of a long one. */
static bool may_pause(const struct fetch *f, enum fetch_phase was)
{
	return f->phase == PICK_MESSAGE || was == SEND_SECTION || was == SEND_PARTS;
}

static void fetch_end(struct imap_session *s)
{
	struct fetch *f = s->cmd;
	imap_summary_free(&f->summary);
	imap_extract_end(&f->extract);
	imap_binary_free(&f->binary);
}

/* STEP_MORE: s->cmd is ready to run. */
static enum step fetch_start(struct imap_session *s)
{
	struct fetch *f = arena_alloc(&s->arena, sizeof(*f));
	if (!f)
		return imap_no_err(s, ERR_NOMEM);
	if (!lex_space(&s->lex) || !lex_seqset(&s->lex, &f->set) || !lex_space(&s->lex) ||
	    !fetch_request_parse(&s->lex, s->is_uid, &f->request))
		return imap_bad_lex(s);
	if (f->request.vanished && !(s->is_uid && s->qresync))
		return imap_bad(s, "VANISHED needs UID FETCH and QRESYNC");
	if (imap_resolve(s, &f->set))
		return imap_bad(s, "There is no message with such a number");
	if (fetch_print_names(s, &f->request))
		return imap_no_err(s, ERR_LIMIT);
	if (fetch_wants(f, FETCH_MODSEQ))
		imap_enable_condstore(s);
	imap_summary_init(&f->summary);
	imap_binary_init(&f->binary);
	s->cmd = f;
	s->cmd_end = fetch_end;
	return STEP_MORE;
}

enum step imap_run_fetch(struct imap_session *s)
{
	if (!s->cmd) {
		enum step step = fetch_start(s);
		if (step != STEP_MORE)
			return step;
	}
	struct fetch *f = s->cmd;
	for (;;) {
		enum fetch_phase was = f->phase;
		enum fetch_next next = fetch_some(s, f);
		if (next == FETCH_GO_ON && s->out.err)
			next = output_failed(s, f);
		switch (next) {
		case FETCH_ALL_DONE: return finish(s, f);
		case FETCH_BROKEN: return STEP_BAD;
		case FETCH_WAIT: f->is_intact = false; return STEP_MORE;
		case FETCH_GO_ON: break;
		}
		if (!may_pause(f, was))
			continue;
		f->is_intact = false;
		if (imap_must_pause(s))
			return STEP_MORE;
	}
}
