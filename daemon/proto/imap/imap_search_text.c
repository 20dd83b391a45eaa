#include "mail/encword.h"
#include "mail/fold.h"
#include "proto/imap/imap_search.h"

enum {
	READ_BYTES = 16 * 1024,
	DECODED_BYTES = 32 * 1024,
	UTF8_BYTES = 64 * 1024,
};

void search_text_init(struct search_text *t, struct search_program *program)
{
	*t = (struct search_text){.program = program, .phase = TEXT_DONE};
	buf_init(&t->decoded, DECODED_BYTES);
	buf_init(&t->utf8, UTF8_BYTES);
}

static void close_part(struct search_text *t)
{
	if (t->has_parser)
		header_free(&t->parser);
	if (t->has_charset)
		charset_close(&t->charset);
	t->has_parser = t->has_charset = false;
}

void search_text_free(struct search_text *t)
{
	close_part(t);
	buf_free(&t->decoded);
	buf_free(&t->utf8);
}

void search_text_begin(struct search_text *t, const struct summary *summary, bool headers_only)
{
	close_part(t);
	summary_rewind(summary, &t->cursor);
	t->headers_only = headers_only;
	t->phase = TEXT_NEXT_PART;
}

/* ---- feeding the matchers ---- */

static bool has_found_all(const struct matcher *m)
{
	return !m || m->found == m->count;
}

static void feed(struct search_text *t, struct slice utf8, bool is_body)
{
	if (t->program->text)
		match_push(t->program->text, utf8);
	if (t->program->body && is_body)
		match_push(t->program->body, utf8);
}

static void feed_break(struct search_text *t)
{
	if (t->program->text)
		match_break(t->program->text);
	if (t->program->body)
		match_break(t->program->body);
}

/* A whole field: its name, and its value with encoded words decoded. */
static void on_field(void *owner, const struct header_field *field)
{
	struct search_text *t = owner;
	if (t->part.index == 0)
		search_offer_field(t->program, field, &t->decoded, &t->utf8);
	if (t->headers_only)
		return;
	buf_clear(&t->decoded);
	if (encword_decode(field->name.len ? field->value : field->raw, &t->decoded) == ERR_NOMEM)
		return;
	if (field->name.len) {
		feed(t, field->name, t->feeds_body);
		feed(t, SLICE_LIT(": "), t->feeds_body);
	}
	buf_truncate(&t->decoded, header_one_line(buf_view(&t->decoded), t->decoded.bytes));
	feed(t, buf_view(&t->decoded), t->feeds_body);
	feed_break(t);
}

/* Octets of a body without their transfer encoding. */
static enum err feed_charset(struct search_text *t, struct slice octets)
{
	if (t->charset.kind != CHARSET_ICONV && !t->charset.held_len && slice_is_ascii(octets)) {
		feed(t, octets, true);
		return ERR_NONE;
	}
	while (octets.len) {
		size_t before = octets.len;
		enum err err = charset_decode(&t->charset, &octets, &t->utf8);
		if (err && err != ERR_LIMIT)
			return err;
		if (err == ERR_LIMIT && !t->utf8.len && octets.len == before)
			return err; /* a full buffer that holds nothing: cannot go on */
		feed(t, buf_view(&t->utf8), true);
		buf_clear(&t->utf8);
	}
	return ERR_NONE;
}

static enum err feed_transfer(struct search_text *t, struct slice encoded)
{
	if (t->transfer.encoding == TRANSFER_IDENTITY)
		return feed_charset(t, encoded);
	while (encoded.len) {
		size_t before = encoded.len;
		enum err err = transfer_decode(&t->transfer, &encoded, &t->decoded);
		if (err && err != ERR_LIMIT)
			return err;
		if (err == ERR_LIMIT && !t->decoded.len && encoded.len == before)
			return err;
		err = feed_charset(t, buf_view(&t->decoded));
		buf_clear(&t->decoded);
		if (err)
			return err;
	}
	return ERR_NONE;
}

static enum err end_body(struct search_text *t)
{
	enum err err = ERR_NONE;
	if (t->transfer.encoding != TRANSFER_IDENTITY)
		err = transfer_decode_end(&t->transfer, &t->decoded);
	if (!err)
		err = feed_charset(t, buf_view(&t->decoded));
	buf_clear(&t->decoded);
	if (!err)
		err = charset_decode_end(&t->charset, &t->utf8);
	feed(t, buf_view(&t->utf8), true);
	buf_clear(&t->utf8);
	feed_break(t);
	return err;
}

/* ---- parts ---- */

