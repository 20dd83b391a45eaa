#include "mail/date.h"

#include <stdio.h>

#include "mail/lexical.h"

enum { MINUTES_PER_DAY = 24 * 60 };
enum { SECONDS_PER_DAY = 24 * 60 * 60 };

static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char day_names[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* A date as written; -1: not seen yet. */
struct civil {
	int year, month, day; /* month 1-12 */
	int hour, minute, second;
	int zone_min;
	bool has_time, has_zone;
};

/* ---- calendar ---- */

/* Days since 1970-01-01 in the proleptic Gregorian calendar, years counted from March. */
static int32_t days_from_civil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return (int32_t)(era * 146097 + day_of_era - 719468);
}

static void civil_from_days(int32_t days, struct civil *c)
{
	int z = days + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	c->day = doy - (153 * mp + 2) / 5 + 1;
	c->month = mp < 10 ? mp + 3 : mp - 9;
	c->year = yoe + era * 400 + (c->month <= 2);
}

static int days_in_month(int year, int month)
{
	static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap);
}

static bool civil_is_valid(const struct civil *c)
{
	return c->year >= 0 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_in_month(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
	       c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 60;
}

static enum err civil_to_date(const struct civil *c, struct date *date_out)
{
	if (!civil_is_valid(c))
		return ERR_SYNTAX;
	int second = c->second == 60 ? 59 : c->second;
	date_out->zone_min = (int16_t)c->zone_min;
	date_out->utc_s = (int64_t)days_from_civil(c->year, c->month, c->day) * SECONDS_PER_DAY +
			  c->hour * 3600 + c->minute * 60 + second - c->zone_min * 60;
	return ERR_NONE;
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

static bool take_byte(struct slice *s, uint8_t byte)
{
	if (s->len == 0 || s->ptr[0] != byte)
		return false;
	*s = slice_from(*s, 1);
	return true;
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
	return c->month && take_byte(s, '-') && take_digits(s, 4, &c->year) == 4;
}

enum err date_parse_imap_day(struct slice text, int32_t *day_out)
{
	struct civil c = {0};
	if (!take_digits(&text, 2, &c.day) || !take_byte(&text, '-') ||
	    !take_imap_month_year(&text, &c) || text.len || !civil_is_valid(&c))
		return ERR_SYNTAX;
	*day_out = days_from_civil(c.year, c.month, c.day);
	return ERR_NONE;
}

enum err date_parse_imap(struct slice text, struct date *date_out)
{
	struct civil c = {0};
	int zone_hours = 0, zone_minutes = 0;
	size_t day_digits = take_byte(&text, ' ') ? 1 : 2;
	if (take_digits(&text, day_digits, &c.day) != day_digits || !take_byte(&text, '-') ||
	    !take_imap_month_year(&text, &c) || !take_byte(&text, ' ') ||
	    take_digits(&text, 2, &c.hour) != 2 || !take_byte(&text, ':') ||
	    take_digits(&text, 2, &c.minute) != 2 || !take_byte(&text, ':') ||
	    take_digits(&text, 2, &c.second) != 2 || !take_byte(&text, ' ') || text.len != 5)
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
		if (digits && take_byte(s, ':'))
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

static void skip_blanks(struct slice *s)
{
	while (s->len && (lexical_is_space(s->ptr[0]) || s->ptr[0] == '('))
		*s = slice_from(*s, s->ptr[0] == '(' ? lexical_comment_end(*s, 0) : 1);
}

/* A colon and a number, with blanks and comments around (RFC 5322 A.6.3). */
static bool take_colon_number(struct slice *s, int *value_out)
{
	struct slice rest = *s;
	skip_blanks(&rest);
	if (!take_byte(&rest, ':'))
		return false;
	skip_blanks(&rest);
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
		if (take_colon_number(s, &c->second) && take_byte(s, '.'))
			take_digits(s, 9, &fraction);
	} else if (digits == 4 && c->day < 0 && s->len > 1 && s->ptr[0] == '-' &&
		   ascii_is_digit(s->ptr[1])) {
		c->year = value;
		*s = slice_from(*s, 1);
		take_digits(s, 2, &c->month);
		if (take_byte(s, '-'))
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

static void date_to_civil(const struct date *date, struct civil *c)
{
	struct date d = *date;
	int64_t min = (int64_t)days_from_civil(0, 1, 1) * SECONDS_PER_DAY;
	int64_t max = (int64_t)days_from_civil(10000, 1, 1) * SECONDS_PER_DAY - 1;
	if (d.utc_s < min + SECONDS_PER_DAY || d.utc_s > max - SECONDS_PER_DAY) {
		d.zone_min = 0;
		d.utc_s = d.utc_s < min ? min : d.utc_s > max ? max : d.utc_s;
	}
	int32_t day = date_day(&d);
	int second = (int)(d.utc_s + d.zone_min * 60 - (int64_t)day * SECONDS_PER_DAY);
	civil_from_days(day, c);
	c->hour = second / 3600;
	c->minute = second / 60 % 60;
	c->second = second % 60;
	c->zone_min = d.zone_min;
}

/* "hhmm" of the zone as a number, without its sign. */
static unsigned zone_number(const struct civil *c)
{
	unsigned minutes = (unsigned)(c->zone_min < 0 ? -c->zone_min : c->zone_min);
	return minutes / 60 % 100 * 100 + minutes % 60;
}

void date_print_imap(const struct date *date, char dst[DATE_IMAP_LEN + 1])
{
	struct civil c = {0};
	date_to_civil(date, &c);
	snprintf(dst, DATE_IMAP_LEN + 1, "%2u-%s-%04u %02u:%02u:%02u %c%04u", (unsigned)c.day % 100,
		 month_names[c.month - 1], (unsigned)c.year % 10000, (unsigned)c.hour % 100,
		 (unsigned)c.minute % 100, (unsigned)c.second % 100, c.zone_min < 0 ? '-' : '+',
		 zone_number(&c));
}

size_t date_print_mail(const struct date *date, char dst[DATE_MAIL_MAX_LEN + 1])
{
	struct civil c = {0};
	date_to_civil(date, &c);
	int week_day = (int)((days_from_civil(c.year, c.month, c.day) % 7 + 11) % 7);
	int n = snprintf(dst, DATE_MAIL_MAX_LEN + 1, "%s, %u %s %04u %02u:%02u:%02u %c%04u",
			 day_names[week_day], (unsigned)c.day % 100, month_names[c.month - 1],
			 (unsigned)c.year % 10000, (unsigned)c.hour % 100, (unsigned)c.minute % 100,
			 (unsigned)c.second % 100, c.zone_min < 0 ? '-' : '+', zone_number(&c));
	return n > 0 ? (size_t)n : 0;
}
