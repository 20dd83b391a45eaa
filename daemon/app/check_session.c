#include "app/check_session.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { CHECK_READ_BYTES = 32 * 1024, CHECK_READS_A_TURN = 16, CHECK_NAMED_MAX = 200 };

struct check_session {
	struct stream_user user; /* first */
	struct errand errand;
	struct appliance *app;
	struct stream *stream;
	struct waiter waiter;
	struct deferred again;
	struct admin_reply reply;
	/* Where it is. Names, not pointers: all of them may go while it waits. */
	char owner[USER_NAME_MAX_BYTES + 1]; /* the user in hand; "" before the first */
	struct account *account;             /* his, open */
	char box_name[MAILBOX_NAME_MAX_BYTES + 1];
	struct mailbox *box;  /* open, or NULL */
	struct msg_info info; /* the message in hand; uid 0: none */
	uint32_t next_uid;
	uint64_t offset;
	uint64_t mailboxes, messages, bytes, damaged;
	uint8_t chunk[CHECK_READ_BYTES];
};

static void check_leave_box(struct check_session *s)
{
	if (s->box)
		mailbox_close(s->box);
	s->box = NULL;
	s->info.uid = 0;
	s->next_uid = 1;
}

static void check_close(struct check_session *s)
{
	list_remove(&s->errand.link);
	waiter_cancel(&s->waiter);
	deferred_cancel(&s->again);
	check_leave_box(s);
	if (s->account)
		account_close(&s->account);
	admin_reply_free(&s->reply);
	stream_close(&s->stream);
	free(s);
}

static void check_answer(struct check_session *s)
{
	admin_say(&s->reply, "%llu messages, %llu KiB in %llu mailboxes: %s\n",
		  (unsigned long long)s->messages, (unsigned long long)s->bytes / 1024,
		  (unsigned long long)s->mailboxes, s->damaged ? "damage found" : "all whole");
	if (s->damaged)
		admin_fail(&s->reply, EXIT_FAILED,
			   "%llu messages are damaged; stop the daemon and see `surel check "
			   "--repair`\n",
			   (unsigned long long)s->damaged);
	control_answer(s->stream, &s->reply);
	check_close(s);
}

static void check_damaged(struct check_session *s, const char *what)
{
	/* Thousands of them would say no more than some hundreds do. */
	if (s->damaged++ < CHECK_NAMED_MAX)
		admin_say(&s->reply, "%s, %s, UID %u: %s\n", s->owner, s->box_name, s->info.uid,
			  what);
}

/* STEP_BAD: there is nobody left. */
static enum step check_next_user(struct check_session *s)
{
	struct user *user = users_first(s->app->users);
	while (user && strcmp(user->name, s->owner) <= 0)
		user = users_next(s->app->users, user);
	if (!user)
		return STEP_BAD;
	enum err err = account_open(s->app->host.store, slice_str(user->name), false, &s->account,
				    NULL, &s->waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	memcpy(s->owner, user->name, sizeof(s->owner));
	s->box_name[0] = '\0';
	return STEP_DONE;
}

static enum step check_next_box(struct check_session *s)
{
	struct mailbox *box = NULL;
	for (size_t i = 0; i < s->account->box_count && !box; i++)
		if (s->account->boxes[i]->exists &&
		    strcmp(s->account->boxes[i]->name, s->box_name) > 0)
			box = s->account->boxes[i];
	if (!box) {
		account_close(&s->account);
		return STEP_DONE;
	}
	enum err err = mailbox_open(box, &s->waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (slice_to_str(slice_str(box->name), s->box_name, sizeof(s->box_name)))
		return STEP_BAD;
	s->mailboxes++;
	if (err)
		check_damaged(s, err_text(err));
	else
		s->box = box;
	return STEP_DONE;
}

static enum step check_next_message(struct check_session *s)
{
	if (s->box->is_gone ||
	    mailbox_info(s->box, mailbox_position(s->box, s->next_uid), &s->info)) {
		check_leave_box(s);
		return STEP_DONE;
	}
	s->next_uid = s->info.uid + 1;
	s->offset = 0;
	s->messages++;
	return STEP_DONE;
}

static enum step check_read(struct check_session *s)
{
	size_t got = 0;
	enum err err = mailbox_read(s->box, &s->info, MSG_BODY, s->offset, s->chunk,
				    sizeof(s->chunk), &got, &s->waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	s->offset += got;
	s->bytes += got;
	bool is_over = err || got < sizeof(s->chunk);
	if (err && err != ERR_GONE)
		check_damaged(s, err_text(err));
	else if (!err && is_over && s->offset != s->info.size)
		check_damaged(s, "its size is not what it should be");
	if (is_over)
		s->info.uid = 0;
	return STEP_DONE;
}

static enum step check_step(struct check_session *s)
{
	if (!s->account)
		return check_next_user(s);
	if (!s->box)
		return check_next_box(s);
	if (s->box->is_gone)
		check_leave_box(s);
	else
		return s->info.uid ? check_read(s) : check_next_message(s);
	return STEP_DONE;
}

static void check_run(struct check_session *s)
{
	enum step step = STEP_DONE;
	for (int i = 0; i < CHECK_READS_A_TURN && step == STEP_DONE; i++)
		step = check_step(s);
	if (step == STEP_DONE)
		loop_defer(s->app->loop, &s->again);
	else if (step == STEP_BAD)
		check_answer(s);
}

static void check_on_wake(struct waiter *w)
{
	check_run(list_owner(w, struct check_session, waiter));
}

static void check_again(struct deferred *d)
{
	check_run(list_owner(d, struct check_session, again));
}

static void check_on_stream(struct stream_user *user, enum stream_event event)
{
	if (event == STREAM_DEAD) /* the tool was stopped */
		check_close((struct check_session *)(void *)user);
}

static void check_end(struct errand *errand, const char *why)
{
	struct check_session *s = list_owner(errand, struct check_session, errand);
	admin_fail(&s->reply, EXIT_FAILED, "not checked to the end: %s\n", why);
	control_answer(s->stream, &s->reply);
	check_close(s);
}

static void check_session_start(struct appliance *a, struct stream *stream, const char *word)
{
	struct check_session *s = calloc(1, sizeof(*s));
	(void)word;
	if (!s) {
		stream_close(&stream);
		return;
	}
	s->app = a;
	s->stream = stream;
	s->next_uid = 1;
	s->user.on_stream = check_on_stream;
	admin_reply_init(&s->reply);
	waiter_init(&s->waiter, check_on_wake);
	deferred_init(&s->again, check_again);
	s->errand.owner = s->owner;
	s->errand.end = check_end;
	list_add_tail(&a->errands, &s->errand.link);
	stream_set_user(stream, &s->user);
	loop_defer(a->loop, &s->again);
}
const struct long_command long_check = {"check", 1, check_session_start};
