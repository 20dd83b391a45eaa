#include "mail/date.h"

#include "mail_test.h"

static const struct {
	const char *text;
	int64_t utc_s; /* INT64_MIN: cannot be read */
	int zone_min;
} mail_dates[] = {
	{"Fri, 21 Nov 1997 09:55:06 -0600", 880127706, -360},
	{"21 Nov 97 09:55:06 GMT", 880106106, 0},
	{"Mon, 1 Jan 2024 00:00 +0100", 1704063600, 60},
	{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706, -360},
	{"Fri, 21 Nov 1997 (a (nested) comment) 09:55:06 -0600 (CST)", 880127706, -360},
	{"Thu,\r\n      13\r\n    Feb\r\n  1969\r\n  23:32\r\n -0330 (NST)", -27723480, -210},
	{"Fri, 21 Nov 1997 09:55:06 EST", 880124106, -300},
	{"Fri, 21 Nov 1997 09:55:06 PDT", 880131306, -420},
	{"Fri, 21 Nov 1997 09:55:06 Z", 880106106, 0},
	{"Fri, 21 Nov 1997 09:55:06 XYZ", 880106106, 0},
	{"Fri, 21 Nov 1997 09:55:06", 880106106, 0},
	{"Fri, 21 Nov 1997 09:55:06 -0000", 880106106, 0},
	{"Fri, 21 Nov 1997 09:55:06 GMT+0100", 880102506, 60},
	{"Fri, 21 Nov 1997 09:55:06 +01:00", 880102506, 60},
	{"Fri Nov 21 09:55:06 1997", 880106106, 0},
	{"Fri Nov 21 09:55:06 EST 1997", 880124106, -300},
	{"21-Nov-1997 09:55:06 -0600", 880127706, -360},
	{"Friday, 21-Nov-97 09:55:06 GMT", 880106106, 0},
	{"1997-11-21 09:55:06 -0600", 880127706, -360},
	{"1997-11-21T09:55:06.123Z", 880106106, 0},
	{"21 November 1997 9:55:06 PM +0000", 880149306, 0},
	{"1 Jan 49 00:00:00 +0000", 2493072000, 0},
	{"1 Jan 50 00:00:00 +0000", -631152000, 0},
	{"1 Jan 101 00:00:00 +0000", 978307200, 0},
	{"29 Feb 2024 12:00:00 +0000", 1709208000, 0},
	{"31 Dec 1998 23:59:60 +0000", 915148799, 0},
	{"29 Feb 2023 12:00:00 +0000", INT64_MIN, 0},
	{"32 Jan 2024 12:00:00 +0000", INT64_MIN, 0},
	{"1 Foo 2024 12:00:00 +0000", INT64_MIN, 0},
	{"1 Jan 2024 25:00:00 +0000", INT64_MIN, 0},
	{"1 Jan 2024 12:00:00 +9999", 1704110400, 0}, /* no such zone: UTC */
	{"", INT64_MIN, 0},
	{"yesterday", INT64_MIN, 0},
	{"(1 Jan 2024", INT64_MIN, 0},
	{"1 Jan 99999999999999999999", INT64_MIN, 0},
};

START_TEST(mail_dates_are_read_generously)
{
	for (size_t i = 0; i < COUNT(mail_dates); i++) {
		struct date d = {0, 0};
		enum err err = date_parse_mail(slice_str(mail_dates[i].text), &d);
		bool is_readable = mail_dates[i].utc_s != INT64_MIN;
		ck_assert_msg((err == ERR_NONE) == is_readable, "%s: %s", mail_dates[i].text,
			      err_name(err));
		if (!is_readable)
			continue;
		ck_assert_msg(
			d.utc_s == mail_dates[i].utc_s && d.zone_min == mail_dates[i].zone_min,
			"%s: got %lld %+d", mail_dates[i].text, (long long)d.utc_s, d.zone_min);
	}
}
END_TEST

