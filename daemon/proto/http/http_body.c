#include "proto/http/http_session.h"

enum {
	CHUNK_LINE_MAX_BYTES = 256,
	CHUNK_TRAILER_MAX_BYTES = 4 * 1024,
	CHUNK_TAKE_BYTES = 4 * 1024,
};

void http_intake_begin(struct http_session *h)
{
	struct http_intake *in = &h->intake;
	uint64_t length = h->x.request.content_length;
	*in = (struct http_intake){.decoder = {.consume_trailer = 1}};
	buf_init(&in->decoded, CHUNK_TAKE_BYTES);
	in->is_chunked = length == UINT64_MAX;
	in->left = in->is_chunked ? 0 : length;
	in->is_over = length == 0;
}

void http_intake_end(struct http_session *h)
{
	buf_wipe(&h->intake.decoded);
	h->intake = (struct http_intake){.left = 0};
}

void http_intake_invite(struct http_session *h)
{
	if (!h->head || !h->head->expects_continue || h->intake.is_over || h->answer.is_begun)
		return;
	h->head->expects_continue = false;
	if (stream_input(h->s.stream).len == 0)
		session_say(&h->s, SLICE_LIT("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* --- chunks ----------------------------------------------------------------------------------- */

/* The library decodes; it is given whole pieces of the framing that were looked at here, for it
 * takes line ends and sizes that others might read in another way (RFC 9112 7.1). */

static bool chunk_size_is_strict(struct slice line)
{
	size_t digits = 0;
	while (digits < line.len && strchr("0123456789abcdefABCDEF", line.ptr[digits]) &&
	       line.ptr[digits])
		digits++;
	return digits > 0 && digits <= 8 && (digits == line.len || line.ptr[digits] == ';');
}

static bool chunk_line_is_strict(const struct http_intake *in, struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
			return false;
	if (in->is_behind_data)
		return line.len == 0;
	return in->is_in_trailer || chunk_size_is_strict(line);
}

/* A line of the framing, if it is whole. */
static enum step chunk_take_line(struct http_session *h)
{
	struct http_intake *in = &h->intake;
	char line[CHUNK_LINE_MAX_BYTES];
	struct slice input = stream_input(h->s.stream);
	size_t end = slice_find_byte(slice_upto(input, sizeof(line)), '\n');
	if (end == SIZE_MAX)
		return input.len < sizeof(line) ? STEP_MORE : STEP_BAD;
	if (end == 0 || input.ptr[end - 1] != '\r' ||
	    !chunk_line_is_strict(in, slice_upto(input, end - 1)))
		return STEP_BAD;
	size_t len = end + 1;
	memcpy(line, input.ptr, len);
	stream_consume(h->s.stream, len);
	in->trailer_bytes += in->is_in_trailer ? len : 0;
	ssize_t left = phr_decode_chunked(&in->decoder, line, &len);
	if (left == -1 || in->trailer_bytes > CHUNK_TRAILER_MAX_BYTES)
		return STEP_BAD;
	in->is_over = left >= 0;
	in->is_in_data = in->decoder.bytes_left_in_chunk > 0;
	in->is_in_trailer = !in->is_behind_data && !in->is_in_data;
	in->is_behind_data = false;
	return STEP_DONE;
}

static enum step chunk_take_data(struct http_session *h)
{
	struct http_intake *in = &h->intake;
	struct slice input = slice_upto(stream_input(h->s.stream), CHUNK_TAKE_BYTES);
	uint8_t *room = NULL;
	input = slice_upto(input, in->decoder.bytes_left_in_chunk);
	if (!input.len)
		return STEP_MORE;
	if (buf_reserve(&in->decoded, input.len, &room))
		return STEP_BAD;
	size_t len = input.len;
	memcpy(room, input.ptr, len);
	stream_consume(h->s.stream, len);
	if (phr_decode_chunked(&in->decoder, (char *)room, &len) != -2)
		return STEP_BAD;
	buf_commit(&in->decoded, len);
	in->is_in_data = in->decoder.bytes_left_in_chunk > 0;
	in->is_behind_data = !in->is_in_data;
	return STEP_DONE;
}

static enum step chunk_read(struct http_session *h, struct slice *bytes_out)
{
	struct http_intake *in = &h->intake;
	while (!in->decoded.len && !in->is_over) {
		enum step step = in->is_in_data ? chunk_take_data(h) : chunk_take_line(h);
		if (step != STEP_DONE)
			return step;
	}
	*bytes_out = buf_view(&in->decoded);
	return in->decoded.len ? STEP_MORE : STEP_DONE;
}

/* --- both kinds ------------------------------------------------------------------------------- */

enum step http_read(struct http_exchange *x, struct slice *bytes_out)
{
	struct http_session *h = http_session_of(x);
	struct http_intake *in = &h->intake;
	enum step step = STEP_MORE;
	*bytes_out = SLICE_EMPTY;
	if (in->is_over)
		return STEP_DONE;
	http_intake_invite(h);
	if (in->is_chunked)
		step = chunk_read(h, bytes_out);
	else if (in->left < SIZE_MAX)
		*bytes_out = slice_upto(stream_input(h->s.stream), (size_t)in->left);
	else
		*bytes_out = stream_input(h->s.stream);
	if (step == STEP_MORE && !bytes_out->len && stream_at_eof(h->s.stream))
		return STEP_BAD;
	return step;
}

void http_consume(struct http_exchange *x, size_t n)
{
	struct http_session *h = http_session_of(x);
	struct http_intake *in = &h->intake;
	if (in->is_chunked) {
		buf_consume(&in->decoded, n);
		return;
	}
	stream_consume(h->s.stream, n);
	in->left -= n;
	in->is_over = in->left == 0;
}
