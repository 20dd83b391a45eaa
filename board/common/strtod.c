/* strtod for a board, where cJSON calls it for what JSON calls a number (RFC 8259 6), and check for its
 * time-outs: no blanks before it, no hexadecimals, no infinities. Exact for whole numbers up to 2^53,
 * however they are written, right for what people write, and nearly right for all others. musl's own brings
 * 3 KiB of decimal arithmetic along, and where long double is made by software 16 KiB more. */
#include <limits.h>

/* Digits are taken as long as they fit; the others only count. */
struct decimal {
	unsigned long long digits;
	int exponent;
};

static const char *take_digits(const char *s, struct decimal *d, int is_fraction)
{
	for (; *s >= '0' && *s <= '9'; s++) {
		int fits = d->digits < ULLONG_MAX / 10 - 1;
		if (fits)
			d->digits = d->digits * 10 + (unsigned)(*s - '0');
		d->exponent += !fits - is_fraction;
	}
	return s;
}

static const char *take_exponent(const char *s, struct decimal *d)
{
	struct decimal e = {0, 0};
	const char *digits = s + 1 + (s[1] == '-' || s[1] == '+');
	const char *end = take_digits(digits, &e, 0);
	int value = e.exponent || e.digits > 9999 ? 9999 : (int)e.digits;
	d->exponent += s[1] == '-' ? -value : value;
	return end == digits ? s : end;
}

double strtod(const char *restrict s, char **restrict end)
{
	struct decimal d = {0, 0};
	const char *digits = s + (*s == '-'), *at = take_digits(digits, &d, 0);
	int is_number = at > digits;
	if (is_number && *at == '.')
		at = take_digits(at + 1, &d, 1);
	if (is_number && (*at == 'e' || *at == 'E'))
		at = take_exponent(at, &d);
	if (end)
		*end = (char *)(is_number ? at : s);
	/* Zeros behind a fraction's last digit are no part of it: 1.0 is 1. */
	for (; d.exponent < 0 && d.digits % 10 == 0 && d.digits; d.exponent++)
		d.digits /= 10;
	/* One rounding, where the digits fit into 53 bits and the power is not above 10^22. */
	double value = (double)d.digits, power = 1;
	for (int n = d.exponent < 0 ? -d.exponent : d.exponent; n && power < 1e300; n--)
		power *= 10;
	value = d.exponent < 0 ? value / power : value * power;
	return *s == '-' ? -value : value;
}
