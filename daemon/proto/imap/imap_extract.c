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
	size_t n = x->whole.len - x->parsed, got = 0;
	if (n > sizeof(piece))
		n = sizeof(piece);
	enum err err = mailbox_read(s->view.box, info, MSG_BODY, x->whole.start + x->parsed, piece,
				    n, &got, &s->base.waiter);
	if (err)
		return err;
	if (!got)
		return ERR_CORRUPT;
	struct slice bytes = slice_of(piece, got);
	x->parsed += (uint32_t)got;
	return header_push(&x->parser, &bytes) == STEP_BAD ? ERR_NOMEM : ERR_NONE;
}

static enum step scan(struct imap_session *s, struct imap_extract *x, const struct msg_info *info,
		      enum err *err_out)
{
	while (!scan_is_over(x)) {
		*err_out = scan_piece(s, x, info);
		if (*err_out)
			return *err_out == ERR_AGAIN ? STEP_MORE : STEP_BAD;
		if (!scan_is_over(x) && imap_must_pause(s))
			return STEP_MORE;
	}
	/* A header may end without an empty line: with its part, or with the message. */
	*err_out = x->parser.is_done ? ERR_NONE : header_finish(&x->parser);
	header_free(&x->parser);
	x->is_scanning = false;
	return *err_out ? STEP_BAD : STEP_DONE;
}

/* ---- beginning ---- */

static bool kept_suffices(const struct imap_section *section, const struct summary_part *part)
{
	return section->are_kept && !section->is_not && part->index == 0 && !part->is_trimmed;
}

static void begin_sending(struct imap_extract *x)
{
	const struct imap_section *section = x->section;
	if (section->has_names)
		x->total += 2; /* the empty line */
	x->left = x->total;
	x->skip = 0;
	if (!section->is_partial)
		return;
	x->skip = section->partial_start < x->total ? section->partial_start : x->total;
	x->left = x->total - x->skip;
	if (x->left > section->partial_count)
		x->left = section->partial_count;
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
		x->is_counting = false;
		begin_sending(x);
	} else {
		scan_begin(x, x->whole.start, true);
	}
	return ERR_NONE;
}

enum step imap_extract_count(struct imap_session *s, struct imap_extract *x,
			     const struct msg_info *info, enum err *err_out)
{
	if (!x->is_scanning)
		return STEP_DONE;
	enum step step = scan(s, x, info, err_out);
	if (step == STEP_DONE) {
		x->is_counting = false;
		begin_sending(x);
	}
	return step;
}

/* ---- sending ---- */

static enum err read_at(struct imap_session *s, const struct imap_extract *x,
			const struct msg_info *info, uint64_t at, uint8_t *dst, size_t n,
			size_t *got_out)
{
	if (!x->uses_kept)
		return mailbox_read(s->view.box, info, MSG_BODY, at, dst, n, got_out,
				    &s->base.waiter);
	memcpy(dst, x->kept.ptr + at, n);
	*got_out = n;
	return ERR_NONE;
}

/* Octets of the current range. The literal's length was promised: what cannot be read ends it. */
static enum err send_range(struct imap_session *s, struct imap_extract *x,
			   const struct msg_info *info, struct buf *dst)
{
	struct summary_range *range = &x->window[x->next];
	uint64_t n = range->len, skipped = x->skip < n ? x->skip : n;
	uint8_t *room = NULL;
	size_t got = 0;
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
	enum err err = buf_reserve(dst, (size_t)n, &room);
	if (!err)
		err = read_at(s, x, info, range->start, room, (size_t)n, &got);
	if (err)
		return err;
	if (!got)
		return ERR_CORRUPT;
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

enum step imap_extract_send(struct imap_session *s, struct imap_extract *x,
			    const struct msg_info *info, struct buf *dst, enum err *err_out)
{
	size_t before = dst->len;
	*err_out = ERR_NONE;
	while (x->left && dst->len - before < PIECE_BYTES) {
		if (x->is_scanning) {
			enum step step = scan(s, x, info, err_out);
			if (step != STEP_DONE)
				return step;
		}
		if (x->next < x->count)
			*err_out = send_range(s, x, info, dst);
		else if (x->scan_at && x->uses_kept)
			scan_kept(x, x->scan_at);
		else if (x->scan_at)
			scan_begin(x, x->scan_at, false);
		else
			*err_out = send_empty_line(x, dst);
		if (*err_out)
			return *err_out == ERR_AGAIN ? STEP_MORE : STEP_BAD;
	}
	return x->left ? STEP_MORE : STEP_DONE;
}

void imap_extract_end(struct imap_extract *x)
{
	if (x->is_scanning)
		header_free(&x->parser);
	x->is_scanning = false;
}
