#include "app/help.h"

static void *setting_member(const struct settings *s, const struct setting *row)
{
	return (char *)(uintptr_t)s + row->offset;
}

const struct setting *setting_find(struct slice key)
{
	for (size_t i = 0; i < setting_count; i++)
		if (slice_eq_str_nocase(key, setting_table[i].key))
			return &setting_table[i];
	return NULL;
}

void settings_init(struct settings *s)
{
	*s = (struct settings){0};
	for (size_t i = 0; i < setting_count; i++) {
		/* A default that its own row refuses would be our bug; the tests look for it. */
		enum err err = setting_set(s, &setting_table[i],
					   slice_str(setting_table[i].initial), LANG_EN, NULL);
		(void)err;
	}
}

/* --- what a text may be ------------------------------------------------------------------------- */

static bool text_is_printable(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] < 32 || value.ptr[i] == 127)
			return false;
	return slice_is_utf8(value);
}

/* --- setting ------------------------------------------------------------------------------------ */

static enum err set_number(struct settings *s, const struct setting *row, struct slice value)
{
	uint64_t number = 0;
	enum err err = slice_u64(value, row->max, &number);
	if (!err && number < row->min)
		err = ERR_LIMIT;
	if (!err)
		memcpy(setting_member(s, row), &number, sizeof(number));
	return err;
}

static enum err set_text(struct settings *s, const struct setting *row, struct slice value)
{
	if (!text_is_printable(value) || (row->has_form && !row->has_form(value)))
		return ERR_SYNTAX;
	if (value.len >= row->size)
		return ERR_LIMIT;
	/* No octets of an older value behind the new one. */
	memset(setting_member(s, row), 0, row->size);
	if (value.len)
		memcpy(setting_member(s, row), value.ptr, value.len);
	return ERR_NONE;
}

/* One of these words, by its place. */
static enum err set_choice(struct settings *s, const struct setting *row, struct slice value)
{
	bool is_bool = row->type == SETTING_BOOL;
	struct slice rest =
		slice_str(is_bool ? "no yes off on false true 0 1 tidak ya" : row->choices);
	for (uint32_t i = 0; rest.len; i++) {
		if (!slice_eq_nocase(slice_word(&rest), value))
			continue;
		if (is_bool)
			*(bool *)setting_member(s, row) = i % 2;
		else
			memcpy(setting_member(s, row), &i, sizeof(i));
		return ERR_NONE;
	}
	return ERR_SYNTAX;
}

enum err setting_set(struct settings *s, const struct setting *row, struct slice value,
		     enum lang lang, struct buf *why)
{
	enum err err = ERR_SYNTAX;
	value = slice_trim(value);
	switch (row->type) {
	case SETTING_TEXT: err = set_text(s, row, value); break;
	case SETTING_NUMBER: err = set_number(s, row, value); break;
	case SETTING_BOOL:
	case SETTING_CHOICE: err = set_choice(s, row, value); break;
	}
	if (err && why) {
		setting_say(why, lang, SETTING_SAY_MUST_BE, row->key, NULL, NULL);
		enum err full = setting_describe(row, lang, why);
		(void)full; /* a sentence cut short is still a sentence */
	}
	return err;
}

/* --- reading ------------------------------------------------------------------------------------ */

struct slice setting_choice(const struct setting *row, uint32_t index)
{
	struct slice rest = slice_str(row->choices), choice = SLICE_EMPTY;
	for (uint32_t i = 0; i <= index; i++)
		choice = slice_word(&rest);
	return choice;
}

const char *settings_backend(const struct settings *s)
{
	static const char *const names[] = {"journal", "ram"};
	return names[s->store_backend ? 1 : 0];
}

enum err setting_get(const struct settings *s, const struct setting *row, struct buf *dst)
{
	const void *member = setting_member(s, row);
	uint64_t number = 0;
	uint32_t choice = 0;
	switch (row->type) {
	case SETTING_TEXT: return buf_add_str(dst, member);
	case SETTING_BOOL: return buf_add_str(dst, *(const bool *)member ? "yes" : "no");
	case SETTING_CHOICE:
		memcpy(&choice, member, sizeof(choice));
		return buf_add_slice(dst, setting_choice(row, choice));
	case SETTING_NUMBER:
		memcpy(&number, member, sizeof(number));
		return buf_addf(dst, "%llu", (unsigned long long)number);
	}
	return ERR_SYNTAX;
}

bool setting_is_default(const struct settings *s, const struct setting *row)
{
	struct buf now;
	buf_init(&now, SETTING_TEXT_MAX);
	bool same = !setting_get(s, row, &now) && slice_eq_str(buf_view(&now), row->initial);
	buf_free(&now);
	return same;
}

bool setting_is_same(const struct settings *a, const struct settings *b, const struct setting *row)
{
	return memcmp(setting_member(a, row), setting_member(b, row), row->size) == 0;
}

void setting_copy(struct settings *to, const struct settings *from, const struct setting *row)
{
	memcpy(setting_member(to, row), setting_member(from, row), row->size);
}

const char *setting_help(const struct setting *row, enum lang lang)
{
	return help_text(lang, "about", row->key);
}
