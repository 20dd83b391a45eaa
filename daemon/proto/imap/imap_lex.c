#include "proto/imap/imap_lex.h"

#include "mail/date.h"
#include "mail/imap_utf7.h"
#include "mail/lexical.h"
#include "proto/imap/imap_seqset.h"
#include "store/store.h"

void lex_init(struct imap_lex *lex, struct slice command, struct arena *arena, bool utf8)
{
	*lex = (struct imap_lex){.rest = command, .arena = arena, .utf8 = utf8};
}

static bool lex_fail_as(struct imap_lex *lex, enum err err, const char *why)
{
	if (!lex->err) {
		lex->err = err;
		lex->why = why;
	}
	return false;
}

bool lex_fail(struct imap_lex *lex, const char *why)
{
	return lex_fail_as(lex, ERR_SYNTAX, why);
}

bool lex_at_end(const struct imap_lex *lex)
{
	return lex->rest.len == 0;
}

bool lex_end(struct imap_lex *lex)
{
	if (lex->err)
		return false;
	/* Blanks at the end of a line are a habit of some clients; they mean nothing. */
	return slice_trim(lex->rest).len == 0 || lex_fail(lex, "Unexpected text after the command");
}

uint8_t lex_peek(const struct imap_lex *lex)
{
	return lex->rest.len && !lex->err ? lex->rest.ptr[0] : 0;
}

static void lex_skip(struct imap_lex *lex, size_t n)
{
	lex->rest = slice_from(lex->rest, n);
}

bool lex_try(struct imap_lex *lex, char c)
{
	if (lex->err || !lex->rest.len || lex->rest.ptr[0] != (uint8_t)c)
		return false;
	lex_skip(lex, 1);
	return true;
}

bool lex_char(struct imap_lex *lex, char c)
{
	if (lex_try(lex, c))
		return true;
	switch (c) {
	case '(': return lex_fail(lex, "Expected (");
	case ')': return lex_fail(lex, "Expected )");
	case '[': return lex_fail(lex, "Expected [");
	case ']': return lex_fail(lex, "Expected ]");
	case ' ': return lex_fail(lex, "Expected a space");
	default: return lex_fail(lex, "Unexpected character");
	}
}

bool lex_space(struct imap_lex *lex)
{
	if (!lex_char(lex, ' '))
		return false;
	while (lex_try(lex, ' '))
		;
	return true;
}

bool lex_list_begin(struct imap_lex *lex)
{
	if (!lex_char(lex, '('))
		return false;
	while (lex_try(lex, ' '))
		;
	return true;
}

bool lex_list_next(struct imap_lex *lex)
{
	if (!lex_try(lex, ' '))
		return false;
	while (lex_try(lex, ' '))
		;
	return lex_peek(lex) != ')';
}

/* ATOM-CHAR of RFC 3501 9: no CTL, no 8-bit, none of the atom-specials. */
static bool is_atom_char(uint8_t c)
{
	return c > ' ' && c < 0x7f && !strchr("(){%*\"\\]", c);
}

static bool is_astring_char(uint8_t c)
{
	return is_atom_char(c) || c == ']';
}

static bool is_list_char(uint8_t c)
{
	return is_astring_char(c) || c == '%' || c == '*';
}

static bool is_set_char(uint8_t c)
{
	return ascii_is_digit(c) || c == ':' || c == ',' || c == '*' || c == '$';
}

static struct slice lex_run(const struct imap_lex *lex, bool (*belongs)(uint8_t c))
{
	size_t n = 0;
	while (n < lex->rest.len && belongs(lex->rest.ptr[n]))
		n++;
	return slice_upto(lex->rest, n);
}

static bool lex_take(struct imap_lex *lex, bool (*belongs)(uint8_t c), const char *why,
		     struct slice *run_out)
{
	if (lex->err)
		return false;
	*run_out = lex_run(lex, belongs);
	if (!run_out->len)
		return lex_fail(lex, why);
	lex_skip(lex, run_out->len);
	return true;
}

size_t lex_try_words(struct imap_lex *lex, const char *words)
{
	struct slice atom = lex->err ? SLICE_EMPTY : lex_run(lex, is_atom_char);
	size_t place = lexical_word_find(words, atom);
	if (place != SIZE_MAX)
		lex_skip(lex, atom.len);
	return place;
}

bool lex_try_word(struct imap_lex *lex, const char *word)
{
	struct slice atom = lex->err ? SLICE_EMPTY : lex_run(lex, is_atom_char);
	if (!slice_eq_str_nocase(atom, word))
		return false;
	lex_skip(lex, atom.len);
	return true;
}

