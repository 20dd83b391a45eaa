#include <stdio.h>
#include <time.h>

#include "app/history.h"
#include "base/clock.h"

enum { DAY_S = 86400, YEARS_MAX = 999 };

#define BYTES_PER_TB UINT64_C(1000000000000)

/* --- the file ----------------------------------------------------------------------------------- */

static enum err history_text(struct slice value, char *dst, size_t size)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_digit(value.ptr[i]) && value.ptr[i] != '-')
			return ERR_SYNTAX;
	return slice_to_str(value, dst, size);
}

static enum err history_line(struct history_figures *h, struct slice key, struct slice value)
{
	const struct {
		const char *key;
		uint64_t *number;
	} numbers[] = {{"total", &h->total},
		       {"day_bytes", &h->day_bytes},
		       {"month_bytes", &h->month_bytes},
		       {"last_month_bytes", &h->last_month_bytes}};
	uint64_t time = 0;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (slice_eq_str(key, numbers[i].key))
			return slice_u64(value, UINT64_MAX / 4, numbers[i].number);
	if (slice_eq_str(key, "day"))
		return history_text(value, h->day, sizeof(h->day));
	if (slice_eq_str(key, "month"))
		return history_text(value, h->month, sizeof(h->month));
	bool is_saved = slice_eq_str(key, "saved");
	if (!is_saved && !slice_eq_str(key, "since"))
		return ERR_NONE; /* of a later version */
	enum err err = slice_u64(value, INT64_MAX, &time);
	*(is_saved ? &h->saved_s : &h->since_s) = (int64_t)time;
	return err;
}

enum err history_parse(struct slice text, struct history_figures *h)
{
	struct history_figures fresh = {0};
	while (text.len) {
		struct slice value = slice_split(&text, '\n'), key = slice_split(&value, '=');
		if (!slice_trim(key).len)
			continue;
		if (history_line(&fresh, slice_trim(key), slice_trim(value)))
			return ERR_SYNTAX;
	}
	if (!fresh.saved_s)
		return ERR_SYNTAX;
	*h = fresh;
	return ERR_NONE;
}

enum err history_print(const struct history_figures *h, struct buf *dst)
{
	return buf_addf(dst,
			"saved = %lld\nsince = %lld\ntotal = %llu\nday = %s\nday_bytes = %llu\n"
			"month = %s\nmonth_bytes = %llu\nlast_month_bytes = %llu\n",
			(long long)h->saved_s, (long long)h->since_s, (unsigned long long)h->total,
			h->day, (unsigned long long)h->day_bytes, h->month,
			(unsigned long long)h->month_bytes,
			(unsigned long long)h->last_month_bytes);
}

/* --- days and months ---------------------------------------------------------------------------- */

/* True when `name` is of the month before this one. */
static bool history_is_last_month(const char *name, const struct tm *now)
{
	struct tm before = {.tm_year = now->tm_year, .tm_mon = now->tm_mon - 1, .tm_mday = 1};
	char text[CLOCK_STAMP_BYTES];
	if (before.tm_mon < 0) {
		before.tm_mon = 11;
		before.tm_year--;
	}
	clock_stamp(&before, text);
	return strncmp(text, name, 7) == 0;
}

static void history_turn_over(struct history_figures *h, const struct tm *now)
{
	char day[CLOCK_STAMP_BYTES];
	clock_stamp(now, day);
	if (strncmp(day, h->day, 10) != 0) {
		h->day_bytes = 0;
		snprintf(h->day, sizeof(h->day), "%.10s", day);
	}
	if (strncmp(day, h->month, 7) != 0) {
		h->last_month_bytes = history_is_last_month(h->month, now) ? h->month_bytes : 0;
		h->month_bytes = 0;
		snprintf(h->month, sizeof(h->month), "%.7s", day);
	}
}

void history_count(struct history_figures *h, uint64_t bytes, int64_t now_s)
{
	time_t when = (time_t)now_s;
	struct tm now;
	localtime_r(&when, &now);
	if (!h->since_s)
		h->since_s = now_s;
	history_turn_over(h, &now);
	h->day_bytes += bytes;
	h->month_bytes += bytes;
	h->total += bytes;
}

static int history_days_of_month(const struct tm *now)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = 1900 + now->tm_year;
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[now->tm_mon] + (now->tm_mon == 1 && is_leap);
}

/* What comes to be written in so many seconds when it was `bytes` in those. */
static uint64_t history_at_rate(uint64_t bytes, int64_t in_s, int64_t seconds)
{
	uint64_t unit = bytes > BYTES_PER_TB / 100 ? 1024 * 1024 : 1;
	return bytes / unit * (uint64_t)seconds / (uint64_t)in_s * unit;
}

void history_project(const struct history_figures *h, int64_t now_s, struct wear *w)
{
	time_t when = (time_t)now_s;
	struct tm now;
	localtime_r(&when, &now);
	int64_t into_month_s = (now.tm_mday - 1) * DAY_S + now.tm_hour * 3600 + now.tm_min * 60;
	int64_t counted_s = now_s - h->since_s;
	*w = (struct wear){.today = h->day_bytes,
			   .month = h->month_bytes,
			   .last_month = h->last_month_bytes,
			   .total = h->total,
			   .since_s = h->since_s,
			   .card_years = YEARS_MAX};
	/* Some hours say little: the first day counts as a whole one. */
	int64_t of_month_s = counted_s < into_month_s ? counted_s : into_month_s;
	if (of_month_s < DAY_S)
		of_month_s = DAY_S;
	if (counted_s < DAY_S)
		counted_s = DAY_S;
	int64_t left_s = (int64_t)history_days_of_month(&now) * DAY_S - into_month_s;
	w->month_projection = h->month_bytes + history_at_rate(h->month_bytes, of_month_s, left_s);
	uint64_t year = history_at_rate(h->total, counted_s, (int64_t)365 * DAY_S);
	uint64_t years = year ? (uint64_t)HISTORY_CARD_TB * BYTES_PER_TB / year : YEARS_MAX;
	w->card_years = years < YEARS_MAX ? years : YEARS_MAX;
}
