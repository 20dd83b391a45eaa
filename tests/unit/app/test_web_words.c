#include "support/suite.h"

#include <stdlib.h>

#include "app/web_pack.h"
#include "app/web_words.h"

static struct buf said;

static const char *text_of(void)
{
	ck_assert_int_eq(buf_add_byte(&said, 0), ERR_NONE);
	return (const char *)said.bytes;
}

static void begin(void)
{
	buf_free(&said);
	buf_init(&said, WORDS_MAX_BYTES);
}

static const struct setting *row_of(const char *key)
{
	const struct setting *row = setting_find(slice_str(key));
	ck_assert_ptr_nonnull(row);
	return row;
}

static const char *value_said(const char *key, const char *value)
{
	begin();
	words_value(&said, LANG_EN, row_of(key), value);
	return text_of();
}

START_TEST(minutes_are_read_as_they_are_written_and_nothing_else_is)
{
	static const struct {
		const char *text;
		enum err err;
		uint64_t seconds;
	} cases[] = {
		{"0", ERR_NONE, 0},       {"5", ERR_NONE, 300},
		{" 10 ", ERR_NONE, 600},  {"1:30", ERR_NONE, 90},
		{"0:05", ERR_NONE, 5},    {"1440", ERR_NONE, 86400},
		{"", ERR_SYNTAX, 0},      {"x", ERR_SYNTAX, 0},
		{"-1", ERR_SYNTAX, 0},    {"1:60", ERR_LIMIT, 0},
		{"1:", ERR_SYNTAX, 0},    {":5", ERR_SYNTAX, 0},
		{"1441", ERR_LIMIT, 0},   {"1440:01", ERR_LIMIT, 0},
		{"1:2:3", ERR_SYNTAX, 0}, {"99999999999999999999", ERR_LIMIT, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t seconds = 7;
		enum err err = words_parse_minutes(slice_str(cases[i].text), 86400, &seconds);
		ck_assert_msg(err == cases[i].err, "%s: %s", cases[i].text, err_name(err));
		ck_assert_uint_eq(seconds, err ? 7 : cases[i].seconds);
	}
	for (uint64_t seconds = 0; seconds < 4000; seconds += 7) {
		uint64_t back = 0;
		begin();
		words_minutes(&said, seconds);
		ck_assert_int_eq(words_parse_minutes(buf_view(&said), 86400, &back), ERR_NONE);
		ck_assert_uint_eq(back, seconds);
	}
}
END_TEST

START_TEST(sizes_and_dates_are_said_as_the_language_says_them)
{
	char text[WORDS_DATE_BYTES];
	static const struct {
		uint64_t bytes;
		const char *en, *id;
	} cases[] = {
		{0, "0 B", "0 B"},
		{1023, "1023 B", "1023 B"},
		{1536, "1.5 KB", "1,5 KB"},
		{45ull << 20, "45 MB", "45 MB"},
		{(1ull << 30) + (1ull << 28), "1.2 GB", "1,2 GB"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_text(LANG_EN, cases[i].bytes, text);
		ck_assert_str_eq(text, cases[i].en);
		size_text(LANG_ID, cases[i].bytes, text);
		ck_assert_str_eq(text, cases[i].id);
	}
	setenv("TZ", "WIB-7", 1);
	words_date(LANG_EN, 1795837320, text);
	ck_assert_str_eq(text, "28 Nov 2026, 10:42");
	words_date(LANG_ID, 1777777777, text);
	ck_assert_str_eq(text, "3 Mei 2026, 10.09");
}
END_TEST

START_TEST(a_value_is_said_in_words)
{
	ck_assert_str_eq(value_said("pop3.delete_after_days", "0"), "Never");
	ck_assert_str_eq(value_said("pop3.delete_after_days", "30"), "After 30 days");
	ck_assert_str_eq(value_said("pop3.login_delay_s", "90"), "At least 1:30 minutes");
	ck_assert_str_eq(value_said("pop3.after_download", "trash"), "Move it to Trash");
	ck_assert_str_eq(value_said("imap.access", "no"), "Off");
	ck_assert_str_eq(value_said("net.connections", "17"), "17");
	ck_assert_str_eq(value_said("imap.hide_capabilities", ""), "nothing");
}
END_TEST

/* Rows that owners may have are asked for in words of the page, in every language. */
START_TEST(every_row_of_an_owner_has_words)
{
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_table[i];
		struct slice rest = slice_str(row->type == SETTING_CHOICE ? row->choices : "");
		char value[64];
		if (row->scope != SETTING_USER || row->is_managed ||
		    strcmp(row->key, "pop3.folder") == 0)
			continue;
		for (int lang = 0; lang < LANG_COUNT; lang++) {
			ck_assert_str_ne(words_label((enum lang)lang, row),
					 setting_help(row, (enum lang)lang));
			begin();
			words_value(&said, (enum lang)lang, row, "1");
			ck_assert(row->type != SETTING_NUMBER || strcmp(text_of(), "1") != 0);
		}
		while (rest.len) {
			ck_assert_int_eq(slice_to_str(slice_word(&rest), value, sizeof(value)), 0);
			for (int lang = 0; lang < LANG_COUNT; lang++)
				ck_assert_str_ne(words_choice((enum lang)lang, row, value), value);
		}
	}
	buf_free(&said);
	web_pack_close();
}
END_TEST

SUITE_MAIN("web_words", minutes_are_read_as_they_are_written_and_nothing_else_is,
	   sizes_and_dates_are_said_as_the_language_says_them, a_value_is_said_in_words,
	   every_row_of_an_owner_has_words)
