#include "proto/imap/imap_write.h"

#include <stdarg.h>
#include <stdio.h>

#include "mail/date.h"
#include "mail/imap_utf7.h"
#include "store/flags.h"
#include "store/store.h"

/* Longer strings go as literals: some clients read quoted ones into small buffers. */
enum { QUOTED_MAX_BYTES = 1000, FMT_MAX_BYTES = 512 };

void out_bytes(struct imap_out *o, struct slice s)
{
	if (!o->err)
		o->err = buf_add(o->buf, s.ptr, s.len);
}

void out_number(struct imap_out *o, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	out_bytes(o, slice_of(digits + at, sizeof(digits) - at));
}

void out_fmt(struct imap_out *o, const char *fmt, ...)
{
	char text[FMT_MAX_BYTES];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text)) {
		o->err = o->err ? o->err : ERR_LIMIT;
		return;
	}
	out_bytes(o, slice_of(text, (size_t)n));
}

static bool is_quotable(const struct imap_out *o, struct slice s)
{
	if (s.len > QUOTED_MAX_BYTES)
		return false;
	uint8_t all = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\r' || s.ptr[i] == '\n' || s.ptr[i] == '\0')
			return false;
		all |= s.ptr[i];
	}
	return all < 0x80 || (o->utf8 && slice_is_utf8(s));
}

static void out_quoted(struct imap_out *o, struct slice s)
{
	size_t from = 0;
	out_str(o, "\"");
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '"' && s.ptr[i] != '\\')
			continue;
		out_bytes(o, slice_between(s, from, i));
		out_str(o, "\\");
		from = i;
	}
	out_bytes(o, slice_from(s, from));
	out_str(o, "\"");
}

static void out_literal(struct imap_out *o, struct slice s)
{
	uint8_t *room = NULL;
	out_fmt(o, "{%zu}\r\n", s.len);
	if (o->err || !s.len)
		return;
	o->err = buf_reserve(o->buf, s.len, &room);
	if (o->err)
		return;
	/* CHAR8 knows no NUL (RFC 3501 9). The count was announced, so another octet stands in. */
	for (size_t i = 0; i < s.len; i++)
		room[i] = s.ptr[i] ? s.ptr[i] : 0x80;
	buf_commit(o->buf, s.len);
}

void out_string(struct imap_out *o, struct slice s)
{
	if (is_quotable(o, s))
		out_quoted(o, s);
	else
		out_literal(o, s);
}

void out_nstring(struct imap_out *o, const struct slice *s)
{
	if (s)
		out_string(o, *s);
	else
		out_str(o, "NIL");
}

static bool is_atom(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f || strchr("(){%*\"\\", s.ptr[i]))
			return false;
	return s.len && s.len <= QUOTED_MAX_BYTES && !slice_eq_str_nocase(s, "NIL");
}

void out_astring(struct imap_out *o, struct slice s)
{
	if (is_atom(s))
		out_bytes(o, s);
	else
		out_string(o, s);
}

void out_mailbox(struct imap_out *o, struct slice utf8_name)
{
	if (o->utf8) {
		out_astring(o, utf8_name);
		return;
	}
	/* One character of three bytes alone takes five; a name at its limit has a place here. */
	struct buf utf7;
	buf_init(&utf7, MAILBOX_NAME_MAX_BYTES * 5);
	enum err err = imap_utf7_encode(utf8_name, &utf7);
	if (!err)
		out_astring(o, buf_view(&utf7));
	else if (!o->err)
		o->err = err;
	buf_free(&utf7);
}

void out_text(struct imap_out *o, struct slice s)
{
	for (size_t i = 0; i < s.len && !o->err; i++) {
		uint8_t c = s.ptr[i];
		o->err = buf_add_byte(o->buf, c < ' ' || c >= 0x7f ? '?' : c);
	}
}

void out_date_time(struct imap_out *o, int64_t seconds)
{
	char text[DATE_IMAP_LEN + 1];
	struct date date = {.utc_s = seconds};
	date_print_imap(&date, text);
	out_quoted(o, slice_str(text));
}

void out_flags(struct imap_out *o, const struct keywords *k, uint32_t flags, bool is_recent)
{
	const char *separator = "";
	out_str(o, "(");
	for (uint32_t bit = 0; bit < 32; bit++) {
		const char *name = flags & 1u << bit ? flags_name(k, 1u << bit) : NULL;
		if (!name)
			continue;
		out_str(o, separator);
		out_bytes(o, slice_str(name));
		separator = " ";
	}
	if (is_recent) {
		out_str(o, separator);
		out_str(o, "\\Recent");
	}
	out_str(o, ")");
}
