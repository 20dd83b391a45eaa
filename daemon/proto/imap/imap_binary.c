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
	size_t n = sizeof(piece);
	if (b->at == b->range.len) {
		b->is_at_end = true;
		return transfer_decode_end(&b->decoder, &b->decoded);
	}
	if (n > b->range.len - b->at)
		n = (size_t)(b->range.len - b->at);
	enum err err = imap_read(s, info, b->range.start + b->at, piece, &n);
	if (err)
		return err;
	/* What the buffer does not take is read and decoded again: it takes twice a piece. */
	struct slice encoded = slice_of(piece, n);
	err = transfer_decode(&b->decoder, &encoded, &b->decoded);
	b->at += n - encoded.len;
	return err == ERR_LIMIT ? ERR_NONE : err;
}

static void count_decoded(struct imap_binary *b)
{
	struct slice octets = buf_view(&b->decoded);
	b->total += octets.len;
	b->has_nul |= slice_find_byte(octets, '\0') != SIZE_MAX;
	buf_clear(&b->decoded);
}

enum err imap_binary_count(struct imap_session *s, struct imap_binary *b,
			   const struct imap_section *section, const struct msg_info *info)
{
	while (b->is_counting && !b->is_at_end) {
		enum err err = decode_more(s, b, info);
		if (!err)
			count_decoded(b);
		if (!err && !b->is_at_end)
			err = imap_pause(s);
		if (err)
			return err;
	}
	b->is_counting = false;
	rewind_part(b);
	b->left = imap_section_clip(section, b->total, &b->skip);
	if (b->encoding == TRANSFER_IDENTITY) { /* nothing to decode: go there at once */
		b->at = b->skip;
		b->skip = 0;
	}
	return ERR_NONE;
}

enum err imap_binary_send(struct imap_session *s, struct imap_binary *b,
			  const struct msg_info *info, struct buf *dst)
{
	enum err err = ERR_NONE;
	if (b->left && !b->decoded.len)
		err = b->is_at_end ? ERR_CORRUPT : decode_more(s, b, info);
	size_t n = b->decoded.len;
	if (err || !b->left)
		return err;
	if (b->skip) {
		n = b->skip < n ? (size_t)b->skip : n;
		b->skip -= n;
	} else {
		n = b->left < n ? (size_t)b->left : n;
		err = buf_add_slice(dst, slice_upto(buf_view(&b->decoded), n));
		if (err)
			return err;
		b->left -= n;
	}
	buf_consume(&b->decoded, n);
	return ERR_NONE;
}
