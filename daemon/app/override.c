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

/* --- the table ---------------------------------------------------------------------------------- */

void overrides_free(struct overrides *o)
{
	name_map_free(&o->by_name, free);
}

static enum err overrides_put(struct overrides *o, struct override *own)
{
	enum err err = name_map_add(&o->by_name, own);
	if (err)
		free(own);
	return err;
}

static enum err overrides_add(struct overrides *o, struct slice user, struct override **own_out)
{
	if (o->by_name.count >= OVERRIDES_MAX)
		return ERR_LIMIT;
	struct override *own = calloc(1, sizeof(*own));
	if (!own)
		return ERR_NOMEM;
	if (slice_to_str(user, own->name, sizeof(own->name))) {
		free(own);
		return ERR_LIMIT;
	}
	for (char *c = own->name; *c; c++) /* names are kept folded, as users are */
		*c = (char)ascii_lower((uint8_t)*c);
	*own_out = own;
	return overrides_put(o, own);
}

enum err overrides_copy(const struct overrides *from, struct overrides *to)
{
	enum err err = ERR_NONE;
	*to = (struct overrides){0};
	for (struct override *own = overrides_next(from, NULL); own && !err;
	     own = overrides_next(from, own)) {
		struct override *copy = malloc(sizeof(*copy));
		err = copy ? ERR_NONE : ERR_NOMEM;
		if (!err) {
			*copy = *own;
			err = overrides_put(to, copy);
		}
	}
	if (err)
		overrides_free(to);
	return err;
}

struct override *overrides_find(const struct overrides *o, struct slice user)
{
	return name_map_find(&o->by_name, user);
}

struct override *overrides_next(const struct overrides *o, const struct override *own)
{
	return name_map_next(&o->by_name, own);
}

static void overrides_drop(struct overrides *o, struct override *own)
{
	name_map_remove(&o->by_name, own);
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
	struct policy fresh = {0};
	enum err err = setting_set(policy_rows(&fresh), row, value, lang, why);
	if (!err && !own)
		err = overrides_add(o, user, &own);
	if (err)
		return err;
	setting_copy(policy_rows(&own->policy), policy_rows(&fresh), row);
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
	struct override *own = overrides_find(o, user);
	*policy_out = house->policy;
	for (size_t i = 0; own && i < setting_count; i++)
		if (override_has(own, &setting_table[i]))
			setting_copy(policy_rows(policy_out), policy_rows(&own->policy),
				     &setting_table[i]);
}
