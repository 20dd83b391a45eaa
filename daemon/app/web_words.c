#include "app/web_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/web.h"

enum { KEY_MAX_BYTES = 96 };

void words_add(struct buf *dst, const char *text)
{
	enum err err = buf_add_str(dst, text);
	(void)err; /* a sentence cut short is still a sentence */
}

static void add_slice(struct buf *dst, struct slice text)
{
	enum err err = buf_add_slice(dst, text);
	(void)err;
}

static void add_word(struct buf *dst, struct slice name, const struct word *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_eq_str(name, words[i].name))
			words_add(dst, words[i].value);
}

void words_say(struct buf *dst, enum lang lang, const char *key, const struct word *words,
	       size_t count)
{
	struct slice rest = slice_str(web_text(lang, key));
	while (rest.len) {
		size_t open = slice_find(rest, SLICE_LIT("{{"));
		size_t close = slice_find(rest, SLICE_LIT("}}"));
		if (open == SIZE_MAX || close == SIZE_MAX || close < open) {
			add_slice(dst, rest);
			return;
		}
		add_slice(dst, slice_upto(rest, open));
		add_word(dst, slice_between(rest, open + 2, close), words, count);
		rest = slice_from(rest, close + 2);
	}
}

void words_put(struct model *in, const char *member, enum lang lang, const char *key,
	       const struct word *words, size_t count)
{
	struct buf text;
	buf_init(&text, WORDS_MAX_BYTES);
	words_say(&text, lang, key, words, count);
	model_take(in, member, &text);
}

void words_say_number(struct buf *dst, enum lang lang, const char *key, uint64_t n)
{
	char text[24];
	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	words_say(dst, lang, key, &(struct word){"n", text}, 1);
}

void words_put_number(struct model *in, const char *member, enum lang lang, const char *key,
		      uint64_t n)
{
	struct buf text;
	buf_init(&text, WORDS_MAX_BYTES);
	words_say_number(&text, lang, key, n);
	model_take(in, member, &text);
}

/* --- dates ------------------------------------------------------------------------------------- */

static int add_day(enum lang lang, const struct tm *tm, char dst[WORDS_DATE_BYTES])
{
	static const char *const months[LANG_COUNT] = {
		"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
		"Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des",
	};
	return snprintf(dst, WORDS_DATE_BYTES, "%d %.3s %d", tm->tm_mday,
			months[lang] + 4 * tm->tm_mon, tm->tm_year + 1900);
}

void words_day(enum lang lang, int64_t seconds, char dst[WORDS_DATE_BYTES])
{
	time_t t = (time_t)seconds;
	struct tm tm;
	*dst = 0;
	if (gmtime_r(&t, &tm))
		add_day(lang, &tm, dst);
}

void words_date(enum lang lang, int64_t seconds, char dst[WORDS_DATE_BYTES])
{
	time_t t = (time_t)seconds;
	struct tm tm;
	*dst = 0;
	if (!localtime_r(&t, &tm))
		return;
	int n = add_day(lang, &tm, dst);
	snprintf(dst + n, WORDS_DATE_BYTES - (size_t)n, ", %02d%c%02d", tm.tm_hour,
		 lang == LANG_ID ? '.' : ':', tm.tm_min);
}

/* --- settings ----------------------------------------------------------------------------------- */

static const char *text_of(enum lang lang, const char *kind, const struct setting *row,
			   const char *more)
{
	char key[KEY_MAX_BYTES];
	snprintf(key, sizeof(key), "%s.%s%s%s", kind, row->key, *more ? "." : "", more);
	return web_text_or(lang, key, NULL);
}

const char *words_label(enum lang lang, const struct setting *row)
{
	const char *label = text_of(lang, "label", row, "");
	return label ? label : setting_help(row, lang);
}

const char *words_choice(enum lang lang, const struct setting *row, const char *value)
{
	const char *text = text_of(lang, "choice", row, value);
	if (!text && row->type == SETTING_BOOL)
		text = web_text(lang, *value == 'y' ? "choice.yes" : "choice.no");
	return text ? text : value;
}

bool words_in_minutes(const struct setting *row)
{
	return strcmp(row->key, "pop3.login_delay_s") == 0;
}

void words_minutes(struct buf *dst, uint64_t seconds)
{
	char text[32];
	if (seconds % 60)
		snprintf(text, sizeof(text), "%llu:%02u", (unsigned long long)(seconds / 60),
			 (unsigned)(seconds % 60));
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)(seconds / 60));
	words_add(dst, text);
}

enum err words_parse_minutes(struct slice text, uint64_t max_seconds, uint64_t *seconds_out)
{
	uint64_t minutes = 0, seconds = 0;
	struct slice rest = slice_trim(text);
	bool has_seconds = slice_find_byte(rest, ':') != SIZE_MAX;
	enum err err = slice_u64(slice_split(&rest, ':'), max_seconds / 60, &minutes);
	if (!err && has_seconds)
		err = slice_u64(rest, 59, &seconds);
	if (!err && minutes * 60 + seconds > max_seconds)
		err = ERR_LIMIT;
	if (!err)
		*seconds_out = minutes * 60 + seconds;
	return err;
}

static void say_number_value(struct buf *dst, enum lang lang, const struct setting *row,
			     const char *value)
{
	struct buf number;
	char key[KEY_MAX_BYTES];
	uint64_t n = 0;
	const char *none = text_of(lang, "none", row, "");
	bool is_number = slice_u64(slice_str(value), row->max, &n) == ERR_NONE;
	if (is_number && n == 0 && none) {
		words_add(dst, none);
		return;
	}
	buf_init(&number, 64);
	if (is_number && words_in_minutes(row))
		words_minutes(&number, n);
	else
		words_add(&number, value);
	enum err err = buf_add_byte(&number, 0);
	snprintf(key, sizeof(key), "unit.%s", row->key);
	if (!err && web_text_or(lang, key, NULL))
		words_say(dst, lang, key, &(struct word){"n", (const char *)number.bytes}, 1);
	else
		words_add(dst, value);
	buf_free(&number);
}

void words_value(struct buf *dst, enum lang lang, const struct setting *row, const char *value)
{
	switch (row->type) {
	case SETTING_NUMBER: say_number_value(dst, lang, row, value); break;
	case SETTING_BOOL:
	case SETTING_CHOICE: words_add(dst, words_choice(lang, row, value)); break;
	case SETTING_TEXT: words_add(dst, *value ? value : web_text(lang, "value.empty")); break;
	}
}
