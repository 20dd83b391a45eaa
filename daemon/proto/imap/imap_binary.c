#include "proto/imap/imap_binary.h"

enum { READ_BYTES = 8 * 1024, DECODED_BYTES = 16 * 1024 };

void imap_binary_init(struct imap_binary *b)
{
	*b = (struct imap_binary){0};
	buf_init(&b->decoded, DECODED_BYTES);
}

void imap_binary_free(struct imap_binary *b)
{
	buf_free(&b->decoded);
}

static void rewind_part(struct imap_binary *b)
{
	b->at = 0;
	b->is_at_end = false;
	buf_clear(&b->decoded);
	transfer_decode_init(&b->decoder, b->encoding);
}

/* Only a leaf has an encoding to take off: that of a container is there for its parts. */
static enum err find_encoding(struct imap_binary *b, const struct imap_section *section,
			      const struct summary_part *part, struct arena *arena)
{
	struct arena_mark mark = arena_mark(arena);
	struct slice name = SLICE_EMPTY;
	b->encoding = TRANSFER_IDENTITY;
	if (!section->path_len || part->kind != MIME_LEAF)
		return ERR_NONE;
	enum err err = summary_text(part, "content-transfer-encoding", arena, &name);
	if (!err && name.ptr)
		b->encoding = transfer_by_name(name);
	arena_rewind(arena, mark);
	if (!err && b->encoding == TRANSFER_UNKNOWN)
		err = ERR_UNSUPPORTED;
	return err;
}

enum err imap_binary_begin(struct imap_binary *b, const struct imap_section *section,
			   const struct summary *summary, struct arena *arena)
{
	struct summary_part part;
	enum err err = summary_locate(summary, section->path, section->path_len, SECTION_WHOLE,
				      &b->range, &part);
	if (!err)
		err = find_encoding(b, section, &part, arena);
	if (err)
		return err;
	rewind_part(b);
	b->total = b->skip = b->left = 0;
	b->is_counting = b->encoding != TRANSFER_IDENTITY;
	b->has_nul = !b->is_counting && summary->has_nul;
	if (!b->is_counting)
		b->total = b->range.len;
	return ERR_NONE;
}

/* More decoded octets into b->decoded, or is_at_end. */
static enum err decode_more(struct imap_session *s, struct imap_binary *b,
			    const struct msg_info *info)
{
	uint8_t piece[READ_BYTES];
	size_t got = 0, n = sizeof(piece);
	if (b->at == b->range.len) {
		b->is_at_end = true;
		return transfer_decode_end(&b->decoder, &b->decoded);
	}
	if (n > b->range.len - b->at)
		n = (size_t)(b->range.len - b->at);
	enum err err = mailbox_read(s->view.box, info, MSG_BODY, b->range.start + b->at, piece, n,
				    &got, &s->base.waiter);
	if (err)
		return err;
	if (!got)
		return ERR_CORRUPT;
	/* What the buffer does not take is read and decoded again: it takes twice a piece. */
	struct slice encoded = slice_of(piece, got);
	err = transfer_decode(&b->decoder, &encoded, &b->decoded);
	b->at += got - encoded.len;
	return err == ERR_LIMIT ? ERR_NONE : err;
}

static void count_decoded(struct imap_binary *b)
{
	struct slice octets = buf_view(&b->decoded);
	b->total += octets.len;
	b->has_nul |= slice_find_byte(octets, '\0') != SIZE_MAX;
	buf_clear(&b->decoded);
}

enum step imap_binary_count(struct imap_session *s, struct imap_binary *b,
			    const struct imap_section *section, const struct msg_info *info,
			    enum err *err_out)
{
	while (b->is_counting && !b->is_at_end) {
		*err_out = decode_more(s, b, info);
		if (*err_out)
			return *err_out == ERR_AGAIN ? STEP_MORE : STEP_BAD;
		count_decoded(b);
		if (!b->is_at_end && imap_must_pause(s))
			return STEP_MORE;
	}
	b->is_counting = false;
	rewind_part(b);
	b->left = b->total;
	if (section->is_partial) {
		b->skip = section->partial_start < b->total ? section->partial_start : b->total;
		b->left = b->total - b->skip;
		if (b->left > section->partial_count)
			b->left = section->partial_count;
	}
	if (b->encoding == TRANSFER_IDENTITY) { /* nothing to decode: go there at once */
		b->at = b->skip;
		b->skip = 0;
	}
	return STEP_DONE;
}

enum step imap_binary_send(struct imap_session *s, struct imap_binary *b,
			   const struct msg_info *info, struct buf *dst, enum err *err_out)
{
	*err_out = ERR_NONE;
	if (!b->left)
		return STEP_DONE;
	if (!b->decoded.len) {
		*err_out = b->is_at_end ? ERR_CORRUPT : decode_more(s, b, info);
		if (*err_out)
			return *err_out == ERR_AGAIN ? STEP_MORE : STEP_BAD;
	}
	size_t n = b->decoded.len;
	if (b->skip) {
		n = b->skip < n ? (size_t)b->skip : n;
		b->skip -= n;
	} else {
		n = b->left < n ? (size_t)b->left : n;
		*err_out = buf_add_slice(dst, slice_upto(buf_view(&b->decoded), n));
		if (*err_out)
			return STEP_BAD;
		b->left -= n;
	}
	buf_consume(&b->decoded, n);
	return b->left ? STEP_MORE : STEP_DONE;
}
