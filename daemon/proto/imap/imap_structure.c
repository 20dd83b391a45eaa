#include "proto/imap/imap_structure.h"

#include "mail/lexical.h"
#include "mail/transfer.h"

/* ---- envelope ---- */

enum envelope_field { /* as in summary_envelope_names */
		      ENV_DATE,
		      ENV_SUBJECT,
		      ENV_FROM,
		      ENV_SENDER,
		      ENV_REPLY_TO,
		      ENV_TO,
		      ENV_CC,
		      ENV_BCC,
		      ENV_IN_REPLY_TO,
		      ENV_MESSAGE_ID,
		      ENV_COUNT
};

static const char *name_of(enum envelope_field which)
{
	return lexical_word(summary_envelope_names, which);
}

/* What a single address may need at most besides its text: the rest of the response must fit too. */
enum { LIST_RESERVE_BYTES = 16 * 1024 };

struct envelope {
	struct slice values[ENV_COUNT]; /* folded, of the first field of that name */
	uint32_t counts[ENV_COUNT];
};

/* One walk over the header for all ten fields. */
static void envelope_collect(struct slice fields, struct envelope *e)
{
	struct header_field field;
	*e = (struct envelope){0};
	while (header_next(&fields, &field)) {
		size_t which = lexical_word_find(summary_envelope_names, field.name);
		if (which < ENV_COUNT && !e->counts[which]++)
			e->values[which] = field.value;
	}
}

static bool is_folded(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] == '\r' || value.ptr[i] == '\n' || !value.ptr[i])
			return true;
	return false;
}

/* A subject or name the way other servers show it and clients compare it (header_one_line). */
static void write_phrase(struct imap_out *o, struct slice text, struct arena *arena)
{
	uint8_t *line = arena_alloc(arena, text.len + 1);
	if (!line)
		o->err = o->err ? o->err : ERR_NOMEM;
	else
		out_string(o, slice_of(line, header_one_line(text, line)));
}

static void write_text(struct imap_out *o, const struct summary_part *part,
		       const struct envelope *e, enum envelope_field which, struct arena *arena)
{
	struct slice text = slice_trim(e->values[which]);
	if (!e->counts[which]) {
		out_str(o, "NIL");
		return;
	}
	if (is_folded(text) && summary_text(part, name_of(which), arena, &text)) {
		o->err = o->err ? o->err : ERR_NOMEM;
		return;
	}
	if (which == ENV_SUBJECT)
		write_phrase(o, text, arena);
	else
		out_string(o, text);
}

static void write_nstring(struct imap_out *o, struct slice s)
{
	out_nstring(o, s.ptr ? &s : NULL);
}

static void write_address(struct imap_out *o, const struct address *a, struct arena *arena)
{
	out_str(o, "(");
	if (a->name.ptr)
		write_phrase(o, a->name, arena);
	else
		out_str(o, "NIL");
	out_str(o, " ");
	write_nstring(o, a->adl);
	out_str(o, " ");
	write_nstring(o, a->mailbox);
	out_str(o, " ");
	write_nstring(o, a->host);
	out_str(o, ")");
}

static bool has_room(const struct imap_out *o, const struct address *a)
{
	size_t text = a->name.len + a->adl.len + a->mailbox.len + a->host.len;
	return buf_left(o->buf) > 2 * text + LIST_RESERVE_BYTES;
}

/* "((...)(...))" or NIL. Returns whether there was any address. */
static bool write_addresses(struct imap_out *o, struct slice value, struct arena *arena)
{
	struct address_parser parser;
	struct address address;
	bool is_open = false;
	address_init(&parser, value, arena);
	for (;;) {
		struct arena_mark mark = arena_mark(arena);
		if (address_next(&parser, &address) || !has_room(o, &address))
			break;
		if (!is_open)
			out_str(o, "(");
		is_open = true;
		write_address(o, &address, arena);
		arena_rewind(arena, mark);
	}
	if (is_open)
		out_str(o, ")");
	return is_open;
}

static void write_list(struct imap_out *o, const struct summary_part *part,
		       const struct envelope *e, enum envelope_field which, struct arena *arena)
{
	struct slice value = e->values[which];
	if (e->counts[which] > 1 && summary_addresses(part, name_of(which), arena, &value)) {
		o->err = o->err ? o->err : ERR_NOMEM;
		return;
	}
	if (!e->counts[which] || !write_addresses(o, value, arena))
		out_str(o, "NIL");
}

/* Sender and Reply-To fall back to From when they are missing or name nobody (RFC 9051 7.5.2): what was
 * written for From is written once more. */
