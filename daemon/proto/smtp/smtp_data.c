/* DATA (RFC 5321 4.1.1.4), BDAT (RFC 3030), and the replies after them (RFC 2033 4.2).
 *
 * Once a message cannot be taken any more, its octets are still read to their end, and only then
 * refused: a client sends first and listens later. */
#include "proto/smtp/smtp_session.h"

#include "base/log.h"

static const struct smtp_reply too_big = {"552 5.3.4", "The message is too big"};
static const struct smtp_reply bad_line_ends = {
	"550 5.6.0", "CR and LF may only come together, and NUL not at all"};
static const struct smtp_reply no_rcpts = {"503 5.5.1", "No valid recipients"};

/* --- into the host ---------------------------------------------------------------------------- */

static void smtp_give_up(struct smtp_session *s, const struct smtp_reply *why)
{
	if (!s->verdict)
		s->verdict = why;
	buf_free(&s->pending);
	if (s->delivery)
		s->s.host->ops->delivery_end(&s->delivery);
}

static enum err smtp_begin_delivery(struct smtp_session *s)
{
	struct host *host = s->s.host;
	s->received = 0;
	s->verdict = NULL;
	s->dot = (struct dot_reader){.state = DOT_LINE_START};
	return host->ops->delivery_begin(host, &s->envelope, &s->delivery);
}

/* Hands text over. What the host cannot take yet is kept in s->pending: STEP_MORE. */
static enum step smtp_hand_over(struct smtp_session *s, struct slice text)
{
	if (!s->delivery || !text.len)
		return STEP_DONE;
	enum err err = s->s.host->ops->delivery_write(s->delivery, text, &s->s.waiter);
	if (err == ERR_AGAIN && s->pending.len)
		return STEP_MORE;
	if (err == ERR_AGAIN) {
		err = buf_add_slice(&s->pending, text);
		if (!err)
			return STEP_MORE;
	}
	buf_free(&s->pending);
	if (err)
		smtp_give_up(s, smtp_reply_for(err, SMTP_AT_DATA));
	return STEP_DONE;
}

/* Counts and hands over. */
static enum step smtp_take_text(struct smtp_session *s, struct slice text)
{
	s->received += text.len;
	if (s->received > s->s.host->message_max_bytes)
		smtp_give_up(s, &too_big);
	return smtp_hand_over(s, text);
}

/* --- the end of the data ---------------------------------------------------------------------- */

static void smtp_say_for(struct smtp_session *s, struct slice rcpt, const struct smtp_reply *reply)
{
	session_sayf(&s->s, "%s <" SLICE_FMT "> %s\r\n", reply->code, SLICE_ARG(rcpt), reply->text);
}

/* LMTP: one reply for each accepted recipient, in their order. */
static void smtp_say_each(struct smtp_session *s, const struct smtp_reply *for_all)
{
	for (size_t i = 0; i < s->envelope.rcpt_count; i++) {
		const struct smtp_reply *reply =
			for_all ? for_all : smtp_reply_for(s->delivery->results[i], SMTP_AT_DATA);
		smtp_say_for(s, s->envelope.rcpt_to[i], reply);
	}
}

/* SMTP has one reply for all: the first failure, so that the sender stays responsible. */
static const struct smtp_reply *smtp_sum_up(const struct smtp_session *s)
{
	enum err err = ERR_NONE;
	for (size_t i = 0; i < s->delivery->rcpt_count && !err; i++)
		err = s->delivery->results[i];
	return smtp_reply_for(err, SMTP_AT_DATA);
}

static enum step smtp_answer(struct smtp_session *s, const struct smtp_reply *for_all)
{
	bool is_refused = for_all && for_all->code[0] != '2';
	if (smtp_is_lmtp(s))
		smtp_say_each(s, for_all);
	else
		smtp_say_reply(s, for_all ? for_all : smtp_sum_up(s));
	if (is_refused)
		log_info(s->s.id, "%s: message refused: %s %s", s->s.ops->name, for_all->code,
			 for_all->text);
	else
		session_forgive(&s->s);
	smtp_reset(s);
	return STEP_DONE;
}

