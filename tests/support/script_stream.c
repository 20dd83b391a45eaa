#include "support/script_stream.h"

#include <check.h>
#include <stdlib.h>

enum { SCRIPT_TURNS = 100000 };

struct script_stream {
	struct buf input, output;
	size_t read_chunk, write_chunk, window, writes;
	bool eof, shut, stays_open, chunk_over;
	enum err failure;
	struct stream *stream;    /* NULL once the transport is closed */
	struct script_link *link; /* what the stream owns; NULL once closed */
};

struct script_link {
	struct transport transport;
	struct script_stream *script; /* NULL once the test freed its end */
};

static struct script_stream *script_of(const struct transport *t)
{
	return ((const struct script_link *)t)->script;
}

static enum err script_read(struct transport *t, uint8_t *dst, size_t n, size_t *got_out)
{
	struct script_stream *p = script_of(t);
	if (!p)
		return ERR_CLOSED;
	if (p->failure)
		return p->failure;
	if (p->input.len == 0)
		return p->eof ? ERR_CLOSED : ERR_AGAIN;
	struct slice bytes = slice_upto(buf_view(&p->input), n);
	if (p->read_chunk)
		bytes = slice_upto(bytes, p->read_chunk);
	memcpy(dst, bytes.ptr, bytes.len);
	*got_out = bytes.len;
	buf_consume(&p->input, bytes.len);
	p->chunk_over = p->read_chunk > 0;
	return ERR_NONE;
}

static enum err script_write(struct transport *t, struct slice bytes, size_t *put_out)
{
	struct script_stream *p = script_of(t);
	if (!p)
		return ERR_IO;
	if (p->failure)
		return p->failure;
	if (p->window == 0)
		return ERR_AGAIN;
	bytes = slice_upto(bytes, p->window);
	if (p->write_chunk)
		bytes = slice_upto(bytes, p->write_chunk);
	ck_assert_int_eq(buf_add_slice(&p->output, bytes), ERR_NONE);
	if (p->window != SIZE_MAX)
		p->window -= bytes.len;
	p->writes++;
	*put_out = bytes.len;
	return ERR_NONE;
}

static unsigned script_wants(const struct transport *t)
{
	(void)t;
	return 0;
}

/* After a chunk says "no" once: the stream then stops reading and shows the chunk to its user, as
 * a slow network would have it. */
static bool script_has_input(const struct transport *t)
{
	struct script_stream *p = script_of(t);
	if (!p)
		return false;
	bool chunk_over = p->chunk_over;
	p->chunk_over = false;
	return !chunk_over && (p->input.len || p->eof || p->failure);
}

static int script_fd(const struct transport *t)
{
	(void)t;
	return -1;
}

static enum err script_shut(struct transport *t)
{
	struct script_stream *p = script_of(t);
	if (p) {
		p->shut = true;
		p->eof |= !p->stays_open;
	}
	return ERR_NONE;
}

static void script_close(struct transport *t)
{
	struct script_stream *p = script_of(t);
	if (p) {
		p->link = NULL;
		p->stream = NULL;
	}
	free(t);
}

static const struct transport_ops script_ops = {
	.read = script_read,
	.write = script_write,
	.wants = script_wants,
	.has_input = script_has_input,
	.fd = script_fd,
	.shut = script_shut,
	.close = script_close,
};

enum err script_transport_new(struct script_stream **script_out, struct transport **transport_out)
{
	struct script_stream *p = calloc(1, sizeof(*p));
	struct script_link *link = calloc(1, sizeof(*link));
	if (!p || !link) {
		free(p);
		free(link);
		return ERR_NOMEM;
	}
	buf_init(&p->input, SIZE_MAX);
	buf_init(&p->output, SIZE_MAX);
	p->window = SIZE_MAX;
	p->link = link;
	*link = (struct script_link){.transport.ops = &script_ops, .script = p};
	*script_out = p;
	*transport_out = &link->transport;
	return ERR_NONE;
}

void script_attach(struct script_stream *p, struct stream *s)
{
	p->stream = s;
}

enum err script_stream_new(struct loop *loop, size_t in_max_bytes,
			   struct script_stream **script_out, struct stream **stream_out)
{
	struct transport *t = NULL;
	enum err err = script_transport_new(script_out, &t);
	if (!err)
		err = stream_new(loop, t, in_max_bytes, stream_out);
	if (!err)
		script_attach(*script_out, *stream_out);
	return err;
}

void script_free(struct script_stream **p)
{
	struct script_stream *s = *p;
	if (!s)
		return;
	if (s->link)
		s->link->script = NULL;
	buf_free(&s->input);
	buf_free(&s->output);
	free(s);
	*p = NULL;
}

static void script_kick(struct script_stream *p)
{
	if (p->stream)
		stream_kick(p->stream);
}

void script_feed(struct script_stream *p, struct slice bytes)
{
	ck_assert_int_eq(buf_add_slice(&p->input, bytes), ERR_NONE);
	script_kick(p);
}

void script_feed_str(struct script_stream *p, const char *text)
{
	script_feed(p, slice_str(text));
}

void script_chunk(struct script_stream *p, size_t max_bytes)
{
	p->read_chunk = max_bytes;
}

void script_eof(struct script_stream *p)
{
	p->eof = true;
	script_kick(p);
}

void script_stay_open(struct script_stream *p)
{
	p->stays_open = true;
}

void script_fail(struct script_stream *p, enum err err)
{
	p->failure = err;
	script_kick(p);
}

size_t script_unread(const struct script_stream *p)
{
	return p->input.len;
}

void script_window(struct script_stream *p, size_t bytes)
{
	p->window = bytes;
	script_kick(p);
}

void script_write_chunk(struct script_stream *p, size_t max_bytes)
{
	p->write_chunk = max_bytes;
}

struct slice script_output(const struct script_stream *p)
{
	return buf_view(&p->output);
}

void script_forget_output(struct script_stream *p)
{
	buf_clear(&p->output);
}

size_t script_writes(const struct script_stream *p)
{
	return p->writes;
}

bool script_is_closed(const struct script_stream *p)
{
	return !p->link;
}

bool script_is_shut(const struct script_stream *p)
{
	return p->shut;
}

void script_settle(struct loop *loop)
{
	for (int turn = 0; turn < SCRIPT_TURNS; turn++) {
		ck_assert_int_eq(loop_turn(loop, 0), ERR_NONE);
		if (!loop_has_work(loop))
			return;
	}
	ck_abort_msg("the loop never came to rest");
}
