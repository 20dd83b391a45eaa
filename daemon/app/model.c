#include "app/model.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

struct model_memory {
	struct model outermost;
	struct arena arena;
	bool is_broken;
};

struct model *model_new(void)
{
	struct model_memory *memory = calloc(1, sizeof(*memory));
	if (!memory)
		return NULL;
	arena_init(&memory->arena, MODEL_MAX_BYTES);
	memory->outermost.kind = MODEL_OBJECT;
	memory->outermost.memory = memory;
	return &memory->outermost;
}

void model_free(struct model *outermost)
{
	if (!outermost)
		return;
	arena_reset(&outermost->memory->arena);
	free(outermost->memory);
}

bool model_is_whole(const struct model *outermost)
{
	return outermost && !outermost->memory->is_broken;
}

/* --- adding ------------------------------------------------------------------------------------ */

static struct model *model_add(struct model *in, const char *key, enum model_kind kind)
{
	if (!in)
		return NULL;
	struct model_memory *memory = in->memory;
	struct model *m = arena_alloc(&memory->arena, sizeof(*m));
	char *copy = key ? arena_str(&memory->arena, slice_str(key)) : NULL;
	if (!m || (key && !copy)) {
		memory->is_broken = true;
		return NULL;
	}
	*m = (struct model){.kind = kind, .key = copy, .memory = memory};
	if (in->last)
		in->last->next = m;
	else
		in->first = m;
	in->last = m;
	return m;
}

struct model *model_object(struct model *in, const char *key)
{
	return model_add(in, key, MODEL_OBJECT);
}

struct model *model_list(struct model *in, const char *key)
{
	return model_add(in, key, MODEL_LIST);
}

struct model *model_row(struct model *list)
{
	return model_add(list, NULL, MODEL_OBJECT);
}

struct model *model_null(struct model *in, const char *key)
{
	return model_add(in, key, MODEL_NULL);
}

enum err model_become(struct model *member, struct slice text)
{
	const char *copy = arena_str(&member->memory->arena, text);
	member->kind = copy ? MODEL_TEXT : MODEL_NULL;
	member->text = copy;
	member->memory->is_broken |= !copy;
	return copy ? ERR_NONE : ERR_NOMEM;
}

void model_slice(struct model *in, const char *key, struct slice text)
{
	struct model *m = model_null(in, key);
	if (m && model_become(m, text))
		model_remove(in, m);
}

void model_text(struct model *in, const char *key, const char *text)
{
	if (text)
		model_slice(in, key, slice_str(text));
}

void model_textf(struct model *in, const char *key, const char *fmt, ...)
{
	struct buf text;
	va_list args;
	buf_init(&text, MODEL_MAX_BYTES);
	va_start(args, fmt);
	enum err err = buf_addv(&text, fmt, args);
	va_end(args);
	if (err && in)
		in->memory->is_broken = true;
	model_take(in, key, &text);
}

void model_take(struct model *in, const char *key, struct buf *text)
{
	model_slice(in, key, buf_view(text));
	buf_wipe(text); /* it may be a password */
}

void(model_texts)(struct model *in, const char *keys, const char *const *texts)
{
	char key[64];
	for (struct slice rest = slice_str(keys), word; (word = slice_word(&rest)).len; texts++)
		if (!slice_to_str(word, key, sizeof(key)))
			model_text(in, key, *texts);
}

void model_number(struct model *in, const char *key, int64_t number)
{
	struct model *m = model_add(in, key, MODEL_NUMBER);
	if (m)
		m->number = number;
}

void model_bool(struct model *in, const char *key, bool value)
{
	model_add(in, key, value ? MODEL_YES : MODEL_NO);
}

void model_remove(struct model *in, const struct model *member)
{
	struct model *before = NULL;
	for (struct model *m = in ? in->first : NULL; m; before = m, m = m->next) {
		if (m != member)
			continue;
		if (before)
			before->next = m->next;
		else
			in->first = m->next;
		if (in->last == m)
			in->last = before;
		return;
	}
}

/* --- asking ------------------------------------------------------------------------------------ */

struct model *model_find(const struct model *object, struct slice key)
{
	if (!object || object->kind != MODEL_OBJECT)
		return NULL;
	struct model *m = object->first;
	while (m && !slice_eq_str(key, m->key))
		m = m->next;
	return m;
}

struct model *model_get(const struct model *object, const char *key)
{
	return model_find(object, slice_str(key));
}

const char *model_get_text(const struct model *object, const char *key)
{
	const struct model *m = model_get(object, key);
	return m && m->kind == MODEL_TEXT ? m->text : "";
}

int64_t model_get_number(const struct model *object, const char *key)
{
	const struct model *m = model_get(object, key);
	return m ? m->number : 0;
}

bool model_get_bool(const struct model *object, const char *key)
{
	const struct model *m = model_get(object, key);
	return m && m->kind == MODEL_YES;
}

bool model_has_members(const struct model *value)
{
	return value && value->first;
}
