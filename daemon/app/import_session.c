#include "app/import_session.h"

#include "app/import_target.h"
#include "base/codec.h"

enum { IMPORT_HEADER_MAX_BYTES = 2048, IMPORT_PIECE_BYTES = 16 * 1024, IMPORT_IDLE_MS = 120000 };

enum import_state {
	IMPORT_SETTLING, /* an earlier import's last messages are not visible yet */
	IMPORT_OPENING,
	IMPORT_HEADER,
	IMPORT_OFFER,
	IMPORT_BODY,
	IMPORT_FINISH,
	IMPORT_DRAIN
};

struct import_session {
	struct long_session base; /* first */
	enum import_state state;
	char owner[USER_NAME_MAX_BYTES + 1];
	struct import_target *target;
	struct import_message message;
	char mailbox[MAILBOX_NAME_MAX_BYTES + 1];
	uint64_t left; /* octets of the message in hand */
};

static struct import_session *session_of(struct long_session *s)
{
	return (struct import_session *)(void *)s;
}

static void import_session_free(struct long_session *base)
{
	import_target_free(&session_of(base)->target);
}

static void import_session_stop(struct long_session *base, const char *why)
{
	long_session_say(base, "error ", slice_str(why));
}

/* A tool that was killed is started again at once: what its forerunner has committed becomes
 * visible only when it is durable, and would be taken twice before. */
static enum err import_settle(struct import_session *s)
{
	struct appliance *app = s->base.errand.app;
	enum err err = store_wait(app->host.store, app->import_ticket, &s->base.errand.waiter);
	if (!err)
		s->state = IMPORT_OPENING;
	return err;
}

static enum err import_open(struct import_session *s)
{
	struct appliance *app = s->base.errand.app;
	struct account *account = NULL;
	struct user *user = users_find(app->users, slice_str(s->owner));
	if (!user)
		return ERR_NOT_FOUND;
	memcpy(s->owner, user->name, sizeof(s->owner));
	enum err err = account_open(app->host.store, slice_str(user->name), true, &account, NULL,
				    &s->base.errand.waiter);
	if (err)
		return err;
	appliance_set_quota(app, account);
	s->state = IMPORT_HEADER;
	return import_target_new(account, &s->target);
}

static enum err import_parse(struct import_session *s, struct slice text)
{
	static const uint64_t most[] = {INT64_MAX, UINT32_MAX, FLAG_SYSTEM_ALL, 1};
	uint64_t numbers[4]; /* date, size, flags, is it forwarded? */
	struct import_message *m = &s->message;
	enum err err = ERR_NONE;
	for (size_t i = 0; i < 4 && !err; i++)
		err = slice_u64(slice_word(&text), most[i], &numbers[i]);
	if (err)
		return err;
	err = hex_decode_to(slice_word(&text), m->sha256, sizeof(m->sha256));
	if (!err)
		err = slice_to_str(slice_from(text, 1), s->mailbox, sizeof(s->mailbox));
	m->mailbox = slice_str(s->mailbox);
	m->internal_date = (int64_t)numbers[0];
	m->size = numbers[1];
	m->flags = (flags_t)numbers[2];
	m->is_forwarded = numbers[3];
	return err ? err : mailbox_name_check(m->mailbox);
}

static enum err import_header(struct import_session *s)
{
	struct slice input = stream_input(s->base.stream), text;
	size_t before = input.len;
	enum step step = netstring_take(&input, IMPORT_HEADER_MAX_BYTES, &text);
	if (step != STEP_DONE)
		return step == STEP_BAD ? ERR_SYNTAX : ERR_AGAIN;
	enum err err = text.len ? import_parse(s, text) : ERR_NONE;
	s->state = text.len ? IMPORT_OFFER : IMPORT_DRAIN;
	stream_consume(s->base.stream, before - input.len);
	return err;
}

static enum err import_offer(struct import_session *s)
{
	enum import_verdict verdict;
	enum err err =
		import_target_offer(s->target, &s->message, &verdict, &s->base.errand.waiter);
	if (err || verdict == IMPORT_UNDECIDED)
		return err;
	bool wanted = verdict == IMPORT_WANTED;
	long_session_say(&s->base, wanted ? "want" : "have", SLICE_EMPTY);
	s->left = s->message.size;
	s->state = wanted ? IMPORT_BODY : IMPORT_HEADER;
	return ERR_NONE;
}

static enum err import_body(struct import_session *s)
{
	if (s->left == 0) {
		s->state = IMPORT_FINISH;
		return ERR_NONE;
	}
	struct slice piece = slice_upto(stream_input(s->base.stream), IMPORT_PIECE_BYTES);
	if (piece.len > s->left)
		piece = slice_upto(piece, (size_t)s->left);
	if (piece.len == 0)
		return ERR_AGAIN;
	enum err err = import_target_write(s->target, piece, &s->base.errand.waiter);
	if (err)
		return err;
	s->left -= piece.len;
	stream_consume(s->base.stream, piece.len);
	return ERR_NONE;
}

static enum err import_finish(struct import_session *s)
{
	enum err err = import_target_finish(s->target, &s->base.errand.waiter);
	if (err)
		return err;
	s->base.errand.app->import_ticket = import_target_ticket(s->target);
	s->state = IMPORT_HEADER;
	return ERR_NONE;
}

/* One piece of work. What is done goes on with the next state; ERR_AGAIN waits. */
static enum err import_work(struct import_session *s)
{
	switch (s->state) {
	case IMPORT_SETTLING: return import_settle(s);
	case IMPORT_OPENING: return import_open(s);
	case IMPORT_HEADER: return import_header(s);
	case IMPORT_OFFER: return import_offer(s);
	case IMPORT_BODY: return import_body(s);
	case IMPORT_FINISH: return import_finish(s);
	case IMPORT_DRAIN: return import_target_wait(s->target, &s->base.errand.waiter);
	}
	return ERR_STATE;
}

static enum step import_session_step(struct long_session *base)
{
	struct import_session *s = session_of(base);
	bool is_last = s->state == IMPORT_DRAIN;
	enum err err = import_work(s);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		import_session_stop(base, err == ERR_NOT_FOUND ? "no such user" : err_text(err));
	else if (is_last)
		long_session_say(base, "done", SLICE_EMPTY);
	return err || is_last ? STEP_BAD : STEP_DONE;
}

static enum step import_session_begin(struct long_session *base, const char *user)
{
	struct import_session *s = session_of(base);
	base->errand.owner = s->owner;
	return slice_to_str(slice_str(user), s->owner, sizeof(s->owner)) ? STEP_BAD : STEP_DONE;
}

const struct long_command long_import = {.verb = "import",
					 .words = 2,
					 .bytes = sizeof(struct import_session),
					 .idle_ms = IMPORT_IDLE_MS,
					 .begin = import_session_begin,
					 .step = import_session_step,
					 .stop = import_session_stop,
					 .free = import_session_free};
