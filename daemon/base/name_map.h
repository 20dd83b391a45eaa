/* name_map - entries by name, in the order of their names.
 *
 * A hash table of uthash, in one place. An entry is any struct that begins with its name (`char
 * name[]`, NUL-terminated, at most NAME_MAP_NAME_MAX_BYTES), which must not change while it is in
 * the map. Upper and lower case of ASCII are one. The map owns the table, the entries are the
 * caller's. A zeroed map is empty. To find takes as long however many there are, to add or to go on
 * from a removed entry looks at all of them. */
#ifndef BASE_NAME_MAP_H
#define BASE_NAME_MAP_H

#include "base/slice.h"

enum { NAME_MAP_NAME_MAX_BYTES = 319 };

struct name_map {
	struct name_node *nodes;
	size_t count;
};

void *name_map_find(const struct name_map *m, struct slice name); /* or NULL */
/* ERR_EXISTS: the name is taken; ERR_LIMIT: it is too long; ERR_NOMEM. The map is then unchanged. */
MUST_CHECK enum err name_map_add(struct name_map *m, void *entry);
void name_map_remove(struct name_map *m, const void *entry); /* harmless when it is not there */
/* The entry behind this one, which may be gone by now; the first for NULL; NULL at the end. */
void *name_map_next(const struct name_map *m, const void *entry);
/* Gives every entry to `drop` and is empty afterwards. */
void name_map_free(struct name_map *m, void (*drop)(void *entry));

#endif
