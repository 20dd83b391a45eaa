#include "mail/encword.h"

#include "mail/charset.h"
#include "mail/lexical.h"
#include "mail/transfer.h"

/* RFC 2047 allows 75 bytes; much longer words are met. The bound keeps broken input linear. */
enum { ENCWORD_MAX_BYTES = 8 * 1024 };

struct encoded_word {
	struct slice charset;
	struct slice text;
	bool is_base64;
	size_t len; /* of the whole word, delimiters included */
};

struct decoder {
	struct buf *dst;
	struct charset_decoder charset; /* of the words that were decoded last */
	struct slice charset_name;
	bool is_open;
};

/* Finds the "?=" that ends the text. A lone "?" inside is forgiven, a blank in it too, for base64
 * not. */
static size_t text_end(struct slice s)
{
	size_t at = 0;
	for (;;) {
		size_t mark = slice_find_byte(slice_from(s, at), '?');
		if (mark == SIZE_MAX || at + mark + 1 >= s.len)
			return SIZE_MAX;
		at += mark;
		if (s.ptr[at + 1] == '=')
			return at;
		at++;
	}
}

/* Reads the word that "=?" at the front of `s` announces (RFC 2047 2). */
static bool word_read(struct slice s, struct encoded_word *w)
{
	struct slice rest = slice_between(s, 2, ENCWORD_MAX_BYTES);
	size_t mark = slice_find_byte(slice_upto(rest, CHARSET_NAME_MAX * 2), '?');
	if (mark == SIZE_MAX || mark == 0)
		return false;
	w->charset = slice_upto(rest, mark);
	for (size_t i = 0; i < mark; i++)
		if (lexical_is_space(w->charset.ptr[i]) || w->charset.ptr[i] == '=')
			return false;
	w->charset = slice_upto(w->charset, slice_find_byte(w->charset, '*')); /* RFC 2231 5 */
	rest = slice_from(rest, mark + 1);
	if (rest.len < 2 || rest.ptr[1] != '?')
		return false;
	uint8_t encoding = ascii_lower(rest.ptr[0]);
	if (encoding != 'b' && encoding != 'q')
		return false;
	w->is_base64 = encoding == 'b';
	rest = slice_from(rest, 2);
	size_t end = text_end(rest);
	if (end == SIZE_MAX)
		return false;
	w->text = slice_upto(rest, end);
	w->len = (size_t)(rest.ptr - s.ptr) + end + 2;
	return true;
}

static enum err charset_leave(struct decoder *d)
{
	if (!d->is_open)
		return ERR_NONE;
	enum err err = charset_decode_end(&d->charset, d->dst);
	charset_close(&d->charset);
	d->is_open = false;
	return err;
}

/* Words of one charset that follow each other share the decoder, so that a character may be
 * split. */
static enum err charset_enter(struct decoder *d, struct slice name)
{
	if (d->is_open && slice_eq_nocase(d->charset_name, name))
		return ERR_NONE;
	enum err err = charset_leave(d);
	charset_open(&d->charset, name);
	d->charset_name = name;
	d->is_open = true;
	return err;
}

/* Decodes "Q" text into `chunk`, as much as it holds (RFC 2047 4.2). */
static size_t take_q(struct slice *text, uint8_t *chunk, size_t size)
{
	size_t n = 0;
	while (text->len && n < size) {
		size_t used = 1;
		uint8_t c = text->ptr[0];
		int octet = c == '=' ? lexical_hex_pair(slice_from(*text, 1)) : -1;
		if (octet >= 0) {
			c = (uint8_t)octet;
			used = 3;
		} else if (c == '_') {
			c = ' ';
		}
		if (c != '\r' && c != '\n')
			chunk[n++] = c;
		*text = slice_from(*text, used);
	}
	return n;
}

static enum err add_base64(struct decoder *d, struct slice text)
{
	struct transfer_decoder base64;
	struct buf plain;
	buf_init(&plain, ENCWORD_MAX_BYTES);
	transfer_decode_init(&base64, TRANSFER_BASE64);
	enum err err = transfer_decode(&base64, &text, &plain);
	if (!err)
		err = transfer_decode_end(&base64, &plain);
	struct slice bytes = buf_view(&plain);
	if (!err)
		err = charset_decode(&d->charset, &bytes, d->dst);
	buf_free(&plain);
	return err;
}

static enum err add_word(struct decoder *d, const struct encoded_word *w)
{
	enum err err = charset_enter(d, w->charset);
	if (!err && w->is_base64)
		return add_base64(d, w->text);
	struct slice text = w->text;
	while (!err && text.len) {
		uint8_t chunk[256];
		struct slice bytes = slice_of(chunk, take_q(&text, chunk, sizeof(chunk)));
		err = charset_decode(&d->charset, &bytes, d->dst);
	}
	return err;
}

/* Text between encoded words: unfolded, raw 8-bit bytes guessed at. */
static enum err add_plain(struct decoder *d, struct slice text)
{
	enum err err = charset_leave(d);
	while (!err && text.len) {
		size_t n = 0;
		while (n < text.len && text.ptr[n] != '\r' && text.ptr[n] != '\n')
			n++;
		err = charset_to_utf8(SLICE_EMPTY, slice_upto(text, n), d->dst);
		text = slice_from(text, n);
		while (text.len && (text.ptr[0] == '\r' || text.ptr[0] == '\n'))
			text = slice_from(text, 1);
	}
	return err;
}

static bool is_blank_only(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!lexical_is_space(s.ptr[i]))
			return false;
	return true;
}

enum err encword_decode(struct slice value, struct buf *dst)
{
	struct decoder d = {.dst = dst};
	struct slice plain = slice_upto(value, 0); /* not yet written, in front of `value` */
	bool after_word = false;
	enum err err = ERR_NONE;
	while (value.len && !err) {
		struct encoded_word w;
		size_t mark = slice_find(value, SLICE_LIT("=?"));
		if (mark == SIZE_MAX)
			mark = value.len;
		plain.len += mark;
		value = slice_from(value, mark);
		if (value.len == 0)
			break;
		if (!word_read(value, &w)) {
			plain.len += 2;
			value = slice_from(value, 2);
			continue;
		}
		if (!after_word || !is_blank_only(plain))
			err = add_plain(&d, plain);
		if (!err)
			err = add_word(&d, &w);
		value = slice_from(value, w.len);
		plain = slice_upto(value, 0);
		after_word = true;
	}
	if (!err)
		err = add_plain(&d, plain);
	enum err last = charset_leave(&d);
	return err ? err : last;
}
