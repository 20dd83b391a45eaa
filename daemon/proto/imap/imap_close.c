#include "proto/imap/imap_session.h"
#include "proto/imap/imap_verbs.h"

/* CLOSE (RFC 9051 6.4.1): expunges without telling, then leaves the mailbox. */

enum { CLOSE_BATCH = 512 };

struct imap_close {
	uint32_t next_uid; /* messages below it have been looked at */
	uint64_t ticket;
	bool is_waiting;
	uint32_t count;
	uint32_t uids[CLOSE_BATCH];
};

/* Collects the next deleted messages. True when there are no more behind them. */
static bool close_collect(struct imap_session *s, struct imap_close *close)
{
	struct mailbox *box = s->view.box;
	struct msg_info info;
	uint32_t at = mailbox_position(box, close->next_uid);
	close->count = 0;
	for (; at < box->messages && close->count < CLOSE_BATCH; at++) {
		if (mailbox_info(box, at, &info))
			continue;
		if (info.flags & FLAG_DELETED)
			close->uids[close->count++] = info.uid;
		close->next_uid = info.uid + 1;
		if (at % 64 == 63 && session_must_pause(&s->base))
			return false;
	}
	return at >= box->messages;
}

static enum err close_expunge(struct imap_session *s, struct imap_close *close)
{
	struct msg_change change = {.kind = CHANGE_EXPUNGE,
				    .uids = close->uids,
				    .count = close->count,
				    .origin = &s->view};
	uint64_t ticket = 0;
	enum err err = close->count ? mailbox_change(s->view.box, &change, &ticket) : ERR_NONE;
	if (ticket)
		close->ticket = ticket;
	return err;
}

static enum step close_done(struct imap_session *s, enum err err)
{
	if (err)
		return imap_no_err(s, err);
	imap_unselect(s);
	return imap_ok(s, NULL, "Close completed");
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
		close->next_uid = 1;
	}
	while (!close->is_waiting) {
		close->is_waiting = close_collect(s, close);
		err = close_expunge(s, close);
		if (err)
			return close_done(s, err);
		if (!close->is_waiting && session_must_pause(&s->base))
			return STEP_MORE;
	}
	if (imap_wait_ticket(s, close->ticket, &err) == STEP_MORE)
		return STEP_MORE;
	return close_done(s, err);
}
