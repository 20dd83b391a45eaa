#include "support/suite.h"

#include "app/control.h"

START_TEST(netstrings_come_back)
{
	struct buf text;
	struct slice rest, field;
	buf_init(&text, 256);
	ck_assert_int_eq(netstring_add(&text, SLICE_LIT("hello")), ERR_NONE);
	ck_assert_int_eq(netstring_add(&text, SLICE_EMPTY), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&text), "5:hello,0:,"));
	for (size_t cut = 0; cut < 8; cut++) { /* cut short anywhere: wait for more */
		rest = slice_upto(buf_view(&text), cut);
		ck_assert_int_eq(netstring_take(&rest, 100, &field), STEP_MORE);
		ck_assert_uint_eq(rest.len, cut);
	}
	rest = buf_view(&text);
	ck_assert_int_eq(netstring_take(&rest, 100, &field), STEP_DONE);
	ck_assert(slice_eq_str(field, "hello"));
	ck_assert_int_eq(netstring_take(&rest, 100, &field), STEP_DONE);
	ck_assert_uint_eq(field.len, 0);
	ck_assert_int_eq(netstring_take(&rest, 100, &field), STEP_MORE);
	buf_free(&text);
}
END_TEST

START_TEST(malformed_netstrings_are_refused)
{
	static const char *const rows[] = {
		"5:hello;", "x:", ":a,", "-1:a,", "101:", "00000000001:a,", "99999999999999:"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rest = slice_str(rows[i]), field;
		ck_assert_msg(netstring_take(&rest, 100, &field) == STEP_BAD, "%s", rows[i]);
	}
}
END_TEST

SUITE_MAIN("netstring", netstrings_come_back, malformed_netstrings_are_refused)
