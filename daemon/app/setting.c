#include "app/help.h"

static void *setting_member(const struct settings *s, const struct setting *row)
{
	return (char *)(uintptr_t)s + row->offset;
}

static size_t setting_size(const struct setting *row)
{
	switch (row->type) {
	case SETTING_TEXT: return (size_t)row->max + 1;
	case SETTING_NUMBER: return sizeof(uint64_t);
	case SETTING_BOOL: return sizeof(bool);
	case SETTING_CHOICE: return sizeof(uint32_t);
	}
	return 0;
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

static bool byte_is_one_of(uint8_t c, const char *set)
{
	return c && strchr(set, c);
}

static bool text_holds_only(struct slice value, const char *others)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_alpha(value.ptr[i]) && !ascii_is_digit(value.ptr[i]) &&
		    !byte_is_one_of(value.ptr[i], others))
			return false;
	return true;
}

/* A level of a mailbox's name is never empty. */
static bool text_is_folder(struct slice value)
{
	while (value.len) {
		size_t before = value.len;
		struct slice level = slice_split(&value, '/');
		if (level.len == 0 || (value.len == 0 && level.len < before))
			return false;
	}
	return true;
}

/* The name of a POSIX time zone: letters, or anything in <>. */
static bool zone_take_name(struct slice *rest)
{
	size_t n = 0;
	bool is_quoted = rest->len && rest->ptr[0] == '<';
	if (is_quoted)
		n = slice_find_byte(*rest, '>');
	else
		while (n < rest->len && ascii_is_alpha(rest->ptr[n]))
			n++;
	if (n == SIZE_MAX || n < (is_quoted ? 4 : 3))
		return false;
	*rest = slice_from(*rest, is_quoted ? n + 1 : n);
	return true;
}

/* std offset [dst [offset] [,rules]]; the C library reads the rules, and falls back to UTC. */
static bool text_is_time_zone(struct slice value)
{
	if (value.len == 0)
		return true;
	if (!zone_take_name(&value))
		return false;
	if (value.len && byte_is_one_of(value.ptr[0], "+-"))
		value = slice_from(value, 1);
	return value.len && ascii_is_digit(value.ptr[0]) && text_holds_only(value, "<>+-:,./");
}

static bool text_has_form(struct slice value, enum setting_form form)
{
	switch (form) {
	case FORM_FOLDER: return text_is_folder(value);
	case FORM_HOSTS: return text_holds_only(value, " .-:_[]");
	case FORM_WORDS: return text_holds_only(value, " =+-_/.");
	case FORM_TIME_ZONE: return text_is_time_zone(value);
	case FORM_ANY:
	case FORM_COUNT: break;
	}
	return true;
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

static enum err set_bool(struct settings *s, const struct setting *row, struct slice value)
{
	static const char *const yes[] = {"yes", "on", "true", "1", "ya"};
	static const char *const no[] = {"no", "off", "false", "0", "tidak"};
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		bool is_yes = slice_eq_str_nocase(value, yes[i]);
		if (is_yes || slice_eq_str_nocase(value, no[i])) {
			*(bool *)setting_member(s, row) = is_yes;
			return ERR_NONE;
		}
	}
	return ERR_SYNTAX;
}

static enum err set_text(struct settings *s, const struct setting *row, struct slice value)
{
	char text[SETTING_TEXT_MAX];
	if (!text_is_printable(value) || !text_has_form(value, row->form))
		return ERR_SYNTAX;
	enum err err = slice_to_str(value, text, (size_t)row->max + 1);
	/* No octets of an older value behind the new one. */
	if (!err)
		memset(setting_member(s, row), 0, (size_t)row->max + 1);
	if (!err)
		memcpy(setting_member(s, row), text, value.len);
	return err;
}

static enum err set_choice(struct settings *s, const struct setting *row, struct slice value)
{
	struct slice rest = slice_str(row->choices);
	for (uint32_t i = 0; rest.len; i++)
		if (slice_eq_nocase(slice_word(&rest), value)) {
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
	case SETTING_BOOL: err = set_bool(s, row, value); break;
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
	return memcmp(setting_member(a, row), setting_member(b, row), setting_size(row)) == 0;
}

void setting_copy(struct settings *to, const struct settings *from, const struct setting *row)
{
	memcpy(setting_member(to, row), setting_member(from, row), setting_size(row));
}

const char *setting_help(const struct setting *row, enum lang lang)
{
	return help_text(lang, "about", row->key);
}
