#include "mail/param.h"

#include <stdlib.h>

#include "mail/charset.h"
#include "mail/encword.h"
#include "mail/lexical.h"

/* One parameter, or one piece of a continued one, as it was written. */
struct piece {
	struct slice name; /* without "*", "*0", "*0*" */
	struct slice value;
	uint32_t number; /* n of "*n" */
	uint32_t order;  /* as written */
	bool is_numbered, is_encoded;
};

struct param_reader {
	struct slice rest;
	struct arena *arena;
	struct piece *pieces;
	uint32_t count;
};

/* Takes the run of bytes up to a blank or one of `stops` off the front. */
static struct slice take_run(struct slice *s, const char *stops)
{
	size_t n = 0;
	while (n < s->len && !lexical_is_space(s->ptr[n]) &&
	       (s->ptr[n] == 0 || !strchr(stops, s->ptr[n])))
		n++;
	struct slice run = slice_upto(*s, n);
	*s = slice_from(*s, n);
	return run;
}

/* Unquotes the string whose opening quote is at the front of *s. A missing end is forgiven. */
static enum err take_quoted(struct slice *s, struct arena *arena, struct slice *text_out)
{
	size_t end = 1, n = 0;
	while (end < s->len && s->ptr[end] != '"')
		end += s->ptr[end] == '\\' && end + 1 < s->len ? 2 : 1;
	uint8_t *text = arena_alloc(arena, end);
	if (!text)
		return ERR_NOMEM;
	for (size_t i = 1; i < end && i < s->len; i++) {
		uint8_t c = s->ptr[i];
		if (c == '\\' && i + 1 < s->len)
			c = s->ptr[++i];
		if (c != '\r' && c != '\n')
			text[n++] = c;
	}
	*text_out = slice_of(text, n);
	*s = slice_from(*s, end + 1);
	return ERR_NONE;
}

/* Does a "name=" stand at the front? Then a semicolon was forgotten before it. */
static bool looks_like_param(struct slice s)
{
	struct slice name = take_run(&s, "=;\"(),/<>@[]?");
	return name.len && s.len && s.ptr[0] == '=';
}

/* An unquoted value: up to the semicolon, inner blanks included unless a comment or another
 * parameter follows them ("name=my file.pdf" is sent often). */
static enum err take_bare(struct slice *s, struct arena *arena, struct slice *text_out)
{
	const uint8_t *start = s->ptr;
	const uint8_t *end = start;
	while (s->len) {
		take_run(s, ";");
		end = s->ptr;
		while (s->len && lexical_is_space(s->ptr[0]))
			*s = slice_from(*s, 1);
		if (s->len == 0 || s->ptr[0] == ';' || s->ptr[0] == '(' || looks_like_param(*s))
			break;
	}
	struct slice raw = slice_of(start, (size_t)(end - start));
	if (slice_find_byte(raw, '\n') == SIZE_MAX) {
		*text_out = raw;
		return ERR_NONE;
	}
	uint8_t *text = arena_alloc(arena, raw.len);
	size_t n = 0;
	if (!text)
		return ERR_NOMEM;
	for (size_t i = 0; i < raw.len; i++)
		if (raw.ptr[i] != '\r' && raw.ptr[i] != '\n')
			text[n++] = raw.ptr[i];
	*text_out = slice_of(text, n);
	return ERR_NONE;
}

/* Splits "name", "name*", "name*3", "name*3*" (RFC 2231 3, 4). */
static void piece_name(struct slice written, struct piece *piece)
{
	piece->name = written;
	if (written.len > 1 && written.ptr[written.len - 1] == '*') {
		piece->is_encoded = true;
		piece->name.len--;
	}
	size_t star = slice_find_byte(piece->name, '*');
	if (star == SIZE_MAX || star == 0 || star + 1 == piece->name.len)
		return;
	if (slice_u32(slice_from(piece->name, star + 1), &piece->number)) {
		piece->name = written;
		piece->is_encoded = false;
		return;
	}
	piece->is_numbered = true;
	piece->name.len = star;
}

