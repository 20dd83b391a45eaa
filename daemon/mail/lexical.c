#include "mail/lexical.h"

int lexical_hex_value(uint8_t c)
{
	uint8_t low = ascii_lower(c);
	return ascii_is_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

int lexical_hex_pair(struct slice text)
{
	int high = text.len > 1 ? lexical_hex_value(text.ptr[0]) : -1;
	int low = high < 0 ? -1 : lexical_hex_value(text.ptr[1]);
	return low < 0 ? -1 : high << 4 | low;
}

bool lexical_take_byte(struct slice *s, uint8_t byte)
{
	if (s->len == 0 || s->ptr[0] != byte)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

void lexical_skip_blanks(struct slice *s)
{
	while (s->len && (lexical_is_space(s->ptr[0]) || s->ptr[0] == '('))
		*s = slice_from(*s, s->ptr[0] == '(' ? lexical_comment_end(*s, 0) : 1);
}

size_t lexical_comment_end(struct slice s, size_t open)
{
	unsigned depth = 0;
	for (size_t i = open; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '(' && depth < LEXICAL_COMMENT_MAX_DEPTH)
			depth++;
		else if (s.ptr[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.len;
}

size_t lexical_quoted_end(struct slice s, size_t open)
{
	size_t i = open + 1;
	while (i < s.len && s.ptr[i] != '"')
		i += s.ptr[i] == '\\' ? 2 : 1;
	return i < s.len ? i + 1 : s.len;
}

size_t lexical_word_find(const char *words, struct slice word)
{
	for (size_t place = 0; *words; place++) {
		if (slice_eq_str_nocase(word, words))
			return place;
		words += strlen(words) + 1;
	}
	return SIZE_MAX;
}

const char *lexical_word(const char *words, size_t place)
{
	while (place--)
		words += strlen(words) + 1;
	return words;
}
