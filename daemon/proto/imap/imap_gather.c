#include "proto/imap/imap_engine.h"

static size_t command_max(const struct imap_session *s)
{
	return s->base.login ? IMAP_COMMAND_MAX_BYTES : IMAP_COMMAND_MAX_BEFORE_LOGIN;
}

static bool gather_add(struct imap_session *s, struct slice bytes)
{
	enum err err = buf_add_slice(&s->command, bytes);
	/* The buffer may have moved. */
	s->tag = slice_of(buf_view(&s->command).ptr, s->tag.len);
	if (err && !s->out.err)
		s->out.err = err;
	return !err;
}

/* --- skipping --------------------------------------------------------------------------------- */

static void gather_skip_line(struct imap_session *s)
{
	s->gather.state = GATHER_SKIP_LINE;
	s->gather.tail_len = 0;
}

void imap_gather_skip(struct imap_session *s, uint64_t literal_left)
{
	s->gather.state = GATHER_SKIP_LITERAL;
	s->gather.literal_left = literal_left;
}

/* Keeps the last bytes of the line: a literal may be announced there. */
static void tail_add(struct imap_gather *g, struct slice bytes)
{
	if (bytes.len >= GATHER_TAIL_BYTES) {
		bytes = slice_from(bytes, bytes.len - GATHER_TAIL_BYTES);
		g->tail_len = 0;
	}
	size_t keep = g->tail_len;
	if (keep + bytes.len > GATHER_TAIL_BYTES)
		keep = GATHER_TAIL_BYTES - bytes.len;
	memmove(g->tail, g->tail + g->tail_len - keep, keep);
	if (bytes.len)
		memcpy(g->tail + keep, bytes.ptr, bytes.len);
	g->tail_len = (uint8_t)(keep + bytes.len);
}

