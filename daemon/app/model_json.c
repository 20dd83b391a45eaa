#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "app/model.h"
#include "base/codec.h"

/* Up to here a double knows every whole number. */
#define JSON_WHOLE_MAX 9007199254740992.0

/* --- writing ----------------------------------------------------------------------------------- */

static cJSON *json_of(const struct model *value);

static bool json_add(cJSON *in, const struct model *m)
{
	cJSON *json = json_of(m);
	bool is_added = in->type == cJSON_Object ? cJSON_AddItemToObject(in, m->key, json)
						 : cJSON_AddItemToArray(in, json);
	if (!is_added)
		cJSON_Delete(json);
	return is_added;
}

static cJSON *json_of_members(const struct model *value, cJSON *json)
{
	for (const struct model *m = json ? value->first : NULL; m; m = m->next) {
		if (json_add(json, m))
			continue;
		cJSON_Delete(json);
		return NULL;
	}
	return json;
}

/* With all its digits, of which a double has fewer. */
static cJSON *json_of_number(int64_t number)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%" PRId64, number);
	return cJSON_CreateRaw(digits);
}

static cJSON *json_of(const struct model *value)
{
	switch (value->kind) {
	case MODEL_NULL:
	case MODEL_FRACTION: return cJSON_CreateNull();
	case MODEL_NO: return cJSON_CreateFalse();
	case MODEL_YES: return cJSON_CreateTrue();
	case MODEL_NUMBER: return json_of_number(value->number);
	case MODEL_TEXT: return cJSON_CreateStringReference(value->text);
	case MODEL_LIST: return json_of_members(value, cJSON_CreateArray());
	case MODEL_OBJECT: return json_of_members(value, cJSON_CreateObject());
	}
	return NULL;
}

enum err model_print(const struct model *value, struct buf *dst)
{
	cJSON *json = json_of(value);
	char *text = json ? cJSON_PrintUnformatted(json) : NULL;
	enum err err = text ? buf_add_str(dst, text) : ERR_NOMEM;
	cJSON_free(text);
	cJSON_Delete(json);
	return err;
}

/* --- reading ----------------------------------------------------------------------------------- */

static enum err model_fill(struct model *m, const cJSON *json, unsigned depth);

static enum err fill_members(struct model *m, const cJSON *json, unsigned depth)
{
	enum err err = depth == MODEL_DEPTH_MAX ? ERR_LIMIT : ERR_NONE;
	const cJSON *member = NULL;
	m->kind = cJSON_IsObject(json) ? MODEL_OBJECT : MODEL_LIST;
	cJSON_ArrayForEach(member, json)
	{
		struct model *added = err ? NULL : model_null(m, member->string);
		if (!added)
			return err ? err : ERR_NOMEM;
		err = model_fill(added, member, depth + 1);
	}
	return err;
}

static enum err fill_number(struct model *m, double number)
{
	bool is_in_range = number >= -JSON_WHOLE_MAX && number <= JSON_WHOLE_MAX;
	bool is_whole = is_in_range && (double)(int64_t)number == number;
	m->kind = is_whole ? MODEL_NUMBER : MODEL_FRACTION;
	m->number = is_whole ? (int64_t)number : 0;
	return ERR_NONE;
}

/* The value, into a member that is null until then. */
static enum err model_fill(struct model *m, const cJSON *json, unsigned depth)
{
	if (cJSON_IsString(json))
		return model_become(m, slice_str(json->valuestring));
	if (cJSON_IsNumber(json))
		return fill_number(m, json->valuedouble);
	if (cJSON_IsObject(json) || cJSON_IsArray(json))
		return fill_members(m, json, depth);
	m->kind = cJSON_IsTrue(json) ? MODEL_YES : cJSON_IsFalse(json) ? MODEL_NO : MODEL_NULL;
	return ERR_NONE;
}

/* Four hex digits that are not all zero. */
static bool is_character(struct slice digits)
{
	uint8_t bytes[2] = {0};
	struct buf unit;
	buf_init(&unit, sizeof(bytes));
	enum err err = digits.len < 4 ? ERR_SYNTAX : hex_decode(slice_upto(digits, 4), &unit);
	bool is_good = !err && (unit.bytes[0] || unit.bytes[1]);
	buf_free(&unit);
	return is_good;
}

/* cJSON's strings end at a NUL, and it makes one of an escape that it cannot read: half of a value
 * would be taken as if it were all of it. */
static bool has_nul(struct slice text)
{
	size_t at;
	if (slice_find_byte(text, 0) != SIZE_MAX)
		return true;
	while ((at = slice_find_byte(text, '\\')) != SIZE_MAX) {
		bool is_unit = at + 1 < text.len && text.ptr[at + 1] == 'u';
		text = slice_from(text, at + 2);
		if (is_unit && !is_character(text))
			return true;
	}
	return false;
}

/* One value and nothing behind it. */
static cJSON *json_parse(struct slice text)
{
	const char *end = NULL;
	if (has_nul(text))
		return NULL;
	cJSON *json = cJSON_ParseWithLengthOpts((const char *)text.ptr, text.len, &end, false);
	size_t used = json ? (size_t)((const uint8_t *)end - text.ptr) : 0;
	if (!slice_trim(slice_from(text, used)).len)
		return json;
	cJSON_Delete(json);
	return NULL;
}

enum err model_parse(struct slice text, struct model **outermost_out)
{
	cJSON *json = json_parse(text);
	struct model *m = json ? model_new() : NULL;
	enum err err = !json ? ERR_SYNTAX : !m ? ERR_NOMEM : ERR_NONE;
	*outermost_out = NULL;
	if (!err)
		err = cJSON_IsObject(json) ? model_fill(m, json, 0) : ERR_SYNTAX;
	cJSON_Delete(json);
	if (err)
		model_free(m);
	else
		*outermost_out = m;
	return err;
}
