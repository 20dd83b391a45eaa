/* snprintf and its kind for a board: what the daemon's formats have in them, and a quarter of musl's own.
 *
 * %% c s d i u x X p, the widths * and of digits, the flags - and 0, a precision of %s, and the sizes l, ll,
 * z, t and j; h and hh need nothing, as what is smaller than an int is passed as one. A format with anything
 * else in it is refused as a whole: -1, and nothing of it can be relied on. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strchrnul, vasprintf */
#endif
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What does not fit is counted only. */
struct text {
	char *dst;
	size_t room, len;
};

struct field {
	const char *format; /* how it goes on */
	va_list args;
	int width, precision;
	int longs; /* 0: int, 1: long, 2: long long */
	int is_left, is_zeroed;
};

static void text_add(struct text *t, const char *s, size_t n)
{
	size_t room = t->room - (t->len < t->room ? t->len : t->room);
	if (room)
		memcpy(t->dst + t->len, s, n < room ? n : room);
	t->len += n;
}

static void text_pad(struct text *t, char with, int n)
{
	while (n-- > 0)
		text_add(t, &with, 1);
}

static int field_count(struct field *f)
{
	unsigned n = 0;
	if (*f->format == '*') {
		f->format++;
		return va_arg(f->args, int);
	}
	while (*f->format >= '0' && *f->format <= '9' && n < INT_MAX / 16)
		n = n * 10 + (unsigned)(*f->format++ - '0');
	return (int)n;
}

static void field_read(struct field *f)
{
	f->is_left = f->is_zeroed = f->longs = 0;
	for (; *f->format == '-' || *f->format == '0'; f->format++)
		*(*f->format == '-' ? &f->is_left : &f->is_zeroed) = 1;
	f->width = field_count(f);
	f->precision = -1;
	if (*f->format == '.') {
		f->format++;
		f->precision = field_count(f);
	}
	for (; *f->format && strchr("hlztj", *f->format); f->format++)
		f->longs += *f->format == 'j' ? 2 : *f->format != 'h';
}

/* With what stands in front of the zeros, or of the text. */
static void field_put(const struct field *f, struct text *t, const char *sign, const char *s,
		      size_t n)
{
	size_t sign_len = strlen(sign);
	int fill = n + sign_len < INT_MAX ? f->width - (int)(n + sign_len) : 0;
	if (!f->is_left && !f->is_zeroed)
		text_pad(t, ' ', fill);
	text_add(t, sign, sign_len);
	if (!f->is_left && f->is_zeroed)
		text_pad(t, '0', fill);
	text_add(t, s, n);
	if (f->is_left)
		text_pad(t, ' ', fill);
}

static void field_number(struct field *f, struct text *t, char kind)
{
	const char *set = kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef", *sign = "";
	unsigned base = kind == 'd' || kind == 'u' ? 10 : 16;
	char digits[24], *p = digits + sizeof(digits);
	long long value = f->longs > 1 ? va_arg(f->args, long long)
			  : f->longs   ? va_arg(f->args, long)
				       : va_arg(f->args, int);
	unsigned long long rest = (unsigned long long)value;
	if (kind == 'p') {
		sign = "0x";
	} else if (kind == 'd' && value < 0) {
		sign = "-";
		rest = -rest;
	}
	if (kind != 'd' && f->longs < 2)
		rest &= f->longs ? ULONG_MAX : UINT_MAX;
	do
		*--p = set[rest % base];
	while (rest /= base);
	field_put(f, t, sign, p, (size_t)(digits + sizeof(digits) - p));
}

/* False for what is not known here. */
static int field_convert(struct field *f, struct text *t)
{
	char kind = *f->format == 'i' ? 'd' : *f->format, c;
	const char *s = &c;
	size_t n = 1;
	if (kind != 's' && f->precision >= 0)
		return 0;
	switch (kind) {
	case 'p': f->longs = 1; /* fall through */
	case 'd':
	case 'u':
	case 'x':
	case 'X': field_number(f, t, kind); return 1;
	case 's':
		s = va_arg(f->args, const char *);
		s = s ? s : "(null)";
		n = strnlen(s, f->precision < 0 ? INT_MAX : (size_t)f->precision);
		break;
	case 'c': c = (char)va_arg(f->args, int); break;
	case '%': c = '%'; break;
	default: return 0;
	}
	f->is_zeroed = 0;
	field_put(f, t, "", s, n);
	return 1;
}

int vsnprintf(char *restrict dst, size_t size, const char *restrict format, va_list args)
{
	struct text t = {dst, size ? size - 1 : 0, 0};
	struct field f = {.format = format};
	int is_known = 1;
	va_copy(f.args, args);
	while (is_known && *f.format) {
		size_t n = (size_t)(strchrnul(f.format, '%') - f.format);
		text_add(&t, f.format, n);
		f.format += n;
		if (*f.format) {
			f.format++;
			field_read(&f);
			is_known = field_convert(&f, &t);
			f.format++;
		}
	}
	va_end(f.args);
	if (size)
		dst[t.len < t.room ? t.len : t.room] = '\0';
	return is_known && t.len <= INT_MAX ? (int)t.len : -1;
}

int vfprintf(FILE *restrict file, const char *restrict format, va_list args)
{
	char *text;
	int n = vasprintf(&text, format, args);
	if (n < 0)
		return -1;
	size_t put = fwrite(text, 1, (size_t)n, file);
	free(text);
	return put == (size_t)n ? n : -1;
}
