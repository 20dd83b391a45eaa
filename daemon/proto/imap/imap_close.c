#include "proto/imap/imap_dispose.h"
#include "proto/imap/imap_verbs.h"

/* CLOSE (RFC 9051 6.4.1): expunges without telling, then leaves the mailbox. */

struct imap_close {
	uint32_t next_uid; /* messages below it have been looked at */
	bool is_through;   /* all have */
	struct imap_dispose batch;
};

static void close_end(struct imap_session *s)
{
	struct imap_close *close = s->cmd;
	imap_dispose_end(&close->batch);
}

/* Collects the next deleted messages. */
static void close_collect(struct imap_session *s, struct imap_close *close)
{
	struct mailbox *box = s->view.box;
	struct imap_dispose *d = &close->batch;
	struct msg_info info;
	uint32_t at = mailbox_position(box, close->next_uid);
	for (; at < box->messages && d->count < DISPOSE_BATCH; at++) {
		if (mailbox_info(box, at, &info))
			continue;
		if (info.flags & FLAG_DELETED)
			d->uids[d->count++] = info.uid;
		close->next_uid = info.uid + 1;
		if (at % 64 == 63 && session_must_pause(&s->base))
			return;
	}
	close->is_through = at >= box->messages;
}

static enum step close_done(struct imap_session *s, enum err err)
{
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		return imap_no_err(s, err);
	imap_unselect(s);
	return imap_ok(s, NULL, NULL);
}

enum step imap_run_close(struct imap_session *s)
{
	struct imap_close *close = s->cmd;
	enum err err = ERR_NONE;
	if (!close) {
		if (!lex_end(&s->lex))
			return imap_bad_lex(s);
		if (s->is_read_only || !s->view.box->deleted)
			return close_done(s, ERR_NONE);
		s->cmd = close = arena_alloc(&s->arena, sizeof(*close));
		if (!close)
			return imap_no_err(s, ERR_NOMEM);
		s->cmd_end = close_end;
		close->next_uid = s->view.floor; /* what is hidden stays */
	}
	while (!close->is_through || close->batch.count) {
		if (!close->batch.count)
			close_collect(s, close);
		err = imap_dispose(s, &close->batch);
		if (err)
			return close_done(s, err);
		if (!close->is_through && session_must_pause(&s->base))
			return STEP_MORE;
	}
	/* It stays selected when they could not be taken away. */
	return close_done(s, imap_wait(s));
}
