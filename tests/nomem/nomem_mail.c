/* Memory runs out at every request while a message is summarised and its fields are read. The work
 * says ERR_NOMEM, leaks nothing, and the next try gives the same blob. */
#include "support/failing_malloc.h"
#include "support/suite.h"

#include "mail/encword.h"
#include "mail/summary.h"

static const char message[] = "Subject: =?utf-8?b?w6k=?= =?koi8-r?q?=F0?=\r\n"
			      "From: \"Anna\" <anna@example.org>, Group: b@c, d@e;\r\n"
			      "Content-Type: multipart/mixed; boundary*0=\"b\"; boundary*1*=%41\r\n"
			      "\r\n"
			      "--bA\r\n"
			      "Content-Type: message/rfc822\r\n"
			      "\r\n"
			      "Subject: inside\r\n"
			      "\r\n"
			      "text\r\n"
			      "--bA\r\n"
			      "Content-Type: text/plain; name*=utf-8''%C3%A9\r\n"
			      "\r\n"
			      "text\r\n"
			      "--bA--\r\n";

static enum err build(struct buf *blob)
{
	struct summary_builder *b = NULL;
	struct slice rest = slice_str(message);
	enum err err = summary_new(&b);
	while (!err && rest.len) {
		err = summary_push(b, slice_upto(rest, 50));
		rest = slice_from(rest, 50);
	}
	if (!err)
		err = summary_finish(b, blob);
	summary_free(&b);
	return err;
}

static enum err read_part(const struct summary_part *part, struct arena *arena, struct buf *text)
{
	struct slice value;
	struct param_list type;
	struct address_parser p;
	struct address a;
	enum err err = summary_text(part, "subject", arena, &value);
	if (!err)
		err = encword_decode(value, text);
	if (!err)
		err = summary_type(part, arena, &type);
	for (uint32_t i = 0; !err && i < type.count; i++)
		err = param_text(&type.params[i], text);
	if (!err)
		err = summary_addresses(part, "from", arena, &value);
	if (err)
		return err;
	address_init(&p, value, arena);
	while (!(err = address_next(&p, &a)))
		;
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err read_all(const struct buf *blob)
{
	struct summary s;
	struct summary_cursor c;
	struct summary_part part;
	struct arena arena;
	struct buf text;
	enum err err = summary_open(buf_view(blob), &s);
	if (err)
		return err;
	arena_init(&arena, 1 << 16);
	buf_init(&text, 4096);
	summary_rewind(&s, &c);
	while (!err && !(err = summary_next(&c, &part)))
		err = read_part(&part, &arena, &text);
	arena_reset(&arena);
	buf_free(&text);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

START_TEST(a_summary_says_so_when_memory_is_out)
{
	struct buf good;
	buf_init(&good, SUMMARY_MAX_BYTES);
	if (build(&good) || read_all(&good))
		ck_abort_msg("it does not even work with memory");
	for (unsigned long n = 1; failing_malloc_arm(n); n++) {
		struct buf blob;
		buf_init(&blob, SUMMARY_MAX_BYTES);
		enum err err = build(&blob);
		if (err ? err != ERR_NOMEM || !failing_malloc_has_fired()
			: !slice_eq(buf_view(&blob), buf_view(&good)))
			ck_abort_msg("request %lu: %s", n, err_name(err));
		buf_free(&blob);
	}
	for (unsigned long n = 1; failing_malloc_arm(n); n++) {
		enum err err = read_all(&good);
		if (err && (err != ERR_NOMEM || !failing_malloc_has_fired()))
			ck_abort_msg("request %lu: %s", n, err_name(err));
	}
	buf_free(&good);
}
END_TEST

SUITE_MAIN("nomem mail", a_summary_says_so_when_memory_is_out)
