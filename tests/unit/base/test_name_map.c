#include "base/name_map.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/suite.h"

enum { ENTRIES = 100 };

struct entry {
	char name[16];
	int number;
};

static struct entry *entry_new(const char *name)
{
	struct entry *e = calloc(1, sizeof(*e));
	ck_assert_ptr_nonnull(e);
	snprintf(e->name, sizeof(e->name), "%s", name);
	return e;
}

START_TEST(entries_are_found_and_stand_in_order)
{
	struct name_map m = {0};
	for (int i = 0; i < ENTRIES; i++) {
		char name[16];
		snprintf(name, sizeof(name), "user%02d", i * 37 % ENTRIES);
		struct entry *e = entry_new(name);
		e->number = i * 37 % ENTRIES;
		ck_assert_int_eq(name_map_add(&m, e), ERR_NONE);
	}
	int want = 0;
	for (struct entry *e = NULL; (e = name_map_next(&m, e)); want++) {
		ck_assert_int_eq(e->number, want);
		ck_assert_ptr_eq(name_map_find(&m, slice_str(e->name)), e);
	}
	ck_assert_int_eq(want, ENTRIES);
	ck_assert_ptr_null(name_map_find(&m, SLICE_LIT("user")));
	ck_assert_ptr_null(name_map_find(&m, SLICE_LIT("user999")));
	ck_assert_ptr_null(name_map_find(&m, SLICE_EMPTY));
	name_map_free(&m, free);
	ck_assert_uint_eq(m.count, 0);
}
END_TEST

START_TEST(case_makes_no_other_name)
{
	struct name_map m = {0};
	struct entry *bob = entry_new("bob"), *twin = entry_new("BOB");
	ck_assert_int_eq(name_map_add(&m, bob), ERR_NONE);
	ck_assert_int_eq(name_map_add(&m, twin), ERR_EXISTS);
	ck_assert_ptr_eq(name_map_find(&m, SLICE_LIT("Bob")), bob);
	ck_assert_ptr_null(name_map_find(&m, SLICE_LIT("bo\0")));
	free(twin);
	name_map_free(&m, free);
}
END_TEST

START_TEST(what_was_removed_is_gone_and_the_others_stay)
{
	struct name_map m = {0};
	struct entry *e[] = {entry_new("c"), entry_new("a"), entry_new("b")};
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(name_map_add(&m, e[i]), ERR_NONE);
	name_map_remove(&m, e[2]);
	name_map_remove(&m, e[2]); /* harmless */
	ck_assert_ptr_null(name_map_find(&m, SLICE_LIT("b")));
	ck_assert_ptr_eq(name_map_next(&m, NULL), e[1]);
	ck_assert_ptr_eq(name_map_next(&m, e[1]), e[0]);
	ck_assert_ptr_eq(name_map_next(&m, e[2]), e[0]); /* goes on where it stood */
	ck_assert_ptr_null(name_map_next(&m, e[0]));
	free(e[2]);
	name_map_free(&m, free);
}
END_TEST

SUITE_MAIN("name_map", entries_are_found_and_stand_in_order, case_makes_no_other_name,
	   what_was_removed_is_gone_and_the_others_stay)
