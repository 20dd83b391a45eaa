#include "store/flags.h"

#include <stdio.h>

#include "store/store_backend.h"
#include "support/suite.h"

START_TEST(operations_on_words)
{
	static const struct {
		flags_t old;
		enum flags_op op;
		flags_t with, result;
	} rows[] = {
		{FLAG_SEEN, FLAGS_SET, FLAG_DRAFT, FLAG_DRAFT},
		{FLAG_SEEN, FLAGS_ADD, FLAG_DRAFT, FLAG_SEEN | FLAG_DRAFT},
		{FLAG_SEEN | FLAG_DRAFT, FLAGS_REMOVE, FLAG_DRAFT | FLAG_DELETED, FLAG_SEEN},
		{FLAG_SEEN, FLAGS_SET, 0, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_uint_eq(flags_apply(rows[i].old, rows[i].op, rows[i].with),
				  rows[i].result);
}
END_TEST

START_TEST(names_of_flags)
{
	struct keywords k = {.count = 0};
	flags_t flag;
	ck_assert_int_eq(keywords_add(&k, SLICE_LIT("$Forwarded"), &flag), ERR_NONE);
	ck_assert_str_eq(flags_name(&k, FLAG_SEEN), "\\Seen");
	ck_assert_str_eq(flags_name(&k, FLAG_ANSWERED), "\\Answered");
	ck_assert_str_eq(flags_name(&k, FLAG_FLAGGED), "\\Flagged");
	ck_assert_str_eq(flags_name(&k, FLAG_DELETED), "\\Deleted");
	ck_assert_str_eq(flags_name(&k, FLAG_DRAFT), "\\Draft");
	ck_assert_str_eq(flags_name(&k, 1u << FLAG_KEYWORD_FIRST), "$Forwarded");
	ck_assert_ptr_null(flags_name(&k, 2u << FLAG_KEYWORD_FIRST));
	ck_assert_ptr_null(flags_name(&k, 0));
	ck_assert_ptr_null(flags_name(&k, FLAG_SEEN | FLAG_DRAFT));
	keywords_free(&k);
	ck_assert_uint_eq(k.count, 0);
}
END_TEST

START_TEST(keywords_are_atoms_without_regard_to_case)
{
	static const struct {
		const char *name;
		enum err err;
	} rows[] = {
		{"Work", ERR_NONE}, {"$MDNSent", ERR_NONE},    {"a+b=c[1", ERR_NONE},
		{"", ERR_SYNTAX},   {"two words", ERR_SYNTAX}, {"(", ERR_SYNTAX},
		{")", ERR_SYNTAX},  {"{", ERR_SYNTAX},         {"%", ERR_SYNTAX},
		{"*", ERR_SYNTAX},  {"\"", ERR_SYNTAX},        {"\\Seen", ERR_SYNTAX},
		{"a]", ERR_SYNTAX}, {"\x7F", ERR_SYNTAX},      {"\xC3\xA9", ERR_SYNTAX},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct keywords k = {.count = 0};
		flags_t flag = 0;
		ck_assert_int_eq(keywords_add(&k, slice_str(rows[i].name), &flag), rows[i].err);
		ck_assert_uint_eq(k.count, rows[i].err == ERR_NONE);
		keywords_free(&k);
	}
	struct keywords k = {.count = 0};
	flags_t one = 0, same = 0;
	ck_assert_int_eq(keywords_add(&k, SLICE_LIT("Work"), &one), ERR_NONE);
	ck_assert_int_eq(keywords_add(&k, SLICE_LIT("WORK"), &same), ERR_NONE);
	ck_assert_uint_eq(one, same);
	ck_assert_uint_eq(one, 1u << FLAG_KEYWORD_FIRST);
	ck_assert_uint_eq(keywords_find(&k, SLICE_LIT("work")), one);
	ck_assert_uint_eq(keywords_find(&k, SLICE_LIT("wor")), 0);
	ck_assert_str_eq(k.names[0], "Work");
	keywords_free(&k);
}
END_TEST

static void fill(struct keywords *k, const char *prefix)
{
	char name[16];
	flags_t flag;
	while (k->count < KEYWORDS_MAX) {
		snprintf(name, sizeof(name), "%s%u", prefix, k->count);
		ck_assert_int_eq(keywords_add(k, slice_str(name), &flag), ERR_NONE);
		ck_assert_uint_eq(flag, 1u << (FLAG_KEYWORD_FIRST + k->count - 1));
	}
}

START_TEST(table_has_an_end)
{
	struct keywords k = {.count = 0};
	char longest[KEYWORD_MAX_BYTES + 2] = {0};
	flags_t flag = 0;
	memset(longest, 'k', KEYWORD_MAX_BYTES + 1);
	ck_assert_int_eq(keywords_add(&k, slice_str(longest), &flag), ERR_LIMIT);
	longest[KEYWORD_MAX_BYTES] = '\0';
	ck_assert_int_eq(keywords_add(&k, slice_str(longest), &flag), ERR_NONE);
	fill(&k, "k");
	ck_assert_int_eq(keywords_add(&k, SLICE_LIT("more"), &flag), ERR_LIMIT);
	ck_assert_int_eq(keywords_add(&k, SLICE_LIT("K5"), &flag), ERR_NONE);
	ck_assert_uint_eq(flag, 1u << (FLAG_KEYWORD_FIRST + 5));
	keywords_free(&k);
}
END_TEST

START_TEST(words_are_translated_by_name)
{
	struct keywords from = {.count = 0}, to = {.count = 0};
	struct keyword_map map;
	flags_t a, b, c, x;
	ck_assert_int_eq(keywords_add(&from, SLICE_LIT("a"), &a), ERR_NONE);
	ck_assert_int_eq(keywords_add(&from, SLICE_LIT("b"), &b), ERR_NONE);
	ck_assert_int_eq(keywords_add(&from, SLICE_LIT("c"), &c), ERR_NONE);
	ck_assert_int_eq(keywords_add(&to, SLICE_LIT("x"), &x), ERR_NONE);
	ck_assert_int_eq(keywords_add(&to, SLICE_LIT("B"), &x), ERR_NONE);
	ck_assert_int_eq(keyword_map_make(&map, &from, &to, a | b | FLAG_SEEN), ERR_NONE);
	ck_assert_uint_eq(to.count, 3); /* c is not used, so it is not added */
	ck_assert_uint_eq(keyword_map_flags(&map, FLAG_SEEN | b), FLAG_SEEN | x);
	ck_assert_uint_eq(keyword_map_flags(&map, a), keywords_find(&to, SLICE_LIT("a")));
	fill(&to, "t");
	ck_assert_int_eq(keyword_map_make(&map, &from, &to, b | c), ERR_NONE);
	ck_assert_uint_eq(keyword_map_flags(&map, FLAG_DRAFT | b | c), FLAG_DRAFT | x);
	keywords_free(&from);
	keywords_free(&to);
}
END_TEST

SUITE_MAIN("flags", operations_on_words, names_of_flags, keywords_are_atoms_without_regard_to_case,
	   table_has_an_end, words_are_translated_by_name)
