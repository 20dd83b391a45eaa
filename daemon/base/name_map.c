#include "base/name_map.h"

#include <stdlib.h>

/* The place where the name stands or would stand. */
static size_t place_of(const struct name_map *m, struct slice name, bool *is_there_out)
{
	size_t low = 0, high = m->count;
	*is_there_out = false;
	while (low < high && !*is_there_out) {
		size_t middle = low + (high - low) / 2;
		int order = slice_cmp_nocase(name, slice_str(m->entries[middle]));
		*is_there_out = order == 0;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

void *name_map_find(const struct name_map *m, struct slice name)
{
	bool is_there;
	size_t at = place_of(m, name, &is_there);
	return is_there ? m->entries[at] : NULL;
}

static enum err make_room(struct name_map *m)
{
	if (m->count < m->room)
		return ERR_NONE;
	size_t room = m->room ? 2 * m->room : 8;
	void **entries = realloc(m->entries, room * sizeof(*entries));
	if (!entries)
		return ERR_NOMEM;
	m->entries = entries;
	m->room = room;
	return ERR_NONE;
}

enum err name_map_add(struct name_map *m, void *entry)
{
	bool is_there;
	size_t at = place_of(m, slice_str(entry), &is_there);
	enum err err = is_there ? ERR_EXISTS : make_room(m);
	if (err)
		return err;
	memmove(m->entries + at + 1, m->entries + at, (m->count - at) * sizeof(*m->entries));
	m->entries[at] = entry;
	m->count++;
	return ERR_NONE;
}

void name_map_remove(struct name_map *m, const void *entry)
{
	bool is_there;
	size_t at = place_of(m, slice_str(entry), &is_there);
	if (!is_there)
		return;
	m->count--;
	memmove(m->entries + at, m->entries + at + 1, (m->count - at) * sizeof(*m->entries));
}

void *name_map_next(const struct name_map *m, const void *entry)
{
	bool is_there = false;
	size_t at = entry ? place_of(m, slice_str(entry), &is_there) + is_there : 0;
	return at < m->count ? m->entries[at] : NULL;
}

void name_map_free(struct name_map *m, void (*drop)(void *entry))
{
	for (size_t i = 0; i < m->count; i++)
		drop(m->entries[i]);
	free(m->entries);
	*m = (struct name_map){0};
}