static void write_list_or_from(struct imap_out *o, const struct summary_part *part,
			       const struct envelope *e, enum envelope_field which, size_t from_at,
			       size_t from_len, struct arena *arena)
{
	size_t at = o->buf->len;
	uint8_t *room = NULL;
	write_list(o, part, e, which, arena);
	if (o->err || !slice_eq_str(slice_from(buf_view(o->buf), at), "NIL"))
		return;
	buf_truncate(o->buf, at);
	o->err = buf_reserve(o->buf, from_len, &room);
	if (o->err)
		return;
	memcpy(room, buf_view(o->buf).ptr + from_at, from_len);
	buf_commit(o->buf, from_len);
}

void imap_write_envelope(struct imap_out *o, const struct summary_part *part, struct arena *arena)
{
	struct arena_mark mark = arena_mark(arena);
	struct envelope e;
	size_t from_at = 0, from_len = 0;
	envelope_collect(part->fields, &e);
	for (unsigned i = 0; i < ENV_COUNT; i++) {
		enum envelope_field which = (enum envelope_field)i;
		out_str(o, i ? " " : "(");
		switch (which) {
		case ENV_FROM:
			from_at = o->buf->len;
			write_list(o, part, &e, which, arena);
			from_len = o->buf->len - from_at;
			break;
		case ENV_SENDER:
		case ENV_REPLY_TO:
			write_list_or_from(o, part, &e, which, from_at, from_len, arena);
			break;
		case ENV_TO:
		case ENV_CC:
		case ENV_BCC: write_list(o, part, &e, which, arena); break;
		case ENV_DATE:
		case ENV_SUBJECT:
		case ENV_IN_REPLY_TO:
		case ENV_MESSAGE_ID:
		case ENV_COUNT: write_text(o, part, &e, which, arena); break;
		}
	}
	out_str(o, ")");
	arena_rewind(arena, mark);
}

/* ---- parts ---- */

static void write_params(struct imap_out *o, const struct param_list *list, bool needs_charset)
{
	const char *before = "(";
	for (uint32_t i = 0; i < list->count; i++) {
		if (slice_eq_str_nocase(list->params[i].name, "charset"))
			needs_charset = false;
		out_str(o, before);
		out_string(o, list->params[i].name);
		out_str(o, " ");
		out_string(o, list->params[i].value);
		before = " ";
	}
	if (needs_charset) {
		out_str(o, before);
		out_str(o, "\"charset\" \"us-ascii\"");
		before = " ";
	}
	out_str(o, *before == '(' ? "NIL" : ")");
}

/* The Content-* fields of a part, found in one walk. */
enum mime_field {
	FIELD_ID,
	FIELD_DESCRIPTION,
	FIELD_ENCODING,
	FIELD_MD5,
	FIELD_DISPOSITION,
	FIELD_LANGUAGE,
	FIELD_LOCATION,
	MIME_FIELDS
};
struct mime_fields {
	struct slice values[MIME_FIELDS];
};

static void mime_collect(struct slice fields, struct mime_fields *m)
{
	struct header_field field;
	*m = (struct mime_fields){0};
	while (header_next(&fields, &field)) {
		if (!slice_starts_nocase(field.name, "content-"))
			continue;
		size_t which = lexical_word_find("id\0"
						 "description\0"
						 "transfer-encoding\0"
						 "md5\0"
						 "disposition\0"
						 "language\0"
						 "location\0",
						 slice_from(field.name, strlen("content-")));
		if (which < MIME_FIELDS && !m->values[which].ptr)
			m->values[which] = slice_trim(field.value);
	}
}

static void write_unfolded(struct imap_out *o, struct slice value, const char *if_missing,
			   struct arena *arena)
{
	if (!value.ptr) {
		out_str(o, if_missing);
		return;
	}
	if (!is_folded(value)) {
		out_string(o, value);
		return;
	}
	uint8_t *room = arena_alloc(arena, value.len);
	if (!room) {
		o->err = o->err ? o->err : ERR_NOMEM;
		return;
	}
	out_string(o, slice_of(room, header_unfold_into(value, room)));
}

static void write_encoding(struct imap_out *o, struct slice value)
{
	struct slice name = transfer_name(value);
	out_string(o, name.len ? name : SLICE_LIT("7bit"));
}

static void write_disposition(struct imap_out *o, struct slice value, struct arena *arena)
{
	struct param_list list = {0};
	if (value.ptr && param_parse(value, arena, &list))
		o->err = o->err ? o->err : ERR_NOMEM;
	if (!list.value.len) {
		out_str(o, "NIL");
		return;
	}
	out_str(o, "(");
	out_string(o, list.value);
	out_str(o, " ");
	write_params(o, &list, false);
	out_str(o, ")");
}

/* Content-Language: de, en (RFC 3282). A list in any case: that is the form that clients know. */
static void write_language(struct imap_out *o, struct slice value)
{
	const char *before = "(";
	while (value.len) {
		struct slice tag = slice_trim(slice_split(&value, ','));
		if (!tag.len)
			continue;
		out_str(o, before);
		out_string(o, tag);
		before = " ";
	}
	out_str(o, *before == '(' ? "NIL" : ")");
}

