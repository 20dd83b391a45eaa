#include "app/model.h"
#include "base/codec.h"

enum { EXPONENT_MAX = 100 };

/* --- writing ----------------------------------------------------------------------------------- */

static enum err print_text(struct slice text, struct buf *dst)
{
	enum err err = buf_add_byte(dst, '"');
	for (size_t i = 0; i < text.len && !err; i++) {
		uint8_t c = text.ptr[i];
		if (c < 0x20)
			err = buf_addf(dst, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			err = buf_addf(dst, "\\%c", c);
		else
			err = buf_add_byte(dst, c);
	}
	return err ? err : buf_add_byte(dst, '"');
}

static enum err print_members(const struct model *value, struct buf *dst)
{
	bool is_object = value->kind == MODEL_OBJECT;
	enum err err = buf_add_byte(dst, is_object ? '{' : '[');
	for (const struct model *m = value->first; m && !err; m = m->next) {
		if (m != value->first)
			err = buf_add_byte(dst, ',');
		if (!err && is_object)
			err = print_text(slice_str(m->key), dst);
		if (!err && is_object)
			err = buf_add_byte(dst, ':');
		if (!err)
			err = model_print(m, dst);
	}
	return err ? err : buf_add_byte(dst, is_object ? '}' : ']');
}

enum err model_print(const struct model *value, struct buf *dst)
{
	switch (value->kind) {
	case MODEL_NULL:
	case MODEL_FRACTION: return buf_add_str(dst, "null");
	case MODEL_NO: return buf_add_str(dst, "false");
	case MODEL_YES: return buf_add_str(dst, "true");
	case MODEL_NUMBER: return buf_addf(dst, "%lld", (long long)value->number);
	case MODEL_TEXT: return print_text(slice_str(value->text), dst);
	case MODEL_LIST:
	case MODEL_OBJECT: break;
	}
	return print_members(value, dst);
}

/* --- reading ----------------------------------------------------------------------------------- */

struct json {
	struct slice rest;
	struct buf text;
	unsigned depth;
};

static enum err read_value(struct json *j, struct model *m);

static uint8_t json_peek(const struct json *j)
{
	return j->rest.len ? *j->rest.ptr : 0;
}

static bool json_take(struct json *j, const char *word)
{
	bool is_there = slice_starts(j->rest, slice_str(word));
	if (is_there)
		j->rest = slice_from(j->rest, strlen(word));
	return is_there;
}

static void json_skip_space(struct json *j)
{
	while (j->rest.len && strchr(" \t\r\n", *j->rest.ptr) && *j->rest.ptr)
		j->rest = slice_from(j->rest, 1);
}

/* The four digits behind "\u". */
static enum err read_unit(struct json *j, uint32_t *unit_out)
{
	uint8_t bytes[2];
	struct buf unit;
	buf_init(&unit, sizeof(bytes));
	enum err err = j->rest.len < 4 ? ERR_SYNTAX : hex_decode(slice_upto(j->rest, 4), &unit);
	if (!err)
		*unit_out = (uint32_t)(buf_view(&unit).ptr[0] << 8 | buf_view(&unit).ptr[1]);
	buf_free(&unit);
	j->rest = slice_from(j->rest, 4);
	return err;
}

static enum err add_utf8(struct buf *dst, uint32_t c)
{
	static const uint8_t first[] = {0, 0, 0xC0, 0xE0, 0xF0};
	unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	enum err err = buf_add_byte(dst, (uint8_t)(first[n] | c >> 6 * (n - 1)));
	for (unsigned i = n - 1; i > 0 && !err; i--)
		err = buf_add_byte(dst, (uint8_t)(0x80 | (c >> 6 * (i - 1) & 0x3F)));
	return err;
}

/* Characters above U+FFFF are two halves (RFC 8259 7). */
static enum err read_reference(struct json *j)
{
	uint32_t c = 0, low = 0;
	enum err err = read_unit(j, &c);
	if (!err && c >= 0xD800 && c < 0xDC00) {
		err = json_take(j, "\\u") ? read_unit(j, &low) : ERR_SYNTAX;
		if (low < 0xDC00 || low > 0xDFFF)
			return ERR_SYNTAX;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	} else if (c >= 0xDC00 && c <= 0xDFFF) {
		return ERR_SYNTAX;
	}
	if (!err && !c)
		return ERR_SYNTAX;
	return err ? err : add_utf8(&j->text, c);
}

static enum err read_escape(struct json *j)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	uint8_t c = json_peek(j);
	const char *letter = c ? strchr(letters, c) : NULL;
	j->rest = slice_from(j->rest, 1);
	if (c == 'u')
		return read_reference(j);
	return letter ? buf_add_byte(&j->text, (uint8_t)meant[letter - letters]) : ERR_SYNTAX;
}

