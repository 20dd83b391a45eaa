#include "support/imap_kit.h"

#include <stdio.h>

void imap_kit_open(struct imap_kit *k, struct slice message)
{
	struct summary_builder *builder = NULL;
	*k = (struct imap_kit){0};
	buf_init(&k->blob, SUMMARY_MAX_BYTES);
	buf_init(&k->written, 1024 * 1024);
	arena_init(&k->arena, 1024 * 1024);
	k->out.buf = &k->written;
	ck_assert_int_eq(summary_new(&builder), ERR_NONE);
	for (size_t i = 0; i < message.len; i++)
		ck_assert_int_eq(summary_push(builder, slice_of(message.ptr + i, 1)), ERR_NONE);
	ck_assert_int_eq(summary_finish(builder, &k->blob), ERR_NONE);
	summary_free(&builder);
	ck_assert_int_eq(summary_open(buf_view(&k->blob), &k->summary), ERR_NONE);
}

void imap_kit_close(struct imap_kit *k)
{
	buf_free(&k->blob);
	buf_free(&k->written);
	arena_reset(&k->arena);
}

const char *imap_kit_text(struct imap_kit *k)
{
	size_t n = 0;
	struct slice written = buf_view(&k->written);
	ck_assert_int_eq(k->out.err, ERR_NONE);
	for (size_t i = 0; i < written.len; i++) {
		uint8_t c = written.ptr[i];
		ck_assert_uint_lt(n + 3, sizeof(k->text));
		if (c == '\r' || c == '\n') {
			k->text[n++] = '\\';
			c = c == '\r' ? 'r' : 'n';
		}
		k->text[n++] = (char)c;
	}
	k->text[n] = '\0';
	buf_clear(&k->written);
	return k->text;
}