static void begin_header(struct search_text *t)
{
	t->at = t->part.header_start;
	t->end = t->at + t->part.header_len;
	/* The header of a message inside belongs to the body; those of parts are MIME's own. */
	t->feeds_body = t->part.is_root && t->part.index != 0;
	buf_clear(&t->decoded);
	buf_clear(&t->utf8);
	header_init(&t->parser, HEADER_FIELD_MAX_BYTES, on_field, t);
	t->has_parser = true;
	t->phase = TEXT_HEADER;
}

/* Text and the odd kinds of message that are leaves (delivery reports); what limits kept us from
 * looking into is read as it stands. */
static bool is_readable(const struct summary_part *part, const struct param_list *type)
{
	return part->kind == MIME_LEAF &&
	       (part->is_opaque || slice_eq_str_nocase(type->type, "text") ||
		slice_eq_str_nocase(type->type, "message"));
}

static enum err begin_body(struct search_text *t, struct arena *arena)
{
	struct arena_mark mark = arena_mark(arena);
	struct param_list type = {0};
	struct slice encoding = SLICE_EMPTY, charset = SLICE_EMPTY;
	t->phase = TEXT_NEXT_PART;
	enum err err = summary_type(&t->part, arena, &type);
	if (!err)
		err = summary_text(&t->part, "content-transfer-encoding", arena, &encoding);
	if (!err && is_readable(&t->part, &type)) {
		const struct param *param = param_find(&type, "charset");
		if (param && !t->part.is_opaque)
			charset = param->value;
		enum transfer_encoding how = transfer_by_name(encoding);
		if (how == TRANSFER_UNKNOWN || t->part.is_opaque)
			how = TRANSFER_IDENTITY;
		transfer_decode_init(&t->transfer, how);
		charset_open(&t->charset, charset);
		t->has_charset = true;
		t->at = t->part.body_start;
		t->end = t->at + t->part.body_len;
		buf_clear(&t->decoded);
		buf_clear(&t->utf8);
		t->phase = TEXT_BODY;
	}
	arena_rewind(arena, mark);
	return err;
}

static bool is_settled(const struct search_text *t)
{
	return !t->headers_only && t->part.index != 0 && has_found_all(t->program->text) &&
	       has_found_all(t->program->body);
}

static enum err next_part(struct search_text *t, struct arena *arena)
{
	close_part(t);
	enum err err = summary_next(&t->cursor, &t->part);
	if (err == ERR_NOT_FOUND || (!err && is_settled(t))) {
		t->phase = TEXT_DONE;
		return ERR_NONE;
	}
	if (err)
		return err;
	/* Only BODY keys: no header counts but those of messages inside. The outermost is read anyway
	 * when HEADER keys wait for it. */
	bool is_wanted = t->program->text || (t->part.is_root && t->part.index) ||
			 (t->part.index == 0 && t->program->headers);
	if (!is_wanted)
		return begin_body(t, arena);
	begin_header(t);
	return ERR_NONE;
}

static enum err end_piece(struct search_text *t, struct arena *arena)
{
	enum err err = ERR_NONE;
	if (t->phase == TEXT_BODY) {
		t->phase = TEXT_NEXT_PART;
		return end_body(t);
	}
	if (!t->parser.is_done)
		err = header_finish(&t->parser);
	if (!err && t->headers_only) {
		close_part(t);
		t->phase = TEXT_DONE;
	} else if (!err) {
		err = begin_body(t, arena);
	}
	return err;
}

/* The next octets of the header or body in hand. */
static enum err read_piece(struct imap_session *s, struct search_text *t,
			   const struct msg_info *info)
{
	uint8_t piece[READ_BYTES];
	size_t n = sizeof(piece);
	if (t->at == t->end)
		return end_piece(t, &s->arena);
	if (n > t->end - t->at)
		n = (size_t)(t->end - t->at);
	enum err err = imap_read(s, info, t->at, piece, &n);
	if (err)
		return err;
	t->at += n;
	struct slice octets = slice_of(piece, n);
	if (t->phase == TEXT_BODY) {
		err = feed_transfer(t, octets);
		if (has_found_all(t->program->text) && has_found_all(t->program->body))
			t->phase = TEXT_DONE;
		return err;
	}
	return header_push(&t->parser, &octets) == STEP_BAD ? ERR_NOMEM : ERR_NONE;
}

enum err search_text_run(struct imap_session *s, struct search_text *t, const struct msg_info *info)
{
	enum err err = ERR_NONE;
	while (!err && t->phase != TEXT_DONE) {
		err = t->phase == TEXT_NEXT_PART ? next_part(t, &s->arena) : read_piece(s, t, info);
		if (!err && t->phase != TEXT_DONE)
			err = imap_pause(s);
	}
	if (err != ERR_AGAIN)
		close_part(t);
	return err;
}
