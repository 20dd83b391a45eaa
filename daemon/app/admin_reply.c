#include <stdarg.h>
#include <stdio.h>

#include "app/admin.h"
#include "base/log.h"

void admin_reply_init(struct admin_reply *r)
{
	*r = (struct admin_reply){0};
	buf_init(&r->out, ADMIN_TEXT_MAX_BYTES);
	buf_init(&r->errors, 4096);
}

void admin_reply_free(struct admin_reply *r)
{
	buf_free(&r->out);
	buf_free(&r->errors);
}

PRINTF_LIKE(2, 0) static void admin_vsay(struct buf *dst, const char *fmt, va_list args)
{
	char text[1024];
	vsnprintf(text, sizeof(text), fmt, args);
	enum err err = buf_add_str(dst, text);
	if (err)
		log_warn(0, "answer of a command cut short: %s", err_text(err));
}

void admin_say(struct admin_reply *r, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	admin_vsay(&r->out, fmt, args);
	va_end(args);
}

void admin_fail(struct admin_reply *r, int exit_code, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	admin_vsay(&r->errors, fmt, args);
	va_end(args);
	enum err full = buf_add_byte(&r->errors, '\n');
	(void)full; /* the log has it */
	r->exit_code = exit_code;
}
