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
