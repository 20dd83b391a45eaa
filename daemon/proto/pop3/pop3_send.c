#include "proto/pop3/pop3_session.h"

#include <stdio.h>

#include "base/log.h"

/* --- LIST and UIDL ---------------------------------------------------------------------------- */

void pop3_say_total(struct pop3_session *s)
{
	session_sayf(&s->s, "+OK %u %s (%llu %s)\r\n", (unsigned)(s->drop.count - s->drop.deleted),
		     pop3_say(s, TEXT_MESSAGES),
		     (unsigned long long)(s->drop.octets - s->drop.deleted_octets),
		     pop3_say(s, TEXT_OCTETS));
}

static void pop3_say_entry(struct pop3_session *s, const char *before, uint32_t number,
			   const struct msg_info *info)
{
	char text[POP3_UIDL_BYTES];
	if (s->is_uidl)
		pop3_drop_uidl(info, text);
	else
		snprintf(text, sizeof(text), "%u", (unsigned)info->size);
	session_sayf(&s->s, "%s%u %s\r\n", before, (unsigned)number, text);
}

/* The message that the command names. False: there is none, and the client was told. */
static bool pop3_take_message(struct pop3_session *s, const struct pop3_line *line)
{
	if (slice_u32(line->args[0], &s->number)) {
		pop3_refuse(s, TEXT_WRONG_ARGUMENTS);
		return false;
	}
	enum err err = pop3_drop_info(&s->drop, s->number, &s->info);
	if (err)
		pop3_fail(s, err);
	return !err;
}

/* Messages that are marked or gone are left out, as RFC 1939 5 says of the marked. */
static enum step pop3_go_on_listing(struct pop3_session *s)
{
	for (; s->number <= s->drop.count; s->number++) {
		struct msg_info info;
		if (session_must_pause(&s->s))
			return STEP_MORE;
		if (!pop3_drop_info(&s->drop, s->number, &info))
			pop3_say_entry(s, "", s->number, &info);
	}
	session_say(&s->s, SLICE_LIT(".\r\n"));
	s->has_answered = false;
	return STEP_DONE;
}

static enum step pop3_listing(struct pop3_session *s, const struct pop3_line *line, bool is_uidl)
{
	s->is_uidl = is_uidl;
	if (line->argc == 1) {
		if (pop3_take_message(s, line))
			pop3_say_entry(s, "+OK ", s->number, &s->info);
		return STEP_DONE;
	}
	pop3_say_total(s);
	s->number = 1;
	s->has_answered = true;
	return pop3_then(s, pop3_go_on_listing);
}

enum step pop3_list(struct pop3_session *s, const struct pop3_line *line)
{
	return pop3_listing(s, line, false);
}

enum step pop3_uidl(struct pop3_session *s, const struct pop3_line *line)
{
	return pop3_listing(s, line, true);
}

/* --- RETR and TOP ----------------------------------------------------------------------------- */

/* How much of the chunk TOP sends: the header with its empty line, then so many lines of the body.
 * Lines end at LF, with or without CR, as clients count them. */
static size_t pop3_top_cut(struct pop3_top *top, struct slice chunk)
{
	for (size_t i = 0; i < chunk.len; i++) {
		if (top->in_body && !top->lines_left) {
			top->is_over = true;
			return i;
		}
		uint8_t byte = chunk.ptr[i];
		if (byte == '\n') {
			if (top->in_body)
				top->lines_left--;
			top->in_body = top->in_body || top->is_line_empty;
			top->is_line_empty = true;
		} else if (byte != '\r') {
			top->is_line_empty = false;
		}
	}
	return chunk.len;
}

static void pop3_send_chunk(struct pop3_session *s, struct slice chunk)
{
	uint8_t stuffed[2 * POP3_CHUNK_BYTES];
	if (s->is_top)
		chunk = slice_upto(chunk, pop3_top_cut(&s->top, chunk));
	session_say(&s->s, slice_of(stuffed, dot_write(&s->dot, chunk, stuffed)));
}

/* Behind +OK there is no way to say that the message cannot be read on: the client would take it for
 * a line of the message. Only a lost connection tells it that this is not the whole. */
static enum step pop3_read_failed(struct pop3_session *s, enum err err)
{
	log_warn(s->s.id, "pop3: message %u cannot be read: %s", (unsigned)s->number,
		 err_text(err));
	return s->has_answered ? STEP_BAD : pop3_fail(s, err);
}

static enum step pop3_end_message(struct pop3_session *s)
{
	session_say(&s->s, dot_write_end(&s->dot));
	s->has_answered = false;
	if (!s->is_top)
		pop3_drop_note_retrieved(&s->drop, s->number);
	return STEP_DONE;
}

/* The +OK waits for the first octets, so that a message that cannot be read gets its -ERR. */
static void pop3_begin_message(struct pop3_session *s)
{
	if (s->has_answered)
		return;
	s->has_answered = true;
	if (s->is_top)
		pop3_ok(s, TEXT_FOLLOWS);
	else
		session_sayf(&s->s, "+OK %u %s\r\n", (unsigned)s->info.size,
			     pop3_say(s, TEXT_OCTETS));
}

static enum step pop3_go_on_message(struct pop3_session *s)
{
	uint8_t chunk[POP3_CHUNK_BYTES];
	while (!session_must_pause(&s->s)) {
		size_t got = 0;
		enum err err =
			mailbox_read(pop3_drop_box(&s->drop, s->number)->box, &s->info, MSG_BODY,
				     s->offset, chunk, sizeof(chunk), &got, &s->s.waiter);
		if (err == ERR_AGAIN)
			return STEP_MORE;
		if (err)
			return pop3_read_failed(s, err);
		pop3_begin_message(s);
		pop3_send_chunk(s, slice_of(chunk, got));
		s->offset += got;
		if (got < sizeof(chunk) || (s->is_top && s->top.is_over))
			return pop3_end_message(s);
	}
	return STEP_MORE;
}

static enum step pop3_message(struct pop3_session *s, const struct pop3_line *line)
{
	if (!pop3_take_message(s, line))
		return STEP_DONE;
	s->offset = 0;
	s->dot = (struct dot_writer){.has_begun = false};
	return pop3_then(s, pop3_go_on_message);
}

enum step pop3_retr(struct pop3_session *s, const struct pop3_line *line)
{
	s->is_top = false;
	return pop3_message(s, line);
}

enum step pop3_top(struct pop3_session *s, const struct pop3_line *line)
{
	s->is_top = true;
	s->top = (struct pop3_top){.is_line_empty = true};
	if (slice_u64(line->args[1], UINT64_MAX, &s->top.lines_left))
		return pop3_refuse(s, TEXT_WRONG_ARGUMENTS);
	return pop3_message(s, line);
}
