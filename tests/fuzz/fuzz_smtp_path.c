/* Paths and parameters of MAIL and RCPT. What was parsed and written must parse again, to the same. */
#include <stdlib.h>

#include "proto/smtp/smtp_path.h"

static void write_path(const struct smtp_path *path, struct buf *dst)
{
	if (smtp_path_write(path, dst))
		abort();
}

static void check_again(const struct smtp_path *path)
{
	struct buf text, again;
	struct smtp_path second;
	buf_init(&text, SMTP_MAILBOX_MAX + 2);
	buf_init(&again, SMTP_MAILBOX_MAX);
	if (buf_add_byte(&text, '<'))
		abort();
	write_path(path, &text);
	if (buf_add_byte(&text, '>'))
		abort();
	struct slice rest = buf_view(&text);
	enum err err = smtp_path_parse(&rest, &second);
	/* Quotes and backslashes that had to stay may make it longer than what is taken. */
	if (err && err != ERR_LIMIT)
		abort();
	if (!err) {
		write_path(&second, &again);
		if (rest.len ||
		    !slice_eq(slice_between(buf_view(&text), 1, text.len - 1), buf_view(&again)))
			abort();
	}
	buf_free(&text);
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct smtp_path path;
	struct smtp_param param;
	if (smtp_path_parse(&rest, &path))
		return 0;
	check_again(&path);
	while (!smtp_param_next(&rest, &param))
		smtp_is_xtext(param.value);
	return 0;
}