static enum err read_piece(struct param_reader *r)
{
	struct slice name = take_run(&r->rest, "=;\"(");
	lexical_skip_blanks(&r->rest);
	if (r->rest.len == 0 || r->rest.ptr[0] != '=') {
		if (r->rest.len &&
		    name.len == 0) /* a stray quote: nothing a parameter starts with */
			r->rest = slice_from(r->rest, 1);
		return ERR_NONE;
	}
	r->rest = slice_from(r->rest, 1);
	lexical_skip_blanks(&r->rest);
	struct piece piece = {.order = r->count};
	enum err err = r->rest.len && r->rest.ptr[0] == '"'
			       ? take_quoted(&r->rest, r->arena, &piece.value)
			       : take_bare(&r->rest, r->arena, &piece.value);
	if (err || name.len == 0 || r->count == PARAM_MAX_PIECES)
		return err;
	piece_name(name, &piece);
	r->pieces[r->count++] = piece;
	return ERR_NONE;
}

/* Continued pieces come last, those of one name together, by number. */
static int piece_order(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;
	int by_name = 0;
	if (a->is_numbered != b->is_numbered)
		return a->is_numbered ? 1 : -1;
	if (a->is_numbered)
		by_name = slice_cmp_nocase(a->name, b->name);
	if (by_name)
		return by_name;
	if (a->is_numbered && a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static bool needs_percent(uint8_t c)
{
	return c <= ' ' || c >= 127 || strchr("*'%()<>@,;:\\\"/[]?=", c) != NULL;
}

static size_t add_percent(uint8_t *dst, struct slice s)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if (needs_percent(c)) {
			dst[n++] = '%';
			dst[n++] = (uint8_t)digits[c >> 4];
			dst[n++] = (uint8_t)digits[c & 15];
		} else {
			dst[n++] = c;
		}
	}
	return n;
}

/* Joins `count` pieces that follow each other. When one is encoded, all have to be. */
static enum err join_pieces(const struct piece *pieces, size_t count, struct arena *arena,
			    struct slice *value_out, bool *is_encoded_out)
{
	size_t bytes = 2, n = 0;
	bool is_encoded = false;
	for (size_t i = 0; i < count; i++)
		is_encoded = is_encoded || pieces[i].is_encoded;
	for (size_t i = 0; i < count; i++)
		bytes += pieces[i].value.len * (is_encoded && !pieces[i].is_encoded ? 3 : 1);
	uint8_t *text = arena_alloc(arena, bytes);
	if (!text)
		return ERR_NOMEM;
	if (is_encoded && !pieces[0].is_encoded) /* no charset, no language */
		text[n++] = '\'', text[n++] = '\'';
	for (size_t i = 0; i < count; i++) {
		struct slice v = pieces[i].value;
		if (is_encoded && !pieces[i].is_encoded) {
			n += add_percent(text + n, v);
		} else if (v.len) {
			memcpy(text + n, v.ptr, v.len);
			n += v.len;
		}
	}
	*value_out = slice_of(text, n);
	*is_encoded_out = is_encoded;
	return ERR_NONE;
}

static enum err starred_name(struct slice name, struct arena *arena, struct slice *name_out)
{
	uint8_t *text = arena_alloc(arena, name.len + 1);
	if (!text)
		return ERR_NOMEM;
	memcpy(text, name.ptr, name.len);
	text[name.len] = '*';
	*name_out = slice_of(text, name.len + 1);
	return ERR_NONE;
}

/* Turns sorted pieces into parameters. */
static enum err pieces_to_params(const struct param_reader *r, struct param_list *list)
{
	for (size_t i = 0, next = 0; i < r->count && list->count < PARAM_MAX_COUNT; i = next) {
		const struct piece *first = &r->pieces[i];
		struct param param = {first->name, first->value};
		bool is_encoded = first->is_encoded;
		size_t usable = 1;
		next = i + 1;
		while (first->is_numbered && next < r->count &&
		       slice_eq_nocase(r->pieces[next].name, first->name)) {
			if (next - i == usable && r->pieces[next].number == usable)
				usable++;
			next++;
		}
		if (first->is_numbered && first->number != 0)
			continue;
		enum err err = ERR_NONE;
		if (first->is_numbered)
			err = join_pieces(first, usable, r->arena, &param.value, &is_encoded);
		if (!err && is_encoded)
			err = starred_name(first->name, r->arena, &param.name);
		if (err)
			return err;
		list->params[list->count++] = param;
	}
	return ERR_NONE;
}

