#include "app/check_session.h"

#include "app/mail_walk.h"

enum { CHECK_READ_BYTES = 32 * 1024 };

struct check_session {
	struct long_session base; /* first */
	struct mail_walk walk;
	struct admin_reply reply;
	bool is_reading; /* a message */
	uint64_t mailboxes, messages, bytes;
	uint8_t chunk[CHECK_READ_BYTES];
};

static struct check_session *session_of(struct long_session *s)
{
	return (struct check_session *)(void *)s;
}

static void check_free(struct long_session *base)
{
	mail_walk_close(&session_of(base)->walk);
	admin_reply_free(&session_of(base)->reply);
}

static enum step check_answer(struct check_session *s)
{
	uint32_t damaged = s->walk.failed;
	admin_say(&s->reply, "%llu messages, %llu KiB in %llu mailboxes: %s\n",
		  (unsigned long long)s->messages, (unsigned long long)s->bytes / 1024,
		  (unsigned long long)s->mailboxes, damaged ? "damage found" : "all whole");
	if (damaged)
		admin_fail(&s->reply, EXIT_FAILED,
			   "%u messages are damaged; stop the daemon and see `surel check "
			   "--repair`",
			   damaged);
	control_answer(s->base.stream, &s->reply);
	return STEP_BAD;
}

static enum step check_step(struct long_session *base)
{
	struct check_session *s = session_of(base);
	struct waiter *w = &base->errand.waiter;
	enum walk_event event = WALK_MESSAGE;
	size_t got = 0;
	enum err err = s->is_reading ? mail_walk_read(&s->walk, s->chunk, sizeof(s->chunk), &got, w)
				     : mail_walk_next(&s->walk, &event, w);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	s->bytes += got;
	s->messages += event == WALK_MESSAGE && !s->is_reading;
	s->mailboxes += event == WALK_BOX && s->walk.box;
	s->is_reading = s->is_reading ? got > 0 && !err : event == WALK_MESSAGE;
	return event == WALK_END ? check_answer(s) : STEP_DONE;
}

static void check_stop(struct long_session *base, const char *why)
{
	struct check_session *s = session_of(base);
	admin_fail(&s->reply, EXIT_FAILED, "not checked to the end: %s", why);
	control_answer(base->stream, &s->reply);
}

static enum step check_begin(struct long_session *base, const char *word)
{
	struct check_session *s = session_of(base);
	(void)word;
	admin_reply_init(&s->reply);
	mail_walk_init(&s->walk, base->errand.app);
	s->walk.complaints = &s->reply;
	base->errand.owner = s->walk.user;
	return STEP_DONE;
}

const struct long_command long_check = {.verb = "check",
					.words = 1,
					.bytes = sizeof(struct check_session),
					.begin = check_begin,
					.step = check_step,
					.stop = check_stop,
					.free = check_free};
