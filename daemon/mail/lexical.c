#include "mail/lexical.h"

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
