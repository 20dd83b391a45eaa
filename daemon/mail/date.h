/* date - dates of mail (RFC 5322 3.3 and 4.3) and of IMAP (RFC 9051 "date", "date-time").
 *
 * A date keeps the moment and the zone it was written in: SEARCH SENTON asks for the day that the
 * sender saw (RFC 3501 6.4.4, "disregarding time and timezone"), SORT asks for the moment. Years
 * 0-9999, the proleptic Gregorian calendar, no leap seconds (a :60 reads as :59). No locale, no
 * environment, no allocation. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/slice.h"

struct date {
	int64_t utc_s;     /* seconds since 1970-01-01 00:00:00 UTC */
	int16_t zone_min;  /* east of Greenwich is positive; -1439..1439 */
};

/* The Date: field, tolerant: day name, seconds and zone may be missing, years may have two or three
 * digits, comments may stand anywhere, obsolete zone names are known (unknown ones and -0000 count
 * as UTC), junk behind the zone is ignored; asctime order ("Nov 23 07:06:41 2026") and ISO 8601
 * order (2026-11-23 07:06:41) are understood too. ERR_SYNTAX: no date can be read. */
MUST_CHECK enum err date_parse_mail(struct slice value, struct date *date_out);

/* IMAP date-time without its quotes, strict: "17-Jul-1996 02:44:25 -0700", a day below ten as " 1"
 * or "01", month names in any case. ERR_SYNTAX for anything else, 31-Feb included. */
MUST_CHECK enum err date_parse_imap(struct slice text, struct date *date_out);
/* IMAP date without quotes: "1-Feb-1994" or "01-Feb-1994". The result is a day number. */
MUST_CHECK enum err date_parse_imap_day(struct slice text, int32_t *day_out);

/* Days since 1970-01-01 on the calendar of the date's own zone: what BEFORE, ON, SINCE (of the
 * internal date) and SENTBEFORE, SENTON, SENTSINCE compare. */
int32_t date_day(const struct date *date);

enum { DATE_IMAP_LEN = 26, DATE_MAIL_MAX_LEN = 31 };
/* " 1-Feb-1994 02:44:25 -0700" and "Tue, 1 Feb 1994 02:44:25 -0700", NUL-terminated. Moments
 * outside the years 0-9999 are clamped. date_print_mail returns the length. */
void   date_print_imap(const struct date *date, char dst[DATE_IMAP_LEN + 1]);
size_t date_print_mail(const struct date *date, char dst[DATE_MAIL_MAX_LEN + 1]);

#endif
