#include "base/name_map.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION     HASH_OAT /* the shortest that mixes well */
#include <uthash.h>

struct name_node {
	void *entry;
	UT_hash_handle hh;
	char key[]; /* the name in lower case */
};

static int in_order(const struct name_node *a, const struct name_node *b)
{
	return strcmp(a->key, b->key);
}

/* The name in lower case, and its hash value. */
static unsigned name_fold(char *key, struct slice name)
{
	unsigned hash_value;
	for (size_t i = 0; i < name.len; i++)
		key[i] = (char)ascii_lower(name.ptr[i]);
	HASH_VALUE(key, name.len, hash_value);
	return hash_value;
}

static struct name_node *node_find(const struct name_map *m, struct slice name)
{
	char key[NAME_MAP_NAME_MAX_BYTES];
	struct name_node *node = NULL;
	if (name.len > sizeof(key))
		return NULL;
	unsigned hash_value = name_fold(key, name);
	HASH_FIND_BYHASHVALUE(hh, m->nodes, key, name.len, hash_value, node);
	return node;
}

void *name_map_find(const struct name_map *m, struct slice name)
{
	const struct name_node *node = node_find(m, name);
	return node ? node->entry : NULL;
}

enum err name_map_add(struct name_map *m, void *entry)
{
	struct slice name = slice_str(entry);
	if (name.len > NAME_MAP_NAME_MAX_BYTES)
		return ERR_LIMIT;
	if (node_find(m, name))
		return ERR_EXISTS;
	struct name_node *node = calloc(1, sizeof(*node) + name.len + 1);
	if (!node)
		return ERR_NOMEM;
	node->entry = entry;
	unsigned hash_value = name_fold(node->key, name);
	HASH_ADD_KEYPTR_BYHASHVALUE_INORDER(hh, m->nodes, node->key, name.len, hash_value, node,
					    in_order);
	if (!node->hh.tbl) {
		free(node);
		return ERR_NOMEM;
	}
	m->count++;
	return ERR_NONE;
}

void name_map_remove(struct name_map *m, const void *entry)
{
	struct name_node *node = node_find(m, slice_str(entry));
	if (!node)
		return;
	HASH_DELETE(hh, m->nodes, node);
	free(node);
	m->count--;
}

/* The first node whose name stands behind this one. */
static const struct name_node *node_behind(const struct name_map *m, struct slice name)
{
	const struct name_node *node = m->nodes;
	while (node && slice_cmp_nocase(slice_str(node->key), name) <= 0)
		node = node->hh.next;
	return node;
}

void *name_map_next(const struct name_map *m, const void *entry)
{
	const struct name_node *node = m->nodes;
	if (entry) {
		const struct name_node *here = node_find(m, slice_str(entry));
		node = here ? here->hh.next : node_behind(m, slice_str(entry));
	}
	return node ? node->entry : NULL;
}

void name_map_free(struct name_map *m, void (*drop)(void *entry))
{
	struct name_node *node = m->nodes;
	HASH_CLEAR(hh, m->nodes); /* the table goes, the chain through the nodes stays */
	while (node) {
		struct name_node *next = node->hh.next;
		drop(node->entry);
		free(node);
		node = next;
	}
	*m = (struct name_map){0};
}
