#include "app/override.h"

#include <stdlib.h>

static size_t row_index(const struct setting *row)
{
	return (size_t)(row - setting_table);
}

static uint64_t row_bit(const struct setting *row)
{
	return 1ull << row_index(row) % 64;
}

/* Names are kept folded, as users are. */
static bool name_fold(struct slice name, char dst[USER_NAME_MAX_BYTES + 1])
{
	if (slice_to_str(name, dst, USER_NAME_MAX_BYTES + 1))
		return false;
	for (char *c = dst; *c; c++)
		*c = (char)ascii_lower((uint8_t)*c);
	return true;
}

static int name_order(const struct override *a, const struct override *b)
{
	return strcmp(a->name, b->name);
}

/* --- the table ---------------------------------------------------------------------------------- */

void overrides_free(struct overrides *o)
{
	struct override *own = o->by_name;
	HASH_CLEAR(hh, o->by_name); /* the table goes, the chain through the entries stays */
	while (own) {
		struct override *next = own->hh.next;
		free(own);
		own = next;
	}
}

static enum err overrides_add(struct overrides *o, struct slice user, struct override **own_out)
{
	if (HASH_COUNT(o->by_name) >= OVERRIDES_MAX)
		return ERR_LIMIT;
	struct override *own = calloc(1, sizeof(*own));
	if (!own)
		return ERR_NOMEM;
	if (!name_fold(user, own->name)) {
		free(own);
		return ERR_LIMIT;
	}
	HASH_ADD_STR(o->by_name, name, own);
	HASH_SORT(o->by_name, name_order);
	*own_out = own;
	return ERR_NONE;
}

enum err overrides_copy(const struct overrides *from, struct overrides *to)
{
	*to = (struct overrides){0};
	for (struct override *own = from->by_name; own; own = own->hh.next) {
		struct override *copy = malloc(sizeof(*copy));
		if (!copy) {
			overrides_free(to);
			return ERR_NOMEM;
		}
		*copy = *own;
		HASH_ADD_STR(to->by_name, name, copy);
	}
	return ERR_NONE;
}

struct override *overrides_find(const struct overrides *o, struct slice user)
{
	char folded[USER_NAME_MAX_BYTES + 1];
	struct override *own = NULL;
	if (name_fold(user, folded))
		HASH_FIND_STR(o->by_name, folded, own);
	return own;
}

static void overrides_drop(struct overrides *o, struct override *own)
{
	HASH_DEL(o->by_name, own);
	free(own);
}

void overrides_forget(struct overrides *o, struct slice user)
{
	struct override *own = overrides_find(o, user);
	if (own)
		overrides_drop(o, own);
}

/* --- values ------------------------------------------------------------------------------------- */

bool override_has(const struct override *own, const struct setting *row)
{
	return own && (own->own[row_index(row) / 64] & row_bit(row));
}

enum err override_get(const struct override *own, const struct setting *row, struct buf *dst)
{
	struct settings s = {.policy = own->policy};
	return setting_get(&s, row, dst);
}

static bool override_is_empty(const struct override *own)
{
	for (size_t i = 0; i < SETTINGS_MAX / 64; i++)
		if (own->own[i])
			return false;
	return true;
}

enum err overrides_set(struct overrides *o, struct slice user, const struct setting *row,
		       struct slice value, enum lang lang, struct buf *why)
{
	struct override *own = overrides_find(o, user);
	if (row->scope != SETTING_USER) {
		if (why)
			setting_say(why, lang, SETTING_SAY_HOUSE_ONLY, row->key, NULL, NULL);
		return ERR_DENIED;
	}
	struct settings s = {0};
	enum err err = setting_set(&s, row, value, lang, why);
	if (!err && !own)
		err = overrides_add(o, user, &own);
	if (err)
		return err;
	struct settings to = {.policy = own->policy};
	setting_copy(&to, &s, row);
	own->policy = to.policy;
	own->own[row_index(row) / 64] |= row_bit(row);
	return ERR_NONE;
}

void overrides_unset(struct overrides *o, struct slice user, const struct setting *row)
{
	struct override *own = overrides_find(o, user);
	if (!own)
		return;
	own->own[row_index(row) / 64] &= ~row_bit(row);
	if (override_is_empty(own))
		overrides_drop(o, own);
}

void overrides_policy(const struct overrides *o, const struct settings *house, struct slice user,
		      struct policy *policy_out)
{
	const struct override *own = overrides_find(o, user);
	*policy_out = house->policy;
	if (!own)
		return;
	struct settings from = {.policy = own->policy}, to = {.policy = house->policy};
	for (size_t i = 0; i < setting_count; i++)
		if (override_has(own, &setting_table[i]))
			setting_copy(&to, &from, &setting_table[i]);
	*policy_out = to.policy;
}