static struct slice without_cr(struct slice line)
{
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static void skipped_line_ended(struct imap_session *s)
{
	struct imap_gather *g = &s->gather;
	struct imap_literal literal;
	struct slice tail = without_cr(slice_of(g->tail, g->tail_len));
	g->state = GATHER_LINE;
	/* A client that waits for "+" has read the refusal instead and sends nothing. */
	if (imap_gather_find_literal(tail, &literal) && !literal.is_sync)
		imap_gather_skip(s, literal.size);
}

/* Drops what is there of the refused command. STEP_DONE: all of it went by. */
static enum step gather_skip_input(struct imap_session *s)
{
	struct imap_gather *g = &s->gather;
	struct slice input = stream_input(s->base.stream);
	if (g->state == GATHER_SKIP_LITERAL) {
		size_t n = input.len < g->literal_left ? input.len : (size_t)g->literal_left;
		stream_consume(s->base.stream, n);
		g->literal_left -= n;
		if (g->literal_left)
			return STEP_MORE;
		gather_skip_line(s);
		return STEP_DONE;
	}
	size_t end = slice_find_byte(input, '\n');
	tail_add(g, slice_upto(input, end));
	stream_consume(s->base.stream, end == SIZE_MAX ? input.len : end + 1);
	if (end == SIZE_MAX)
		return STEP_MORE;
	skipped_line_ended(s);
	return STEP_DONE;
}

/* --- lines and literals ----------------------------------------------------------------------- */

void imap_gather_next(struct imap_session *s)
{
	buf_truncate(&s->command, s->tag.len);
	s->gather.state = GATHER_LINE;
	s->gather.line_start = s->command.len;
}

enum step imap_gather_line(struct imap_session *s, struct slice *line_out)
{
	struct slice input = stream_input(s->base.stream);
	size_t end = slice_find_byte(input, '\n');
	size_t n = end == SIZE_MAX ? input.len : end + 1;
	if (n > command_max(s) - s->command.len) {
		gather_skip_line(s);
		return STEP_BAD;
	}
	if (!gather_add(s, slice_upto(input, n)))
		return STEP_BAD;
	stream_consume(s->base.stream, n);
	if (end == SIZE_MAX)
		return STEP_MORE;
	struct slice line = slice_from(buf_view(&s->command), s->gather.line_start);
	line = without_cr(slice_upto(line, line.len - 1));
	buf_truncate(&s->command, s->gather.line_start + line.len);
	*line_out = line;
	return STEP_DONE;
}

bool imap_gather_find_literal(struct slice line, struct imap_literal *literal_out)
{
	size_t start = slice_rfind_byte(line, '{');
	if (start == SIZE_MAX || line.ptr[line.len - 1] != '}')
		return false;
	struct slice digits = slice_between(line, start + 1, line.len - 1);
	bool is_sync = !digits.len || digits.ptr[digits.len - 1] != '+';
	digits.len -= is_sync ? 0 : 1;
	uint64_t size = 0;
	enum err err = slice_u64(digits, UINT64_MAX - 1, &size);
	if (err == ERR_SYNTAX)
		return false;
	bool is_literal8 = start && line.ptr[start - 1] == '~';
	*literal_out = (struct imap_literal){.size = err ? UINT64_MAX : size,
					     .start = start - is_literal8,
					     .is_sync = is_sync,
					     .is_literal8 = is_literal8};
	return true;
}

static enum step gather_literal(struct imap_session *s)
{
	struct imap_gather *g = &s->gather;
	struct slice input = slice_upto(stream_input(s->base.stream), (size_t)g->literal_left);
	if (!gather_add(s, input))
		return STEP_BAD;
	stream_consume(s->base.stream, input.len);
	g->literal_left -= input.len;
	if (g->literal_left)
		return STEP_MORE;
	g->state = GATHER_LINE;
	g->line_start = s->command.len;
	return STEP_DONE;
}

/* --- commands --------------------------------------------------------------------------------- */

/* RFC 7888 4: what cannot be taken is refused, and skipped if it comes without asking. Before login
 * nobody has a reason to send so much: the connection ends. */
static void gather_refuse(struct imap_session *s, const struct imap_literal *literal,
			  const char *why)
{
	imap_refuse(s, why);
	if (!literal || literal->is_sync)
		return;
	if (!s->base.login || literal->size == UINT64_MAX)
		s->wants_goodbye = true;
	else
		imap_gather_skip(s, literal->size);
}

static void gather_take_literal(struct imap_session *s, const struct imap_literal *literal)
{
	const struct imap_verb *verb = NULL;
	const char *why = imap_recognise(s, &verb);
	size_t left = command_max(s) - s->command.len;
	if (why)
		gather_refuse(s, literal, why);
	else if (!s->base.login && literal->size > IMAP_LITERAL_MAX_BEFORE_LOGIN)
		gather_refuse(s, literal, "Literal is too large");
	else if (left < 2 || literal->size > left - 2)
		gather_refuse(s, literal, "Command is too large");
	else if (gather_add(s, SLICE_LIT("\r\n"))) {
		if (literal->is_sync)
			out_str(&s->out, "+ Ready for literal data\r\n");
		s->gather.state = GATHER_LITERAL;
		s->gather.literal_left = literal->size;
	}
}

/* STEP_DONE: something happened, look again. */
static enum step gather_go_on(struct imap_session *s, bool *is_whole_out)
{
	struct imap_literal literal;
	struct slice line;
	enum step step = STEP_DONE;
	switch (s->gather.state) {
	case GATHER_SKIP_LITERAL:
	case GATHER_SKIP_LINE: return gather_skip_input(s);
	case GATHER_LITERAL: return gather_literal(s);
	case GATHER_LINE: step = imap_gather_line(s, &line); break;
	}
	if (step == STEP_BAD) {
		const struct imap_verb *verb = NULL;
		imap_recognise(s, &verb);
		imap_refuse(s, "Command line is too long");
		s->wants_goodbye = s->wants_goodbye || !s->base.login;
		return STEP_DONE;
	}
	if (step == STEP_MORE)
		return STEP_MORE;
	bool has_literal = imap_gather_find_literal(line, &literal);
	s->gather.is_announced = has_literal && imap_append_begins_here(s);
	*is_whole_out = !has_literal || s->gather.is_announced;
	if (!*is_whole_out)
		gather_take_literal(s, &literal);
	return STEP_DONE;
}

enum step imap_gather_command(struct imap_session *s)
{
	bool is_whole = false;
	while (!is_whole && !s->verb && !s->out.err) {
		enum step step = gather_go_on(s, &is_whole);
		if (step == STEP_DONE)
			continue;
		if (s->command.len) /* half a command: its literal, or the line behind it */
			stream_ack_now(s->base.stream);
		return STEP_MORE;
	}
	return STEP_DONE;
}
