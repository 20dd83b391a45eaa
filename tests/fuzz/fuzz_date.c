/* Dates: whatever can be read can be printed and read again. */
#include <stdlib.h>

#include "mail/date.h"

static void again(const struct date *d)
{
	struct date back;
	char imap[DATE_IMAP_LEN + 1], mail[DATE_MAIL_MAX_LEN + 1];
	date_print_imap(d, imap);
	date_print_mail(d, mail);
	if (date_parse_imap(slice_str(imap), &back) || date_parse_mail(slice_str(mail), &back))
		abort();
	if (back.utc_s != d->utc_s && date_day(d) > -719528 + 1 && date_day(d) < 2932896)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct date d;
	int32_t day;
	if (!date_parse_mail(text, &d))
		again(&d);
	if (!date_parse_imap(text, &d))
		again(&d);
	if (!date_parse_imap_day(text, &day) && (day < -719528 || day > 2932896))
		abort();
	return 0;
}
