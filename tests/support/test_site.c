#include "support/test_site.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/list.h"

struct list test_site_waiters;
unsigned test_site_open_commands, test_site_open_data;
bool test_site_is_brief;

enum { SITE_BIG = 300 * 1000, SITE_PIECES = 10 };

struct site_command {
	unsigned calls;
	uint64_t taken;
};

void test_site_init(void)
{
	list_init(&test_site_waiters);
	test_site_open_commands = test_site_open_data = 0;
}

static void site_command_end(struct http_exchange *x)
{
	free(x->cmd);
	test_site_open_commands--;
}

static struct site_command *site_command(struct http_exchange *x)
{
	if (!x->cmd) {
		x->cmd = calloc(1, sizeof(struct site_command));
		if (!x->cmd)
			return NULL;
		x->cmd_end = site_command_end;
		test_site_open_commands++;
	}
	return x->cmd;
}

/* Briefly, CR is left to the head of the reply, so that whatever looks like a field there is one. */
static enum step site_text(struct http_exchange *x, struct slice text)
{
	uint8_t plain[4096];
	if (!test_site_is_brief || text.len > sizeof(plain))
		return http_reply(x, 200, "text/plain", text);
	for (size_t i = 0; i < text.len; i++)
		plain[i] = text.ptr[i] == '\r' ? '?' : text.ptr[i];
	return http_reply(x, 200, "text/plain", slice_of(plain, text.len));
}

static enum step site_hello(struct http_exchange *x)
{
	return site_text(x, SLICE_LIT("hello"));
}

static enum step site_echo(struct http_exchange *x)
{
	return site_text(x, buf_view(&x->body));
}

static enum step site_found(struct http_exchange *x, enum err err, struct buf *value)
{
	enum step step = err ? http_reply(x, 422, "text/plain", slice_str(err_name(err)))
			     : site_text(x, buf_view(value));
	buf_free(value);
	return step;
}

static enum step site_form(struct http_exchange *x)
{
	struct buf value;
	buf_init(&value, 100);
	enum err err = http_form(x, "a", 0, &value);
	return site_found(x, err, &value);
}

static enum step site_query(struct http_exchange *x)
{
	struct buf value;
	buf_init(&value, 100);
	enum err err = http_query(x, "a", &value);
	return site_found(x, err, &value);
}

static enum step site_cookie(struct http_exchange *x)
{
	return site_text(x, http_cookie(x, "c"));
}

static enum step site_big(struct http_exchange *x)
{
	char *text = malloc(SITE_BIG);
	if (!text)
		abort();
	for (size_t i = 0; i < SITE_BIG; i++)
		text[i] = (char)('a' + i % 26);
	site_text(x, slice_of(text, SITE_BIG));
	free(text);
	return STEP_DONE;
}

static void site_write_piece(struct http_exchange *x, unsigned n)
{
	char piece[16];
	snprintf(piece, sizeof(piece), "piece %02u\n", n);
	http_write(x, slice_str(piece));
}

static enum step site_pieces(struct http_exchange *x, uint64_t length, unsigned count)
{
	struct site_command *c = site_command(x);
	if (!c)
		return STEP_BAD;
	if (c->calls == 0)
		http_begin(x, 200, "text/plain", length);
	while (c->calls < count) {
		if (http_must_pause(x))
			return STEP_MORE;
		site_write_piece(x, c->calls++);
	}
	return http_end(x);
}

static enum step site_chunks(struct http_exchange *x)
{
	return site_pieces(x, UINT64_MAX, SITE_PIECES);
}

static enum step site_counted(struct http_exchange *x)
{
	return site_pieces(x, SITE_PIECES * 9, SITE_PIECES);
}

static enum step site_short(struct http_exchange *x)
{
	return site_pieces(x, SITE_PIECES * 9, SITE_PIECES - 1);
}

static enum step site_endless(struct http_exchange *x)
{
	return site_pieces(x, UINT64_MAX, test_site_is_brief ? 3000 : UINT32_MAX);
}

static enum step site_abort(struct http_exchange *x)
{
	http_begin(x, 200, "text/plain", UINT64_MAX);
	site_write_piece(x, 0);
	return http_abort(x);
}

static enum step site_again(struct http_exchange *x)
{
	struct site_command *c = site_command(x);
	if (!c)
		return STEP_BAD;
	if (c->calls++ == 10)
		return site_text(x, SLICE_LIT("at last"));
	session_again(x->session);
	return STEP_MORE;
}