static enum step smtp_go_on_finish(struct smtp_session *s)
{
	enum err err = s->s.host->ops->delivery_finish(s->delivery, &s->s.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	return smtp_answer(s, err ? smtp_reply_for(err, SMTP_AT_DATA) : NULL);
}

static enum step smtp_end_of_data(struct smtp_session *s)
{
	bool is_bad = s->dot.has_bare_cr || s->dot.has_bare_lf || s->dot.has_nul;
	/* A bare LF is where two servers may disagree about where a message ends. BINARYMIME is told
	 * by octets alone, and may hold anything (RFC 3030 3). */
	if (is_bad && !(s->is_chunk && s->body == SMTP_BINARYMIME))
		smtp_give_up(s, &bad_line_ends);
	if (s->verdict)
		return smtp_answer(s, s->verdict);
	return smtp_then(s, smtp_go_on_finish);
}

/* --- DATA ------------------------------------------------------------------------------------- */

static enum step smtp_go_on_data(struct smtp_session *s)
{
	uint8_t text[SMTP_CHUNK_BYTES + 2];
	if (s->pending.len && smtp_hand_over(s, buf_view(&s->pending)) == STEP_MORE)
		return STEP_MORE;
	while (s->dot.state != DOT_END) {
		size_t len;
		struct slice in = slice_upto(stream_input(s->s.stream), SMTP_CHUNK_BYTES);
		if (!in.len)
			return STEP_MORE;
		if (session_must_pause(&s->s))
			return STEP_MORE;
		struct slice rest = in;
		dot_read(&s->dot, &rest, text, &len);
		stream_consume(s->s.stream, in.len - rest.len);
		if (smtp_take_text(s, slice_of(text, len)) == STEP_MORE)
			return STEP_MORE;
	}
	return smtp_end_of_data(s);
}

enum step smtp_data(struct smtp_session *s, struct slice args)
{
	if (args.len)
		return smtp_refuse(s, "501 5.5.4", "DATA takes no arguments");
	if (s->state != SMTP_RCPT) {
		/* RFC 2033 4.2 and RFC 2920 3.1: also after a pipelined group that found nobody. */
		if (s->state == SMTP_MAIL)
			return smtp_say_reply(s, &no_rcpts);
		return smtp_refuse(s, "503 5.5.1", "Not in this order");
	}
	if (s->body == SMTP_BINARYMIME)
		return smtp_refuse(s, "503 5.5.1", "BINARYMIME goes with BDAT");
	s->is_chunk = false;
	enum err err = smtp_begin_delivery(s);
	if (err) {
		smtp_say_reply(s, smtp_reply_for(err, SMTP_AT_BEGIN));
		smtp_reset(s);
		return STEP_DONE;
	}
	session_sayf(&s->s, "354 End with a line that holds one dot\r\n");
	return smtp_then(s, smtp_go_on_data);
}

/* --- BDAT ------------------------------------------------------------------------------------- */

static enum step smtp_end_of_chunk(struct smtp_session *s)
{
	bool has_transaction = s->state == SMTP_BDAT;
	dot_inspect(&s->dot, SLICE_EMPTY, s->is_last_chunk);
	if (s->is_last_chunk && has_transaction)
		return smtp_end_of_data(s);
	if (!s->verdict) {
		session_sayf(&s->s, "250 2.0.0 %llu octets so far\r\n",
			     (unsigned long long)s->received);
		return STEP_DONE;
	}
	/* RFC 3030 2: the transaction is lost with the chunk; the chunks that were sent behind it
	 * find none and get 503. */
	const struct smtp_reply *verdict = s->verdict;
	smtp_reset(s);
	return smtp_refuse(s, verdict->code, verdict->text);
}

static enum step smtp_go_on_chunk(struct smtp_session *s)
{
	if (s->pending.len && smtp_hand_over(s, buf_view(&s->pending)) == STEP_MORE)
		return STEP_MORE;
	while (s->chunk_left) {
		uint8_t text[SMTP_CHUNK_BYTES];
		struct slice in = stream_input(s->s.stream);
		size_t n = in.len < sizeof(text) ? in.len : sizeof(text);
		if (n > s->chunk_left)
			n = (size_t)s->chunk_left;
		if (!n || session_must_pause(&s->s))
			return STEP_MORE;
		memcpy(text, in.ptr, n);
		stream_consume(s->s.stream, n);
		s->chunk_left -= n;
		dot_inspect(&s->dot, slice_of(text, n), false);
		if (smtp_take_text(s, slice_of(text, n)) == STEP_MORE)
			return STEP_MORE;
	}
	return smtp_end_of_chunk(s);
}

/* A chunk that nobody will get is still as long as it says. */
static void smtp_begin_chunk(struct smtp_session *s)
{
	s->is_chunk = true;
	if (s->state == SMTP_RCPT) {
		s->state = SMTP_BDAT;
		enum err err = smtp_begin_delivery(s);
		if (err)
			smtp_give_up(s, smtp_reply_for(err, SMTP_AT_BEGIN));
	} else if (s->state != SMTP_BDAT) {
		s->verdict = &no_rcpts;
		s->received = 0;
	}
}

enum step smtp_bdat(struct smtp_session *s, struct slice args)
{
	struct slice rest = args;
	struct slice size = slice_word(&rest), last = slice_word(&rest);
	s->is_last_chunk = slice_eq_str_nocase(last, "LAST");
	if (slice_u64(size, UINT64_MAX, &s->chunk_left) || (last.len && !s->is_last_chunk) ||
	    slice_trim(rest).len) {
		/* How many octets follow is anybody's guess: no way on from here. */
		s->s.is_quitting = true;
		return smtp_say(s, "501 5.5.4", "BDAT octets [LAST]");
	}
	smtp_begin_chunk(s);
	return smtp_then(s, smtp_go_on_chunk);
}
