#include "proto/imap/imap_section.h"

enum { PIECE_BYTES = 16 * 1024, SCAN_BYTES = 8 * 1024 };

/* ---- looking for header fields ---- */

/* A field at `start` of what is looked at. Joins neighbours, so that most answers are few ranges. */
static void add_field(struct imap_extract *x, uint32_t start, uint32_t len, struct slice name)
{
	if (x->scan_at && !x->is_counting)
		return;
	if (!imap_section_wants_field(x->section, name))
		return;
	if (x->is_counting)
		x->total += len;
	if (x->scan_at)
		return;
	struct summary_range *last = x->count ? &x->window[x->count - 1] : NULL;
	if (last && last->start + last->len == start)
		last->len += len;
	else if (x->count < EXTRACT_WINDOW)
		x->window[x->count++] = (struct summary_range){start, len};
	else
		x->scan_at = start;
}

static void on_field(void *owner, const struct header_field *field)
{
	struct imap_extract *x = owner;
	add_field(x, x->whole.start + x->scan_from + field->start, field->len, field->name);
}

static void scan_kept(struct imap_extract *x, uint32_t from)
{
	struct slice rest = slice_from(x->kept, from);
	struct header_field field;
	x->count = x->next = x->scan_at = 0;
	while (header_next(&rest, &field)) {
		uint32_t start = (uint32_t)(field.raw.ptr - x->kept.ptr);
		add_field(x, start, (uint32_t)field.raw.len, field.name);
	}
}

static void scan_begin(struct imap_extract *x, uint32_t from, bool is_counting)
{
	x->count = x->next = x->scan_at = 0;
	x->is_scanning = true;
	x->is_counting = is_counting;
	x->scan_from = x->parsed = from - x->whole.start;
	header_init(&x->parser, HEADER_FIELD_MAX_BYTES, on_field, x);
}

static bool scan_is_over(const struct imap_extract *x)
{
	return x->parser.is_done || x->parsed == x->whole.len || (x->scan_at && !x->is_counting);
}

static enum err scan_piece(struct imap_session *s, struct imap_extract *x,
			   const struct msg_info *info)
{
	uint8_t piece[SCAN_BYTES];
	size_t n = x->whole.len - x->parsed;
	if (n > sizeof(piece))
		n = sizeof(piece);
	enum err err = imap_read(s, info, x->whole.start + x->parsed, piece, &n);
	if (err)
		return err;
	struct slice bytes = slice_of(piece, n);
	x->parsed += (uint32_t)n;
	return header_push(&x->parser, &bytes) == STEP_BAD ? ERR_NOMEM : ERR_NONE;
}

static enum err scan(struct imap_session *s, struct imap_extract *x, const struct msg_info *info)
{
	enum err err = ERR_NONE;
	while (!err && !scan_is_over(x)) {
		err = scan_piece(s, x, info);
		if (!err && !scan_is_over(x))
			err = imap_pause(s);
	}
	if (err)
		return err;
	/* A header may end without an empty line: with its part, or with the message. */
	err = x->parser.is_done ? ERR_NONE : header_finish(&x->parser);
	header_free(&x->parser);
	x->is_scanning = false;
	return err;
}

/* ---- beginning ---- */

static bool kept_suffices(const struct imap_section *section, const struct summary_part *part)
{
	return section->are_kept && !section->is_not && part->index == 0 && !part->is_trimmed;
}

static void begin_sending(struct imap_extract *x)
{
	x->is_counting = false;
	if (x->section->has_names)
		x->total += 2; /* the empty line */
	x->left = imap_section_clip(x->section, x->total, &x->skip);
}

enum err imap_extract_begin(struct imap_extract *x, const struct imap_section *section,
			    const struct summary *summary)
{
	struct summary_part part;
	x->section = section;
	x->uses_kept = x->is_scanning = x->is_counting = false;
	x->count = x->next = x->scan_at = 0;
	x->total = 0;
	enum err err = summary_locate(summary, section->path, section->path_len, section->kind,
				      &x->whole, &part);
	if (err)
		return err;
	if (!section->has_names) {
		x->window[0] = x->whole;
		x->count = 1;
		x->total = x->whole.len;
		begin_sending(x);
	} else if (kept_suffices(section, &part)) {
		x->uses_kept = x->is_counting = true;
		x->kept = part.fields;
		scan_kept(x, 0);
		begin_sending(x);
	} else {
		scan_begin(x, x->whole.start, true);
	}
	return ERR_NONE;
}

enum err imap_extract_count(struct imap_session *s, struct imap_extract *x,
			    const struct msg_info *info)
{
	if (!x->is_scanning)
		return ERR_NONE;
	enum err err = scan(s, x, info);
	if (!err)
		begin_sending(x);
	return err;
}

/* ---- sending ---- */

/* Octets of the current range. The literal's length was promised: what cannot be read ends it. */
static enum err send_range(struct imap_session *s, struct imap_extract *x,
			   const struct msg_info *info, struct buf *dst)
{
	struct summary_range *range = &x->window[x->next];
	uint64_t n = range->len, skipped = x->skip < n ? x->skip : n;
	uint8_t *room = NULL;
	range->start += (uint32_t)skipped;
	range->len -= (uint32_t)skipped;
	x->skip -= skipped;
	n = range->len < x->left ? range->len : x->left;
	if (n > PIECE_BYTES)
		n = PIECE_BYTES;
	if (!n) {
		x->next++;
		return ERR_NONE;
	}
	size_t got = (size_t)n;
	enum err err = buf_reserve(dst, got, &room);
	if (!err && x->uses_kept)
		memcpy(room, x->kept.ptr + range->start, got);
	else if (!err)
		err = imap_read(s, info, range->start, room, &got);
	if (err)
		return err;
	buf_commit(dst, got);
	range->start += (uint32_t)got;
	range->len -= (uint32_t)got;
	x->left -= got;
	x->next += range->len == 0;
	return ERR_NONE;
}

static enum err send_empty_line(struct imap_extract *x, struct buf *dst)
{
	struct slice line =
		slice_upto(slice_from(SLICE_LIT("\r\n"), (size_t)x->skip), (size_t)x->left);
	enum err err = buf_add_slice(dst, line);
	if (!err)
		x->left = 0;
	return err;
}

enum err imap_extract_send(struct imap_session *s, struct imap_extract *x,
			   const struct msg_info *info, struct buf *dst)
{
	size_t before = dst->len;
	enum err err = ERR_NONE;
	while (!err && x->left && dst->len - before < PIECE_BYTES) {
		if (x->is_scanning)
			err = scan(s, x, info);
		else if (x->next < x->count)
			err = send_range(s, x, info, dst);
		else if (x->scan_at && x->uses_kept)
			scan_kept(x, x->scan_at);
		else if (x->scan_at)
			scan_begin(x, x->scan_at, false);
		else
			err = send_empty_line(x, dst);
	}
	return err;
}

void imap_extract_end(struct imap_extract *x)
{
	if (x->is_scanning)
		header_free(&x->parser);
	x->is_scanning = false;
}