/* The value before the first parameter; a forgotten semicolon behind it is forgiven. */
static void read_value(struct param_reader *r, struct param_list *list)
{
	lexical_skip_blanks(&r->rest);
	list->type = take_run(&r->rest, "/;(\"=,");
	list->value = list->type;
	lexical_skip_blanks(&r->rest);
	if (r->rest.len == 0 || r->rest.ptr[0] != '/')
		return;
	r->rest = slice_from(r->rest, 1);
	lexical_skip_blanks(&r->rest);
	list->subtype = take_run(&r->rest, ";(\"=,");
	list->value = slice_of(list->type.ptr,
			       (size_t)(list->subtype.ptr + list->subtype.len - list->type.ptr));
}

enum err param_parse(struct slice field, struct arena *arena, struct param_list *list_out)
{
	struct param_reader r = {.rest = field, .arena = arena};
	*list_out = (struct param_list){0};
	read_value(&r, list_out);
	lexical_skip_blanks(&r.rest);
	if (r.rest.len == 0)
		return ERR_NONE;
	/* "a=" is the shortest piece, so short fields need little room. */
	size_t max_pieces = r.rest.len / 2 + 1;
	if (max_pieces > PARAM_MAX_PIECES)
		max_pieces = PARAM_MAX_PIECES;
	r.pieces = arena_array(arena, max_pieces, sizeof(*r.pieces));
	if (!r.pieces)
		return ERR_NOMEM;
	while (r.rest.len) {
		lexical_skip_blanks(&r.rest);
		if (lexical_take_byte(&r.rest, ';'))
			continue;
		enum err err = read_piece(&r);
		if (err)
			return err;
	}
	if (r.count == 0)
		return ERR_NONE;
	list_out->params = arena_array(arena, r.count, sizeof(*list_out->params));
	if (!list_out->params)
		return ERR_NOMEM;
	qsort(r.pieces, r.count, sizeof(*r.pieces), piece_order);
	return pieces_to_params(&r, list_out);
}

const struct param *param_find(const struct param_list *list, const char *name)
{
	const struct param *plain = NULL;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct param *param = &list->params[i];
		struct slice base = param->name;
		bool is_encoded = base.len && base.ptr[base.len - 1] == '*';
		base.len -= is_encoded;
		if (!slice_eq_str_nocase(base, name))
			continue;
		if (is_encoded)
			return param;
		if (!plain)
			plain = param;
	}
	return plain;
}

/* Percent-decodes *s into `chunk`, as much as it holds. */
static size_t take_percent(struct slice *s, uint8_t *chunk, size_t size)
{
	size_t n = 0;
	while (s->len && n < size) {
		size_t used = 1;
		uint8_t c = s->ptr[0];
		int octet = c == '%' ? lexical_hex_pair(slice_from(*s, 1)) : -1;
		if (octet >= 0)
			used = 3;
		chunk[n++] = octet >= 0 ? (uint8_t)octet : c;
		*s = slice_from(*s, used);
	}
	return n;
}

/* charset'language'text (RFC 2231 4). */
static enum err decode_extended(struct slice value, struct buf *dst)
{
	struct slice charset = SLICE_EMPTY, rest = value;
	size_t first = slice_find_byte(value, '\'');
	size_t second =
		first == SIZE_MAX ? SIZE_MAX : slice_find_byte(slice_from(value, first + 1), '\'');
	if (second != SIZE_MAX) {
		charset = slice_upto(value, first);
		rest = slice_from(value, first + second + 2);
	}
	struct charset_decoder decoder;
	enum err err = ERR_NONE;
	charset_open(&decoder, charset);
	while (!err && rest.len) {
		uint8_t chunk[256];
		struct slice part = slice_of(chunk, take_percent(&rest, chunk, sizeof(chunk)));
		err = charset_decode(&decoder, &part, dst);
	}
	if (!err)
		err = charset_decode_end(&decoder, dst);
	charset_close(&decoder);
	return err;
}

enum err param_text(const struct param *param, struct buf *dst)
{
	bool is_encoded = param->name.len && param->name.ptr[param->name.len - 1] == '*';
	return is_encoded ? decode_extended(param->value, dst) : encword_decode(param->value, dst);
}