/* Into j->text, which is good until the next one. */
static enum err read_text(struct json *j)
{
	enum err err = json_take(j, "\"") ? ERR_NONE : ERR_SYNTAX;
	buf_clear(&j->text);
	while (!err && !json_take(j, "\"")) {
		if (json_peek(j) < 0x20)
			return ERR_SYNTAX;
		if (json_take(j, "\\")) {
			err = read_escape(j);
			continue;
		}
		err = buf_add_byte(&j->text, json_peek(j));
		j->rest = slice_from(j->rest, 1);
	}
	return err ? err : buf_add_byte(&j->text, 0);
}

/* Digits onto *number; false: it has become too large. */
static bool read_digits(struct json *j, int64_t *number, int *count)
{
	bool fits = true;
	for (; ascii_is_digit(json_peek(j)); j->rest = slice_from(j->rest, 1), ++*count)
		fits = fits && !__builtin_mul_overflow(*number, 10, number) &&
		       !__builtin_add_overflow(*number, json_peek(j) - '0', number);
	return fits;
}

/* True when number * 10^scale is whole; then it is that. */
static bool scale_number(int64_t *number, int scale)
{
	if (*number == 0)
		return true;
	for (; scale > 0; scale--)
		if (__builtin_mul_overflow(*number, 10, number))
			return false;
	for (; scale < 0; scale++) {
		if (*number % 10)
			return false;
		*number /= 10;
	}
	return true;
}

static enum err read_number(struct json *j, struct model *m)
{
	bool is_negative = json_take(j, "-"), has_zero = json_peek(j) == '0';
	int64_t number = 0, power = 0;
	int whole = 0, behind = 0, digits = 0;
	bool fits = read_digits(j, &number, &whole);
	bool is_good = whole == 1 || (whole && !has_zero);
	if (json_take(j, ".")) {
		fits = read_digits(j, &number, &behind) && fits;
		is_good = is_good && behind;
	}
	if (json_take(j, "e") || json_take(j, "E")) {
		bool is_small = json_take(j, "-");
		if (!is_small)
			(void)json_take(j, "+");
		fits = read_digits(j, &power, &digits) && power < EXPONENT_MAX && fits;
		power = is_small ? -power : power;
		is_good = is_good && digits;
	}
	fits = fits && scale_number(&number, (int)power - behind);
	m->kind = fits ? MODEL_NUMBER : MODEL_FRACTION;
	m->number = fits ? is_negative ? -number : number : 0;
	return is_good ? ERR_NONE : ERR_SYNTAX;
}

static enum err read_members(struct json *j, struct model *in, const char *end)
{
	json_skip_space(j);
	if (json_take(j, end))
		return ERR_NONE;
	do {
		json_skip_space(j);
		enum err err = in->kind == MODEL_OBJECT ? read_text(j) : ERR_NONE;
		json_skip_space(j);
		if (!err && in->kind == MODEL_OBJECT && !json_take(j, ":"))
			err = ERR_SYNTAX;
		const char *key = in->kind == MODEL_OBJECT ? (const char *)j->text.bytes : NULL;
		struct model *m = err ? NULL : model_null(in, key);
		if (!m)
			return err ? err : ERR_NOMEM;
		err = read_value(j, m);
		if (err)
			return err;
	} while (json_take(j, ","));
	return json_take(j, end) ? ERR_NONE : ERR_SYNTAX;
}

static enum err read_tree(struct json *j, struct model *m, enum model_kind kind, const char *end)
{
	if (j->depth == MODEL_DEPTH_MAX)
		return ERR_LIMIT;
	m->kind = kind;
	j->depth++;
	enum err err = read_members(j, m, end);
	j->depth--;
	return err;
}

static enum err read_word(struct json *j, struct model *m)
{
	static const struct {
		const char *word;
		enum model_kind kind;
	} words[] = {{"null", MODEL_NULL}, {"false", MODEL_NO}, {"true", MODEL_YES}};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		m->kind = words[i].kind;
		if (json_take(j, words[i].word))
			return ERR_NONE;
	}
	return ERR_SYNTAX;
}

/* The value at hand and the white space around it, into a member that is null until then. */
static enum err read_value(struct json *j, struct model *m)
{
	enum err err = ERR_NONE;
	json_skip_space(j);
	if (json_take(j, "{"))
		err = read_tree(j, m, MODEL_OBJECT, "}");
	else if (json_take(j, "["))
		err = read_tree(j, m, MODEL_LIST, "]");
	else if (json_peek(j) == '-' || ascii_is_digit(json_peek(j)))
		err = read_number(j, m);
	else if (json_peek(j) != '"')
		err = read_word(j, m);
	else if (!(err = read_text(j)))
		err = model_become(m, slice_str((const char *)j->text.bytes));
	json_skip_space(j);
	return err;
}

enum err model_parse(struct slice json, struct model **outermost_out)
{
	struct json j = {.rest = json};
	struct model *m = model_new();
	*outermost_out = NULL;
	if (!m)
		return ERR_NOMEM;
	buf_init(&j.text, MODEL_MAX_BYTES);
	enum err err = read_value(&j, m);
	if (!err && (j.rest.len || m->kind != MODEL_OBJECT))
		err = ERR_SYNTAX;
	buf_wipe(&j.text); /* it may be a password */
	if (err)
		model_free(m);
	else
		*outermost_out = m;
	return err;
}
