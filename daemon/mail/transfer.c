#include "mail/transfer.h"

#include "mail/lexical.h"

enum { DECODE_ROOM = 4096, DECODE_MIN_ROOM = TRANSFER_HELD_MAX + 8 };
enum { LINE_MAX_COLUMNS = 76 };

struct slice transfer_name(struct slice value)
{
	size_t n = 0;
	lexical_skip_blanks(&value);
	while (n < value.len && value.ptr[n] > ' ' && value.ptr[n] != ';' && value.ptr[n] != '(')
		n++;
	return slice_upto(value, n);
}

enum transfer_encoding transfer_by_name(struct slice value)
{
	value = transfer_name(value);
	static const uint8_t encodings[] = {TRANSFER_QUOTED_PRINTABLE, TRANSFER_BASE64};
	size_t place = lexical_word_find("quoted-printable\0"
					 "base64\0"
					 "7bit\0"
					 "8bit\0"
					 "binary\0",
					 value);
	if (place < sizeof(encodings))
		return (enum transfer_encoding)encodings[place];
	return place < SIZE_MAX || !value.len ? TRANSFER_IDENTITY : TRANSFER_UNKNOWN;
}

void transfer_decode_init(struct transfer_decoder *d, enum transfer_encoding encoding)
{
	*d = (struct transfer_decoder){.encoding = encoding};
}

/* ---- base64 ---- */

enum { DIGIT_PAD = 64, DIGIT_BLANK = 65, DIGIT_NONE = 66 };

static uint8_t base64_digit(uint8_t c)
{
	if (c >= 'a')
		return c <= 'z' ? (uint8_t)(c - 'a' + 26) : DIGIT_NONE;
	if (c >= 'A')
		return c <= 'Z' ? (uint8_t)(c - 'A') : DIGIT_NONE;
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0' + 52);
	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	if (c == '=')
		return DIGIT_PAD;
	return c == '\n' || c == '\r' || c == ' ' || c == '\t' ? DIGIT_BLANK : DIGIT_NONE;
}

/* What an unfinished group says: two digits make a byte, three make two. */
static size_t base64_flush(struct transfer_decoder *d, uint8_t *out)
{
	size_t n = d->count > 1 ? d->count - 1u : 0;
	uint32_t bits = d->bits << 6 * (4 - d->count);
	for (size_t i = 0; i < n; i++, bits <<= 8)
		out[i] = (uint8_t)(bits >> 16);
	d->is_damaged = d->is_damaged || d->count == 1;
	d->count = 0;
	d->bits = 0;
	return n;
}

static size_t base64_some(struct transfer_decoder *d, struct slice *src, uint8_t *out, size_t room)
{
	size_t n = 0, i = 0;
	for (; i < src->len && n + 3 <= room; i++) {
		uint8_t digit = base64_digit(src->ptr[i]);
		if (digit < 64) {
			d->bits = d->bits << 6 | digit;
			if (++d->count == 4)
				n += base64_flush(d, out + n);
		} else if (digit == DIGIT_PAD && d->count) {
			n += base64_flush(d, out + n);
		} else if (digit == DIGIT_NONE) {
			d->is_damaged = true;
		}
	}
	*src = slice_from(*src, i);
	return n;
}

/* ---- quoted-printable ---- */

enum qp_state {
	QP_TEXT,
	QP_BLANKS,  /* blanks: text, unless the line ends */
	QP_CR,      /* perhaps blanks, then CR */
	QP_EQUAL,   /* "=" */
	QP_HEX,     /* "=A" */
	QP_SOFT,    /* "=" and blanks: a soft line break, if the line ends */
	QP_SOFT_CR, /* the same and CR */
};

static size_t qp_release(struct transfer_decoder *d, uint8_t *out)
{
	size_t n = d->held_len;
	memcpy(out, d->held, n);
	d->held_len = 0;
	d->is_damaged = d->is_damaged || d->state >= QP_EQUAL;
	d->state = QP_TEXT;
	return n;
}

static void qp_hold(struct transfer_decoder *d, enum qp_state state, uint8_t c)
{
	d->held[d->held_len++] = c;
	d->state = (uint8_t)state;
}

static void qp_drop(struct transfer_decoder *d)
{
	d->held_len = 0;
	d->state = QP_TEXT;
}

/* A byte that stands behind ordinary text. */
static size_t qp_plain(struct transfer_decoder *d, uint8_t c, uint8_t *out)
{
	if (c == '=')
		qp_hold(d, QP_EQUAL, c);
	else if (c == ' ' || c == '\t')
		qp_hold(d, QP_BLANKS, c);
	else if (c == '\r')
		qp_hold(d, QP_CR, c);
	else
		out[0] = c;
	return d->state == QP_TEXT ? 1 : 0;
}