/* The extension data behind the first of it: disposition, language, location. */
static void write_extensions(struct imap_out *o, const struct mime_fields *m, struct arena *arena)
{
	out_str(o, " ");
	write_disposition(o, m->values[FIELD_DISPOSITION], arena);
	out_str(o, " ");
	write_language(o, m->values[FIELD_LANGUAGE]);
	out_str(o, " ");
	write_unfolded(o, m->values[FIELD_LOCATION], "NIL", arena);
}

/* "type" "subtype" (params) id description "encoding" size */
static void write_basic(struct imap_out *o, const struct summary_part *part,
			const struct mime_fields *m, struct arena *arena)
{
	struct param_list type = {0};
	if (summary_type(part, arena, &type))
		o->err = o->err ? o->err : ERR_NOMEM;
	out_string(o, type.type);
	out_str(o, " ");
	out_string(o, type.subtype);
	out_str(o, " ");
	write_params(o, &type, slice_eq_str_nocase(type.type, "text"));
	out_str(o, " ");
	write_unfolded(o, m->values[FIELD_ID], "NIL", arena);
	out_str(o, " ");
	write_unfolded(o, m->values[FIELD_DESCRIPTION], "NIL", arena);
	out_str(o, " ");
	write_encoding(o, m->values[FIELD_ENCODING]);
	out_str(o, " ");
	out_number(o, part->body_len);
	if (slice_eq_str_nocase(type.type, "text")) {
		out_str(o, " ");
		out_number(o, part->body_lines);
	}
}

static void write_leaf(struct imap_structure *w, struct imap_out *o,
		       const struct summary_part *part, struct arena *arena)
{
	struct mime_fields m;
	mime_collect(part->fields, &m);
	out_str(o, "(");
	write_basic(o, part, &m, arena);
	if (w->is_extended) {
		out_str(o, " ");
		write_unfolded(o, m.values[FIELD_MD5], "NIL", arena);
		write_extensions(o, &m, arena);
	}
	out_str(o, ")");
}

static void write_container_start(struct imap_structure *w, struct imap_out *o,
				  const struct summary_part *part, struct arena *arena)
{
	struct mime_fields m;
	out_str(o, "(");
	if (part->kind == MIME_MESSAGE) {
		mime_collect(part->fields, &m);
		write_basic(o, part, &m, arena);
		out_str(o, " ");
	} else if (!part->children) {
		out_str(o, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0");
		out_str(o, w->is_extended ? " NIL NIL NIL NIL)" : ")");
	}
}

static void write_container_end(struct imap_structure *w, struct imap_out *o,
				const struct summary_part *part, struct arena *arena)
{
	struct mime_fields m;
	struct param_list type = {0};
	mime_collect(part->fields, &m);
	if (part->kind == MIME_MESSAGE) {
		out_str(o, " ");
		out_number(o, part->body_lines);
	} else {
		if (summary_type(part, arena, &type))
			o->err = o->err ? o->err : ERR_NOMEM;
		out_str(o, " ");
		out_string(o, type.subtype);
	}
	if (w->is_extended) {
		out_str(o, " ");
		if (part->kind == MIME_MESSAGE)
			write_unfolded(o, m.values[FIELD_MD5], "NIL", arena);
		else
			write_params(o, &type, false);
		write_extensions(o, &m, arena);
	}
	out_str(o, ")");
}

/* ---- the walk ---- */

void imap_structure_begin(struct imap_structure *w, const struct summary *summary, bool is_extended)
{
	summary_rewind(summary, &w->cursor);
	w->is_extended = is_extended;
	w->depth = 0;
}

static enum step next_part(struct imap_structure *w, struct imap_out *o, struct arena *arena)
{
	struct summary_part part;
	struct imap_structure_level *up = w->depth ? &w->levels[w->depth - 1] : NULL;
	if (summary_next(&w->cursor, &part))
		return STEP_BAD;
	if (up)
		up->children_left--;
	if (up && up->part.kind == MIME_MESSAGE) {
		imap_write_envelope(o, &part, arena);
		out_str(o, " ");
	}
	if (part.kind == MIME_LEAF) {
		write_leaf(w, o, &part, arena);
		return w->depth ? STEP_MORE : STEP_DONE;
	}
	write_container_start(w, o, &part, arena);
	w->levels[w->depth++] = (struct imap_structure_level){part, part.children};
	return STEP_MORE;
}

enum step imap_structure_step(struct imap_structure *w, struct imap_out *o, struct arena *arena)
{
	struct arena_mark mark = arena_mark(arena);
	enum step step = STEP_MORE;
	if (w->depth && !w->levels[w->depth - 1].children_left) {
		write_container_end(w, o, &w->levels[--w->depth].part, arena);
		step = w->depth ? STEP_MORE : STEP_DONE;
	} else {
		step = next_part(w, o, arena);
	}
	arena_rewind(arena, mark);
	return o->err ? STEP_BAD : step;
}