START_TEST(imap_date_time_is_strict)
{
	static const struct {
		const char *text;
		int64_t utc_s;
	} rows[] = {
		{"17-Jul-1996 02:44:25 -0700", 837596665},
		{" 1-Feb-1994 00:00:00 +0000", 760060800},
		{"01-FEB-1994 00:00:00 +0000", 760060800},
		{"29-Feb-2000 23:59:59 +1400", 951818399},
		{"1-Feb-1994 00:00:00 +0000", INT64_MIN},
		{"17-Jul-1996 02:44:25", INT64_MIN},
		{"17-Jul-1996 02:44:25 -070", INT64_MIN},
		{"17-Jul-1996 02:44:25 -07000", INT64_MIN},
		{"17-Jul-1996 02:44:25 -0760", INT64_MIN},
		{"17-Jul-1996 02:44:25 +2400", INT64_MIN},
		{"17-July-1996 02:44:25 -0700", INT64_MIN},
		{"17-Jul-96 02:44:25 -0700", INT64_MIN},
		{"31-Feb-1996 02:44:25 -0700", INT64_MIN},
		{"17-Jul-1996 24:00:00 -0700", INT64_MIN},
		{"17-Jul-1996  2:44:25 -0700", INT64_MIN},
		{"00-Jul-1996 02:44:25 -0700", INT64_MIN},
		{"", INT64_MIN},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d = {0, 0};
		enum err err = date_parse_imap(slice_str(rows[i].text), &d);
		ck_assert_msg((err == ERR_NONE) == (rows[i].utc_s != INT64_MIN), "%s",
			      rows[i].text);
		if (!err)
			ck_assert_msg(d.utc_s == rows[i].utc_s, "%s: got %lld", rows[i].text,
				      (long long)d.utc_s);
	}
}
END_TEST

START_TEST(search_days)
{
	int32_t day = 0;
	ck_assert(!date_parse_imap_day(SLICE_LIT("1-Feb-1994"), &day));
	ck_assert_int_eq(day, 8797);
	ck_assert(!date_parse_imap_day(SLICE_LIT("01-jan-1970"), &day));
	ck_assert_int_eq(day, 0);
	ck_assert(!date_parse_imap_day(SLICE_LIT("31-Dec-1969"), &day));
	ck_assert_int_eq(day, -1);
	static const char *const bad[] = {
		"",           "1-Feb-94",    "001-Feb-1994", "1-Feb-1994 ",
		"1 Feb 1994", "30-Feb-1994", "-Feb-1994",    "1-Feb-1994x"};
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(date_parse_imap_day(slice_str(bad[i]), &day) == ERR_SYNTAX, "%s",
			      bad[i]);
}
END_TEST

/* RFC 3501 6.4.4: the day as it was written, whatever day it was in Greenwich. */
START_TEST(the_day_is_that_of_the_dates_own_zone)
{
	struct date d;
	ck_assert(!date_parse_imap(SLICE_LIT("01-Feb-1994 00:30:00 +0200"), &d));
	ck_assert_int_eq(date_day(&d), 8797);
	ck_assert(!date_parse_imap(SLICE_LIT("31-Jan-1994 23:30:00 -1000"), &d));
	ck_assert_int_eq(date_day(&d), 8796);
	d = (struct date){-1, 0};
	ck_assert_int_eq(date_day(&d), -1);
}
END_TEST

START_TEST(what_is_printed_can_be_read_again)
{
	for (int64_t s = -62000000000; s < 253000000000; s += 86400 * 31 + 12345) {
		struct date d = {s, (int16_t)(s / 60 % 840)}, back = {0, 0};
		char imap[DATE_IMAP_LEN + 1], mail[DATE_MAIL_MAX_LEN + 1];
		date_print_imap(&d, imap);
		ck_assert_uint_eq(strlen(imap), DATE_IMAP_LEN);
		ck_assert_msg(!date_parse_imap(slice_str(imap), &back), "%s", imap);
		ck_assert_msg(back.utc_s == d.utc_s && back.zone_min == d.zone_min, "%s", imap);
		ck_assert_uint_eq(date_print_mail(&d, mail), strlen(mail));
		ck_assert_msg(!date_parse_mail(slice_str(mail), &back), "%s", mail);
		ck_assert_msg(back.utc_s == d.utc_s && back.zone_min == d.zone_min, "%s", mail);
	}
}
END_TEST

START_TEST(printing_knows_week_days_and_limits)
{
	char imap[DATE_IMAP_LEN + 1], mail[DATE_MAIL_MAX_LEN + 1];
	struct date d = {760060800, 90};
	date_print_imap(&d, imap);
	ck_assert_str_eq(imap, " 1-Feb-1994 01:30:00 +0130");
	date_print_mail(&d, mail);
	ck_assert_str_eq(mail, "Tue, 1 Feb 1994 01:30:00 +0130");
	d = (struct date){-1, -90};
	date_print_mail(&d, mail);
	ck_assert_str_eq(mail, "Wed, 31 Dec 1969 22:29:59 -0130");
	d = (struct date){INT64_MAX, 1439};
	date_print_imap(&d, imap);
	ck_assert_str_eq(imap, "31-Dec-9999 23:59:59 +0000");
	d = (struct date){INT64_MIN, -1439};
	date_print_imap(&d, imap);
	ck_assert_str_eq(imap, " 1-Jan-0000 00:00:00 +0000");
}
END_TEST

SUITE_MAIN("date", mail_dates_are_read_generously, imap_date_time_is_strict, search_days,
	   the_day_is_that_of_the_dates_own_zone, what_is_printed_can_be_read_again,
	   printing_knows_week_days_and_limits)