/* What was held turns out to be text after all. */
static size_t qp_undo(struct transfer_decoder *d, uint8_t c, uint8_t *out)
{
	size_t n = qp_release(d, out);
	return n + qp_plain(d, c, out + n);
}

/* One byte; writes at most TRANSFER_HELD_MAX + 1. */
static size_t qp_byte(struct transfer_decoder *d, uint8_t c, uint8_t *out)
{
	bool is_blank = c == ' ' || c == '\t';
	if (d->held_len == TRANSFER_HELD_MAX)
		return qp_undo(d, c, out);
	switch ((enum qp_state)d->state) {
	case QP_TEXT: return qp_plain(d, c, out);
	case QP_BLANKS:
		if (is_blank || c == '\r') {
			qp_hold(d, is_blank ? QP_BLANKS : QP_CR, c);
			return 0;
		}
		if (c != '\n')
			return qp_undo(d, c, out);
		qp_drop(d);
		out[0] = c;
		return 1;
	case QP_CR:
		if (c != '\n')
			return qp_undo(d, c, out);
		qp_drop(d);
		out[0] = '\r';
		out[1] = '\n';
		return 2;
	case QP_EQUAL:
		if (lexical_hex_value(c) >= 0) {
			qp_hold(d, QP_HEX, c);
			return 0;
		}
		break;
	case QP_HEX:
		if (lexical_hex_value(c) < 0)
			return qp_undo(d, c, out);
		out[0] = (uint8_t)(lexical_hex_value(d->held[1]) << 4 | lexical_hex_value(c));
		qp_drop(d);
		return 1;
	case QP_SOFT: break;
	case QP_SOFT_CR:
		if (c != '\n')
			return qp_undo(d, c, out);
		break;
	}
	if (c == '\n') /* behind "=" and perhaps blanks */
		qp_drop(d);
	else if (is_blank || c == '\r')
		qp_hold(d, is_blank ? QP_SOFT : QP_SOFT_CR, c);
	else
		return qp_undo(d, c, out);
	return 0;
}

static size_t qp_some(struct transfer_decoder *d, struct slice *src, uint8_t *out, size_t room)
{
	size_t n = 0, i = 0;
	while (i < src->len && n + DECODE_MIN_ROOM <= room) {
		uint8_t c = src->ptr[i++];
		if (d->state == QP_TEXT && c > '=')
			out[n++] = c;
		else
			n += qp_byte(d, c, out + n);
	}
	*src = slice_from(*src, i);
	return n;
}

/* ---- both ---- */

enum err transfer_decode(struct transfer_decoder *d, struct slice *src, struct buf *dst)
{
	while (src->len) {
		uint8_t *room = NULL;
		size_t room_len = buf_left(dst) < DECODE_ROOM ? buf_left(dst) : DECODE_ROOM, n = 0;
		if (room_len < DECODE_MIN_ROOM)
			return ERR_LIMIT;
		enum err err = buf_reserve(dst, room_len, &room);
		if (err)
			return err;
		switch (d->encoding) {
		case TRANSFER_BASE64: n = base64_some(d, src, room, room_len); break;
		case TRANSFER_QUOTED_PRINTABLE: n = qp_some(d, src, room, room_len); break;
		case TRANSFER_IDENTITY:
		case TRANSFER_UNKNOWN:
			n = src->len < room_len ? src->len : room_len;
			memcpy(room, src->ptr, n);
			*src = slice_from(*src, n);
			break;
		}
		buf_commit(dst, n);
	}
	return ERR_NONE;
}

enum err transfer_decode_end(struct transfer_decoder *d, struct buf *dst)
{
	uint8_t *room = NULL;
	enum err err = buf_reserve(dst, DECODE_MIN_ROOM, &room);
	if (err)
		return err;
	if (d->encoding == TRANSFER_BASE64) {
		buf_commit(dst, base64_flush(d, room));
	} else if (d->state == QP_EQUAL || d->state == QP_SOFT || d->state == QP_SOFT_CR ||
		   d->state == QP_BLANKS) {
		qp_drop(d); /* the end of the input ends the line */
	} else {
		buf_commit(dst, qp_release(d, room));
	}
	return ERR_NONE;
}

/* ---- encoders ---- */

void transfer_encode_init(struct transfer_encoder *e, enum transfer_encoding encoding)
{
	*e = (struct transfer_encoder){.encoding = encoding};
}

