#include <stdlib.h>

#include "base/name_map.h"
#include "net/listener.h"

/* One address prefix with connections. */
struct conn_prefix {
	char name[2 * NET_PREFIX_BYTES + 1];
	uint32_t count;
	struct conn_table *table;
};

struct conn_table {
	struct conn_limits limits;
	struct conn_table *whole; /* or NULL */
	uint32_t count, refusals;
	uint32_t parts; /* tables within */
	bool is_orphan; /* freed by its owner while streams live on */
	struct name_map prefixes;
};

enum err conn_table_new(const struct conn_limits *limits, struct conn_table **out)
{
	struct conn_table *t = calloc(1, sizeof(*t));
	if (!t)
		return ERR_NOMEM;
	t->limits = *limits;
	*out = t;
	return ERR_NONE;
}

enum err conn_table_new_within(struct conn_table *whole, const struct conn_limits *limits,
			       struct conn_table **out)
{
	enum err err = conn_table_new(limits, out);
	if (err)
		return err;
	(*out)->whole = whole;
	whole->parts++;
	return ERR_NONE;
}

void conn_table_set_limits(struct conn_table *t, const struct conn_limits *limits)
{
	t->limits = *limits;
}

uint32_t conn_table_count(const struct conn_table *t)
{
	return t->count;
}

static void conn_table_release(struct conn_table *t)
{
	while (t && t->is_orphan && t->count == 0 && t->refusals == 0 && t->parts == 0) {
		struct conn_table *whole = t->whole;
		if (whole)
			whole->parts--;
		free(t);
		t = whole;
	}
}

void conn_table_free(struct conn_table **t)
{
	if (!*t)
		return;
	(*t)->is_orphan = true;
	conn_table_release(*t);
	*t = NULL;
}

static struct conn_prefix *conn_prefix_of(struct conn_table *t, const struct stream *s)
{
	uint8_t key[NET_PREFIX_BYTES];
	struct conn_prefix *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	net_address_prefix(stream_peer(s), key);
	for (size_t i = 0; i < NET_PREFIX_BYTES; i++) {
		p->name[2 * i] = (char)('a' + (key[i] >> 4));
		p->name[2 * i + 1] = (char)('a' + (key[i] & 15));
	}
	p->table = t;
	struct conn_prefix *known = name_map_find(&t->prefixes, slice_str(p->name));
	if (!known && !name_map_add(&t->prefixes, p))
		return p;
	free(p);
	return known;
}

static void conn_on_gone(void *owner)
{
	struct conn_prefix *p = owner;
	struct conn_table *t = p->table;
	t->count--;
	if (t->whole)
		t->whole->count--;
	if (--p->count == 0) {
		name_map_remove(&t->prefixes, p);
		free(p);
	}
	conn_table_release(t);
}

enum err conn_table_admit(struct conn_table *t, struct stream *s)
{
	if (t->count >= t->limits.all || (t->whole && t->whole->count >= t->whole->limits.all))
		return ERR_LIMIT;
	struct conn_prefix *p = conn_prefix_of(t, s);
	if (!p)
		return ERR_NOMEM;
	if (p->count && p->count >= t->limits.per_address)
		return ERR_LIMIT;
	p->count++;
	t->count++;
	if (t->whole)
		t->whole->count++;
	stream_on_gone(s, conn_on_gone, p);
	return ERR_NONE;
}

static void conn_on_refusal_gone(void *owner)
{
	struct conn_table *t = owner;
	t->refusals--;
	conn_table_release(t);
}

enum err conn_table_refuse(struct conn_table *t, struct stream *s)
{
	if (t->refusals >= CONN_REFUSALS_AT_ONCE)
		return ERR_LIMIT;
	t->refusals++;
	stream_on_gone(s, conn_on_refusal_gone, t);
	return ERR_NONE;
}
