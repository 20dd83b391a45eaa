#include "mail/date.h"

#include <stdio.h>
#include <time.h>

#include "mail/lexical.h"

enum { MINUTES_PER_DAY = 24 * 60 };
enum { SECONDS_PER_DAY = 24 * 60 * 60 };

static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* A date as written; -1: not seen yet. */
struct civil {
	int year, month, day; /* month 1-12 */
	int hour, minute, second;
	int zone_min;
	bool has_time, has_zone;
};

static enum err civil_to_date(const struct civil *c, struct date *date_out)
{
	struct tm tm = {.tm_year = c->year - 1900,
			.tm_mon = c->month - 1,
			.tm_mday = c->day,
			.tm_hour = c->hour,
			.tm_min = c->minute,
			.tm_sec = c->second == 60 ? 59 : c->second};
	struct tm asked = tm;
	if (c->year < 0 || c->year > 9999)
		return ERR_SYNTAX;
	date_out->zone_min = (int16_t)c->zone_min;
	date_out->utc_s = (int64_t)timegm(&tm) - c->zone_min * 60;
	/* What is no date comes back as another one. */
	return tm.tm_mon == asked.tm_mon && tm.tm_mday == asked.tm_mday &&
			       tm.tm_hour == asked.tm_hour && tm.tm_min == asked.tm_min &&
			       tm.tm_sec == asked.tm_sec
		       ? ERR_NONE
		       : ERR_SYNTAX;
}

int32_t date_day(const struct date *date)
{
	int64_t local = date->utc_s + date->zone_min * 60;
	int64_t day = local / SECONDS_PER_DAY;
	return (int32_t)(local % SECONDS_PER_DAY < 0 ? day - 1 : day);
}

/* ---- pieces ---- */

/* 1-12, or 0. The first three letters decide. */
static int month_by_name(struct slice word)
{
	for (int i = 0; i < 12; i++)
		if (word.len >= 3 && slice_eq_str_nocase(slice_upto(word, 3), month_names[i]))
			return i + 1;
	return 0;
}

/* Takes up to max_digits digits off the front; returns how many, 0 and *value_out untouched if
 * none. */
static size_t take_digits(struct slice *s, size_t max_digits, int *value_out)
{
	size_t n = 0;
	int value = 0;
	while (n < s->len && n < max_digits && ascii_is_digit(s->ptr[n]))
		value = value * 10 + (s->ptr[n++] - '0');
	if (n)
		*value_out = value;
	*s = slice_from(*s, n);
	return n;
}

static bool zone_is_valid(int zone_min)
{
	return zone_min > -MINUTES_PER_DAY && zone_min < MINUTES_PER_DAY;
}

/* ---- IMAP ---- */

static bool take_imap_month_year(struct slice *s, struct civil *c)
{
	struct slice name = slice_upto(*s, 3);
	c->month = month_by_name(name);
	*s = slice_from(*s, 3);
	return c->month && lexical_take_byte(s, '-') && take_digits(s, 4, &c->year) == 4;
}

enum err date_parse_imap_day(struct slice text, int32_t *day_out)
{
	struct civil c = {0};
	struct date date;
	if (!take_digits(&text, 2, &c.day) || !lexical_take_byte(&text, '-') ||
	    !take_imap_month_year(&text, &c) || text.len || civil_to_date(&c, &date))
		return ERR_SYNTAX;
	*day_out = date_day(&date);
	return ERR_NONE;
}

enum err date_parse_imap(struct slice text, struct date *date_out)
{
	struct civil c = {0};
	int zone_hours = 0, zone_minutes = 0;
	size_t day_digits = lexical_take_byte(&text, ' ') ? 1 : 2;
	if (take_digits(&text, day_digits, &c.day) != day_digits ||
	    !lexical_take_byte(&text, '-') || !take_imap_month_year(&text, &c) ||
	    !lexical_take_byte(&text, ' ') || take_digits(&text, 2, &c.hour) != 2 ||
	    !lexical_take_byte(&text, ':') || take_digits(&text, 2, &c.minute) != 2 ||
	    !lexical_take_byte(&text, ':') || take_digits(&text, 2, &c.second) != 2 ||
	    !lexical_take_byte(&text, ' ') || text.len != 5)
		return ERR_SYNTAX;
	uint8_t sign = text.ptr[0];
	text = slice_from(text, 1);
	if ((sign != '+' && sign != '-') || take_digits(&text, 2, &zone_hours) != 2 ||
	    take_digits(&text, 2, &zone_minutes) != 2 || zone_hours > 23 || zone_minutes > 59)
		return ERR_SYNTAX;
	c.zone_min = (zone_hours * 60 + zone_minutes) * (sign == '-' ? -1 : 1);
	return civil_to_date(&c, date_out);
}

/* ---- Date: field ---- */

/* RFC 5322 4.3, and what is met besides. Military letters say nothing reliable: UTC. */
static int zone_by_name(struct slice word)
{
	static const struct {
		char name[5];
		int8_t hours;
	} zones[] = {
		{"EDT", -4}, {"EST", -5}, {"CDT", -5}, {"CST", -6}, {"MDT", -6}, {"MST", -7},
		{"PDT", -7}, {"PST", -8}, {"CET", 1},  {"MET", 1},  {"CEST", 2}, {"MEST", 2},
		{"BST", 1},  {"EET", 2},  {"EEST", 3}, {"MSK", 3},  {"WIB", 7},  {"JST", 9},
	};
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++)
		if (slice_eq_str_nocase(word, zones[i].name))
			return zones[i].hours * 60;
	return 0;
}