/* A group of one to three bytes as four digits, in front of them a line break when it is due. */
static size_t base64_group(struct transfer_encoder *e, const uint8_t *bytes, size_t count,
			   uint8_t *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;
	uint32_t bits = (uint32_t)bytes[0] << 16;
	bits |= count > 1 ? (uint32_t)bytes[1] << 8 : 0;
	bits |= count > 2 ? (uint32_t)bytes[2] : 0;
	if (e->column == LINE_MAX_COLUMNS) {
		out[n++] = '\r';
		out[n++] = '\n';
		e->column = 0;
	}
	out[n++] = (uint8_t)digits[bits >> 18];
	out[n++] = (uint8_t)digits[bits >> 12 & 63];
	out[n++] = count > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=';
	out[n++] = count > 2 ? (uint8_t)digits[bits & 63] : '=';
	e->column = (uint8_t)(e->column + 4);
	return n;
}

static size_t base64_encode(struct transfer_encoder *e, struct slice src, uint8_t *out)
{
	size_t n = 0;
	uint8_t group[3];
	for (size_t i = 0; i < src.len; i++) {
		if (e->held_len < 2) {
			e->held[e->held_len++] = src.ptr[i];
			continue;
		}
		memcpy(group, e->held, 2);
		group[2] = src.ptr[i];
		n += base64_group(e, group, 3, out + n);
		e->held_len = 0;
	}
	return n;
}

/* A byte as itself or as "=XX", in front of it a soft line break when the line would grow too
 * long. */
static size_t qp_put(struct transfer_encoder *e, uint8_t c, bool is_literal, uint8_t *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0, width = is_literal ? 1 : 3;
	if (e->column + width >= LINE_MAX_COLUMNS) {
		memcpy(out, "=\r\n", 3);
		n = 3;
		e->column = 0;
	}
	e->column = (uint8_t)(e->column + width);
	if (is_literal) {
		out[n++] = c;
		return n;
	}
	out[n++] = '=';
	out[n++] = (uint8_t)digits[c >> 4];
	out[n++] = (uint8_t)digits[c & 15];
	return n;
}

/* A blank at the end of a line and a CR without LF have to be encoded. */
static size_t qp_put_held(struct transfer_encoder *e, bool at_line_end, uint8_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < e->held_len; i++)
		n += qp_put(e, e->held[i], e->held[i] != '\r' && !at_line_end, out + n);
	e->held_len = 0;
	return n;
}

static size_t qp_encode_byte(struct transfer_encoder *e, uint8_t c, uint8_t *out)
{
	size_t n = 0;
	if (c == '\n') {
		if (e->held_len && e->held[e->held_len - 1] == '\r')
			e->held_len--;
		n = qp_put_held(e, true, out);
		out[n++] = '\r';
		out[n++] = '\n';
		e->column = 0;
		return n;
	}
	bool held_cr = e->held_len && e->held[e->held_len - 1] == '\r';
	if (c != '\r' || held_cr || e->held_len == 2)
		n = qp_put_held(e, false, out);
	if (c == '\r' || c == ' ' || c == '\t')
		e->held[e->held_len++] = c;
	else
		n += qp_put(e, c, c > ' ' && c < 127 && c != '=', out + n);
	return n;
}

enum err transfer_encode(struct transfer_encoder *e, struct slice src, struct buf *dst)
{
	uint8_t *room = NULL;
	size_t n = 0;
	if (e->encoding == TRANSFER_IDENTITY || e->encoding == TRANSFER_UNKNOWN)
		return buf_add_slice(dst, src);
	if (src.len > SIZE_MAX / 8)
		return ERR_LIMIT;
	/* Worst case of quoted-printable: three bytes each and a soft break every 24 of them. */
	enum err err = buf_reserve(dst, src.len * 4 + 32, &room);
	if (err)
		return err;
	if (e->encoding == TRANSFER_BASE64)
		n = base64_encode(e, src, room);
	else
		for (size_t i = 0; i < src.len; i++)
			n += qp_encode_byte(e, src.ptr[i], room + n);
	buf_commit(dst, n);
	return ERR_NONE;
}

enum err transfer_encode_end(struct transfer_encoder *e, struct buf *dst)
{
	uint8_t room[16];
	size_t n = 0;
	if (e->encoding == TRANSFER_QUOTED_PRINTABLE) {
		n = qp_put_held(e, true, room);
	} else if (e->encoding == TRANSFER_BASE64) {
		if (e->held_len)
			n = base64_group(e, e->held, e->held_len, room);
		if (e->column || n) {
			room[n++] = '\r';
			room[n++] = '\n';
		}
		e->held_len = e->column = 0;
	}
	return buf_add(dst, room, n);
}
