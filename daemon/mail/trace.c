#include "mail/trace.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/secret.h"

/* ---- writing ---- */

/* Bytes that a peer chose may not end the field, nor open a comment or a bracket in it. */
static enum err add_clean(struct buf *dst, struct slice s)
{
	enum err err = ERR_NONE;
	for (size_t i = 0; i < s.len && !err; i++) {
		uint8_t c = s.ptr[i];
		bool is_bad = c < ' ' || c == 127 || strchr("()<>\\\"", c) != NULL;
		err = buf_add_byte(dst, is_bad ? '?' : c);
	}
	return err;
}

static enum err add_part(struct buf *dst, const char *before, struct slice text, const char *after)
{
	if (text.len == 0)
		return ERR_NONE;
	enum err err = buf_add_str(dst, before);
	if (!err)
		err = add_clean(dst, text);
	return err ? err : buf_add_str(dst, after);
}

/* RFC 5321 4.1.3: an IPv6 address in brackets carries a tag. */
static enum err add_peer(struct buf *dst, struct slice peer)
{
	bool is_v6 = slice_find_byte(peer, ':') != SIZE_MAX && !slice_starts_nocase(peer, "IPv6:");
	return add_part(dst, is_v6 ? " ([IPv6:" : " ([", peer, "])");
}

static enum err add_received(const struct trace_hop *hop, struct buf *dst)
{
	char date[DATE_MAIL_MAX_LEN + 1];
	struct slice helo = hop->helo.len ? hop->helo : SLICE_LIT("unknown");
	enum err err = add_part(dst, "Received: from ", helo, "");
	if (!err)
		err = add_peer(dst, hop->peer);
	if (!err)
		err = add_part(dst, "\r\n\tby ", hop->by, "");
	if (!err)
		err = add_part(dst, " with ", hop->with, "");
	if (!err)
		err = add_part(dst, " id ", hop->id, "");
	if (!err)
		err = add_part(dst, "\r\n\t(", hop->tls, ")");
	if (!err)
		err = add_part(dst, "\r\n\tfor <", hop->recipient, ">");
	date_print_mail(&hop->date, date);
	return err ? err : buf_addf(dst, ";\r\n\t%s\r\n", date);
}

enum err trace_received(const struct trace_hop *hop, struct buf *dst)
{
	size_t before = dst->len;
	enum err err = add_received(hop, dst);
	if (err)
		buf_truncate(dst, before);
	return err;
}

enum err trace_message_id(struct slice host, struct buf *dst)
{
	enum { RANDOM_BYTES = 10 };
	uint8_t random[RANDOM_BYTES];
	size_t before = dst->len;
	secret_random(random, sizeof(random));
	enum err err = buf_addf(dst, "<%llx.", (unsigned long long)clock_wall_s());
	if (!err)
		err = hex_add(dst, slice_of(random, sizeof(random)));
	if (!err)
		err = add_part(dst, "@", host.len ? host : SLICE_LIT("localhost"), ">");
	if (err)
		buf_truncate(dst, before);
	return err;
}

/* ---- reading ---- */

/* "Delivered-To: user@host", angle brackets allowed. */
static bool names_us(struct slice value, struct slice us)
{
	value = slice_trim(value);
	if (value.len > 1 && value.ptr[0] == '<' && value.ptr[value.len - 1] == '>')
		value = slice_between(value, 1, value.len - 1);
	return us.len && slice_eq_nocase(value, us);
}

static void field_seen(void *owner, const struct header_field *field)
{
	struct trace_scan *t = owner;
	if (slice_eq_str_nocase(field->name, "received"))
		t->received++;
	else if (slice_eq_str_nocase(field->name, "delivered-to"))
		t->delivered += names_us(field->value, t->delivered_to);
	else if (slice_eq_str_nocase(field->name, "message-id"))
		t->has_message_id = true;
	else if (slice_eq_str_nocase(field->name, "date"))
		t->has_date = true;
	else if (slice_eq_str_nocase(field->name, "from"))
		t->has_from = true;
}

void trace_scan_init(struct trace_scan *t, struct slice delivered_to)
{
	enum { FIELD_BYTES = 1024 }; /* enough for a name and an address */
	*t = (struct trace_scan){.delivered_to = delivered_to};
	header_init(&t->parser, FIELD_BYTES, field_seen, t);
}

enum err trace_scan_push(struct trace_scan *t, struct slice bytes)
{
	if (t->is_over)
		return ERR_NONE;
	switch (header_push(&t->parser, &bytes)) {
	case STEP_DONE: t->is_over = true; return ERR_NONE;
	case STEP_MORE: return ERR_NONE;
	case STEP_BAD: break;
	}
	return ERR_NOMEM;
}

enum err trace_scan_finish(struct trace_scan *t)
{
	if (t->is_over)
		return ERR_NONE;
	t->is_over = true;
	return header_finish(&t->parser);
}

bool trace_is_loop(const struct trace_scan *t)
{
	return t->received > TRACE_MAX_RECEIVED || t->delivered > 0;
}

void trace_scan_free(struct trace_scan *t)
{
	header_free(&t->parser);
}