static enum step site_wait(struct http_exchange *x)
{
	if (test_site_is_brief)
		return site_again(x);
	struct site_command *c = site_command(x);
	if (!c)
		return STEP_BAD;
	if (waiter_is_waiting(http_waiter(x)))
		return STEP_MORE;
	if (c->calls++)
		return site_text(x, SLICE_LIT("woken"));
	list_add_tail(&test_site_waiters, &http_waiter(x)->link);
	return STEP_MORE;
}

static enum step site_take(struct http_exchange *x)
{
	struct site_command *c = site_command(x);
	if (!c)
		return STEP_BAD;
	for (;;) {
		struct slice bytes;
		char text[32];
		enum step step = http_read(x, &bytes);
		if (step == STEP_BAD)
			return STEP_BAD;
		if (step == STEP_MORE && !bytes.len)
			return STEP_MORE;
		c->taken += bytes.len;
		http_consume(x, bytes.len);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)c->taken);
		if (step == STEP_DONE)
			return site_text(x, slice_str(text));
	}
}

static enum step site_tail(struct http_exchange *x)
{
	return site_text(x, x->tail);
}

static enum step site_mute(struct http_exchange *x)
{
	(void)x;
	return STEP_DONE;
}

static enum step site_split(struct http_exchange *x)
{
	http_add_field(x, "X-Good", "yes");
	return http_redirect(x, "/%s", "a\r\nSet-Cookie: evil");
}

static enum step site_twice(struct http_exchange *x)
{
	site_hello(x);
	return site_hello(x);
}

static const struct http_route site_rows[] = {
	{.path = "/", .methods = HTTP_GET, .run = site_hello},
	{.path = "/echo", .methods = HTTP_POST, .body_max = 100, .run = site_echo},
	{.path = "/form", .methods = HTTP_POST, .body_max = 4000, .run = site_form},
	{.path = "/query", .methods = HTTP_GET, .run = site_query},
	{.path = "/cookie", .methods = HTTP_GET, .run = site_cookie},
	{.path = "/big", .methods = HTTP_GET, .run = site_big},
	{.path = "/chunks", .methods = HTTP_GET, .run = site_chunks},
	{.path = "/counted", .methods = HTTP_GET, .run = site_counted},
	{.path = "/short", .methods = HTTP_GET, .run = site_short},
	{.path = "/endless", .methods = HTTP_GET, .run = site_endless},
	{.path = "/abort", .methods = HTTP_GET, .run = site_abort},
	{.path = "/wait", .methods = HTTP_GET, .run = site_wait},
	{.path = "/again", .methods = HTTP_GET, .run = site_again},
	{.path = "/take", .methods = HTTP_POST, .streams_body = true, .run = site_take},
	{.path = "/deaf", .methods = HTTP_POST, .streams_body = true, .run = site_hello},
	{.path = "/mute", .methods = HTTP_GET, .run = site_mute},
	{.path = "/split", .methods = HTTP_GET, .run = site_split},
	{.path = "/twice", .methods = HTTP_GET, .run = site_twice},
};
static const struct http_route site_more_rows[] = {
	{.path = "/admit", .methods = HTTP_POST, .body_max = 100, .run = site_hello},
	{.path = "/both", .methods = HTTP_GET, .run = site_hello},
	{.path = "/both", .methods = HTTP_POST | HTTP_OPTIONS, .body_max = 9, .run = site_echo},
	{.path = "/tail/*", .methods = HTTP_GET, .run = site_tail},
};
static const struct http_routes site_routes = {site_rows, sizeof(site_rows) / sizeof(site_rows[0])};
static const struct http_routes site_more_routes = {
	site_more_rows, sizeof(site_more_rows) / sizeof(site_more_rows[0])};
static const struct http_routes *const site_tables[] = {&site_routes, &site_more_routes, NULL};

static void site_data_free(void *data)
{
	free(data);
	test_site_open_data--;
}

static enum step site_gate(struct http_exchange *x)
{
	x->site_data = malloc(1);
	if (!x->site_data)
		return STEP_BAD;
	x->site_data_free = site_data_free;
	test_site_open_data++;
	if (slice_eq_str(x->request.host, "evil"))
		return http_reply(x, 403, "text/plain", SLICE_LIT("no"));
	return STEP_MORE;
}

static enum step site_admit(struct http_exchange *x)
{
	if (slice_eq_str(x->request.path, "/admit") && !slice_eq_str(buf_view(&x->body), "yes"))
		return http_reply(x, 403, "text/plain", SLICE_LIT("not admitted"));
	return STEP_MORE;
}

static void site_error_page(struct http_exchange *x, int status)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "<p>%d %s", status, http_sentence(status));
	http_reply(x, status, "text/html", slice_of(text, (size_t)len));
}

const struct http_site test_site = {
	.tables = site_tables,
	.gate = site_gate,
	.admit = site_admit,
	.error_page = site_error_page,
};
