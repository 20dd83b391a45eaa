#include "proto/imap/imap_fetch.h"

#include "base/codec.h"
#include "proto/imap/imap_binary.h"
#include "proto/imap/imap_change.h"
#include "proto/imap/imap_structure.h"

enum {
	/* How far \Seen may run ahead of the bodies: one change of the store serves them all, but a
	 * dropped line must not leave a whole mailbox marked as read. */
	SEEN_BATCH = 64,
	SEEN_BATCH_BYTES = 256 * 1024,
	SEEN_LOOK_MAX = 1024,
	PASSED_OVER_MAX = 256, /* messages without an answer between two looks at the clock */
};

enum fetch_phase {
	PICK_MESSAGE,
	LOAD_MESSAGE,
	WRITE_ITEM,
	COUNT_SECTION,
	SEND_SECTION,
	SEND_PARTS
};

/* What a phase says to the loop around it. */
enum fetch_next {
	GO_ON,
	WAIT,     /* for the store, or for the next slice */
	ALL_DONE, /* no message is left */
	BROKEN,   /* a promised octet cannot be sent: the connection must end */
};

struct fetch {
	struct fetch_request request;
	struct imap_seqset set;
	struct imap_summary summary;
	struct imap_structure *structure; /* in the arena, when asked for */
	struct imap_extract extract;
	struct imap_binary binary;
	/* The message in hand. */
	enum fetch_phase phase;
	uint32_t uid, seq, item;
	struct msg_info info;
	size_t response_at; /* where its response starts in the reply */
	bool is_intact;     /* none of it has been sent: it can be taken back */
	/* \Seen of the messages up to seen_up_to is settled; these were changed by us. */
	uint32_t seen_uids[SEEN_BATCH], seen_done[SEEN_BATCH], seen_count, seen_up_to;
	/* For the tagged reply. */
	uint64_t ticket; /* of the last \Seen */
	bool some_gone;
	enum err failure;
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
	uint64_t bytes = 0, ticket = 0;
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
		.origin = s,
		.uids_out = f->seen_done,
	};
	if (mailbox_change(s->view.box, &change, &ticket))
		f->seen_count = 0;
	else if (ticket > f->ticket)
		f->ticket = ticket;
}

static bool was_marked(const struct fetch *f)
{
	for (uint32_t i = 0; i < f->seen_count; i++)
		if (f->seen_done[i] == f->uid)
			return true;
	return false;
}

/* ---- items ---- */

static bool wants(const struct fetch *f, enum fetch_kind kind)
{
	return f->request.kinds & 1u << kind;
}

static void write_flags(struct imap_session *s, struct fetch *f)
{
	out_str(&s->out, "FLAGS ");
	out_flags(&s->out, &s->view.box->keywords, f->info.flags, view_is_recent(&s->view, f->uid));
}

static void write_modseq(struct imap_session *s, struct fetch *f)
{
	out_fmt(&s->out, "MODSEQ (%llu)", (unsigned long long)f->info.modseq);
}

/* A message's id, as RFC 8474 wants it: letters and digits. */
static void write_email_id(struct imap_session *s, const struct msg_id *id)
{
	out_str(&s->out, "EMAILID (M");
	if (!s->out.err)
		s->out.err = hex_add(s->out.buf, slice_of(id->bytes, sizeof(id->bytes)));
	out_str(&s->out, ")");
}

static void write_envelope(struct imap_session *s, struct fetch *f)
{
	struct summary_cursor cursor;
	struct summary_part root;
	summary_rewind(&f->summary.summary, &cursor);
	out_str(&s->out, "ENVELOPE ");
	if (summary_next(&cursor, &root))
		s->out.err = s->out.err ? s->out.err : ERR_CORRUPT;
	else
		imap_write_envelope(&s->out, &root, &s->arena);
}

/* Takes a response back, or says NIL where it has begun to leave. */
static enum fetch_next item_failed(struct imap_session *s, struct fetch *f, enum err err)
{
	if (err == ERR_GONE)
		f->some_gone = true;
	else
		f->failure = err;
	if (!f->is_intact) {
		out_bytes(&s->out, f->request.items[f->item].name);
		out_str(&s->out,
			f->request.items[f->item].kind == FETCH_BINARY_SIZE ? " 0" : " NIL");
		f->item++;
		f->phase = WRITE_ITEM;
		return GO_ON;
	}
	buf_truncate(&s->reply, f->response_at);
	s->out.err = ERR_NONE;
	s->in_response = false;
	f->phase = PICK_MESSAGE;
	return GO_ON;
}

static enum fetch_next begin_section(struct imap_session *s, struct fetch *f,
				     struct fetch_item *item)
{
	enum err err = ERR_NONE;
	if (item->kind == FETCH_SECTION)
		err = imap_extract_begin(&f->extract, &item->section, &f->summary.summary);
	else
		err = imap_binary_begin(&f->binary, &item->section, &f->summary.summary, &s->arena);
	if (err == ERR_NOT_FOUND) {
		out_bytes(&s->out, item->name);
		out_str(&s->out, item->kind == FETCH_BINARY_SIZE ? " 0" : " NIL");
		f->item++;
		return GO_ON;
	}
	if (err)
		return item_failed(s, f, err);
	f->phase = COUNT_SECTION;
	return GO_ON;
}

