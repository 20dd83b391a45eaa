#include "support/suite.h"

#include <stdlib.h>
#include <time.h>

#include "app/history.h"

enum { DAY_S = 86400, START_S = 1795392000 }; /* 2026-11-23 00:00 UTC */

static void utc(void)
{
	ck_assert_int_eq(setenv("TZ", "UTC0", 1), 0);
	tzset();
}

START_TEST(days_and_months_turn_over)
{
	struct history_figures h = {0};
	struct wear w;
	utc();
	history_count(&h, 100, START_S);
	history_count(&h, 50, START_S + 1000);
	ck_assert_str_eq(h.day, "2026-11-23");
	ck_assert_uint_eq(h.day_bytes, 150);
	history_count(&h, 7, START_S + DAY_S);
	ck_assert_uint_eq(h.day_bytes, 7);
	ck_assert_uint_eq(h.month_bytes, 157);
	history_count(&h, 1, START_S + 8 * DAY_S);
	ck_assert_str_eq(h.month, "2026-12");
	history_project(&h, START_S + 8 * DAY_S, &w);
	ck_assert_uint_eq(w.month, 1);
	ck_assert_uint_eq(w.last_month, 157);
	ck_assert_uint_eq(w.total, 158);
	/* Nothing was counted for a month: that one was not the last. */
	history_count(&h, 1, START_S + 75 * DAY_S);
	ck_assert_uint_eq(h.last_month_bytes, 0);
}
END_TEST

START_TEST(the_projection_goes_on_as_it_went)
{
	struct history_figures h = {0};
	struct wear w;
	utc();
	int64_t month_s = START_S - 22 * DAY_S; /* November 1 */
	history_count(&h, 0, month_s);
	history_count(&h, 1000, month_s + 10 * DAY_S);
	history_project(&h, month_s + 10 * DAY_S, &w);
	ck_assert_uint_eq(w.month_projection, 3000);
	ck_assert_uint_eq(w.card_years, 999);
	/* 100 GB a day. */
	history_count(&h, 1000000000000u, month_s + 10 * DAY_S);
	history_project(&h, month_s + 10 * DAY_S, &w);
	ck_assert_uint_eq(w.card_years, 0);
	/* The first hour is no twenty-fourth of what a day will be. */
	struct history_figures fresh = {0};
	history_count(&fresh, 1000, START_S);
	history_project(&fresh, START_S + 3600, &w);
	ck_assert_uint_le(w.month_projection, 9000);
}
END_TEST

START_TEST(the_file_says_what_was_counted)
{
	struct history_figures h = {.saved_s = START_S}, again;
	struct buf text;
	utc();
	buf_init(&text, 4096);
	history_count(&h, 12345, START_S);
	ck_assert_int_eq(history_print(&h, &text), ERR_NONE);
	ck_assert_int_eq(history_parse(buf_view(&text), &again), ERR_NONE);
	ck_assert_uint_eq(again.day_bytes, 12345);
	ck_assert_str_eq(again.month, "2026-11");
	ck_assert_int_eq(again.since_s, START_S);
	ck_assert_int_eq(again.saved_s, START_S);
	buf_free(&text);
}
END_TEST

START_TEST(a_broken_file_changes_nothing)
{
	static const char *const bad[] = {"",
					  "saved = x\n",
					  "total = 1\n",
					  "saved = -5\n",
					  "saved = 1\nday = 2026-11-23-and-more\n",
					  "\xff\xfe",
					  "saved = 1\nmonth = <b>\n",
					  "saved = 99999999999999999999\n"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct history_figures h = {.total = 5};
		ck_assert_msg(history_parse(slice_str(bad[i]), &h) == ERR_SYNTAX, "%s", bad[i]);
		ck_assert_uint_eq(h.total, 5);
	}
}
END_TEST

SUITE_MAIN("history", days_and_months_turn_over, the_projection_goes_on_as_it_went,
	   the_file_says_what_was_counted, a_broken_file_changes_nothing)
