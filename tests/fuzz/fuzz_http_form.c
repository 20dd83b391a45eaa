/* Forms, queries and cookies: the input is a form, then the value of a Cookie field. */
#include <stdlib.h>

#include "proto/http/http_session.h"

static void check_form(struct http_session *h, const char *name)
{
	struct buf value;
	buf_init(&value, 64);
	for (unsigned nth = 0; nth < 3; nth++) {
		buf_clear(&value);
		enum err err = http_form(&h->x, name, nth, &value);
		struct slice got = buf_view(&value);
		if (err ? got.len != 0 : !slice_is_utf8(got) || slice_find_byte(got, 0) != SIZE_MAX)
			abort();
	}
	if (!http_query(&h->x, name, &value) && value.len > 64)
		abort();
	buf_free(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "POST / HTTP/1.1\r\nHost: h\r\n"
				   "Content-Type: application/x-www-form-urlencoded\r\n"
				   "Cookie: ";
	struct http_session h = {.exchanges = 0};
	struct slice input = slice_of(data, size > 4000 ? 4000 : size);
	struct buf text;
	buf_init(&text, 8000);
	h.x.session = &h.s;
	if (buf_add_str(&text, head) || buf_add_slice(&text, input) ||
	    buf_add_str(&text, "\r\n\r\n"))
		abort();
	buf_init(&h.x.body, 4000);
	if (buf_add_slice(&h.x.body, input))
		abort();
	h.x.request.query = buf_view(&h.x.body);
	/* A cookie that no head can hold leaves a form without its type. */
	struct http_scan scan = {.at = 0};
	if (http_head_find(&scan, buf_view(&text)) == STEP_DONE && scan.at == text.len)
		(void)http_head_parse(buf_view(&text), &h.head);
	check_form(&h, "a");
	check_form(&h, "b");
	struct slice cookie = http_cookie(&h.x, "a");
	if (slice_find_byte(cookie, ';') != SIZE_MAX)
		abort();
	http_head_free(&h.head);
	buf_free(&h.x.body);
	buf_free(&text);
	return 0;
}