static enum fetch_next begin_structure(struct imap_session *s, struct fetch *f, bool is_extended)
{
	if (!f->structure)
		f->structure = arena_alloc(&s->arena, sizeof(*f->structure));
	if (!f->structure)
		return item_failed(s, f, ERR_NOMEM);
	out_str(&s->out, is_extended ? "BODYSTRUCTURE " : "BODY ");
	imap_structure_begin(f->structure, &f->summary.summary, is_extended);
	f->phase = SEND_PARTS;
	return GO_ON;
}

static enum fetch_next write_item(struct imap_session *s, struct fetch *f)
{
	struct fetch_item *item = &f->request.items[f->item];
	struct imap_out *o = &s->out;
	if (f->item)
		out_str(o, " ");
	switch (item->kind) {
	case FETCH_BODY: return begin_structure(s, f, false);
	case FETCH_BODYSTRUCTURE: return begin_structure(s, f, true);
	case FETCH_SECTION:
	case FETCH_BINARY:
	case FETCH_BINARY_SIZE: return begin_section(s, f, item);
	case FETCH_FLAGS: write_flags(s, f); break;
	case FETCH_UID:
		out_str(o, "UID ");
		out_number(o, f->uid);
		break;
	case FETCH_INTERNALDATE:
		out_str(o, "INTERNALDATE ");
		out_date_time(o, f->info.internal_date);
		break;
	case FETCH_SIZE:
		out_str(o, "RFC822.SIZE ");
		out_number(o, f->info.size);
		break;
	case FETCH_ENVELOPE: write_envelope(s, f); break;
	case FETCH_MODSEQ: write_modseq(s, f); break;
	case FETCH_EMAILID: write_email_id(s, &f->info.id); break;
	case FETCH_THREADID: out_str(o, "THREADID NIL"); break;
	case FETCH_SAVEDATE:
		out_str(o, "SAVEDATE ");
		out_date_time(o, f->info.save_date);
		break;
	}
	f->item++;
	return GO_ON;
}

/* What a client must learn besides what it asked for: the flags that reading has changed. */
static void end_response(struct imap_session *s, struct fetch *f)
{
	bool marked = was_marked(f);
	if (marked && !wants(f, FETCH_FLAGS)) {
		out_str(&s->out, " ");
		write_flags(s, f);
	}
	if (marked && s->condstore && !wants(f, FETCH_MODSEQ)) {
		out_str(&s->out, " ");
		write_modseq(s, f);
	}
	out_str(&s->out, ")\r\n");
	if (marked || (wants(f, FETCH_FLAGS) && (!s->condstore || wants(f, FETCH_MODSEQ))))
		view_forget_flags(&s->view, f->uid);
	s->in_response = false;
	f->phase = PICK_MESSAGE;
}

/* ---- sections and structures ---- */

static enum fetch_next count_section(struct imap_session *s, struct fetch *f)
{
	struct fetch_item *item = &f->request.items[f->item];
	enum err err = ERR_NONE;
	enum step step = STEP_DONE;
	if (item->kind == FETCH_SECTION)
		step = imap_extract_count(s, &f->extract, &f->info, &err);
	else
		step = imap_binary_count(s, &f->binary, &item->section, &f->info, &err);
	if (step == STEP_BAD)
		return item_failed(s, f, err);
	if (step == STEP_MORE) {
		f->is_intact = false; /* what stands in the reply may have left with a pause */
		return WAIT;
	}
	out_bytes(&s->out, item->name);
	if (item->kind == FETCH_BINARY_SIZE) {
		out_fmt(&s->out, " %llu", (unsigned long long)f->binary.total);
		f->item++;
		f->phase = WRITE_ITEM;
		return GO_ON;
	}
	uint64_t octets = item->kind == FETCH_SECTION ? f->extract.left : f->binary.left;
	const char *tilde = item->kind == FETCH_BINARY && f->binary.has_nul ? "~" : "";
	out_fmt(&s->out, " %s{%llu}\r\n", tilde, (unsigned long long)octets);
	f->phase = SEND_SECTION;
	return GO_ON;
}

static enum fetch_next send_section(struct imap_session *s, struct fetch *f)
{
	enum err err = ERR_NONE;
	enum step step = STEP_DONE;
	if (f->request.items[f->item].kind == FETCH_SECTION)
		step = imap_extract_send(s, &f->extract, &f->info, &s->reply, &err);
	else
		step = imap_binary_send(s, &f->binary, &f->info, &s->reply, &err);
	if (step == STEP_BAD)
		return f->is_intact ? item_failed(s, f, err) : BROKEN;
	if (step == STEP_MORE)
		return err == ERR_AGAIN ? WAIT : GO_ON;
	f->item++;
	f->phase = WRITE_ITEM;
	return GO_ON;
}

