#include "base/name_map.h"

#include <stdlib.h>

/* How many names stand before this one. */
static size_t names_before(const struct name_map *m, struct slice name)
{
	size_t from = 0, to = m->count;
	while (from < to) {
		size_t middle = (from + to) / 2;
		if (slice_cmp_nocase(slice_str(m->entries[middle]), name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Is this one's name the name? */
static bool name_is_at(const struct name_map *m, size_t at, struct slice name)
{
	return at < m->count && slice_eq_nocase(slice_str(m->entries[at]), name);
}

void *name_map_find(const struct name_map *m, struct slice name)
{
	size_t at = names_before(m, name);
	return name_is_at(m, at, name) ? m->entries[at] : NULL;
}

enum err name_map_add(struct name_map *m, void *entry)
{
	size_t at = names_before(m, slice_str(entry));
	if (name_is_at(m, at, slice_str(entry)))
		return ERR_EXISTS;
	/* There is room up to the next power of two. */
	if ((m->count & (m->count - 1)) == 0) {
		void **entries = realloc(m->entries, (2 * m->count + 1) * sizeof(*entries));
		if (!entries)
			return ERR_NOMEM;
		m->entries = entries;
	}
	memmove(m->entries + at + 1, m->entries + at, (m->count++ - at) * sizeof(*m->entries));
	m->entries[at] = entry;
	return ERR_NONE;
}

void name_map_remove(struct name_map *m, const void *entry)
{
	size_t at = names_before(m, slice_str(entry));
	if (!name_is_at(m, at, slice_str(entry)))
		return;
	memmove(m->entries + at, m->entries + at + 1, (--m->count - at) * sizeof(*m->entries));
	if (m->count == 0)
		name_map_free(m, NULL);
}

void *name_map_next(const struct name_map *m, const void *entry)
{
	size_t at = entry ? names_before(m, slice_str(entry)) : 0;
	at += entry && name_is_at(m, at, slice_str(entry));
	return at < m->count ? m->entries[at] : NULL;
}

void name_map_free(struct name_map *m, void (*drop)(void *entry))
{
	for (size_t i = 0; i < m->count; i++)
		drop(m->entries[i]);
	free(m->entries);
	*m = (struct name_map){0};
}
