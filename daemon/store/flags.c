#include "store/flags.h"

#include <stdlib.h>

#include "store/store_backend.h"

void keywords_free(struct keywords *k)
{
	for (uint32_t i = 0; i < k->count; i++)
		free(k->names[i]);
	*k = (struct keywords){0};
}

static flags_t keyword_bit(uint32_t number)
{
	return (flags_t)1 << (FLAG_KEYWORD_FIRST + number);
}

flags_t keywords_find(const struct keywords *k, struct slice name)
{
	for (uint32_t i = 0; i < k->count; i++)
		if (slice_eq_str_nocase(name, k->names[i]))
			return keyword_bit(i);
	return 0;
}

/* flag-keyword is an atom (RFC 9051 9): no controls, no blank, none of the atom-specials. */
static bool keyword_is_atom(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.ptr[i];
		if (c <= ' ' || c >= 0x7F || strchr("(){%*\"\\]", c))
			return false;
	}
	return name.len > 0;
}

enum err keywords_add(struct keywords *k, struct slice name, flags_t *flag_out)
{
	flags_t known = keywords_find(k, name);
	if (known) {
		*flag_out = known;
		return ERR_NONE;
	}
	if (!name.len || !keyword_is_atom(name))
		return ERR_SYNTAX;
	if (name.len > KEYWORD_MAX_BYTES || k->count == KEYWORDS_MAX)
		return ERR_LIMIT;
	char *copy = strndup((const char *)name.ptr, name.len);
	if (!copy)
		return ERR_NOMEM;
	*flag_out = keyword_bit(k->count);
	k->names[k->count++] = copy;
	return ERR_NONE;
}

const char *flags_name(const struct keywords *k, flags_t single)
{
	switch (single) {
	case FLAG_SEEN: return "\\Seen";
	case FLAG_ANSWERED: return "\\Answered";
	case FLAG_FLAGGED: return "\\Flagged";
	case FLAG_DELETED: return "\\Deleted";
	case FLAG_DRAFT: return "\\Draft";
	}
	for (uint32_t i = 0; i < k->count; i++)
		if (single == keyword_bit(i))
			return k->names[i];
	return NULL;
}

enum err keyword_map_make(struct keyword_map *map, const struct keywords *from, struct keywords *to,
			  flags_t used)
{
	*map = (struct keyword_map){{0}};
	for (uint32_t i = 0; i < from->count; i++) {
		if (!(used & keyword_bit(i)))
			continue;
		enum err err = keywords_add(to, slice_str(from->names[i]), &map->bit[i]);
		if (err && err != ERR_LIMIT)
			return err;
	}
	return ERR_NONE;
}

flags_t keyword_map_flags(const struct keyword_map *map, flags_t flags)
{
	flags_t mapped = flags & FLAG_SYSTEM_ALL;
	for (uint32_t i = 0; i < KEYWORDS_MAX; i++)
		if (flags & keyword_bit(i))
			mapped |= map->bit[i];
	return mapped;
}