static enum fetch_next send_parts(struct imap_session *s, struct fetch *f)
{
	enum step step = STEP_MORE;
	size_t before = s->reply.len;
	while (step == STEP_MORE && s->reply.len - before < STREAM_FLUSH_BYTES)
		step = imap_structure_step(f->structure, &s->out, &s->arena);
	if (step == STEP_BAD && !s->out.err)
		s->out.err = ERR_CORRUPT;
	if (step == STEP_DONE) {
		f->item++;
		f->phase = WRITE_ITEM;
	}
	return GO_ON;
}

/* ---- the command ---- */

static enum step finish(struct imap_session *s, const struct fetch *f)
{
	enum err durable = ERR_NONE;
	if (imap_wait_ticket(s, f->ticket, &durable) == STEP_MORE)
		return STEP_MORE;
	if (durable)
		return imap_no_err(s, durable);
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
			return ALL_DONE;
		if (view_info(&s->view, f->uid, &f->info)) {
			f->some_gone = true;
			continue;
		}
		if (!is_asked_for(f, &f->info))
			continue;
		f->phase = LOAD_MESSAGE;
		break;
	}
	return GO_ON;
}

static enum fetch_next load_message(struct imap_session *s, struct fetch *f)
{
	enum err err = ERR_NONE;
	enum step step = STEP_DONE;
	if (f->request.needs_summary)
		step = imap_summary_load(s, &f->summary, &f->info, &err);
	if (step == STEP_MORE)
		return WAIT;
	if (step == STEP_BAD) {
		if (err == ERR_GONE)
			f->some_gone = true;
		else
			f->failure = err;
		f->phase = PICK_MESSAGE;
		return GO_ON;
	}
	f->response_at = s->reply.len;
	f->is_intact = s->in_response = true;
	f->item = 0;
	f->phase = WRITE_ITEM;
	out_str(&s->out, "* ");
	out_number(&s->out, f->seq);
	out_str(&s->out, " FETCH (");
	return GO_ON;
}

static enum fetch_next fetch_some(struct imap_session *s, struct fetch *f)
{
	switch (f->phase) {
	case PICK_MESSAGE: return pick_message(s, f);
	case LOAD_MESSAGE: return load_message(s, f);
	case COUNT_SECTION: return count_section(s, f);
	case SEND_SECTION: return send_section(s, f);
	case SEND_PARTS: return send_parts(s, f);
	case WRITE_ITEM: break;
	}
	if (f->item < f->request.count)
		return write_item(s, f);
	end_response(s, f);
	return GO_ON;
}

/* The output refuses what was written: too large, or no memory. */
static enum fetch_next output_failed(struct imap_session *s, struct fetch *f)
{
	return f->is_intact ? item_failed(s, f, s->out.err) : BROKEN;
}

/* Between responses, and behind each piece of a long one. */
static bool may_pause(const struct fetch *f, enum fetch_phase was)
{
	return f->phase == PICK_MESSAGE || was == SEND_SECTION || was == SEND_PARTS;
}

static void write_name(struct imap_out *o, const struct fetch_item *item)
{
	if (item->alias) {
		out_str(o, item->alias);
		return;
	}
	switch (item->kind) {
	case FETCH_BINARY: out_str(o, "BINARY"); break;
	case FETCH_BINARY_SIZE: out_str(o, "BINARY.SIZE"); break;
	default: out_str(o, "BODY"); break;
	}
	imap_section_print(&item->section, o);
}

/* The names of sections are the same in every response. */
static enum err print_names(struct imap_session *s, struct fetch_request *request)
{
	struct buf text;
	enum err err = ERR_NONE;
	buf_init(&text, 2 * IMAP_COMMAND_MAX_BYTES);
	for (uint32_t i = 0; i < request->count && !err; i++) {
		struct imap_out o = {.buf = &text, .utf8 = s->out.utf8};
		if (request->items[i].kind < FETCH_SECTION)
			continue;
		buf_clear(&text);
		write_name(&o, &request->items[i]);
		err = o.err ? o.err
			    : arena_copy(&s->arena, buf_view(&text), &request->items[i].name);
	}
	buf_free(&text);
	return err;
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
	if (print_names(s, &f->request))
		return imap_no_err(s, ERR_LIMIT);
	if (wants(f, FETCH_MODSEQ))
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
		if (next == GO_ON && s->out.err)
			next = output_failed(s, f);
		switch (next) {
		case ALL_DONE: return finish(s, f);
		case BROKEN: return STEP_BAD;
		case WAIT: f->is_intact = false; return STEP_MORE;
		case GO_ON: break;
		}
		if (!may_pause(f, was))
			continue;
		f->is_intact = false;
		if (imap_must_pause(s))
			return STEP_MORE;
	}
}
