#include "base/codec.h"
#include "mail/lexical.h"
#include "proto/imap/imap_fetch.h"

static bool was_marked(const struct fetch *f)
{
	for (uint32_t i = 0; i < f->seen_count; i++)
		if (f->seen_done[i] == f->uid)
			return true;
	return false;
}

/* ---- items ---- */

static void write_envelope(struct imap_session *s, struct fetch *f)
{
	struct summary_cursor cursor;
	struct summary_part root;
	summary_rewind(&f->summary.summary, &cursor);
	if (summary_next(&cursor, &root))
		s->out.err = s->out.err ? s->out.err : ERR_CORRUPT;
	else
		imap_write_envelope(&s->out, &root, &s->arena);
}

/* Takes a response back, or says NIL where it has begun to leave. */
enum fetch_next fetch_item_failed(struct imap_session *s, struct fetch *f, enum err err)
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
		return FETCH_GO_ON;
	}
	buf_truncate(&s->reply, f->response_at);
	s->out.err = ERR_NONE;
	s->in_response = false;
	f->phase = PICK_MESSAGE;
	return FETCH_GO_ON;
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
		return FETCH_GO_ON;
	}
	if (err)
		return fetch_item_failed(s, f, err);
	f->phase = COUNT_SECTION;
	return FETCH_GO_ON;
}

static enum fetch_next begin_structure(struct imap_session *s, struct fetch *f, bool is_extended)
{
	if (!f->structure)
		f->structure = arena_alloc(&s->arena, sizeof(*f->structure));
	if (!f->structure)
		return fetch_item_failed(s, f, ERR_NOMEM);
	imap_structure_begin(f->structure, &f->summary.summary, is_extended);
	f->phase = SEND_PARTS;
	return FETCH_GO_ON;
}

/* The name of an item that is no section, and its value unless that comes in parts. */
static void write_plain(struct imap_session *s, struct fetch *f, enum fetch_kind kind)
{
	struct imap_out *o = &s->out;
	const struct msg_info *info = &f->info;
	out_str(o, lexical_word(fetch_words, kind));
	out_str(o, " ");
	switch (kind) {
	case FETCH_FLAGS:
		out_flags(o, &s->view.box->keywords, info->flags, view_is_recent(&s->view, f->uid));
		break;
	case FETCH_UID: out_number(o, f->uid); break;
	case FETCH_INTERNALDATE: out_date_time(o, info->internal_date); break;
	case FETCH_SIZE: out_number(o, info->size); break;
	case FETCH_MODSEQ: out_fmt(o, "(%llu)", (unsigned long long)info->modseq); break;
	case FETCH_EMAILID: /* letters and digits (RFC 8474 4) */
		out_str(o, "(M");
		if (!o->err)
			o->err = hex_add(o->buf, slice_of(info->id.bytes, sizeof(info->id.bytes)));
		out_str(o, ")");
		break;
	case FETCH_THREADID: out_str(o, "NIL"); break;
	case FETCH_SAVEDATE: out_date_time(o, info->save_date); break;
	case FETCH_ENVELOPE: write_envelope(s, f); break;
	case FETCH_BODY:
	case FETCH_BODYSTRUCTURE:
	case FETCH_SECTION:
	case FETCH_BINARY:
	case FETCH_BINARY_SIZE: break;
	}
}

enum fetch_next fetch_write_item(struct imap_session *s, struct fetch *f)
{
	struct fetch_item *item = &f->request.items[f->item];
	if (f->item)
		out_str(&s->out, " ");
	if (item->kind >= FETCH_SECTION)
		return begin_section(s, f, item);
	write_plain(s, f, item->kind);
	if (item->kind == FETCH_BODY || item->kind == FETCH_BODYSTRUCTURE)
		return begin_structure(s, f, item->kind == FETCH_BODYSTRUCTURE);
	f->item++;
	return FETCH_GO_ON;
}

/* What a client must learn besides what it asked for: the flags that reading has changed. */
void fetch_end_response(struct imap_session *s, struct fetch *f)
{
	bool marked = was_marked(f);
	if (marked && !fetch_wants(f, FETCH_FLAGS)) {
		out_str(&s->out, " ");
		write_plain(s, f, FETCH_FLAGS);
	}
	if (marked && s->condstore && !fetch_wants(f, FETCH_MODSEQ)) {
		out_str(&s->out, " ");
		write_plain(s, f, FETCH_MODSEQ);
	}
	out_str(&s->out, ")\r\n");
	if (marked ||
	    (fetch_wants(f, FETCH_FLAGS) && (!s->condstore || fetch_wants(f, FETCH_MODSEQ))))
		view_forget_flags(&s->view, f->uid);
	s->in_response = false;
	f->phase = PICK_MESSAGE;
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
enum err fetch_print_names(struct imap_session *s, struct fetch_request *request)
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

/* ---- sections and structures ---- */

enum fetch_next fetch_count_section(struct imap_session *s, struct fetch *f)
{
	struct fetch_item *item = &f->request.items[f->item];
	enum err err = item->kind == FETCH_SECTION
			       ? imap_extract_count(s, &f->extract, &f->info)
			       : imap_binary_count(s, &f->binary, &item->section, &f->info);
	if (err == ERR_AGAIN) {
		f->is_intact = false; /* what stands in the reply may have left with a pause */
		return FETCH_WAIT;
	}
	if (err)
		return fetch_item_failed(s, f, err);
	out_bytes(&s->out, item->name);
	if (item->kind == FETCH_BINARY_SIZE) {
		out_fmt(&s->out, " %llu", (unsigned long long)f->binary.total);
		f->item++;
		f->phase = WRITE_ITEM;
		return FETCH_GO_ON;
	}
	uint64_t octets = item->kind == FETCH_SECTION ? f->extract.left : f->binary.left;
	const char *tilde = item->kind == FETCH_BINARY && f->binary.has_nul ? "~" : "";
	out_fmt(&s->out, " %s{%llu}\r\n", tilde, (unsigned long long)octets);
	f->phase = SEND_SECTION;
	return FETCH_GO_ON;
}

enum fetch_next fetch_send_section(struct imap_session *s, struct fetch *f)
{
	bool is_section = f->request.items[f->item].kind == FETCH_SECTION;
	enum err err = is_section ? imap_extract_send(s, &f->extract, &f->info, &s->reply)
				  : imap_binary_send(s, &f->binary, &f->info, &s->reply);
	if (err == ERR_AGAIN)
		return FETCH_WAIT;
	if (err)
		return f->is_intact ? fetch_item_failed(s, f, err) : FETCH_BROKEN;
	if (is_section ? f->extract.left : f->binary.left)
		return FETCH_GO_ON;
	f->item++;
	f->phase = WRITE_ITEM;
	return FETCH_GO_ON;
}

enum fetch_next fetch_send_parts(struct imap_session *s, struct fetch *f)
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
	return FETCH_GO_ON;
}