bool lex_atom(struct imap_lex *lex, struct slice *atom_out)
{
	return lex_take(lex, is_atom_char, "Expected a word", atom_out);
}

/* Length of the quoted string's inside, up to the closing quote; SIZE_MAX when there is none. */
static size_t quoted_length(struct slice inside, bool *has_pairs_out)
{
	*has_pairs_out = false;
	for (size_t i = 0; i < inside.len; i++) {
		uint8_t c = inside.ptr[i];
		if (c == '"')
			return i;
		if (c == '\r' || c == '\n' || c == '\0')
			return SIZE_MAX;
		if (c != '\\')
			continue;
		*has_pairs_out = true;
		i++;
		if (i == inside.len || (inside.ptr[i] != '"' && inside.ptr[i] != '\\'))
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

static bool lex_unquote(struct imap_lex *lex, struct slice pairs, struct slice *string_out)
{
	uint8_t *plain = arena_alloc(lex->arena, pairs.len);
	if (!plain)
		return lex_fail_as(lex, ERR_LIMIT, "Command is too large");
	size_t n = 0;
	for (size_t i = 0; i < pairs.len; i++) {
		if (pairs.ptr[i] == '\\')
			i++;
		plain[n++] = pairs.ptr[i];
	}
	*string_out = slice_of(plain, n);
	return true;
}

static bool lex_quoted(struct imap_lex *lex, struct slice *string_out)
{
	bool has_pairs = false;
	struct slice inside = slice_from(lex->rest, 1);
	size_t len = quoted_length(inside, &has_pairs);
	if (len == SIZE_MAX)
		return lex_fail(lex, "Quoted string does not end or holds what it must not");
	inside.len = len;
	if (!slice_is_ascii(inside) && !(lex->utf8 && slice_is_utf8(inside)))
		return lex_fail(lex, "8-bit characters belong into a literal");
	if (has_pairs && !lex_unquote(lex, inside, string_out))
		return false;
	if (!has_pairs)
		*string_out = inside;
	lex_skip(lex, len + 2);
	return true;
}

/* "{5}" CRLF and five octets, as they stand in the gathered command; "{5+}" for LITERAL+. */
static bool lex_literal(struct imap_lex *lex, struct slice *string_out)
{
	size_t close = slice_find_byte(lex->rest, '}');
	if (close == SIZE_MAX)
		return lex_fail(lex, "Broken literal");
	struct slice digits = slice_between(lex->rest, 1, close);
	if (digits.len && digits.ptr[digits.len - 1] == '+')
		digits.len--;
	uint64_t size = 0;
	struct slice after = slice_from(lex->rest, close + 1);
	if (slice_u64(digits, UINT32_MAX, &size) || !slice_starts(after, SLICE_LIT("\r\n")) ||
	    size > after.len - 2)
		return lex_fail(lex, "Broken literal");
	*string_out = slice_between(after, 2, 2 + (size_t)size);
	/* CHAR8 of RFC 3501 9; only literal8 may hold NUL (RFC 3516). */
	if (slice_find_byte(*string_out, '\0') != SIZE_MAX)
		return lex_fail(lex, "NUL in a literal");
	lex_skip(lex, close + 3 + (size_t)size);
	return true;
}

bool lex_string(struct imap_lex *lex, struct slice *string_out)
{
	switch (lex_peek(lex)) {
	case '"': return lex_quoted(lex, string_out);
	case '{': return lex_literal(lex, string_out);
	default: return lex_fail(lex, "Expected a string");
	}
}

static bool lex_is_string(const struct imap_lex *lex)
{
	uint8_t c = lex_peek(lex);
	return c == '"' || c == '{';
}

bool lex_astring(struct imap_lex *lex, struct slice *string_out)
{
	if (lex_is_string(lex))
		return lex_string(lex, string_out);
	return lex_take(lex, is_astring_char, "Expected a word or a string", string_out);
}

bool lex_nstring(struct imap_lex *lex, bool *is_nil_out, struct slice *string_out)
{
	*is_nil_out = lex_try_word(lex, "NIL");
	*string_out = SLICE_EMPTY;
	return *is_nil_out || lex_string(lex, string_out);
}

/* Names travel in modified UTF-7 until the client enabled UTF-8 (RFC 3501 5.1.3, RFC 6855 3). */
static bool lex_name_decode(struct imap_lex *lex, struct slice name, struct slice *utf8_out)
{
	if (lex->utf8) {
		*utf8_out = name;
		return slice_is_utf8(name) || lex_fail_as(lex, ERR_DENIED, "Name is not UTF-8");
	}
	switch (imap_utf7_decode(name, lex->arena, utf8_out)) {
	case ERR_NONE: return true;
	case ERR_SYNTAX: return lex_fail_as(lex, ERR_DENIED, "Name is not in modified UTF-7");
	default: return lex_fail_as(lex, ERR_LIMIT, "Command is too large");
	}
}

bool lex_list_mailbox(struct imap_lex *lex, struct slice *pattern_out)
{
	struct slice typed = SLICE_EMPTY;
	if (lex_is_string(lex) ? !lex_string(lex, &typed)
			       : !lex_take(lex, is_list_char, "Expected a mailbox pattern", &typed))
		return false;
	return lex_name_decode(lex, typed, pattern_out);
}

/* INBOX is INBOX in any case (RFC 3501 5.1), also as the first level of a longer name: otherwise
 * "inbox/x" would need a parent that can not be told from INBOX. */
static bool lex_name_fix_inbox(struct imap_lex *lex, struct slice *name)
{
	struct slice inbox = SLICE_LIT("INBOX");
	struct slice rest = *name;
	struct slice first = slice_split(&rest, MAILBOX_SEPARATOR);
	if (!slice_eq_nocase(first, inbox) || slice_eq(first, inbox))
		return true;
	char *fixed = arena_str(lex->arena, *name);
	if (!fixed)
		return lex_fail_as(lex, ERR_LIMIT, "Command is too large");
	memcpy(fixed, inbox.ptr, inbox.len);
	name->ptr = (const uint8_t *)fixed;
	return true;
}

bool lex_mailbox(struct imap_lex *lex, struct slice *name_out)
{
	struct slice typed = SLICE_EMPTY, name = SLICE_EMPTY;
	if (!lex_astring(lex, &typed) || !lex_name_decode(lex, typed, &name))
		return false;
	/* "CREATE foo/" only says that inferiors will follow (RFC 3501 6.3.3). */
	if (name.len > 1 && name.ptr[name.len - 1] == MAILBOX_SEPARATOR)
		name.len--;
	if (mailbox_name_check(name))
		return lex_fail_as(lex, ERR_DENIED, "No mailbox can have this name");
	*name_out = name;
	return lex_name_fix_inbox(lex, name_out);
}

static bool is_digit(uint8_t c)
{
	return ascii_is_digit(c);
}

bool lex_number(struct imap_lex *lex, uint64_t max, uint64_t *number_out)
{
	struct slice digits = SLICE_EMPTY;
	if (!lex_take(lex, is_digit, "Expected a number", &digits))
		return false;
	return !slice_u64(digits, max, number_out) || lex_fail(lex, "Number is too large");
}

bool lex_nz_number(struct imap_lex *lex, uint32_t *number_out)
{
	uint64_t number = 0;
	if (!lex_number(lex, UINT32_MAX, &number))
		return false;
	*number_out = (uint32_t)number;
	return number || lex_fail(lex, "Zero is not allowed here");
}

bool lex_seqset(struct imap_lex *lex, struct imap_seqset *set_out)
{
	struct slice text = SLICE_EMPTY;
	if (!lex_take(lex, is_set_char, "Expected a message set", &text))
		return false;
	switch (imap_seqset_parse(text, lex->arena, set_out)) {
	case ERR_NONE: return true;
	case ERR_SYNTAX: return lex_fail(lex, "Broken message set");
	default: return lex_fail_as(lex, ERR_LIMIT, "Message set has too many parts");
	}
}

bool lex_flag(struct imap_lex *lex, struct slice *flag_out)
{
	if (lex->err)
		return false;
	struct slice from = lex->rest;
	struct slice name = SLICE_EMPTY;
	bool is_system = lex_try(lex, '\\');
	if (!lex_take(lex, is_atom_char, "Expected a flag", &name))
		return false;
	*flag_out = slice_upto(from, name.len + (is_system ? 1 : 0));
	return true;
}

bool lex_date_time(struct imap_lex *lex, int64_t *seconds_out)
{
	struct slice text = SLICE_EMPTY;
	struct date date;
	if (lex_peek(lex) != '"')
		return lex_fail(lex, "Expected a quoted date");
	if (!lex_string(lex, &text))
		return false;
	if (date_parse_imap(text, &date))
		return lex_fail(lex, "Broken date");
	*seconds_out = date.utc_s;
	return true;
}

bool lex_date(struct imap_lex *lex, int64_t *day_out)
{
	struct slice text = SLICE_EMPTY;
	int32_t day = 0;
	if (lex_is_string(lex) ? !lex_string(lex, &text) : !lex_atom(lex, &text))
		return false;
	if (date_parse_imap_day(text, &day))
		return lex_fail(lex, "Broken date");
	*day_out = day;
	return true;
}