static void read_word(struct slice *s, struct civil *c)
{
	size_t n = 0;
	while (n < s->len && ascii_is_alpha(s->ptr[n]))
		n++;
	struct slice word = slice_upto(*s, n);
	*s = slice_from(*s, n);
	int month = month_by_name(word);
	if (month && c->month < 0) {
		c->month = month;
	} else if (c->has_time && slice_eq_str_nocase(word, "PM")) {
		c->hour += c->hour < 12 ? 12 : 0;
	} else if (c->has_time && slice_eq_str_nocase(word, "AM")) {
		c->hour -= c->hour == 12 ? 12 : 0;
	} else if (c->has_time && !c->has_zone) {
		c->zone_min = zone_by_name(word);
		c->has_zone = c->zone_min != 0; /* "GMT+0100" is met: a number may still follow */
	}
}

static void read_zone(struct slice *s, struct civil *c)
{
	int hours = 0, minutes = 0, value = 0;
	bool is_west = s->ptr[0] == '-';
	*s = slice_from(*s, 1);
	size_t digits = take_digits(s, 4, &value);
	if (digits <= 2) {
		hours = value;
		if (digits && lexical_take_byte(s, ':'))
			take_digits(s, 2, &minutes);
	} else {
		hours = value / 100;
		minutes = value % 100;
	}
	int zone = (hours * 60 + minutes) * (is_west ? -1 : 1);
	if (digits && !c->has_zone && minutes < 60 && zone_is_valid(zone)) {
		c->zone_min = zone;
		c->has_zone = true;
	}
}

static int full_year(size_t digits, int year) /* RFC 5322 4.3 */
{
	if (digits == 2)
		return year < 50 ? year + 2000 : year + 1900;
	return digits == 3 ? year + 1900 : year;
}

/* A colon and a number, with blanks and comments around (RFC 5322 A.6.3). */
static bool take_colon_number(struct slice *s, int *value_out)
{
	struct slice rest = *s;
	lexical_skip_blanks(&rest);
	if (!lexical_take_byte(&rest, ':'))
		return false;
	lexical_skip_blanks(&rest);
	if (!take_digits(&rest, 2, value_out))
		return false;
	*s = rest;
	return true;
}

/* A number is a time when a colon follows, else what is still missing: day, then year. */
static void read_number(struct slice *s, struct civil *c)
{
	int value = 0, fraction = 0;
	size_t digits = take_digits(s, 5, &value);
	if (digits <= 2 && !c->has_time && take_colon_number(s, &c->minute)) {
		c->hour = value;
		c->has_time = true;
		if (take_colon_number(s, &c->second) && lexical_take_byte(s, '.'))
			take_digits(s, 9, &fraction);
	} else if (digits == 4 && c->day < 0 && s->len > 1 && s->ptr[0] == '-' &&
		   ascii_is_digit(s->ptr[1])) {
		c->year = value;
		*s = slice_from(*s, 1);
		take_digits(s, 2, &c->month);
		if (lexical_take_byte(s, '-'))
			take_digits(s, 2, &c->day);
	} else if (digits <= 2 && c->day < 0) {
		c->day = value;
	} else if (c->year < 0 && digits >= 2) {
		c->year = full_year(digits, value);
	}
}

enum err date_parse_mail(struct slice value, struct date *date_out)
{
	struct civil c = {.year = -1, .month = -1, .day = -1};
	while (value.len) {
		uint8_t byte = value.ptr[0];
		if (byte == '(')
			value = slice_from(value, lexical_comment_end(value, 0));
		else if (ascii_is_digit(byte))
			read_number(&value, &c);
		else if (ascii_is_alpha(byte))
			read_word(&value, &c);
		else if ((byte == '+' || byte == '-') && c.has_time)
			read_zone(&value, &c);
		else
			value = slice_from(value, 1);
	}
	return civil_to_date(&c, date_out);
}

/* ---- printing ---- */

enum { DATE_TAIL_BYTES = sizeof("1994 02:44:25 -0700") };

/* The moment in the date's own zone, and what stands behind the month in both forms. */
static struct tm date_split(const struct date *date, char tail[DATE_TAIL_BYTES])
{
	static const int64_t min = -62167219200, max = 253402300799; /* years 0-9999 */
	int zone = date->zone_min;
	int64_t utc = date->utc_s < min ? min : date->utc_s > max ? max : date->utc_s;
	if (utc < min + SECONDS_PER_DAY || utc > max - SECONDS_PER_DAY)
		zone = 0;
	time_t local = (time_t)(utc + zone * 60);
	struct tm tm = {0};
	gmtime_r(&local, &tm);
	unsigned minutes = (unsigned)(zone < 0 ? -zone : zone);
	snprintf(tail, DATE_TAIL_BYTES, "%04u %02u:%02u:%02u %c%02u%02u",
		 (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
		 (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100, zone < 0 ? '-' : '+',
		 minutes / 60 % 100, minutes % 60);
	return tm;
}

void date_print_imap(const struct date *date, char dst[DATE_IMAP_LEN + 1])
{
	char tail[DATE_TAIL_BYTES];
	struct tm tm = date_split(date, tail);
	snprintf(dst, DATE_IMAP_LEN + 1, "%2u-%s-%s", (unsigned)tm.tm_mday % 100,
		 month_names[tm.tm_mon], tail);
}

size_t date_print_mail(const struct date *date, char dst[DATE_MAIL_MAX_LEN + 1])
{
	static const char day_names[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	char tail[DATE_TAIL_BYTES];
	struct tm tm = date_split(date, tail);
	int n = snprintf(dst, DATE_MAIL_MAX_LEN + 1, "%s, %u %s %s", day_names[tm.tm_wday],
			 (unsigned)tm.tm_mday % 100, month_names[tm.tm_mon], tail);
	return n > 0 ? (size_t)n : 0;
}
